package flexie

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// resolve finds the fields that a query names, by alias or by label, and their
// types. Where the workspace won't tell its fields, the query goes as it is.
func (r Records) resolve(ctx context.Context, q Query) (Query, map[string]string, error) {
	if q.plain() {
		return q, nil, nil
	}
	fields, err := r.knownFields(ctx)
	if err != nil {
		return q, nil, err
	}
	if len(fields) == 0 {
		return q, nil, nil
	}
	var problems []string
	types := map[string]string{}
	name := func(given string) string {
		field, problem := r.find(fields, given)
		if problem != "" {
			problems = append(problems, problem)
		}
		types[field.Alias] = field.Type
		return field.Alias
	}
	q.Filters = slices.Clone(q.Filters)
	for i := range q.Filters {
		q.Filters[i].Field = name(q.Filters[i].Field)
	}
	if q.OrderBy != "" {
		q.OrderBy = name(q.OrderBy)
	}
	if len(problems) > 0 {
		return q, nil, &Error{Kind: Invalid, Message: strings.Join(problems, "; ")}
	}
	return q, types, nil
}

// find returns the field that given names: by its alias, which goes first, or
// by a label that no other field has.
func (r Records) find(fields []Field, given string) (found Field, problem string) {
	byAlias := func(f Field) bool { return f.Alias == given }
	if i := slices.IndexFunc(fields, byAlias); i >= 0 {
		return fields[i], ""
	}
	if t, ok := systemFields[given]; ok {
		return Field{Alias: given, Type: t}, ""
	}
	var alike []Field
	var names []string
	for _, f := range fields {
		if strings.EqualFold(f.Alias, given) || strings.EqualFold(f.Label, given) {
			alike = append(alike, f)
			names = append(names, f.Alias)
		}
	}
	kind := strings.ReplaceAll(r.kind.Plural, "_", " ")
	switch len(alike) {
	case 0:
		return Field{}, fmt.Sprintf("%s have no field %q; did you mean %s?", kind, given, Closest(given, aliases(fields)))
	case 1:
		return alike[0], ""
	}
	return Field{}, fmt.Sprintf("%s have several fields called %q; use %s", kind, given, Or(names))
}

func aliases(fields []Field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Alias)
	}
	for alias := range systemFields {
		all = append(all, alias)
	}
	return all
}
