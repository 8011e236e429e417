package flexie

import (
	"encoding/json"
	"fmt"
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

// operators are the plain operators, and the filters that Flexie reads. Only
// like is confirmed, by the example of the API page; the names of the others
// and the meaning of strict (the whole value) and of starts and ends (anchors
// of like) are guesses. Assumption: filter-operators.
var operators = []operator{
	{name: "is", flexie: "=", strict: true, takes: one},
	{name: "is_not", flexie: "!=", strict: true, takes: one},
	{name: "contains", flexie: "like", takes: one},
	{name: "not_contains", flexie: "!like", takes: one},
	{name: "starts_with", flexie: "like", starts: true, takes: one},
	{name: "ends_with", flexie: "like", ends: true, takes: one},
	{name: "gt", flexie: "gt", takes: one},
	{name: "gte", flexie: "gte", takes: one},
	{name: "lt", flexie: "lt", takes: one},
	{name: "lte", flexie: "lte", takes: one},
	{name: "between", flexie: "between", takes: two},
	{name: "in", flexie: "in", takes: many},
	{name: "not_in", flexie: "!in", takes: many},
	{name: "empty", flexie: "empty", takes: none},
	{name: "not_empty", flexie: "!empty", takes: none},
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
func (f Filter) encode(fieldType string) (wireFilter, error) {
	for _, o := range operators {
		if o.name != f.Op {
			continue
		}
		input, err := f.input(o.takes)
		if fieldType == "" {
			fieldType = typeOf(input)
		}
		return wireFilter{
			Type: fieldType, Alias: f.Field, Value: wireValue{o.flexie, input},
			Strict: o.strict, Starts: o.starts, Ends: o.ends,
		}, err
	}
	return wireFilter{}, invalidf("filter on %s: there is no op %q; use one of %s", f.Field, f.Op, strings.Join(Operators, ", "))
}

func (f Filter) input(takes operand) (any, error) {
	values, isList := f.Value.([]any)
	switch {
	case takes == none:
		return "", nil
	case takes == one && isList && len(values) == 1:
		return values[0], nil
	case takes == one && (isList || f.Value == nil || f.Value == ""):
		return nil, invalidf("filter on %s: op %s takes one value; to find what has none, use op empty", f.Field, f.Op)
	case takes == two && len(values) != 2:
		return nil, invalidf("filter on %s: op between takes a list of two values, the lowest and the highest", f.Field)
	case takes == many && !isList && f.Value != nil:
		return []any{f.Value}, nil
	case takes == many && len(values) == 0:
		return nil, invalidf("filter on %s: op %s takes a list of values", f.Field, f.Op)
	}
	return f.Value, nil
}

// typeOf guesses a field's type from the value it is compared with.
// Assumption: filter-types.
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
		if _, err := parseTime(v); err == nil || isDate(v) {
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

func (q Query) wire(types map[string]string) (wireQuery, error) {
	w := wireQuery{Start: q.Start, Limit: q.Limit, OrderBy: q.OrderBy}
	if q.OrderBy != "" {
		w.OrderByDir = "ASC"
	}
	if q.OrderDesc {
		w.OrderByDir = "DESC"
	}
	var problems []string
	for _, f := range q.Filters {
		encoded, err := f.encode(types[f.Field])
		if err != nil {
			problems = append(problems, err.Error())
		}
		w.Filters = append(w.Filters, encoded)
	}
	if len(problems) > 0 {
		return w, &Error{Kind: Invalid, Message: strings.Join(problems, "; ")}
	}
	return w, nil
}

func isDate(s string) bool {
	var y, m, d int
	n, err := fmt.Sscanf(s, "%4d-%2d-%2d", &y, &m, &d)
	return err == nil && n == 3 && len(s) == len("2006-01-02")
}
