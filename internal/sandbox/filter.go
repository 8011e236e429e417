package sandbox

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// filter is one condition of a filtered list, as Flexie's page writes it.
type filter struct {
	Type  string `json:"type"`
	Alias string `json:"alias"`
	Value struct {
		Operator string `json:"operator"`
		Input    any    `json:"input"`
	} `json:"value"`
	Strict bool `json:"strict"` // the whole value, not a part of it
	Starts bool `json:"starts"` // the value starts with the input
	Ends   bool `json:"ends"`   // the value ends with the input
}

// comparisons are the operators that compare with one value. Guess: all
// operators but like are Mautic's.
var comparisons = map[string]string{"=": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}

// negatable are the operators that "!" may precede.
var negatable = []string{"=", "empty", "like", "in"}

// filter adds one condition. All of a query must hold.
func (q *query) filter(bad problems, k *kind, f filter) {
	col, ok := k.column(f.Alias)
	switch {
	case f.Alias == "" || f.Type == "" || f.Value.Operator == "":
		bad.add("filters", "A filter needs a type, an alias and a value with an operator.")
		return
	case !ok:
		bad.add(f.Alias, "Unknown field %q.", f.Alias)
		return
	}
	operator, negated := strings.CutPrefix(f.Value.Operator, "!")
	if negated && !slices.Contains(negatable, operator) {
		operator = f.Value.Operator
	}
	sql, args, err := col.condition(operator, f)
	if err != nil {
		bad.add(f.Alias, "%v", err)
		return
	}
	if negated { // what has no value is not equal to anything either
		sql = "NOT coalesce(" + sql + ", 0)"
	}
	q.and(sql, args...)
}

// column is how a field reads in SQL.
type column struct {
	expr  string
	order string // what to order by
	class class
	each  string // of a set: the array whose elements are compared
}

// column finds a field, or one of what every item has.
func (k *kind) column(alias string) (column, bool) {
	switch alias {
	case "id":
		return column{expr: "id", order: "id", class: numeric}, true
	case "date_added":
		return column{expr: "created", order: "created", class: times}, true
	case "date_modified": // what was never modified is ordered by when it was made
		return column{expr: "modified", order: "coalesce(modified, created)", class: times}, true
	case "created_by", "modified_by": // columns of the same name
		return column{expr: alias, order: alias, class: numeric}, true
	}
	f := k.attribute(alias)
	if f == nil || f.secret {
		return column{}, false
	}
	expr := fmt.Sprintf(`json_extract(data, '$.%s')`, f.alias)
	col := column{expr: expr, order: expr, class: f.class()}
	switch col.class {
	case textual, tree:
		col.order = "sandbox_fold(" + expr + ")"
	case set:
		col.each, col.expr = expr, "value"
		col.order = "sandbox_fold(" + expr + ")"
	}
	return col, true
}

// condition is the SQL of an operator without its "!".
func (c column) condition(operator string, f filter) (string, []any, error) {
	if operator == "empty" {
		return c.empty(), nil, nil
	}
	sql, args, err := c.compare(operator, f)
	if err == nil && c.each != "" { // a set holds the value if one of its elements does
		sql = fmt.Sprintf(`EXISTS (SELECT 1 FROM json_each(%s) WHERE %s)`, c.each, sql)
	}
	return sql, args, err
}

func (c column) empty() string {
	whole := c.expr
	if c.each != "" {
		whole = c.each
	}
	return fmt.Sprintf(`coalesce(%s, '') IN ('', '[]')`, whole)
}

func (c column) compare(operator string, f filter) (string, []any, error) {
	switch operator {
	case "like":
		return c.like(f)
	case "in":
		return c.in(f.Value.Input)
	case "between":
		return c.between(f.Value.Input)
	}
	sign, ok := comparisons[operator]
	if !ok {
		return "", nil, fmt.Errorf("unknown operator %q", operator)
	}
	return c.sign(sign, f.Value.Input)
}

// sign compares with one value, in the way of the field's class.
func (c column) sign(sign string, input any) (string, []any, error) {
	expr, arg, err := c.operand(input)
	return expr + " " + sign + " ?", []any{arg}, err
}

// like looks for text in a value of any class. Guess: starts and ends anchor
// it, and both, or strict, ask for the whole value.
func (c column) like(f filter) (string, []any, error) {
	text, ok := plain(f.Value.Input)
	if !ok {
		return "", nil, fmt.Errorf("like needs a text, not %s", shown(f.Value.Input))
	}
	pattern := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(fold(text))
	if !f.Strict && !f.Starts {
		pattern = "%" + pattern
	}
	if !f.Strict && !f.Ends {
		pattern += "%"
	}
	return `sandbox_fold(` + c.expr + `) LIKE ? ESCAPE '\'`, []any{pattern}, nil
}

// in takes any of a list.
func (c column) in(input any) (string, []any, error) {
	list, ok := input.([]any)
	if !ok || len(list) == 0 {
		return "", nil, fmt.Errorf("in needs a list of values")
	}
	wanted := map[string][]any{} // by what is compared: days or times
	for _, v := range list {
		expr, arg, err := c.operand(v)
		if err != nil {
			return "", nil, err
		}
		wanted[expr] = append(wanted[expr], arg)
	}
	var either []string
	var args []any
	for expr, some := range wanted {
		either = append(either, expr+" IN (?"+strings.Repeat(", ?", len(some)-1)+")")
		args = append(args, some...)
	}
	return "(" + strings.Join(either, " OR ") + ")", args, nil
}

// between takes both ends in.
func (c column) between(input any) (string, []any, error) {
	list, ok := input.([]any)
	if !ok || len(list) != 2 {
		return "", nil, fmt.Errorf("between needs a list of two values")
	}
	from, low, err := c.sign(">=", list[0])
	if err != nil {
		return "", nil, err
	}
	to, high, err := c.sign("<=", list[1])
	return "(" + from + " AND " + to + ")", append(low, high...), err
}

// operand is the column and the input, made comparable.
func (c column) operand(input any) (expr string, arg any, err error) {
	text, ok := plain(input)
	if !ok {
		return "", nil, fmt.Errorf("%s is not one value", shown(input))
	}
	switch c.class {
	case numeric:
		arg, err = number(text)
		return c.expr, arg, err
	case truth:
		b, ok := truths[fold(text)]
		if !ok {
			return "", nil, fmt.Errorf("%q is neither true nor false", text)
		}
		return "coalesce(" + c.expr + ", 0)", b, nil
	case dates, times:
		return c.day(text)
	}
	return "sandbox_fold(" + c.expr + ")", fold(text), nil
}

// day compares by the day when either side has no time of day.
func (c column) day(text string) (string, any, error) {
	t, wholeDay, err := parseTime(text)
	switch {
	case err != nil:
		return "", nil, err
	case wholeDay || c.class == dates:
		return "substr(" + c.expr + ", 1, 10)", t.Format(dateLayout), nil
	}
	return c.expr, t.Format(timeLayout), nil
}

// plain is a single value as text.
func plain(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// number keeps whole numbers exact.
func number(text string) (any, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	return x, nil
}
