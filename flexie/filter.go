package flexie

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Filter is one condition of a search, as an assistant writes it.
type Filter struct {
	Field string // an alias, or a label that only one field has
	Op    string // a name in Operators
	Value any    // string, json.Number, bool, or []any for between, in and not_in
}

// operand is how many values an operator takes.
type operand int

const (
	none operand = iota
	one
	two
	many
)

// operator is one row of the table of operators.
type operator struct {
	name                 string
	flexie               string // what Flexie calls it
	strict, starts, ends bool
	takes                operand
}

// operators are the plain operators, and how many values each takes.
var operators = []operator{
	{name: "is", takes: one},
	{name: "is_not", takes: one},
	{name: "contains", takes: one},
	{name: "not_contains", takes: one},
	{name: "starts_with", takes: one},
	{name: "ends_with", takes: one},
	{name: "gt", takes: one},
	{name: "gte", takes: one},
	{name: "lt", takes: one},
	{name: "lte", takes: one},
	{name: "between", takes: two},
	{name: "in", takes: many},
	{name: "not_in", takes: many},
	{name: "empty", takes: none},
	{name: "not_empty", takes: none},
}

// readOperator reads what Flexie calls an operator, and the flags that go with it:
// "like starts". Only like is confirmed, by the example of the API page; the names
// of the others and the meaning of strict (the whole value) and of starts and ends
// (anchors of like) are guesses. Assumption: filter-operators.
func readOperator(text string) (o operator, err error) {
	words := strings.Fields(text)
	if len(words) == 0 {
		return o, errors.New("it is empty: write what Flexie calls it")
	}
	o.flexie = words[0]
	for _, flag := range words[1:] {
		switch flag {
		case "strict":
			o.strict = true
		case "starts":
			o.starts = true
		case "ends":
			o.ends = true
		default:
			return o, fmt.Errorf("%s is no flag; what may follow the name is strict, starts and ends", quoted(flag))
		}
	}
	return o, nil
}

// Operators are the names of the plain operators.
var Operators = func() (names []string) {
	for _, o := range operators {
		names = append(names, o.name)
	}
	return names
}()

// wireFilter is a filter as Flexie reads it, from the API page's one example.
type wireFilter struct {
	Type   string    `json:"type"`
	Alias  string    `json:"alias"`
	Value  wireValue `json:"value"`
	Strict bool      `json:"strict"`
	Starts bool      `json:"starts"`
	Ends   bool      `json:"ends"`
}

type wireValue struct {
	Operator string `json:"operator"`
	Input    any    `json:"input"`
}

// encode writes the filter for Flexie. fieldType is the type of its field, ""
// where it is not known: then the value decides.
func (a *assumed) encode(f Filter, fieldType string) (wireFilter, error) {
	if f.Field == "" {
		return wireFilter{}, invalidf("a filter has no field")
	}
	o, ok := a.operators[f.Op]
	if !ok {
		return wireFilter{}, invalidf("filter on %s: there is no op %q; use one of %s", f.Field, f.Op, strings.Join(Operators, ", "))
	}
	if problem := f.unsuited(a.typeKnown(fieldType)); problem != "" {
		return wireFilter{}, invalidf("filter on %s: %s", f.Field, problem)
	}
	input, err := f.input(o.takes)
	if err != nil {
		return wireFilter{}, err
	}
	switch {
	case fieldType == "":
		fieldType = a.FilterTypes[typeOf(input)]
	case o.takes != none:
		if input, err = f.typed(input, a.typeKnown(fieldType), o); err != nil {
			return wireFilter{}, err
		}
	}
	return wireFilter{
		Type: fieldType, Alias: a.filteredAs(f.Field), Value: wireValue{o.flexie, input},
		Strict: o.strict, Starts: o.starts, Ends: o.ends,
	}, nil
}

// filteredAs is what a property of every record is called in filters and orders,
// and a field its alias.
func (a *assumed) filteredAs(name string) string {
	return firstNonEmpty(a.SystemFilters[name], name)
}

// input checks how many values the operator takes, and mends a lone value for
// a list, or a list of one for a value.
func (f Filter) input(takes operand) (any, error) {
	values, isList := f.Value.([]any)
	switch {
	case takes == none:
		return "", nil
	case !isList && f.Value != nil:
		values = []any{f.Value}
	}
	if slices.ContainsFunc(values, isNoValue) || takes == one && len(values) != 1 {
		return nil, invalidf("filter on %s: op %s takes %s; to find what has none, use op empty", f.Field, f.Op, takes)
	}
	switch {
	case takes == one:
		return values[0], nil
	case takes == two && len(values) != 2, len(values) == 0:
		return nil, invalidf("filter on %s: op %s takes %s", f.Field, f.Op, takes)
	}
	return values, nil
}

func (o operand) String() string {
	return [...]string{"no value", "one value", "a list of two values, the lowest and the highest", "a list of values"}[o]
}

// isNoValue reports whether v is nothing that can be compared with.
func isNoValue(v any) bool {
	switch v.(type) {
	case nil, []any, *Object:
		return true
	}
	return v == ""
}

// The types of field whose values are numbers, and those whose values are texts.
// Flexie's pages name number, text, email and phone number; the other names are
// guesses. A value for a field of yet another type goes as it was given, and
// where the type is not known, typeOf guesses it. Assumption: filter-types.
var (
	numericTypes = []string{"number", "currency", "integer", "int", "decimal", "float", "money", "percent"}
	textTypes    = []string{"text", "textarea", "email", "phone", "phone number", "tel", "url"}
)

// Operators that ask for an order of values, and those that look into texts.
var (
	orderOps = []string{"gt", "gte", "lt", "lte", "between"}
	partOps  = []string{"contains", "not_contains", "starts_with", "ends_with"}
)

// unsuitedOps are the operators that make no sense for some types of field. The
// rest suits, as everything does for a text, which may hold numbers, and for a
// type that is not here.
var unsuitedOps = []struct {
	types []string
	is    string
	ops   []string
}{
	{numericTypes, "a number", partOps},
	{[]string{"date", "datetime"}, "a date", partOps},
	{[]string{"boolean", "bool", "yesno"}, "a yes or no", slices.Concat(orderOps, partOps, []string{"in", "not_in"})},
	{[]string{"select", "radio", "dropdown", "multiselect", "checkboxes", "country"}, "a choice", orderOps},
	{[]string{"lookup", "owner"}, "a link to a record", orderOps},
	{[]string{"email"}, "an email address", orderOps},
	{[]string{"phone", "phone number", "tel"}, "a phone number", orderOps},
	{[]string{"url"}, "a web address", orderOps},
	{[]string{"textarea"}, "a long text", orderOps},
}

// unsuited says that the operator makes no sense for a type, and which do. An
// id, though a number, is also found by its beginning.
func (f Filter) unsuited(fieldType string) (problem string) {
	fieldType = strings.ToLower(fieldType)
	for _, u := range unsuitedOps {
		if f.Field == "id" || !slices.Contains(u.types, fieldType) || !slices.Contains(u.ops, f.Op) {
			continue
		}
		suited := slices.DeleteFunc(slices.Clone(Operators), func(op string) bool { return slices.Contains(u.ops, op) })
		return f.Op + " does not suit " + u.is + "; use " + Or(suited)
	}
	return ""
}

// typed writes the input as values of the field's type.
func (f Filter) typed(input any, fieldType string, o operator) (any, error) {
	// These compare texts, whatever the type.
	isLike := slices.Contains(partOps, o.name)
	values, ok := input.([]any)
	if !ok {
		return f.value(input, fieldType, isLike)
	}
	all := make([]any, len(values))
	for i, v := range values {
		var err error
		if all[i], err = f.value(v, fieldType, isLike); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// value writes "20000" for a number as 20000, and 1001 for a text as "1001".
func (f Filter) value(v any, fieldType string, isLike bool) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if isLike || slices.Contains(textTypes, fieldType) {
			return v.String(), nil
		}
	case string:
		if isLike || !slices.Contains(numericTypes, fieldType) {
			break
		}
		n, ok := exactNumber(v)
		if !ok {
			return nil, invalidf("filter on %s: it is a %s, and %q is not a plain number; write it like 20000 or 12.5", f.Field, fieldType, v)
		}
		return n, nil
	}
	return v, nil
}

// exactNumber reads a number as it is written, digit for digit.
func exactNumber(s string) (json.Number, bool) {
	v, err := DecodeJSON([]byte(s))
	n, ok := v.(json.Number)
	return n, ok && err == nil
}

// typeOf guesses a field's type from the value it is compared with.
func typeOf(input any) string {
	if items := list(input); len(items) > 0 {
		input = items[0]
	}
	switch v := input.(type) {
	case json.Number:
		return "number"
	case bool:
		return "boolean"
	case string:
		if isDate(v) {
			return "date"
		}
	}
	return "text"
}

// Query is a search: everything is optional.
type Query struct {
	Search    string   // text anywhere in the record
	Filters   []Filter // all must hold
	OrderBy   string   // an alias; "" leaves the order to Flexie
	OrderDesc bool
	Start     int // how many to skip
	Limit     int // 0 leaves it to Flexie: 30
}

// plain reports whether the query fits the GET form.
func (q Query) plain() bool { return len(q.Filters) == 0 && q.OrderBy == "" }

// wireQuery is the body of a POST search, from the API page.
type wireQuery struct {
	Filters    []wireFilter `json:"filters,omitempty"`
	Start      int          `json:"start"`
	Limit      int          `json:"limit,omitempty"`
	OrderBy    string       `json:"orderBy,omitempty"`
	OrderByDir string       `json:"orderByDir,omitempty"`
}

func (a *assumed) wire(q Query, types map[string]string) (wireQuery, error) {
	w := wireQuery{Start: q.Start, Limit: q.Limit, OrderBy: a.filteredAs(q.OrderBy)}
	switch {
	case q.OrderBy == "":
	case q.OrderDesc:
		w.OrderByDir = "DESC"
	default:
		w.OrderByDir = "ASC"
	}
	var problems []string
	for _, f := range q.Filters {
		encoded, err := a.encode(f, types[f.Field])
		if err != nil {
			problems = append(problems, err.Error())
		}
		w.Filters = append(w.Filters, encoded)
	}
	return w, refused(problems)
}
