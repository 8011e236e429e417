package flexie

import (
	"context"
	"slices"
	"strings"
)

// Existing is what is there already that a new record would double.
type Existing struct {
	Records []Record // each once
	By      []Field  // the unique fields whose values they have
	Sought  []Field  // the unique fields whose values were looked for
	Untold  bool     // the workspace won't say which fields are unique
}

// Existing looks for the records that have a unique value among those checked.
// Flexie may compare more loosely than people do, or not at all, so what it
// finds is compared once more.
func (r Records) Existing(ctx context.Context, values *Object) (Existing, error) {
	fields, err := r.knownFields(ctx)
	if err != nil {
		return Existing{}, err
	}
	there := Existing{Untold: len(fields) == 0}
	for _, f := range uniques(fields) {
		value := values.Get(f.Alias)
		if strings.TrimSpace(stringOf(value)) == "" {
			continue
		}
		page, err := r.Search(ctx, Query{Filters: []Filter{{f.Alias, "is", value}}, Limit: 2})
		if err != nil {
			return Existing{}, err
		}
		there.Sought = append(there.Sought, f)
		there.add(f, value, page.Records)
	}
	return there, nil
}

func (e *Existing) add(f Field, value any, found []Record) {
	found = slices.DeleteFunc(found, func(r Record) bool {
		return r.ID == "" || !f.same(r.Values.Get(f.Alias), value)
	})
	if len(found) == 0 {
		return
	}
	e.By = append(e.By, f)
	for _, r := range found {
		if !slices.ContainsFunc(e.Records, func(known Record) bool { return known.ID == r.ID }) {
			e.Records = append(e.Records, r)
		}
	}
}

// same reports whether two values of the field are one. Nobody has two email
// addresses that differ in case.
func (f Field) same(a, b any) bool {
	x, y := strings.TrimSpace(stringOf(a)), strings.TrimSpace(stringOf(b))
	if strings.EqualFold(f.Type, "email") {
		return strings.EqualFold(x, y)
	}
	return x == y
}
