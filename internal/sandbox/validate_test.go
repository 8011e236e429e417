package sandbox

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestValidation(t *testing.T) {
	b := open(t, Options{})
	for _, test := range []struct {
		method, path string
		body         m
		want         m // the details
	}{
		{"POST", "/contacts/new", m{}, m{"email": []any{"A value is required."}}},
		{"POST", "/accounts/new", m{}, m{"name": []any{"A value is required."}}},
		{"POST", "/deals/new", m{}, m{"name": []any{"A value is required."}}},
		{"POST", "/cases/new", m{}, m{"title": []any{"A value is required."}}},
		{"PUT", "/contacts/1", m{"email": ""}, m{"email": []any{"A value is required."}}},
		{"PUT", "/contacts/1", m{"email": nil}, m{"email": []any{"A value is required."}}},
		{"PUT", "/contacts/1", m{"firstname": "Jane"}, m{"firstname": []any{"Unknown field."}}},
		{"PUT", "/contacts/1", m{"email": "jane"}, m{"email": []any{"jane is not an email address"}}},
		{"PUT", "/contacts/1", m{"email": "JIM.halloran@acme.example"}, m{"email": []any{`"JIM.halloran@acme.example" is already taken by contact 47.`}}},
		{"PUT", "/contacts/1", m{"phone": "call me"}, m{"phone": []any{"call me is not a phone number"}}},
		{"PUT", "/contacts/1", m{"phone": m{"a": 1}}, m{"phone": []any{`{"a":1} is not a phone number`}}},
		{"PUT", "/contacts/1", m{"email": []any{"x", m{"b": 1}}}, m{"email": []any{`["x",{"b":1}] is not an email address`}}},
		{"PUT", "/contacts/1", m{"lead_score": "abc"}, m{"lead_score": []any{"abc is not a number"}}},
		{"PUT", "/contacts/1", m{"birthday": "31/12/1999"}, m{"birthday": []any{"31/12/1999 is not a date like 2026-06-22"}}},
		{"PUT", "/contacts/1", m{"last_contacted": "now"}, m{"last_contacted": []any{"now is not a date like 2026-06-22 09:00:00"}}},
		{"PUT", "/contacts/1", m{"newsletter": "perhaps"}, m{"newsletter": []any{"perhaps is neither true nor false"}}},
		{"PUT", "/contacts/1", m{"status": "Gold"}, m{"status": []any{"Gold is not one of: New, Nurture, Customer, Former customer"}}},
		{"PUT", "/contacts/1", m{"interests": []string{"Golf"}}, m{"interests": []any{"Golf is not one of: Automation, Analytics, Integrations, Pricing, Training"}}},
		{"PUT", "/contacts/1", m{"country": "Atlantis"}, m{"country": []any{"Atlantis is not the English name of a country"}}},
		{"PUT", "/contacts/1", m{"linkedin": "in/ana"}, m{"linkedin": []any{"in/ana is not a web address like https://www.example.com"}}},
		{"PUT", "/contacts/1", m{"first_name": m{}}, m{"first_name": []any{"a text is expected"}}},
		{"PUT", "/contacts/1", m{"account_id": 999}, m{"account_id": []any{"No account has the id 999."}}},
		{"PUT", "/contacts/1", m{"account_id": "Acme"}, m{"account_id": []any{"Acme is not an id"}}},
		{"PUT", "/contacts/1", m{"owner_id": 999}, m{"owner_id": []any{"No user has the id 999."}}},
		{"PUT", "/cases/1", m{"identifier": "X"}, m{"identifier": []any{"This field is read-only."}}},
		{"PUT", "/deals/1", m{"stage_id": 7}, m{"stage_id": []any{"Stage 7 (Renewal quoted) belongs to pipeline 2, not 1."}}},
		{"PUT", "/deals/1", m{"pipeline_id": 3}, m{"pipeline_id": []any{"3 is not one of: 1 (New business), 2 (Renewals)"}}},
		{"PUT", "/deals/1", m{"amount": "1,000", "colour": "red", "close_date": 5}, m{
			"amount": []any{"1,000 is not a number"}, "colour": []any{"Unknown field."}, "close_date": []any{"5 is not a date like 2026-06-22"}}},
	} {
		answer := b.status(400, test.method, test.path, test.body)
		require.Equal(t, test.want, at(answer, "error", "details"), test.body)
		for alias := range test.want {
			require.Contains(t, at(answer, "error", "message"), alias+": ")
		}
	}
}

// What can't be read is told of as JSON, not as Go.
func TestUnreadableBodies(t *testing.T) {
	b := open(t, Options{})
	for body, want := range map[string]string{
		`{"filters":{"a":1}}`:          "filters must be a list, not object.",
		`{"filters":[{"alias":1}]}`:    "filters.alias must be a text, not number.",
		`{"filters":[{"value":[]}]}`:   "filters.value must be an object, not array.",
		`{"filters":[{"strict":"x"}]}`: "filters.strict must be true or false, not string.",
		`[]`:                           "it must be an object, not array.",
		`{"start":[]}`:                 "start must be a number, not array.",
		`{"start":"x"}`:                "it is not whole JSON.",
		`{"filters":[}`:                "it is not JSON from its character 13 on.",
		`{"filters":[`:                 "it is not whole JSON.",
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/api/contacts", strings.NewReader(body))
		r.Header.Set("apikey", Key)
		b.s.ServeHTTP(w, r)
		require.Equal(t, 400, w.Code)
		require.Contains(t, w.Body.String(), "The body is not what is expected here: "+want)
	}
}

// What is refused changes nothing, not even what was right about it.
func TestRefusedChangesNothing(t *testing.T) {
	b := open(t, Options{})
	before := b.ok("GET", "/contacts/1", nil)
	b.fails(400, "PUT", "/contacts/1", m{"city": "Delft", "email": "x"})
	require.Equal(t, before, b.ok("GET", "/contacts/1", nil))
}

func TestAccepted(t *testing.T) {
	b := flat(t)
	for _, test := range []struct {
		alias      string
		sent, kept any
	}{
		{"lead_score", "12.5", 12.5},
		{"birthday", "1990-02-03T00:00:00+00:00", "1990-02-03"},
		{"last_contacted", "2026-06-25 14:00", "2026-06-25 14:00:00"},
		{"last_contacted", "2026-06-25T14:00:00+02:00", "2026-06-25 12:00:00"},
		{"newsletter", 1, true},
		{"newsletter", "false", false},
		{"interests", "Pricing|Training", []any{"Pricing", "Training"}},
		{"interests", []string{}, []any{}},
		{"account_id", "3", 3.0},
		{"first_name", 7, "7"},
		{"first_name", "", nil},
		{"country", "Iceland", "Iceland"},
	} {
		answer := b.ok("PUT", "/contacts/1", m{test.alias: test.sent})
		require.Equal(t, test.kept, at(answer, "contact", test.alias), test.alias)
	}
}

func TestDealsFollowTheirStage(t *testing.T) {
	b := flat(t)
	made := at(b.ok("POST", "/deals/new", m{"name": "A"}), "deal").(m)
	require.Equal(t, []any{1.0, 1.0, "Open", 10.0}, []any{made["pipeline_id"], made["stage_id"], made["status"], made["probability"]})
	made = at(b.ok("POST", "/deals/new", m{"name": "B", "pipeline_id": 2}), "deal").(m)
	require.EqualValues(t, 6, made["stage_id"])
	made = at(b.ok("POST", "/deals/new", m{"name": "C", "stage_id": 9}), "deal").(m)
	require.Equal(t, []any{2.0, "Won"}, []any{made["pipeline_id"], made["status"]})
	require.Equal(t, "Lost", at(b.ok("PUT", "/deals/1", m{"stage_id": 5}), "deal", "status"))
}

func TestBodies(t *testing.T) {
	b := open(t, Options{})
	for _, body := range []string{"", "{", "[]", "7", `"x"`, "null", `{"city":"x"} trailing`} {
		b.fails(400, "PUT", "/contacts/1", body)
	}
	require.Contains(t, b.fails(413, "PUT", "/contacts/1", `{"city":"`+strings.Repeat("x", 1<<20)+`"}`), "larger than 1 MiB")
}

// The seed keeps the rules that it is served under.
func TestSeedIsValid(t *testing.T) {
	b := open(t, Options{})
	err := b.s.store.do(func(t2 *tx) error {
		c := &call{tx: t2}
		for _, k := range kinds {
			items, _, err := c.page(k, &query{order: "id", limit: 1000})
			if err != nil {
				return err
			}
			for _, it := range items {
				body := values{}
				for alias, v := range it.data {
					f := k.field(alias)
					require.NotNil(t, f, "%s.%s", k.table, alias)
					if !f.readOnly && f.typ != "json" {
						body[alias] = v
					}
				}
				require.NoError(t, c.fill(it, body, false), "%s %d", k.table, it.id)
				require.Less(t, it.created, Today.Format(timeLayout))
				require.True(t, it.modified == "" || it.modified >= it.created, "%s %d: %s < %s", k.table, it.id, it.modified, it.created)
				require.Less(t, it.modified, Today.Format(timeLayout))
			}
		}
		return nil
	})
	require.NoError(t, err)
}
