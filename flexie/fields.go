package flexie

import (
	"context"
	"strings"
	"sync"
	"time"
)

// Field is a field of a kind of record, as this workspace has it.
type Field struct {
	Alias    string
	Label    string
	Type     string // text, email, number, date, select, …: as Flexie names it
	Category string
	Required bool
	Unique   bool // its value names one record
	Options  []Option
	Default  string
}

// Option is one value of a select field.
type Option struct{ Value, Label string }

// readField reads a description of a field. Assumption: field-shape.
func readField(o *Object) Field {
	return Field{
		Alias:    stringOf(o.Get("alias")),
		Label:    stringOf(o.Get("label")),
		Type:     stringOf(o.Get("type")),
		Category: firstNonEmpty(stringOf(o.Get("group")), stringOf(o.Get("category"))),
		Required: truthy(o.Get("isRequired")) || truthy(o.Get("required")),
		Unique:   truthy(o.Get("isUniqueIdentifier")) || truthy(o.Get("isUniqueIdentifer")) || truthy(o.Get("unique")),
		Options:  readOptions(o.Get("properties")),
		Default:  stringOf(o.Get("defaultValue")),
	}
}

// readOptions reads the choices of a select: "a|b|c", or a list of values or
// of {label,value}.
func readOptions(properties any) []Option {
	o, _ := properties.(*Object)
	var options []Option
	switch choices := o.Get("list").(type) {
	case string:
		for _, v := range strings.Split(choices, "|") {
			if v != "" {
				options = append(options, Option{v, v})
			}
		}
	case []any:
		for _, item := range choices {
			options = append(options, readOption(item))
		}
	case *Object:
		for value, label := range choices.All() {
			options = append(options, Option{value, firstNonEmpty(stringOf(label), value)})
		}
	}
	return options
}

func readOption(item any) Option {
	if o, ok := item.(*Object); ok {
		value := stringOf(o.Get("value"))
		return Option{value, firstNonEmpty(stringOf(o.Get("label")), value)}
	}
	return Option{stringOf(item), stringOf(item)}
}

func truthy(v any) bool {
	s := stringOf(v)
	return s == "true" || s == "1"
}

// fieldsLifetime is how long the fields of a kind are believed. People rarely
// change them, and a search with filters should not cost two requests.
const fieldsLifetime = 5 * time.Minute

// fieldCache keeps the fields of each kind and custom table.
type fieldCache struct {
	mu sync.Mutex
	of map[string]cachedFields
}

type cachedFields struct {
	fields []Field
	until  time.Time
}

// Fields lists the fields of this kind in this workspace.
func (r Records) Fields(ctx context.Context) ([]Field, error) {
	answer, err := r.c.do(ctx, call{endpoint: r.kind.Group + ".fields", path: r.path(nil)})
	if err != nil {
		return nil, err
	}
	items, _, err := readList(answer, "fields")
	if err != nil {
		return nil, err
	}
	var fields []Field
	for _, item := range items {
		if o, ok := item.(*Object); ok {
			fields = append(fields, readField(o))
		}
	}
	r.c.fields.keep(r.kind.Name+"/"+r.table, fields)
	return fields, nil
}

// knownFields are the fields, from memory where they are still believed.
func (r Records) knownFields(ctx context.Context) ([]Field, error) {
	if fields, ok := r.c.fields.recall(r.kind.Name + "/" + r.table); ok {
		return fields, nil
	}
	return r.Fields(ctx)
}

func (f *fieldCache) recall(key string) ([]Field, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.of[key]
	return kept.fields, ok && time.Now().Before(kept.until)
}

func (f *fieldCache) keep(key string, fields []Field) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]cachedFields{}
	}
	f.of[key] = cachedFields{fields, time.Now().Add(fieldsLifetime)}
}
