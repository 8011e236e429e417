package flexie

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func number(s string) json.Number { return json.Number(s) }

// filterSent is the filter that goes out for one on contacts, or on tasks,
// whose fields no list tells.
func filterSent(t *testing.T, f Filter, known bool) (wire string, requests int, err error) {
	r := record(t, sent{path: "/contacts"}.answerTo)
	c := r.client(t)
	if known {
		_, err = c.Records(Contact, "").Search(t.Context(), Query{Filters: []Filter{f}})
	} else {
		_, err = c.SearchTasks(t.Context(), Query{Filters: []Filter{f}})
	}
	if err != nil {
		return "", len(r.requests()), err
	}
	body := r.last(t).body
	wire = strings.TrimPrefix(body, `{"filters":[`)
	wire = strings.TrimSuffix(wire, `],"start":0}`)
	require.NotEqual(t, body, wire)
	return wire, len(r.requests()), nil
}

// TestOperators: what each plain operator is in Flexie's words.
func TestOperators(t *testing.T) {
	wire := map[string]string{
		"is":           `{"type":"text","alias":"name","value":{"operator":"=","input":"Acme"},"strict":true,"starts":false,"ends":false}`,
		"is_not":       `{"type":"text","alias":"name","value":{"operator":"!=","input":"Acme"},"strict":true,"starts":false,"ends":false}`,
		"contains":     `{"type":"text","alias":"name","value":{"operator":"like","input":"Acme"},"strict":false,"starts":false,"ends":false}`,
		"not_contains": `{"type":"text","alias":"name","value":{"operator":"!like","input":"Acme"},"strict":false,"starts":false,"ends":false}`,
		"starts_with":  `{"type":"text","alias":"name","value":{"operator":"like","input":"Acme"},"strict":false,"starts":true,"ends":false}`,
		"ends_with":    `{"type":"text","alias":"name","value":{"operator":"like","input":"Acme"},"strict":false,"starts":false,"ends":true}`,
		"gt":           `{"type":"text","alias":"name","value":{"operator":"gt","input":"Acme"},"strict":false,"starts":false,"ends":false}`,
		"gte":          `{"type":"text","alias":"name","value":{"operator":"gte","input":"Acme"},"strict":false,"starts":false,"ends":false}`,
		"lt":           `{"type":"text","alias":"name","value":{"operator":"lt","input":"Acme"},"strict":false,"starts":false,"ends":false}`,
		"lte":          `{"type":"text","alias":"name","value":{"operator":"lte","input":"Acme"},"strict":false,"starts":false,"ends":false}`,
		"between":      `{"type":"text","alias":"name","value":{"operator":"between","input":["Acme","Beta"]},"strict":false,"starts":false,"ends":false}`,
		"in":           `{"type":"text","alias":"name","value":{"operator":"in","input":["Acme"]},"strict":false,"starts":false,"ends":false}`,
		"not_in":       `{"type":"text","alias":"name","value":{"operator":"!in","input":["Acme"]},"strict":false,"starts":false,"ends":false}`,
		"empty":        `{"type":"text","alias":"name","value":{"operator":"empty","input":""},"strict":false,"starts":false,"ends":false}`,
		"not_empty":    `{"type":"text","alias":"name","value":{"operator":"!empty","input":""},"strict":false,"starts":false,"ends":false}`,
	}
	require.Len(t, Operators, 15)
	for _, op := range Operators {
		t.Run(op, func(t *testing.T) {
			var value any = "Acme"
			if op == "between" {
				value = []any{"Acme", "Beta"}
			}
			for _, known := range []bool{true, false} {
				got, _, err := filterSent(t, Filter{"name", op, value}, known)
				require.NoError(t, err)
				require.Equal(t, wire[op], got)
			}
		})
	}
}

// TestFilterTypes: a value is sent as one of its field's type where that is
// known; else the value decides what is said of the field.
func TestFilterTypes(t *testing.T) {
	for _, test := range []struct {
		name  string
		f     Filter
		known bool
		want  string // type and input
	}{
		{"number as text", Filter{"amount", "gt", "20000"}, true, `currency 20000`},
		{"number, digit for digit", Filter{"amount", "is", " 12345678901234567890.10"}, true, `currency 12345678901234567890.10`},
		{"number", Filter{"seats", "lte", number("-1.5e3")}, true, `number -1.5e3`},
		{"number, by its label", Filter{"DEAL AMOUNT", "gt", "1"}, true, `currency 1`},
		{"numbers in a list", Filter{"seats", "in", []any{"1", number("2")}}, true, `number [1,2]`},
		{"numbers between", Filter{"amount", "between", []any{"10.50", "20"}}, true, `currency [10.50,20]`},
		{"a lone value for a list", Filter{"seats", "not_in", "9007199254740993"}, true, `number [9007199254740993]`},
		{"a list of one for a value", Filter{"seats", "is", []any{"3"}}, true, `number 3`},
		{"a part of an id", Filter{"id", "contains", number("12")}, true, `number "12"`},
		{"a part of an id as text", Filter{"id", "starts_with", "1x"}, true, `number "1x"`},
		{"no number", Filter{"seats", "empty", "x"}, true, `number ""`},
		{"digits of a text", Filter{"name", "is", number("1001")}, true, `text "1001"`},
		{"digits of an email", Filter{"email", "in", []any{number("007e1"), "b"}}, true, `email ["007e1","b"]`},
		{"select", Filter{"status", "is", "4"}, true, `select "4"`},
		{"select by number", Filter{"status", "is", number("4")}, true, `select 4`},
		{"date", Filter{"close_date", "gte", "2026-06-25"}, true, `date "2026-06-25"`},
		{"truth", Filter{"won", "is", false}, true, `boolean false`},
		{"system property", Filter{"date_modified", "gt", "2026-06-25 10:00"}, true, `datetime "2026-06-25 10:00:00"`},
		{"owner as text", Filter{"owner_id", "is", "3"}, true, `number 3`},

		{"guessed text", Filter{"x", "is", "20000"}, false, `text "20000"`},
		{"guessed number", Filter{"x", "is", number("20000")}, false, `number 20000`},
		{"guessed numbers", Filter{"x", "in", []any{number("1"), number("2")}}, false, `number [1,2]`},
		{"guessed truth", Filter{"x", "is", true}, false, `boolean true`},
		{"guessed date", Filter{"x", "gt", "2026-06-25"}, false, `date "2026-06-25"`},
		{"guessed moment", Filter{"x", "gt", "2026-06-25T10:00:00Z"}, false, `date "2026-06-25 10:00:00"`},
		{"guessed dates", Filter{"x", "between", []any{"2026-06-25", "2026-07-25"}}, false, `date ["2026-06-25","2026-07-25"]`},
		{"no such date", Filter{"x", "gt", "2026-13-45"}, false, `text "2026-13-45"`},
		{"nothing to guess from", Filter{"x", "empty", nil}, false, `text ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			wire, _, err := filterSent(t, test.f, test.known)
			require.NoError(t, err)
			o := object(t, wire)
			require.Equal(t, test.want, o.Get("type").(string)+" "+shown(t, o.Get("value").(*Object).Get("input")))
		})
	}
}

// TestBadFiltersAreNotSent: the error says what is wrong and what is right.
func TestBadFiltersAreNotSent(t *testing.T) {
	lists := "a list of two values, the lowest and the highest"
	for _, test := range []struct {
		f    Filter
		want string
	}{
		{Filter{"name", "equals", "x"}, `filter on name: there is no op "equals"; use one of is, is_not, contains, not_contains, starts_with, ends_with, gt, gte, lt, lte, between, in, not_in, empty, not_empty`},
		{Filter{"name", "is", nil}, "filter on name: op is takes one value; to find what has none, use op empty"},
		{Filter{"name", "is", ""}, "filter on name: op is takes one value; to find what has none, use op empty"},
		{Filter{"name", "is", []any{"a", "b"}}, "filter on name: op is takes one value; to find what has none, use op empty"},
		{Filter{"name", "is", []any{}}, "filter on name: op is takes one value; to find what has none, use op empty"},
		{Filter{"name", "is", NewObject()}, "filter on name: op is takes one value; to find what has none, use op empty"},
		{Filter{"name", "in", []any{"a", nil}}, "filter on name: op in takes a list of values; to find what has none, use op empty"},
		{Filter{"name", "in", []any{"a", []any{"b"}}}, "filter on name: op in takes a list of values; to find what has none, use op empty"},
		{Filter{"name", "in", []any{}}, "filter on name: op in takes a list of values"},
		{Filter{"name", "not_in", nil}, "filter on name: op not_in takes a list of values"},
		{Filter{"seats", "between", number("1")}, "filter on seats: op between takes " + lists},
		{Filter{"seats", "between", []any{number("1")}}, "filter on seats: op between takes " + lists},
		{Filter{"seats", "between", []any{"1", "2", "3"}}, "filter on seats: op between takes " + lists},
		{Filter{"amount", "gt", "20,000"}, `filter on amount: it is a currency, and "20,000" is not a plain number; write it like 20000 or 12.5`},
		{Filter{"seats", "in", []any{"1", "0x10"}}, `filter on seats: it is a number, and "0x10" is not a plain number; write it like 20000 or 12.5`},
		{Filter{"seats", "is", "true"}, `filter on seats: it is a number, and "true" is not a plain number; write it like 20000 or 12.5`},
	} {
		_, requests, err := filterSent(t, test.f, true)
		require.EqualError(t, err, test.want)
		require.Equal(t, Invalid, KindOf(err))
		require.Equal(t, 1, requests, "only the fields may be asked for")
	}
}

// TestOperatorsSuitTypes: each type of field against each operator.
func TestOperatorsSuitTypes(t *testing.T) {
	const (
		ordered = "is, is_not, gt, gte, lt, lte, between, in, not_in, empty or not_empty"
		parts   = "is, is_not, contains, not_contains, starts_with, ends_with, in, not_in, empty or not_empty"
	)
	for _, class := range []struct{ types, is, suited string }{ // suited is "" for all
		{"number currency integer int decimal float money percent Number", "a number", ordered},
		{"date datetime", "a date", ordered},
		{"boolean bool yesno", "a yes or no", "is, is_not, empty or not_empty"},
		{"select radio dropdown multiselect checkboxes country", "a choice", parts},
		{"lookup owner", "a link to a record", parts},
		{"email", "an email address", parts},
		{"phone tel", "a phone number", parts},
		{"url", "a web address", parts},
		{"textarea", "a long text", parts},
		{"text json hologram", "", ""},
	} {
		for fieldType := range strings.FieldsSeq(class.types) {
			for _, op := range Operators {
				want := "filter on x: " + op + " does not suit " + class.is + "; use " + class.suited
				suited := class.suited == "" || slices.Contains(strings.FieldsFunc(strings.ReplaceAll(class.suited, " or ", ", "), isListMark), op)
				_, problem := present.encode(Filter{"x", op, []any{"1", "2"}}, fieldType)
				if !suited {
					require.EqualError(t, problem, want, fieldType)
				} else if problem != nil {
					require.NotContains(t, problem.Error(), "does not suit", fieldType)
				}
				require.Empty(t, Filter{"id", op, nil}.unsuited(fieldType), "ids are found by their beginning")
			}
		}
	}
}

func isListMark(r rune) bool { return r == ',' || r == ' ' }

// TestAllBadFiltersAreTold: not just the first.
func TestAllBadFiltersAreTold(t *testing.T) {
	c := record(t, unasked(t)).client(t)
	_, err := c.SearchTasks(t.Context(), Query{Filters: []Filter{{"task", "is", nil}, {"task", "like", "x"}, {"id", "gt", number("1")}}})
	require.ErrorContains(t, err, `filter on task: op is takes one value`)
	require.ErrorContains(t, err, `; filter on task: there is no op "like"`)

	_, err = c.SearchTasks(t.Context(), Query{Filters: []Filter{{"", "empty", nil}}})
	require.EqualError(t, err, "a filter has no field")
}

// TestOrder: a direction without a field means nothing.
func TestOrder(t *testing.T) {
	r := record(t, answering(200, `[]`))
	_, err := r.client(t).SearchTasks(t.Context(), Query{Filters: []Filter{{"id", "gt", number("1")}}, OrderDesc: true})
	require.NoError(t, err)
	require.NotContains(t, r.last(t).body, "orderBy")
}
