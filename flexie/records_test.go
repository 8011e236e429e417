package flexie

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// workspaceFields are the fields of every kind in these tests.
const workspaceFields = `[
	{"alias":"email","label":"Email","type":"email","group":"core"},
	{"alias":"name","label":"Name","type":"text"},
	{"alias":"amount","label":"Deal amount","type":"currency"},
	{"alias":"seats","label":"Seats","type":"number"},
	{"alias":"status","label":"Status","type":"select"},
	{"alias":"won","label":"Is won","type":"boolean"},
	{"alias":"close_date","label":"Closes on","type":"date"},
	{"alias":"city","label":"City","type":"text"},
	{"alias":"billing_city","label":"City ","type":"text"},
	{"alias":"home_town","label":"Town","type":"text"},
	{"alias":"birth_town","label":"Town","type":"text"}
]`

// recordCalls are the calls of every method of every kind.
func recordCalls() []sent {
	var all []sent
	for _, kind := range Kinds {
		records, record, table := "/"+kind.Plural, "/"+kind.Name, ""
		if kind.Custom() {
			table = "équipement 50%?#"
			records = "/ce/%C3%A9quipement%2050%25%3F%23"
			record = records
		}
		of := func(do func(context.Context, Records) error) func(context.Context, *Client) error {
			return func(ctx context.Context, c *Client) error { return do(ctx, c.Records(kind, table)) }
		}
		for _, s := range recordMethods {
			path := strings.NewReplacer("{records}", records, "{record}", record).Replace(s.path)
			all = append(all, sent{kind.Plural + " " + s.name, of(s.do), s.method, path, s.query, s.body, s.answer})
		}
	}
	return all
}

var janeDoe = func() *Object {
	o := NewObject()
	o.Set("first_name", "Jane <jane@acme.com>")
	o.Set("amount", nil)
	return o
}()

var recordMethods = []struct {
	name                              string
	do                                func(context.Context, Records) error
	method, path, query, body, answer string
}{
	{"search all", func(ctx context.Context, r Records) error {
		_, err := r.Search(ctx, Query{})
		return err
	}, "GET", "{records}", "", "", ""},
	{"search text", func(ctx context.Context, r Records) error {
		_, err := r.Search(ctx, Query{Search: "a&b=c d", Start: 30, Limit: 15})
		return err
	}, "GET", "{records}", "limit=15&search=a%26b%3Dc+d&start=30", "", ""},
	{"search with filters", func(ctx context.Context, r Records) error {
		_, err := r.Search(ctx, Query{Search: "acme", Filters: []Filter{{"email", "contains", "acme.com"}}, OrderBy: "date_modified", OrderDesc: true, Limit: 30})
		return err
	}, "POST", "{records}", "search=acme", `{"filters":[{"type":"email","alias":"email","value":{"operator":"like","input":"acme.com"},"strict":false,"starts":false,"ends":false}],
		"start":0,"limit":30,"orderBy":"date_modified","orderByDir":"DESC"}`, ""},
	{"search in order", func(ctx context.Context, r Records) error {
		_, err := r.Search(ctx, Query{OrderBy: "Deal Amount", Start: 60})
		return err
	}, "POST", "{records}", "", `{"start":60,"orderBy":"amount","orderByDir":"ASC"}`, ""},
	{"get", func(ctx context.Context, r Records) error {
		_, err := r.Get(ctx, 9007199254740993)
		return err
	}, "GET", "{records}/9007199254740993", "", "", `{"id":9007199254740993}`},
	{"create", func(ctx context.Context, r Records) error {
		_, err := r.Create(ctx, janeDoe)
		return err
	}, "POST", "{records}/new", "", `{"first_name":"Jane <jane@acme.com>","amount":null}`, `{"id":1}`},
	{"create of nothing", func(ctx context.Context, r Records) error {
		_, err := r.Create(ctx, nil)
		return err
	}, "POST", "{records}/new", "", `{}`, `{"id":1}`},
	{"update", func(ctx context.Context, r Records) error {
		_, err := r.Update(ctx, 42, janeDoe)
		return err
	}, "PUT", "{records}/42", "", `{"first_name":"Jane <jane@acme.com>","amount":null}`, `{"id":1}`},
	{"edit", func(ctx context.Context, r Records) error {
		_, err := r.Edit(ctx, janeDoe)
		return err
	}, "PUT", "{records}/edit", "", `{"first_name":"Jane <jane@acme.com>","amount":null}`, `{"id":1}`},
	{"delete", func(ctx context.Context, r Records) error { return r.Delete(ctx, 42) }, "DELETE", "{records}/42", "", "", `null`},
	{"fields", func(ctx context.Context, r Records) error {
		_, err := r.Fields(ctx)
		return err
	}, "GET", "{records}/list/fields", "", "", ""},
	{"field categories", func(ctx context.Context, r Records) error {
		_, err := r.FieldCategories(ctx)
		return err
	}, "GET", "{records}/list/fields/categories", "", "", ""},
	{"all lists", func(ctx context.Context, r Records) error {
		_, err := r.Lists(ctx)
		return err
	}, "GET", "{records}/list/lists", "", "", ""},
	{"filter lists", func(ctx context.Context, r Records) error {
		_, err := r.FilterLists(ctx, Query{Search: "vip", Start: 10, Limit: 5})
		return err
	}, "GET", "{record}/lists", "limit=5&search=vip&start=10", "", ""},
	{"filter lists, all", func(ctx context.Context, r Records) error {
		_, err := r.FilterLists(ctx, Query{})
		return err
	}, "GET", "{record}/lists", "", "", ""},
	{"lists of", func(ctx context.Context, r Records) error {
		_, err := r.ListsOf(ctx, 42)
		return err
	}, "GET", "{records}/42/lists", "", "", ""},
	{"notes of", func(ctx context.Context, r Records) error {
		_, err := r.NotesOf(ctx, 42)
		return err
	}, "GET", "{records}/42/notes", "", "", ""},
	{"workflows of", func(ctx context.Context, r Records) error {
		_, err := r.WorkflowsOf(ctx, 42)
		return err
	}, "GET", "{records}/42/workflows", "", "", ""},
	{"add to list", func(ctx context.Context, r Records) error { return r.AddToList(ctx, 42, 17) },
		"POST", "{record}/lists/42/add/17", "", "", `{"success":1}`},
	{"remove from list", func(ctx context.Context, r Records) error { return r.RemoveFromList(ctx, 42, 17) },
		"POST", "{record}/lists/42/remove/17", "", "", `{"success":true}`},
}

func TestRecordRequests(t *testing.T) { testSent(t, recordCalls()) }

// TestTableMatters: a custom record needs a table, and no other kind reads one.
func TestTableMatters(t *testing.T) {
	r := record(t, answering(200, `[]`))
	c := r.client(t)
	for _, table := range []string{"", ".", "..", "a/b", "../users", `a\b`} {
		_, err := c.Records(CustomRecord, table).Search(t.Context(), Query{})
		require.Equal(t, Invalid, KindOf(err), table)
		_, err = c.Records(CustomRecord, table).Search(t.Context(), Query{OrderBy: "name"})
		require.Equal(t, Invalid, KindOf(err), table)
		require.ErrorContains(t, err, "table can't be")
	}
	require.Empty(t, r.requests(), "nothing may be sent")

	_, err := c.Records(Contact, "../users").Search(t.Context(), Query{})
	require.NoError(t, err)
	require.Equal(t, "/api/contacts", r.last(t).path)
}
