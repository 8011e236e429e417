package flexie

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// valueFields has a field of every sort that values are checked by.
const valueFields = `[
	{"alias":"email","label":"Email","type":"email","isRequired":true,"isUniqueIdentifier":true},
	{"alias":"first_name","label":"First name","type":"text"},
	{"alias":"phone","label":"Phone","type":"phone"},
	{"alias":"amount","label":"Deal amount","type":"currency"},
	{"alias":"seats","label":"Seats","type":"integer"},
	{"alias":"won","label":"Is won","type":"boolean"},
	{"alias":"close_date","label":"Closes on","type":"date"},
	{"alias":"call_at","label":"Call at","type":"datetime"},
	{"alias":"stage_id","label":"Stage","type":"select","properties":{"list":[{"value":1,"label":"Proposal"},{"value":2,"label":"Won"},{"value":3,"label":"won"}]}},
	{"alias":"source","label":"Source","type":"select","properties":{"list":"Website|Referral"}},
	{"alias":"tags","label":"Tags","type":"multiselect","properties":{"list":"VIP|Late payer"}},
	{"alias":"mobile","label":"Home phone","type":"text"},
	{"alias":"home_phone","label":"Mobile","type":"text"},
	{"alias":"owner_id","label":"Owner","type":"owner"}
]`

func fieldsOf(t *testing.T, fields string) (*recorder, Records) {
	r := record(t, answering(200, fields))
	return r, r.client(t).Records(Contact, "")
}

func TestNamesOfValues(t *testing.T) {
	_, contacts := fieldsOf(t, valueFields)
	for given, want := range map[string]string{
		"first_name": "first_name", "firstname": "first_name", "FirstName": "first_name", "First name": "first_name",
		" first-NAME ": "first_name", "Deal amount": "amount", "closes_on": "close_date",
		"mobile": "mobile", "home_phone": "home_phone", // though each is the label of the other
		"owner_id": "owner_id", "is_published": "is_published", "isPublished": "is_published",
	} {
		values := NewObject()
		values.Set(given, "x")
		checked, err := contacts.Check(t.Context(), values, false)
		if err != nil { // of the value, not of the name
			require.NotContains(t, err.Error(), "no field", given)
			continue
		}
		require.True(t, checked.Has(want), "%s: %s", given, shown(t, checked))
	}
}

func TestValues(t *testing.T) {
	_, contacts := fieldsOf(t, valueFields)
	for _, test := range []struct{ given, want string }{
		{`{"amount":12345678901234567.890}`, `{"amount":12345678901234567.890}`},
		{`{"amount":" 12345678901234567.890 "}`, `{"amount":12345678901234567.890}`},
		{`{"amount":["12.5"]}`, `{"amount":12.5}`},
		{`{"seats":"-3"}`, `{"seats":-3}`},
		{`{"won":"Yes"}`, `{"won":true}`},
		{`{"won":0}`, `{"won":false}`},
		{`{"won":false}`, `{"won":false}`},
		{`{"close_date":"2026-09-30"}`, `{"close_date":"2026-09-30"}`},
		{`{"close_date":"2026-09-30T00:00:00.000Z"}`, `{"close_date":"2026-09-30"}`},
		{`{"close_date":"2026-09-30 00:00"}`, `{"close_date":"2026-09-30"}`},
		{`{"call_at":"2026-09-30T14:00:00+02:00"}`, `{"call_at":"2026-09-30 12:00:00"}`},
		{`{"stage_id":2}`, `{"stage_id":2}`},
		{`{"stage_id":"2"}`, `{"stage_id":"2"}`},
		{`{"stage_id":"proposal"}`, `{"stage_id":"1"}`},
		{`{"source":" referral "}`, `{"source":"Referral"}`},
		{`{"tags":["vip","Late payer"]}`, `{"tags":["VIP","Late payer"]}`},
		{`{"tags":"vip|late payer"}`, `{"tags":"VIP|Late payer"}`},
		{`{"tags":"VIP"}`, `{"tags":"VIP"}`},
		{`{"tags":[]}`, `{"tags":[]}`},
		{`{"email":" Jane@acme.com "}`, `{"email":"Jane@acme.com"}`},
		{`{"phone":447911123456}`, `{"phone":"447911123456"}`},
		{`{"amount":null,"close_date":"","source":" "}`, `{"amount":null,"close_date":"","source":""}`},
		{`{"owner_id":"3"}`, `{"owner_id":"3"}`}, // of a type that is not known here
		{`{}`, `{}`},
	} {
		checked, err := contacts.Check(t.Context(), object(t, test.given), false)
		require.NoError(t, err, test.given)
		require.Equal(t, test.want, shown(t, checked))
	}
}

func TestWrongValues(t *testing.T) {
	r, contacts := fieldsOf(t, valueFields)
	for _, test := range []struct{ given, want string }{
		{`{"emial":"a@b.c"}`, `contacts have no field "emial"; did you mean email, `},
		{`{"closing":"x"}`, `close_date ("Closes on")`},
		{`{"Mobile":"1"}`, `contacts have several fields called "Mobile"; use mobile or home_phone`},
		{`{"First name":"a","firstname":"b"}`, `"First name" and "firstname" are the same field, first_name: give it once`},
		{`{"amount":"12,500"}`, `amount ("Deal amount") must be a number without separators, like 12500 or 12.5; got "12,500"`},
		{`{"amount":true}`, `must be a number`},
		{`{"amount":[1,2]}`, `got [1,2]`},
		{`{"seats":1.5}`, `seats must be a whole number without separators, like 12500; got 1.5`},
		{`{"won":"maybe"}`, `won ("Is won") must be true or false; got "maybe"`},
		{`{"close_date":"30.09.2026"}`, `close_date ("Closes on") must be a day like 2026-09-30; got "30.09.2026"`},
		{`{"close_date":"2026-02-30"}`, `must be a day`},
		{`{"close_date":"2026-09-30T14:00:00Z"}`, `must be a day`},
		{`{"close_date":20260930}`, `must be a day`},
		{`{"call_at":"tomorrow"}`, `call_at must be a date and time like 2026-09-30 14:00 or 2026-09-30T14:00:00+02:00; got "tomorrow"`},
		{`{"stage_id":"WON"}`, `stage_id ("Stage") can't be "WON"; use one of 1 (Proposal), 2 (Won), 3 (won)`},
		{`{"source":["Website","Referral"]}`, `source can't be ["Website","Referral"]; use one of Website, Referral`},
		{`{"tags":["VIP","New"]}`, `tags can't be "New"; use one of VIP, Late payer`},
		{`{"tags":"VIP|New"}`, `tags can't be "New"`},
		{`{"tags":["VIP",null]}`, `tags can't be null`},
		{`{"email":"jane"}`, `email must be one email address, like jane@acme.com; got "jane"`},
		{`{"email":"a@b@c.de"}`, `email must be one`},
		{`{"email":"a@b.c, d@e.f"}`, `email must be one`},
		{`{"email":null}`, `email is required and can't be empty: one email address, like jane@acme.com`},
		{`{"email":" "}`, `email is required and can't be empty`},
		{`{"first_name":{"a":1}}`, `first_name must be a text; got {"a":1}`},
	} {
		_, err := contacts.Check(t.Context(), object(t, test.given), false)
		require.ErrorContains(t, err, test.want, test.given)
		require.Equal(t, Invalid, KindOf(err))
		require.Len(t, err.(*Error).Problems, 1, test.given)
	}
	require.Len(t, r.requests(), 1, "only the fields are asked for, once")
}

// TestAllProblemsAtOnce: and only a new record needs its required fields.
func TestAllProblemsAtOnce(t *testing.T) {
	_, contacts := fieldsOf(t, valueFields)
	_, err := contacts.Check(t.Context(), object(t, `{"amount":"x","nonsense":1,"won":"?"}`), true)
	problems := err.(*Error).Problems
	require.Len(t, problems, 4)
	require.Equal(t, "email is required: one email address, like jane@acme.com", problems[3])
	_, err = contacts.Check(t.Context(), object(t, `{"won":true}`), false)
	require.NoError(t, err)

	_, err = contacts.Search(t.Context(), Query{Filters: []Filter{{"nonsense", "is", "x"}, {"amount", "gt", "much"}, {"amount", "near", "1"}, {"Is won", "gt", "maybe"}}})
	require.Len(t, err.(*Error).Problems, 4)
}

// TestValuesOfFilters: choices by their label, yes and no, and dates are read
// as values are; what looks into a text is not.
func TestValuesOfFilters(t *testing.T) {
	r, contacts := fieldsOf(t, valueFields)
	for _, test := range []struct {
		f    Filter
		want string // the input, or the problem
	}{
		{Filter{"Stage", "is", "proposal"}, `"1"`},
		{Filter{"Stage", "is", number("2")}, `2`},
		{Filter{"Source", "in", []any{"website", "Referral"}}, `["Website","Referral"]`},
		{Filter{"tags", "is_not", "vip"}, `"VIP"`},
		{Filter{"won", "is", "no"}, `false`},
		{Filter{"close_date", "gte", "2026-09-30"}, `"2026-09-30"`},
		{Filter{"source", "contains", "web"}, `"web"`},
		{Filter{"source", "empty", nil}, `""`},
		{Filter{"Source", "in", []any{"Website", "Radio"}}, `filter on source: it can't be "Radio"; use one of Website, Referral`},
		{Filter{"won", "is", "maybe"}, `filter on won ("Is won"): it must be true or false; got "maybe"`},
		{Filter{"close_date", "between", []any{"2026-09-30", "soon"}}, `must be a day like 2026-09-30; got "soon"`},
		{Filter{"date_added", "gt", "last week"}, `filter on date_added: it must be a date and time like`},
		{Filter{"close_date", "is", ""}, `filter on close_date: op is takes one value`},
	} {
		_, err := contacts.Search(t.Context(), Query{Filters: []Filter{test.f}})
		if err != nil {
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "; filter", "said once")
			continue
		}
		sent := object(t, r.last(t).body).Get("filters").([]any)[0].(*Object).Get("value").(*Object)
		require.Equal(t, test.want, shown(t, sent.Get("input")))
	}
}

// TestADefaultMakesUpForARequiredField, as Flexie fills it in.
func TestADefaultMakesUpForARequiredField(t *testing.T) {
	_, contacts := fieldsOf(t, `[{"alias":"status","type":"text","isRequired":true,"defaultValue":"New"}]`)
	_, err := contacts.Check(t.Context(), NewObject(), true)
	require.NoError(t, err)
}

func TestUniqueFieldOfAnEdit(t *testing.T) {
	_, contacts := fieldsOf(t, valueFields)
	for _, test := range []struct{ unique, values, want string }{
		{"EMail", `{"Email":"a@b.c","won":"yes"}`, ``},
		{"email", `{"won":true}`, `unique_field is email, so fields must hold its value`},
		{"email", `{"email":"a@b.c"}`, `nothing to change`},
		{"phone", `{"phone":"1","won":true}`, `unique_field can't be phone, which several records may share; use email`},
		{"mail_address", `{"email":"a@b.c","won":true}`, `unique_field: contacts have no field "mail_address"; did you mean `},
	} {
		checked, err := contacts.CheckEdit(t.Context(), test.unique, object(t, test.values))
		if test.want != "" {
			require.ErrorContains(t, err, test.want)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, `{"email":"a@b.c","won":true}`, shown(t, checked))
	}
}

// TestUntoldFieldsCheckNothing: values then go as they were given.
func TestUntoldFieldsCheckNothing(t *testing.T) {
	const given = `{"First name":"  ","amount":"12,500","n":1.10,"l":["x"]}`
	for status, body := range map[int]string{200: `[]`, 403: `{}`, 404: ``} {
		r := record(t, answering(status, body))
		checked, err := r.client(t).Records(Deal, "").Check(t.Context(), object(t, given), true)
		require.NoError(t, err)
		require.Equal(t, given, shown(t, checked))
	}
	_, err := record(t, answering(500, `{}`)).client(t).Records(Deal, "").Check(t.Context(), object(t, given), true)
	require.Equal(t, Unavailable, KindOf(err), "what can't be checked for now is not sent")
}

// TestWorkspacesOfAnySize: hundreds of fields, and names of any length and
// content, leave a message that can be read.
func TestWorkspacesOfAnySize(t *testing.T) {
	long := strings.Repeat("very\\nlong ", 500)
	var fields []string
	for i := range 600 {
		fields = append(fields, fmt.Sprintf(`{"alias":"field_%d","label":"%s%d","type":"text","isRequired":true}`, i, long, i))
	}
	var options []string
	for i := range 200 {
		options = append(options, fmt.Sprintf(`{"value":"%d","label":"%s"}`, i, long))
	}
	fields = append(fields, fmt.Sprintf(`{"alias":"choice","label":"Choice","type":"select","properties":{"list":[%s]}}`, strings.Join(options, ",")))
	_, contacts := fieldsOf(t, "["+strings.Join(fields, ",")+"]")

	values := NewObject()
	values.Set("choice", strings.Repeat("x\n", 5000))
	values.Set(strings.Repeat("y", 5000), 1)
	_, err := contacts.Check(t.Context(), values, true)
	problems := err.(*Error).Problems
	require.Len(t, problems, mostProblems+1)
	require.Equal(t, "… and 582 more", problems[mostProblems])
	require.Contains(t, problems[0], " … and 188 more")
	for _, p := range problems {
		require.Less(t, len(p), 1500)
		require.NotContains(t, p, "\n")
	}
}
