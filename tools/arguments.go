package tools

import (
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/schema"
)

// tableArg is an argument of tools for custom records only; recordTools takes
// it out of the schemas of the other kinds.
type tableArg struct {
	Table string `json:"table" jsonschema:"required" doc:"Name of the custom table, e.g. subscriptions."`
}

type idArg struct {
	ID flexie.ID `json:"id" jsonschema:"required"`
}

type pageArgs struct {
	Start int `json:"start" jsonschema:"minimum=0" doc:"How many to skip."`
	Limit int `json:"limit" jsonschema:"minimum=1,maximum=200" doc:"Default 30, at most 200."`
}

// findArgs search a list that takes no filters.
type findArgs struct {
	Search string `json:"search" doc:"Text to find."`
	pageArgs
}

func (a findArgs) query() flexie.Query {
	return flexie.Query{Search: strings.TrimSpace(a.Search), Start: a.Start, Limit: a.Limit}
}

// searchArgs search a list with filters and an order.
type searchArgs struct {
	Search  string   `json:"search" doc:"Text in any field."`
	Filters []filter `json:"filters" doc:"All must hold."`
	OrderBy string   `json:"order_by" doc:"Field alias, e.g. date_modified."`
	Order   order    `json:"order"`
	pageArgs
}

func (a searchArgs) query() flexie.Query {
	field, desc := a.order()
	q := flexie.Query{
		Search: strings.TrimSpace(a.Search), OrderBy: field, OrderDesc: desc,
		Start: a.Start, Limit: a.Limit,
	}
	for _, f := range a.Filters {
		q.Filters = append(q.Filters, flexie.Filter{Field: f.Field, Op: string(f.Op), Value: f.value()})
	}
	return q
}

// order is what to order by, and whether downwards, which others write -amount
// or "amount desc".
func (a searchArgs) order() (field string, desc bool) {
	field = strings.TrimSpace(a.OrderBy)
	if name, down := strings.CutPrefix(field, "-"); down {
		field, desc = name, true
	} else if name, direction, found := strings.Cut(field, " "); found {
		switch strings.ToLower(strings.TrimSpace(direction)) {
		case "desc":
			field, desc = name, true
		case "asc":
			field = name
		}
	}
	if a.Order != "" {
		desc = a.Order == "desc"
	}
	return field, desc
}

type filter struct {
	Field string       `json:"field" jsonschema:"required"`
	Op    operator     `json:"op" jsonschema:"required"`
	Value schema.Loose `json:"value" doc:"Dates like 2026-06-30; several as a|b."`
}

// value splits the text of several values, as Flexie itself writes them.
func (f filter) value() any {
	text, ok := f.Value.Value.(string)
	if ok && f.Field == "association_type" && f.Op == "is" {
		return recordType(text)
	}
	if !ok || f.Op != "between" && f.Op != "in" && f.Op != "not_in" {
		return f.Value.Value
	}
	var values []any
	for _, v := range strings.Split(text, "|") {
		values = append(values, strings.TrimSpace(v))
	}
	return values
}

type operator string

// JSONSchema implements jsonschema's own hook.
func (operator) JSONSchema() *schema.Schema { return choice(flexie.Operators...) }

// others are what models say for an operator, from other query languages.
var others = map[string]string{
	"=": "is", "==": "is", "eq": "is", "equals": "is", "!=": "is_not", "<>": "is_not", "ne": "is_not",
	">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "like": "contains", "not_like": "not_contains",
}

// Meant implements schema.Word.
func (operator) Meant(said string) string { return meant(others, said) }

func meant(others map[string]string, said string) string {
	if word, ok := others[said]; ok {
		return word
	}
	return said
}

type order string

// Meant implements schema.Word.
func (order) Meant(said string) string {
	return meant(map[string]string{"ascending": "asc", "descending": "desc"}, said)
}

// JSONSchema implements jsonschema's own hook.
func (order) JSONSchema() *schema.Schema { return choice("asc", "desc") }

func choice(names ...string) *schema.Schema {
	s := &schema.Schema{Type: "string"}
	for _, name := range names {
		s.Enum = append(s.Enum, name)
	}
	return s
}
