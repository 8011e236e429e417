package flexie

import (
	"context"
	"fmt"
	"slices"
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

	// Known is the type that it is known by here, "" where Flexie's name is.
	Known string `json:",omitempty"`
}

// kind is what its type is known by here, in small letters.
func (f Field) kind() string { return strings.ToLower(firstNonEmpty(f.Known, f.Type)) }

// Option is one value of a select field.
type Option struct{ Value, Label string }

// readField reads a description of a field. Assumption: field-shape.
func (a *assumed) readField(o *Object) Field {
	names := a.FieldNames
	f := Field{
		Alias:    textOf(o, names["alias"]),
		Label:    textOf(o, names["label"]),
		Type:     textOf(o, names["type"]),
		Category: textOf(o, names["category"]),
		Required: saysAny(o, names["required"]),
		Unique:   saysAny(o, names["unique"]),
		Options:  a.readOptions(firstOf(o, names["choices"])),
		Default:  textOf(o, names["default"]),
	}
	f.Known = a.types[strings.ToLower(f.Type)]
	return f
}

// readOptions reads the choices of a select: "a|b|c", or a list of values or
// of {label,value}.
func (a *assumed) readOptions(choices any) []Option {
	var options []Option
	switch choices := choices.(type) {
	case string:
		for _, v := range strings.Split(choices, "|") {
			if v != "" {
				options = append(options, Option{v, v})
			}
		}
	case []any:
		for _, item := range choices {
			options = append(options, a.readOption(item))
		}
	case *Object:
		for value, label := range choices.All() {
			options = append(options, Option{value, firstNonEmpty(stringOf(label), value)})
		}
	}
	return options
}

func (a *assumed) readOption(item any) Option {
	if o, ok := item.(*Object); ok {
		value := textOf(o, a.FieldNames["option_value"])
		return Option{value, firstNonEmpty(textOf(o, a.FieldNames["option_label"]), value)}
	}
	return Option{stringOf(item), stringOf(item)}
}

func truthy(v any) bool {
	s := stringOf(v)
	return s == "true" || s == "1"
}

// Fields lists the fields of this kind in this workspace, as they are now.
func (r Records) Fields(ctx context.Context) ([]Field, error) {
	answer, err := r.c.do(ctx, call{endpoint: r.kind.Group + ".fields", path: r.path(nil)})
	if err != nil {
		return nil, err
	}
	items, _, err := r.c.assumed.readList(answer, "fields")
	if err != nil {
		return nil, err
	}
	var fields []Field
	for _, o := range items {
		if f := r.c.assumed.readField(o); f.Alias != "" {
			fields = append(fields, f)
		}
	}
	if len(items) > 0 && len(fields) == 0 {
		return nil, unreadable(200, "the answer lists fields without an alias")
	}
	fields = r.c.fields.keep(r.fieldsKey(), fields)
	r.c.knowledge.learn(r.fieldsKey(), fields) // which shares them
	return slices.Clone(fields), nil
}

// KnownFields are the fields as they are remembered, or else read.
func (r Records) KnownFields(ctx context.Context) ([]Field, error) { return r.knownFields(ctx) }

// knownFields are the fields, from memory where they are still believed; none
// where the workspace won't tell them. Many who ask at once make one request.
func (r Records) knownFields(ctx context.Context) ([]Field, error) {
	key := r.fieldsKey()
	if fields, ok := r.recall(key); ok {
		return fields, nil
	}
	return r.c.fields.ask(ctx, key, func(ctx context.Context) ([]Field, error) {
		if fields, ok := r.recall(key); ok { // since a moment ago
			return fields, nil
		}
		fields, err := r.Fields(ctx)
		switch kind := KindOf(err); {
		case untold[kind]:
			r.c.fields.keep(key, nil)
			return nil, nil
		case kind == Unreadable: // this once: the next answer may be whole
			return nil, nil
		}
		return fields, err
	})
}

// untold are the failures that say that there is no list of fields for this
// user. Asking again would not help.
var untold = map[ErrorKind]bool{Denied: true, NotFound: true, Invalid: true}

func (r Records) fieldsKey() string { return fieldsKey(r.kind, r.table) }

// FieldsAtHand are the fields if they need not be read.
func (r Records) FieldsAtHand() ([]Field, bool) { return r.recall(r.fieldsKey()) }

// recall gives the fields that are still believed, from memory or else as the
// last run left them.
func (r Records) recall(key string) ([]Field, bool) {
	fields, ok := r.c.fields.recall(key)
	if ok {
		return fields, true
	}
	fields, until, ok := r.c.knowledge.recall(key)
	if ok {
		r.c.fields.keepUntil(key, fields, until)
	}
	return fields, ok
}

// fieldsLifetime is how long the fields of a kind are believed. People rarely
// change them, and a search with filters should not cost two requests.
const fieldsLifetime = 5 * time.Minute

// fieldCache keeps the fields of each kind and custom table. They are shared:
// nobody changes them.
type fieldCache struct {
	mu     sync.Mutex
	of     map[string]cachedFields
	asking map[string]*asking
}

// asking is one request for fields, and those who wait for it.
type asking struct {
	waiting int
	giveUp  context.CancelFunc
	done    chan struct{} // closed once fields and err are set
	fields  []Field
	err     error
}

// ask joins those who ask for the same already, or else begins. The request
// goes on should the first of them give up, and ends when the last one does.
func (f *fieldCache) ask(ctx context.Context, key string, fetch func(context.Context) ([]Field, error)) ([]Field, error) {
	a := f.join(ctx, key, fetch)
	defer tellWhile(ctx, func(waited time.Duration) Waiting {
		return Waiting{Why: fmt.Sprintf("the workspace's fields have not come for %s", waited), Attempt: 1}
	})()
	select {
	case <-ctx.Done():
		f.leave(key, a)
		return nil, gaveUp(ctx)
	case <-a.done:
		return a.fields, a.err
	}
}

func (f *fieldCache) join(ctx context.Context, key string, fetch func(context.Context) ([]Field, error)) *asking {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.asking[key]
	if a == nil {
		shared, giveUp := context.WithCancel(detached(ctx))
		a = &asking{giveUp: giveUp, done: make(chan struct{})}
		if f.asking == nil {
			f.asking = map[string]*asking{}
		}
		f.asking[key] = a
		go func() {
			a.fields, a.err = fetch(shared)
			f.mu.Lock()
			defer f.mu.Unlock()
			f.end(key, a)
			close(a.done) // after its end: who is woken may ask anew at once
		}()
	}
	a.waiting++
	return a
}

func (f *fieldCache) leave(key string, a *asking) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a.waiting--; a.waiting == 0 {
		f.end(key, a)
	}
}

// end lets whoever asks from now on begin anew.
func (f *fieldCache) end(key string, a *asking) {
	a.giveUp()
	if f.asking[key] == a {
		delete(f.asking, key)
	}
}

type cachedFields struct {
	*fieldList
	until time.Time
}

func (f *fieldCache) recall(key string) ([]Field, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, ok := f.of[key]
	if !ok || !time.Now().Before(kept.until) {
		return nil, false
	}
	return kept.fields, true
}

// keep gives the fields as they are kept: shared with others who have the same.
func (f *fieldCache) keep(key string, fields []Field) []Field {
	return f.keepUntil(key, fields, time.Now().Add(fieldsLifetime))
}

func (f *fieldCache) keepUntil(key string, fields []Field, until time.Time) []Field {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[string]cachedFields{}
	}
	list := toldFields.one(fields)
	f.of[key] = cachedFields{list, until}
	return list.fields
}
