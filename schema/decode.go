package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"flexie-mcp/flexie"
)

// ArgumentError says everything that is wrong with a call's arguments.
type ArgumentError struct{ Problems []string }

func (e *ArgumentError) Error() string { return strings.Join(e.Problems, "; ") }

// Decode reads a call's arguments into the struct that dst points to. Slips
// whose meaning is plain are mended: "42" for 42, a lone value for a list, JSON
// inside a string, listId for list_id, null or "" for an argument left out.
// All else that is wrong is one *ArgumentError.
func Decode(s *Schema, data []byte, dst any) error {
	if len(data) == 0 {
		data = []byte("{}")
	}
	v, err := flexie.DecodeJSON(data)
	if err != nil {
		return &ArgumentError{[]string{fmt.Sprintf("the arguments are not whole JSON: %v", err)}}
	}
	if v == nil {
		v = flexie.NewObject()
	}
	d := decoder{}
	d.value("", s, v, reflect.ValueOf(dst).Elem())
	if len(d.problems) > 0 {
		return &ArgumentError{d.problems}
	}
	return nil
}

type decoder struct{ problems []string }

func (d *decoder) problem(format string, args ...any) {
	d.problems = append(d.problems, fmt.Sprintf(format, args...))
}

var (
	objectType = reflect.TypeFor[*flexie.Object]()
	looseType  = reflect.TypeFor[Loose]()
	idType     = reflect.TypeFor[flexie.ID]()
)

// value sets dst, whose schema is s, to v. name is how a problem calls it.
func (d *decoder) value(name string, s *Schema, v any, dst reflect.Value) {
	switch dst.Type() {
	case objectType:
		if o, ok := asObject(v); ok {
			dst.Set(reflect.ValueOf(o))
		} else {
			d.problem("%s must be an object, like {\"email\":\"jane@acme.com\"}; got %s", name, show(name, v))
		}
		return
	case looseType:
		dst.Field(0).Set(reflect.ValueOf(&v).Elem())
		return
	}
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		d.value(name, s, v, dst.Elem())
	case reflect.Struct:
		d.object(name, s, v, dst)
	case reflect.Slice:
		d.array(name, s, v, dst)
	default:
		d.scalar(name, s, v, dst)
	}
}

func (d *decoder) object(name string, s *Schema, v any, dst reflect.Value) {
	o, ok := asObject(v)
	if !ok {
		d.problem("%s must be an object; got %s", orArguments(name), show(name, v))
		return
	}
	given := map[string]bool{}
	for key, value := range o.All() {
		known, ok := knownName(s, key)
		if !ok {
			d.unknown(name, s, key)
			continue
		}
		if given[known] {
			d.problem("%s is given twice: give it once", join(name, known))
			continue
		}
		p := property(s, known)
		if given[known] = !absent(value, p); given[known] {
			d.value(join(name, known), p, value, field(dst, known))
		}
	}
	for _, required := range s.Required {
		if !given[required] {
			d.problem("%s is missing%s", join(name, required), saying(property(s, required).Description))
		}
	}
}

func saying(description string) string {
	if description == "" {
		return ""
	}
	return ": " + description
}

func (d *decoder) unknown(name string, s *Schema, key string) {
	names := propertyNames(s)
	switch {
	case len(names) == 0:
		d.problem("there is no argument %s: none is taken", join(name, key))
	case len(names) <= 3:
		d.problem("there is no argument %s; use %s", join(name, key), flexie.Or(names))
	default:
		d.problem("there is no argument %s; did you mean %s?", join(name, key), flexie.Closest(key, names))
	}
}

func (d *decoder) array(name string, s *Schema, v any, dst reflect.Value) {
	items := asList(v, len(s.Items.Enum) > 0)
	dst.Set(reflect.MakeSlice(dst.Type(), len(items), len(items)))
	for i, item := range items {
		at := name
		if dst.Type().Elem().Kind() == reflect.Struct {
			at = fmt.Sprintf("%s[%d]", name, i)
		}
		d.value(at, s.Items, item, dst.Index(i))
	}
}

// absent reports whether a value stands for "not given": null, or an empty
// string where no string belongs.
func absent(v any, s *Schema) bool {
	return v == nil || v == "" && s.Type != "string"
}

// Meant is the property of a schema that a key stands for, as Decode reads it.
func Meant(s *Schema, key string) (string, bool) { return knownName(s, key) }

// knownName finds the property that key means: itself, or the one that differs
// only in case and underscores.
func knownName(s *Schema, key string) (string, bool) {
	if property(s, key) != nil {
		return key, true
	}
	i := slices.IndexFunc(propertyNames(s), func(n string) bool { return fold(n) == fold(key) })
	if i < 0 {
		return "", false
	}
	return propertyNames(s)[i], true
}

// field finds the struct field whose JSON name is name, embedded ones included.
func field(v reflect.Value, name string) reflect.Value {
	if index, ok := fieldsOf(v.Type())[name]; ok {
		return v.FieldByIndex(index)
	}
	panic(fmt.Sprintf("schema: %s has no field for the property %s", v.Type(), name))
}

// lookedThrough are the fields of types that were looked through: a reflect.Type has a
// map[string][]int, the index of each by its JSON name.
var lookedThrough sync.Map

func fieldsOf(t reflect.Type) map[string][]int {
	if fields, ok := lookedThrough.Load(t); ok {
		return fields.(map[string][]int)
	}
	fields := map[string][]int{}
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if _, first := fields[tag]; !first {
			fields[tag] = f.Index
		}
	}
	lookedThrough.Store(t, fields)
	return fields
}

func asObject(v any) (*flexie.Object, bool) {
	if text, ok := v.(string); ok {
		v, _ = flexie.DecodeJSON([]byte(text))
	}
	o, ok := v.(*flexie.Object)
	return o, ok
}

func asList(v any, words bool) []any {
	text, ok := v.(string)
	if ok && strings.HasPrefix(strings.TrimSpace(text), "[") {
		if inner, err := flexie.DecodeJSON([]byte(text)); err == nil {
			v = inner
		}
	} else if ok && words {
		v = splitWords(text)
	}
	if items, ok := v.([]any); ok {
		return items
	}
	return []any{v}
}

func splitWords(text string) any {
	var items []any
	for _, w := range strings.Split(text, ",") {
		items = append(items, strings.TrimSpace(w))
	}
	return items
}

func join(name, key string) string {
	if name == "" {
		return key
	}
	return name + "." + key
}

func orArguments(name string) string {
	if name == "" {
		return "the arguments"
	}
	return name
}

// show writes a value as the caller did, cut short. name is what it was given
// for: a secret is not written into an error, which is logged and kept.
func show(name string, v any) string {
	text := asJSON(v)
	if IsSecret(name) || IsSecret(text) {
		return "what is not shown here, as it may be a secret"
	}
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

func asJSON(v any) string {
	data, _ := flexie.EncodeJSON(v)
	return string(data)
}
