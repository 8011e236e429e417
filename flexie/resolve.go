package flexie

import (
	"context"
	"fmt"
	"strings"
)

// systemFields can be filtered and ordered by in every kind, though no list of
// fields has them. Assumption: system-properties.
var systemFields = map[string]string{
	"id":            "number",
	"date_added":    "datetime",
	"date_modified": "datetime",
	"created_by":    "number",
	"modified_by":   "number",
	"owner_id":      "number",
	"is_published":  "boolean",
}

// resolve finds the fields that a query names, by alias or by label, and their
// types. Where the workspace won't tell its fields, the query goes as it is.
func (r Records) resolve(ctx context.Context, q Query) (Query, map[string]string, error) {
	if q.plain() {
		return q, nil, nil
	}
	fields, err := r.knownFields(ctx)
	if err != nil {
		if k := KindOf(err); k == Denied || k == NotFound || k == Unreadable {
			return q, nil, nil
		}
		return q, nil, err
	}
	var problems []string
	types := map[string]string{}
	name := func(given string) string {
		alias, fieldType, ok := find(fields, given)
		if !ok {
			problems = append(problems, fmt.Sprintf("%ss have no field %q; did you mean %s?", strings.ReplaceAll(r.kind.Name, "_", " "), given, Closest(given, aliases(fields))))
			return given
		}
		types[alias] = fieldType
		return alias
	}
	q.Filters = append([]Filter(nil), q.Filters...)
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

// find returns the alias and type of the field that given names: its alias, or
// a label that no other field has.
func find(fields []Field, given string) (alias, fieldType string, ok bool) {
	n := 0
	for _, f := range fields {
		if f.Alias == given {
			return f.Alias, f.Type, true
		}
		if strings.EqualFold(f.Label, given) || strings.EqualFold(f.Alias, given) {
			alias, fieldType = f.Alias, f.Type
			n++
		}
	}
	if t, isSystem := systemFields[given]; isSystem {
		return given, t, true
	}
	return alias, fieldType, n == 1
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
