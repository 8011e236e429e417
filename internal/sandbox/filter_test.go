package sandbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// condition is a filter as Flexie's page writes it.
func condition(alias, operator string, input any, anchors ...string) m {
	f := m{"type": "text", "alias": alias, "value": m{"operator": operator, "input": input}}
	for _, a := range anchors {
		f[a] = true
	}
	return f
}

func TestFilters(t *testing.T) {
	b := flat(t)
	for _, test := range []struct {
		path    string
		filters []any
		want    []int
	}{
		{"/contacts", []any{condition("first_name", "=", "jürgen")}, []int{5}},
		{"/contacts", []any{condition("first_name", "=", "JÜRGEN")}, []int{5}},
		{"/contacts", []any{condition("email", "like", "acme.")}, []int{1, 17, 23, 47, 58}},
		{"/contacts", []any{condition("email", "like", "acme."), condition("position", "!like", "manager")}, []int{1, 23, 58}},
		{"/contacts", []any{condition("last_name", "like", "van", "starts")}, []int{17}},
		{"/contacts", []any{condition("last_name", "like", "dijk", "ends")}, []int{17}},
		{"/contacts", []any{condition("last_name", "like", "dijk", "starts")}, nil},
		{"/contacts", []any{condition("last_name", "like", "bakke", "strict")}, []int{51}},
		{"/contacts", []any{condition("last_name", "like", "bakke", "starts", "ends")}, []int{51}},
		{"/contacts", []any{condition("last_name", "like", "bakke")}, []int{51, 58}},
		{"/contacts", []any{condition("last_name", "like", "%")}, nil},
		{"/contacts", []any{condition("last_name", "in", []any{"RUIZ", "halloran"})}, []int{1, 47}},
		{"/contacts", []any{condition("account_id", "=", 1), condition("last_name", "!in", []any{"Ruiz"})}, []int{17, 23, 47, 58}},
		{"/contacts", []any{condition("account_id", "=", "1"), condition("status", "!=", "Customer")}, nil},
		{"/contacts", []any{condition("birthday", "empty", nil)}, []int{29}},
		{"/contacts", []any{condition("background", "!empty", nil)}, []int{23}},
		{"/contacts", []any{condition("id", "between", []any{40, 42})}, []int{40, 41, 42}},
		{"/contacts", []any{condition("id", "in", []any{3, "4"})}, []int{3, 4}},
		{"/contacts", []any{condition("lifetime_value", "lt", 12000), condition("lifetime_value", "!empty", nil)}, []int{11, 22, 43}},
		{"/contacts", []any{condition("newsletter", "=", false), condition("id", "lte", 6)}, []int{3, 6}},
		{"/contacts", []any{condition("newsletter", "!=", "true"), condition("id", "lte", 6)}, []int{3, 6}},
		{"/contacts", []any{condition("interests", "=", "pricing"), condition("id", "lt", 8)}, []int{2, 3, 7}},
		{"/contacts", []any{condition("interests", "!in", []any{"Pricing", "Training"}), condition("id", "lt", 8)}, []int{1, 5, 6}},
		{"/contacts", []any{condition("interests", "like", "auto"), condition("id", "lt", 8)}, []int{4, 5}},
		{"/deals", []any{condition("amount", "gt", 70000)}, []int{3, 9, 17}},
		{"/deals", []any{condition("amount", "gte", "72500")}, []int{3, 9, 17}},
		{"/deals", []any{condition("amount", "between", []any{2400, 3600})}, []int{36, 38, 41}},
		{"/deals", []any{condition("close_date", "between", []any{"2026-06-22", "2026-06-27"})}, []int{32, 39}},
		{"/deals", []any{condition("close_date", "=", "2026-06-27 13:00:00")}, []int{32}},
		{"/deals", []any{condition("stage_id", "=", 3), condition("owner_id", "=", 42)}, []int{3, 11}},
		{"/cases", []any{condition("identifier", "=", "ref-1042")}, []int{42}},
		{"/tasks", []any{condition("due_date", "=", "2026-06-22"), condition("is_completed", "=", false)}, []int{1, 7, 13, 19, 21, 44}},
		{"/tasks", []any{condition("due_date", "lt", "2026-06-22 11:00"), condition("due_date", "gte", "2026-06-22")}, []int{13, 36}},
		{"/tasks", []any{condition("association_type", "=", "contact"), condition("association_id", "=", 47)}, []int{42, 43}},
		{"/tasks", []any{condition("owner_id", "=", 7)}, []int{40}},
		{"/emails", []any{condition("email_type", "=", "template")}, []int{1, 2, 3, 7}},
		{"/emails", []any{condition("emailType", "=", "list"), condition("isPublished", "=", false)}, []int{6}},
		{"/workflows", []any{condition("isPublished", "=", 0)}, []int{7}},
		{"/workflows", []any{condition("category", "=", 12)}, []int{6, 42}},
		{"/pages", []any{condition("hits", "gt", 1000)}, []int{1, 2}},
		{"/reports", []any{condition("source", "=", "deals")}, []int{1, 2}},
		{"/users", []any{condition("role", "=", 3)}, []int{2, 3, 4, 42}},
		{"/roles", []any{condition("isAdmin", "=", true)}, []int{1}},
		{"/users", []any{condition("date_added", "lt", "2024-08-01")}, []int{1}},
		{"/ce/subscriptions", []any{condition("seats", "gt", 100)}, []int{1, 3, 5}},
		{"/ce/equipment", []any{condition("amount", "=", 640.5)}, []int{3}},
	} {
		got := b.ids("POST", test.path, m{"filters": test.filters, "orderBy": "id"})
		require.Equal(t, test.want, got, "%s %v", test.path, test.filters)
	}
}

func TestBadFilters(t *testing.T) {
	b := open(t, Options{})
	for want, body := range map[string]any{
		`nope: Unknown field "nope".`:                 m{"filters": []any{condition("nope", "=", 1)}},
		`password: Unknown field "password".`:         m{"filters": []any{condition("password", "=", 1)}},
		`orderBy: Unknown field "nope".`:              m{"orderBy": "nope"},
		`orderByDir: "UP" is neither ASC nor DESC.`:   m{"orderByDir": "UP"},
		`unknown operator "contains"`:                 m{"filters": []any{condition("email", "contains", "x")}},
		`unknown operator "!gt"`:                      m{"filters": []any{condition("id", "!gt", "x")}},
		`"abc" is not a number`:                       m{"filters": []any{condition("id", "gt", "abc")}},
		`"soon" is not a date`:                        m{"filters": []any{condition("date_added", "gt", "soon")}},
		`"maybe" is neither true nor false`:           m{"filters": []any{condition("isPublished", "=", "maybe")}},
		`between needs a list of two values`:          m{"filters": []any{condition("id", "between", []any{1})}},
		`in needs a list of values`:                   m{"filters": []any{condition("id", "in", "1")}},
		`like needs a text`:                           m{"filters": []any{condition("username", "like", nil)}},
		`is not one value`:                            m{"filters": []any{condition("username", "=", []any{"a"})}},
		`A filter needs a type, an alias and a value`: m{"filters": []any{m{"alias": "id"}}},
		`limit: "-1" is not a whole number from 0.`:   m{"limit": -1},
		`The body is not what is expected here`:       m{"filters": "x"},
	} {
		require.Contains(t, b.fails(400, "POST", "/users", body), want)
	}
	require.Contains(t, b.fails(400, "POST", "/users", `{"filters":`), "it is not whole JSON")
	require.Contains(t, b.fails(400, "POST", "/users", `{} {}`), "something after its JSON")
}

func TestManyValues(t *testing.T) {
	var ids []any
	for i := range 5000 {
		ids = append(ids, i)
	}
	b := flat(t)
	require.Len(t, b.ids("POST", "/contacts", m{"filters": []any{condition("id", "in", ids)}, "limit": 100}), 62)
}
