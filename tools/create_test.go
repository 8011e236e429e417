package tools_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

// workspace answers with fields, with what a search finds, and with a record,
// and keeps the requests, those for the fields apart.
type workspace struct {
	found    transport // of a search
	requests []string
}

const knownFields = `[
	{"alias":"email","label":"Email","type":"email","isRequired":true,"isUniqueIdentifier":true},
	{"alias":"vat","label":"VAT number","type":"text","isUniqueIdentifier":true},
	{"alias":"first_name","label":"First name","type":"text"},
	{"alias":"amount","label":"Amount","type":"currency"}
]`

func (w *workspace) answer(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/list/fields") {
		return answering(200, knownFields)(r)
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	w.requests = append(w.requests, strings.TrimPrefix(r.Method+" "+r.URL.Path+" "+string(body), " "))
	if r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "/new") {
		return w.found(r)
	}
	return answering(200, `{"contact":{"id":42,"first_name":"Jane","email":"jane@acme.com"}}`)(r)
}

var (
	nobody = answering(200, `[]`)
	jane   = answering(200, `[{"id":42,"first_name":"Jane","email":"jane@acme.com","phone":"+44 1"}]`)
)

const byEmail = `POST /api/contacts {"filters":[{"type":"email","alias":"email","value":{"operator":"=","input":"Jane@acme.com"},"strict":true,"starts":false,"ends":false}],"start":0,"limit":2}`

// alike is the look for what must not be taken for the new one later, should the
// answer of its creation be lost.
const alike = `POST /api/contacts {"filters":[{"type":"email","alias":"email","value":{"operator":"=","input":"Jane@acme.com"},"strict":true,"starts":false,"ends":false}],"start":0,"limit":50,"orderBy":"date_added","orderByDir":"DESC"}`

func TestIfExists(t *testing.T) {
	for _, test := range []struct {
		name      string
		found     transport
		arguments string
		says      string
		fails     bool
		requests  []string
	}{
		{"nobody is there", nobody, `{"fields":{"Email":"Jane@acme.com","amount":"12.50"}}`, "Created. Contact 42: \"Jane\".", false,
			[]string{byEmail, `POST /api/contacts/new {"email":"Jane@acme.com","amount":12.50}`}},
		{"somebody is", jane, `{"fields":{"email":"Jane@acme.com"}}`,
			"Nothing was created: there is a contact with this email already.\n\nAlready there (1)\nid | first_name | email | phone\n42 | Jane | jane@acme.com | +44 1\n\n" +
				"Contact 42 is flexie://contacts/42. To change it: update_contact with id 42.\nif_exists update does that in one call; if_exists create_anyway makes another.", true,
			[]string{byEmail}},
		{"update", jane, `{"if_exists":"update","fields":{"email":"Jane@acme.com","First name":"Jane"}}`, "Updated the contact which was there already. Contact 42: \"Jane\".", false,
			[]string{byEmail, "GET /api/contacts/42 ", `PUT /api/contacts/42 {"email":"Jane@acme.com","first_name":"Jane"}`}},
		{"update of nobody", nobody, `{"if_exists":"update","fields":{"email":"Jane@acme.com"}}`, "Created. Contact 42: \"Jane\".", false,
			[]string{byEmail, `POST /api/contacts/new {"email":"Jane@acme.com"}`}},
		{"update of nobody, without what is required", nobody, `{"if_exists":"update","fields":{"first_name":"Jane"}}`, "create_contact was not called:\n- email is required", true, nil},
		{"update of two", answering(200, `[{"id":1,"email":"jane@acme.com"},{"id":2,"email":"jane@acme.com"}]`), `{"if_exists":"update","fields":{"email":"Jane@acme.com"}}`,
			"To change it: update_contact with id 2.", true, []string{byEmail}},
		{"create anyway", jane, `{"if_exists":"create_anyway","fields":{"email":"Jane@acme.com"}}`, "Created. Contact 42", false,
			[]string{alike, `POST /api/contacts/new {"email":"Jane@acme.com"}`}},
		{"a look that is denied", answering(403, `{"error":{"message":"No access","code":403}}`), `{"fields":{"email":"Jane@acme.com"}}`,
			"Whether the contact is there already could not be looked up (if_exists create_anyway does not look): \"No access\" (HTTP 403).", true, []string{byEmail}},
		{"a look that fails", answering(500, `{}`), `{"if_exists":"update","fields":{"email":"Jane@acme.com"}}`, "Nothing was changed.", true, []string{byEmail}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &workspace{found: test.found}
			text, err := run(t, w.answer, "create_contact", test.arguments)
			require.Equal(t, test.fails, err != nil, "%v", err)
			if err != nil {
				text = unfenced(err.Error())
				require.NotContains(t, text, "NOT known")
			}
			require.Contains(t, text, test.says)
			require.Equal(t, test.requests, w.requests)
		})
	}
}

// TestNothingIsSentWhileAValueIsWrong: each problem is on a line of its own.
func TestNothingIsSentWhileAValueIsWrong(t *testing.T) {
	for _, test := range []struct{ tool, arguments, message string }{
		{"create_contact", `{"fields":{"e-mail":"jane","amount":"12,500","phone":"1"}}`,
			"create_contact was not called:\n- email must be one email address, like jane@acme.com; got \"jane\"\n" +
				"- amount must be a number without separators, like 12500 or 12.5; got \"12,500\"\n" +
				"- contacts have no field \"phone\"; did you mean "},
		{"create_contact", `{"if_exists":"create_anyway","fields":{"amount":1}}`, "create_contact was not called:\n- email is required: one email address, like jane@acme.com"},
		{"create_contact", `{"if_exists":"skip","fields":{"amount":1}}`, "if_exists can't be \"skip\"; use one of error, update, create_anyway"},
		{"update_contact", `{"id":42,"fields":{"Email":""}}`, "update_contact was not called:\n- email is required and can't be empty: one email address, like jane@acme.com"},
		{"update_contact", `{"unique_field":"email","fields":{"first_name":"x"}}`, "update_contact was not called:\n- unique_field is email, so fields must hold its value: it says which one to change"},
		{"update_contact", `{"unique_field":"email","fields":{"email":"a@b.c"}}`, "update_contact was not called:\n- nothing to change: give the new values in fields"},
		{"search_contacts", `{"filters":[{"field":"Amount","op":"contains","value":"5"},{"field":"email","op":"gt","value":"a"},{"field":"date_added","op":"gt","value":"2026-06-01 10:00"}]}`,
			"search_contacts was not called:\n- filter on amount: contains does not suit a number; use is, is_not, gt, gte, lt, lte, between, in, not_in, empty or not_empty\n" +
				"- filter on email: gt does not suit an email address; use is, "},
		{"search_contacts", `{"filters":[{"field":"emial","op":"is","value":"x"},{"field":"amount","op":"gt","value":"much"}]}`,
			"search_contacts was not called:\n- contacts have no field \"emial\"; did you mean email, "},
	} {
		t.Run(test.tool+" "+test.arguments, func(t *testing.T) {
			w := &workspace{found: nobody}
			_, err := run(t, w.answer, test.tool, test.arguments)
			require.ErrorContains(t, err, test.message)
			require.Empty(t, w.requests)
		})
	}
}

func TestUpdateByAUniqueFieldResolvesNames(t *testing.T) {
	w := &workspace{found: jane}
	_, err := run(t, w.answer, "update_contact", `{"unique_field":"E-mail","fields":{"EMAIL":"Jane@acme.com","FirstName":"Jo"}}`)
	require.NoError(t, err)
	require.Equal(t, []string{byEmail, "GET /api/contacts/42 ", `PUT /api/contacts/edit {"email":"Jane@acme.com","first_name":"Jo"}`}, w.requests)
}

// TestCreationWithoutKnownFields says that it did not look, and does not claim
// to update what it can't find.
func TestCreationWithoutKnownFields(t *testing.T) {
	flexieIs := untold(answering(200, `{"contact":{"id":42,"first_name":"Jane"}}`))
	text, err := run(t, flexieIs, "create_contact", `{"fields":{"First name":"Jane"}}`)
	require.NoError(t, err)
	require.Contains(t, text, "Created. Contact 42: \"Jane\". Duplicates were not looked for")
	_, err = run(t, flexieIs, "create_contact", `{"if_exists":"update","fields":{"First name":"Jane"}}`)
	require.ErrorContains(t, err, "find it with search_contacts, then update_contact by id")
}

// TestCreationInTheSandbox goes the whole way, with the workspace's own fields.
func TestCreationInTheSandbox(t *testing.T) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		r.Header.Set("apikey", sandbox.Key)
		return box.Transport().RoundTrip(r)
	})
	for _, test := range []struct{ tool, arguments, says string }{
		{"create_contact", `{"fields":{"email":"Ana.Ruiz@acme.example","City":"Leeds"}}`, "there is a contact with this email already."},
		{"create_contact", `{"fields":{"email":"Ana.Ruiz@acme.example"}}`, "is flexie://contacts/1. To change it: update_contact with id 1."},
		{"create_contact", `{"if_exists":"update","fields":{"email":"ana.ruiz@acme.example","City":"Leeds"}}`, "city: Leeds"},
		{"create_contact", `{"if_exists":"create_anyway","fields":{"email":"ana.ruiz@acme.example"}}`, "already taken by contact"},
		{"create_contact", `{"fields":{"E-mail":"new@acme.example","lead score":"7","Interests":"pricing","Last contacted":"2026-06-01 10:00","Wants the newsletter":"yes","birthday":"1990-02-01"}}`, "interests: Pricing"},
		{"create_custom_record", `{"table":"equipment","fields":{"name":"Scanner 9","Installed on":"2026-06-01"}}`, "Created."},
		{"create_custom_record", `{"table":"equipment","fields":{"name":"Scanner 9"}}`, "flexie://custom_records/equipment/"},
		{"update_deal", `{"id":2,"fields":{"Stage":"negotiation"}}`, "stage_id: "},
		{"update_deal", `{"id":2,"fields":{"stage":"Nowhere"}}`, "update_deal was not called:\n- stage_id (\"Stage\") can't be \"Nowhere\"; use one of 1 ("},
	} {
		text, err := run(t, flexieIs, test.tool, test.arguments)
		if err != nil {
			text = err.Error()
		}
		require.Contains(t, text, test.says, test.arguments)
	}
}

// TestOneUniqueFieldNamesTheRecord: with a second one among the values, Flexie
// might change the record that the second one names.
func TestOneUniqueFieldNamesTheRecord(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		require.Equal(t, http.MethodGet, r.Method, "nothing is written")
		return answering(200, `[{"alias":"email","type":"email","isUniqueIdentifier":true},{"alias":"code","type":"text","isUniqueIdentifier":true},{"alias":"last_name","type":"text"}]`)(r)
	})
	_, err := run(t, flexieIs, "update_contact", `{"unique_field":"code","fields":{"code":"C-1","email":"zoe@acme.example"}}`)
	require.EqualError(t, err, "update_contact was not called:\n- fields holds email too, which is as unique: Flexie can't be told which of the two names the record; name it by id")
	_, err = run(t, flexieIs, "update_contact", `{"unique_field":"last_name","fields":{"last_name":"Moretti","code":"C-2"}}`)
	require.ErrorContains(t, err, "unique_field can't be")
}

// TestANameIsNotTakenForABadNumber when another filter is wrong.
func TestANameIsNotTakenForABadNumber(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		return answering(200, `[{"alias":"amount","type":"number"},{"alias":"owner_id","type":"number"}]`)(r)
	})
	_, err := run(t, flexieIs, "search_deals", `{"filters":[{"field":"owner_id","op":"is","value":"Anna Ek"},{"field":"amount","op":"contains","value":"5"}]}`)
	require.ErrorContains(t, err, "contains does not suit a number")
	require.NotContains(t, err.Error(), "Anna")
}
