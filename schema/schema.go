// Package schema makes the JSON Schemas of tool arguments from Go structs, in
// the plain subset that every client accepts, and reads arguments by them.
//
// Clients reject a whole list of tools over one keyword they do not know, so a
// schema here has types, descriptions, properties, required, items, enum,
// minimum and maximum, and nothing else: no $ref, no unions, no booleans in
// place of a schema.
package schema

import (
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/invopop/jsonschema"
	orderedmap "github.com/pb33f/ordered-map/v2"
)

// Schema is one JSON Schema.
type Schema = jsonschema.Schema

// Of returns the plain schema of an argument struct. A field's description is
// its doc tag; json and jsonschema tags give its name and what is required,
// words replaces what stands in braces in a description ({record}).
func Of(args reflect.Type, words *strings.Replacer) *Schema {
	s := plain(reflected(args), words)
	if s.Properties == nil { // some clients refuse a tool without the keyword
		s.Properties = orderedmap.New[string, *Schema]()
	}
	return s
}

// reflections are the schemas of types, by reflect.Type: the same structs serve every
// kind of record, and looking through them is most of the time that a start takes.
var reflections sync.Map

// reflected is the schema of a type as the library has it, which is not to be changed.
func reflected(args reflect.Type) *Schema {
	if s, ok := reflections.Load(args); ok {
		return s.(*Schema)
	}
	r := jsonschema.Reflector{
		Anonymous:                  true,
		DoNotReference:             true,
		ExpandedStruct:             true,
		RequiredFromJSONSchemaTags: true,
		LookupComment:              docTag,
	}
	s, _ := reflections.LoadOrStore(args, r.ReflectFromType(args))
	return s.(*Schema)
}

// docTag is the description of a struct's field; types themselves have none.
func docTag(t reflect.Type, field string) string {
	if field == "" {
		return ""
	}
	f, _ := t.FieldByName(field)
	return f.Tag.Get("doc")
}

// plain copies what every client understands, and drops the rest.
func plain(s *Schema, words *strings.Replacer) *Schema {
	p := &Schema{
		Type: s.Type, Description: words.Replace(s.Description), Enum: slices.Clone(s.Enum),
		Minimum: s.Minimum, Maximum: s.Maximum, Required: slices.Clone(s.Required),
	}
	if s.Items != nil {
		p.Items = plain(s.Items, words)
	}
	if s.Properties == nil || s.Properties.Len() == 0 {
		return p
	}
	p.Properties = orderedmap.New[string, *Schema]()
	for name, property := range s.Properties.FromOldest() {
		p.Properties.Set(name, plain(property, words))
	}
	return p
}

// Shown is a schema as clients see it: without bounds, which cost tokens in
// every list of tools, and which an error says when they are broken.
func Shown(s *Schema) *Schema {
	shown := *s
	shown.Minimum, shown.Maximum = "", ""
	if s.Items != nil {
		shown.Items = Shown(s.Items)
	}
	if s.Properties != nil {
		shown.Properties = orderedmap.New[string, *Schema]()
		for name, property := range s.Properties.FromOldest() {
			shown.Properties.Set(name, Shown(property))
		}
	}
	return &shown
}

// Without takes a property away from the schema of an argument struct.
func Without(s *Schema, name string) {
	s.Properties.Delete(name)
	var required []string
	for _, r := range s.Required {
		if r != name {
			required = append(required, r)
		}
	}
	s.Required = required
}

// Add gives a schema some of another's properties, after its own.
func Add(s, more *Schema, names ...string) {
	for _, name := range names {
		s.Properties.Set(name, property(more, name))
	}
}

// Loose is an argument that may be any JSON value, for a field whose type only
// the workspace knows. Its schema says string, since clients refuse both unions
// and a property without a type; a number, a boolean or a list is taken too.
type Loose struct{ Value any }

// JSONSchema implements jsonschema's own hook.
func (Loose) JSONSchema() *Schema { return &Schema{Type: "string"} }

func property(s *Schema, name string) *Schema {
	if s.Properties == nil {
		return nil
	}
	p, _ := s.Properties.Get(name)
	return p
}

func propertyNames(s *Schema) (names []string) {
	if s.Properties == nil {
		return nil
	}
	for name := range s.Properties.KeysFromOldest() {
		names = append(names, name)
	}
	return names
}
