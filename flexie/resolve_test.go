package flexie

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFieldNames: an alias goes first, then a property that every record has,
// then an alias or a label whatever its case, if only one field has it.
func TestFieldNames(t *testing.T) {
	for given, want := range map[string]string{
		"email": "email", "EMAIL": "email", "Email": "email",
		"deal amount": "amount", "Closes on": "close_date",
		"name": "name", "date_modified": "date_modified", "id": "id",
		"city":  "city",         // though the label of another is nearly the same
		"City ": "billing_city", // a label to the letter
	} {
		r := record(t, sent{path: "/contacts"}.answerTo)
		_, err := r.client(t).Records(Contact, "").Search(t.Context(), Query{Filters: []Filter{{given, "not_empty", nil}}, OrderBy: given})
		require.NoError(t, err, given)
		body := object(t, r.last(t).body)
		require.Equal(t, want, body.Get("filters").([]any)[0].(*Object).Get("alias"), given)
		require.Equal(t, want, body.Get("orderBy"), given)
	}
}

// TestUnknownFieldsAreNotSent: Flexie might ignore them, and answer with all.
func TestUnknownFieldsAreNotSent(t *testing.T) {
	for _, test := range []struct {
		kind Kind
		q    Query
		want string
	}{
		{Contact, Query{Filters: []Filter{{"emial", "is", "x"}}}, `contacts have no field "emial"; did you mean email, `},
		{CustomRecord, Query{OrderBy: "modified"}, `custom records have no field "modified"; did you mean modified_by, date_modified or `},
		{Case, Query{OrderBy: "Town"}, `cases have several fields called "Town"; use home_town or birth_town`},
		{Deal, Query{Filters: []Filter{{"a", "empty", nil}, {"b", "empty", nil}}, OrderBy: "c"}, `deals have no field "a"; did you mean `},
	} {
		r := record(t, sent{path: "/x"}.answerTo)
		_, err := r.client(t).Records(test.kind, "x").Search(t.Context(), test.q)
		require.ErrorContains(t, err, test.want)
		require.Equal(t, Invalid, KindOf(err))
		require.Len(t, r.requests(), 1, "only the fields may be asked for")
		require.True(t, strings.HasSuffix(r.last(t).path, "/list/fields"))
	}
}

// TestUntoldFields: a workspace that won't list its fields still searches, with
// types guessed from the values; and is not asked each time.
func TestUntoldFields(t *testing.T) {
	for name, fields := range map[string]http.HandlerFunc{
		"denied":    answering(403, `{"error":{"message":"No","code":403}}`),
		"not found": answering(404, ``),
		"refused":   answering(405, `{}`),
		"none":      answering(200, `[]`),
	} {
		t.Run(name, func(t *testing.T) {
			r := record(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/list/fields") {
					fields(w, r)
					return
				}
				answering(200, `[]`)(w, r)
			})
			contacts := r.client(t).Records(Contact, "")
			for range 3 {
				_, err := contacts.Search(t.Context(), Query{Filters: []Filter{{"made_up", "gt", number("5")}}})
				require.NoError(t, err)
			}
			require.Len(t, r.requests(), 4)
			require.JSONEq(t, `{"filters":[{"type":"number","alias":"made_up","value":{"operator":"gt","input":5},"strict":false,"starts":false,"ends":false}],"start":0}`, r.last(t).body)
		})
	}
}

// TestUnreadableFields: a search goes out unchecked this once, and the next one
// asks for the fields again.
func TestUnreadableFields(t *testing.T) {
	answers := []string{`<html>`, `[{"no":"alias"}]`, `[`, workspaceFields}
	var asked int
	c := clientOf(t, func(r *http.Request) (*http.Response, error) {
		body := `[]`
		if strings.HasSuffix(r.URL.Path, "/list/fields") {
			body = answers[asked]
			asked++
		}
		return respond(r, 200, http.Header{}, strings.NewReader(body)), nil
	})
	for range 3 {
		_, err := c.Records(Contact, "").Search(t.Context(), Query{OrderBy: "emial"})
		require.NoError(t, err)
	}
	_, err := c.Records(Contact, "").Search(t.Context(), Query{OrderBy: "emial"})
	require.ErrorContains(t, err, "did you mean email")
}

// TestFieldsFail: where the fields can't be had for now, the search is not
// sent unchecked.
func TestFieldsFail(t *testing.T) {
	for status, kind := range map[int]ErrorKind{401: Unauthorized, 429: Limited, 500: Unavailable} {
		r := record(t, answering(status, `{}`))
		contacts := r.client(t).Records(Contact, "")
		for range 2 {
			_, err := contacts.Search(t.Context(), Query{OrderBy: "email"})
			require.Equal(t, kind, KindOf(err))
		}
		require.Len(t, r.requests(), 2, "and it is tried again the next time")
		require.Equal(t, "/api/contacts/list/fields", r.last(t).path)
	}
}

// TestQueriesAreNotChanged: the caller's filters stay as they were.
func TestQueriesAreNotChanged(t *testing.T) {
	q := Query{Filters: []Filter{{"Deal amount", "in", []any{"1"}}}}
	_, err := record(t, sent{path: "/contacts"}.answerTo).client(t).Records(Contact, "").Search(t.Context(), q)
	require.NoError(t, err)
	require.Equal(t, []Filter{{"Deal amount", "in", []any{"1"}}}, q.Filters)
}
