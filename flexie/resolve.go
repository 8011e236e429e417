package flexie

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
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
	field := func(given string) Field {
		f, problem := r.find(fields, given)
		if problem != "" {
			problems = append(problems, problem)
			return Field{Alias: given}
		}
		types[f.Alias] = f.Type
		return f
	}
	var unsuited bool
	q.Filters = slices.Clone(q.Filters)
	for i := range q.Filters {
		by := &q.Filters[i]
		f := field(by.Field)
		by.Field = f.Alias
		if by.unsuited(f.kind()) != "" {
			unsuited = true // which is told below, once
			continue
		}
		value, problem := f.compared(by.Op, by.Value)
		if problem != "" {
			problems = append(problems, fmt.Sprintf("filter on %s: it %s", f, problem))
			continue
		}
		by.Value = value
	}
	if q.OrderBy != "" {
		q.OrderBy = field(q.OrderBy).Alias
	}
	if len(problems) > 0 || unsuited { // what else is wrong is said at once
		maps.DeleteFunc(types, func(alias, _ string) bool { return bookOf(r.kind.Group, alias) != nil }) // names yet, not ids
		_, err := r.c.assumed.wire(q, types)
		problems = append(problems, problemsOf(err)...)
	}
	return q, types, refused(problems)
}

// find returns the field that given names: by its alias, which goes first, or
// else by what means just one: an alias or a label whatever its case, or, if
// there is none, also whatever its spaces, underscores and dashes.
func (r Records) find(fields []Field, given string) (found Field, problem string) {
	if i := slices.IndexFunc(fields, func(f Field) bool { return f.Alias == given }); i >= 0 {
		return fields[i], ""
	}
	if t, ok := systemFields[given]; ok {
		return Field{Alias: given, Type: t}, ""
	}
	for _, alike := range []func(string, string) bool{strings.EqualFold, sameFolded} {
		switch named := called(fields, given, alike); len(named) {
		case 0:
		case 1:
			return named[0], ""
		default:
			return Field{}, fmt.Sprintf("%s have several fields called %s; use %s", r.plural(), quoted(given), Or(aliases(named)))
		}
	}
	return Field{}, fmt.Sprintf("%s have no field %s; did you mean %s?", r.plural(), quoted(given), closestFields(fields, given))
}

func (r Records) plural() string { return strings.ReplaceAll(r.kind.Plural, "_", " ") }

func sameFolded(a, b string) bool { return fold(a) == fold(b) }

// called are the fields, or else the properties of every record, whose name is
// alike.
func called(fields []Field, given string, alike func(string, string) bool) (named []Field) {
	if fold(given) == "" { // as is the label of a field without one
		return nil
	}
	for _, f := range fields {
		if alike(f.Alias, given) || alike(f.Label, given) {
			named = append(named, f)
		}
	}
	for alias, t := range systemFields {
		if len(named) == 0 && alike(alias, given) {
			return []Field{{Alias: alias, Type: t}}
		}
	}
	return named
}

// closestFields lists the fields most like what was given, by alias or label.
func closestFields(fields []Field, given string) string {
	ranked := slices.Clone(fields)
	for alias, t := range systemFields {
		if !slices.ContainsFunc(fields, func(f Field) bool { return f.Alias == alias }) {
			ranked = append(ranked, Field{Alias: alias, Type: t})
		}
	}
	given = short(given)
	distances := map[string]int{}
	for _, f := range ranked {
		distances[f.Alias] = distance(given, short(f.Alias))
		if f.Label != "" {
			distances[f.Alias] = min(distances[f.Alias], distance(given, short(f.Label)))
		}
	}
	slices.SortStableFunc(ranked, func(a, b Field) int {
		return cmp.Or(cmp.Compare(distances[a.Alias], distances[b.Alias]), cmp.Compare(a.Alias, b.Alias))
	})
	var names []string
	for _, f := range ranked[:min(3, len(ranked))] {
		names = append(names, f.String())
	}
	return Or(names)
}

// String calls the field by its alias, and by its label where that says more.
func (f Field) String() string {
	if f.Label == "" || sameFolded(f.Alias, f.Label) {
		return short(f.Alias)
	}
	return fmt.Sprintf("%s (%s)", short(f.Alias), quoted(f.Label))
}

func aliases(fields []Field) (all []string) {
	for _, f := range fields {
		all = append(all, short(f.Alias))
	}
	return all[:min(mostShown, len(all))]
}

// Names and values of a workspace, and those that were given, can be of any
// length and hold anything: a message shows this much of them, on one line.
const (
	mostShown = 12 // of a list
	longest   = 60 // runes of one
)

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return s
}

func quoted(s string) string { return strconv.Quote(short(s)) }
