package flexie

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a file of testdata/shapes is read with.
var (
	asContacts = func(ctx context.Context, c *Client) (any, error) { return c.Records(Contact, "").Search(ctx, Query{}) }
	asNextPage = func(ctx context.Context, c *Client) (any, error) {
		return c.Records(Contact, "").Search(ctx, Query{Start: 30})
	}
	asContact = func(ctx context.Context, c *Client) (any, error) { return c.Records(Contact, "").Get(ctx, 47) }
	asUpdated = func(ctx context.Context, c *Client) (any, error) {
		return c.Records(Contact, "").Update(ctx, 47, NewObject())
	}
	asFields = func(ctx context.Context, c *Client) (any, error) { return c.Records(Contact, "").Fields(ctx) }
	asLists  = func(ctx context.Context, c *Client) (any, error) {
		return recordsOf(c.Records(Contact, "").ListsOf(ctx, 47))
	}
	asNotes = func(ctx context.Context, c *Client) (any, error) {
		return recordsOf(c.Records(Contact, "").NotesOf(ctx, 47))
	}
	asAct = func(ctx context.Context, c *Client) (any, error) {
		return nil, c.Records(Contact, "").AddToList(ctx, 3, 47)
	}
	asDelete  = func(ctx context.Context, c *Client) (any, error) { return nil, c.Records(Contact, "").Delete(ctx, 47) }
	asReplies = func(ctx context.Context, c *Client) (any, error) { return c.CaseReplies(ctx, CaseRef{ID: 1}) }
	asReport  = func(ctx context.Context, c *Client) (any, error) { return c.Report(ctx, 8) }
	asSent    = func(ctx context.Context, c *Client) (any, error) { return c.SendEmail(ctx, 1, 0) }
	asSelf    = func(ctx context.Context, c *Client) (any, error) { return c.Self(ctx) }
	asAllowed = func(ctx context.Context, c *Client) (any, error) {
		return c.Permissions(ctx, 1, []string{"lead:leads:viewown", "lead:leads:editown"})
	}
)

func asTable(name string) func(context.Context, *Client) (any, error) {
	return func(ctx context.Context, c *Client) (any, error) {
		return c.Records(CustomRecord, name).Search(ctx, Query{})
	}
}

func asRow(table string) func(context.Context, *Client) (any, error) {
	return func(ctx context.Context, c *Client) (any, error) { return c.Records(CustomRecord, table).Get(ctx, 7) }
}

// jim and ana are two records without system properties, in a list.
const jimAndAna = `{"Records":[{"ID":"48","Values":{"id":48,"first_name":"Jim"}},{"ID":"47","Values":{"id":47,"first_name":"Ana"}}],"Start":0,"Total":2}`

// jim is one record.
const jim = `{"ID":"47","Values":{"id":47,"first_name":"Jim"}}`

// shapes are every shape of answer, a file in testdata/shapes for each, and all
// that is read from it: in its order and with its digits, or as an error.
var shapes = []struct {
	file   string
	status int // 0 is 200
	as     func(context.Context, *Client) (any, error)
	want   string // the result as JSON
	err    string // or the error, after its kind
}{
	// Lists.
	{file: "list-keyed-nested-all.json", as: asContacts, want: `{"Records":[` +
		`{"ID":"9007199254740993","Values":{"id":9007199254740993,"is_published":true,"date_added":"2026-01-05 09:00:00","created_by":1,"created_by_user":"Ann Lee","date_modified":null,"owner_id":3,"owner":"Ann Lee","first_name":"Jim","amount":12345678901234567890.10,"phone":null}},` +
		`{"ID":"12","Values":{"id":12,"is_published":false,"owner_id":null,"owner":null,"first_name":"Zoë","next_call":"2026-07-23 11:14:00"}}` +
		`],"Start":0,"Total":95}`},
	{file: "list-listed-grouped.json", as: asContacts, want: `{"Records":[` +
		`{"ID":"48","Values":{"id":48,"owner_id":null,"owner":null,"first_name":"Jim","alias":"jimbo","value":0,"hobby":null,"company":"Acme"}},` +
		`{"ID":"47","Values":{"id":47}}],"Start":0,"Total":2}`},
	{file: "list-keyed-flat.json", as: asContacts, want: `{"Records":[` +
		`{"ID":"48","Values":{"id":"48","first_name":"Jim","tags":["vip","new"]}},` +
		`{"ID":"47","Values":{"id":47,"date_modified":"2026-06-22 09:00:00","first_name":"Ana"}}],"Start":0,"Total":2}`},
	{file: "list-bare.json", as: asContacts, want: jimAndAna},
	{file: "list-bare-keyed.json", as: asContacts, want: `{"Records":[{"ID":"48","Values":{"id":48,"first_name":"Jim","12":{"a":1}}},{"ID":"47","Values":{"id":47}}],"Start":0,"Total":2}`},
	{file: "list-keyed-of-one.json", as: asContacts, want: `{"Records":[{"ID":"48","Values":{"id":48,"first_name":"Jim","tags":["vip"]}}],"Start":0,"Total":1}`},
	{file: "list-numeric-members.json", as: asContacts, want: `{"Records":[{"ID":"","Values":{"1":{"a":1},"2":{"b":2}}}],"Start":0,"Total":1}`},
	{file: "list-empty-array.json", as: asContacts, want: `{"Records":null,"Start":0,"Total":0}`},
	{file: "list-empty-object.json", as: asContacts, want: `{"Records":null,"Start":0,"Total":0}`},
	{file: "list-empty-bare.json", as: asContacts, want: `{"Records":null,"Start":0,"Total":0}`},
	{file: "list-null.json", as: asContacts, want: `{"Records":null,"Start":0,"Total":0}`},
	{file: "list-total-alone.json", as: asContacts, want: `{"Records":null,"Start":0,"Total":0}`},
	{file: "null.json", as: asContacts, err: "unreadable: Flexie answered with nothing at all (HTTP 200)"},
	{file: "list-no-total.json", as: asContacts, want: `{"Records":[{"ID":"48","Values":{"id":48}},{"ID":"47","Values":{"id":47}}],"Start":0,"Total":2}`},
	{file: "list-total-of-page.json", as: asNextPage, want: `{"Records":[{"ID":"48","Values":{"id":48}},{"ID":"47","Values":{"id":47}}],"Start":30,"Total":32}`},
	{file: "list-other-name.json", as: asContacts, want: `{"Records":[{"ID":"48","Values":{"id":48,"first_name":"Jim"}}],"Start":0,"Total":1}`},
	{file: "list-other-keys.json", as: asLists, want: `[{"ID":"3","Values":{"id":3,"name":"VIP"}},{"ID":"4","Values":{"id":4,"name":"New"}}]`},
	{file: "list-names.json", as: asLists, want: `[{"ID":"","Values":{"name":"Sales"}},{"ID":"","Values":{"name":"Support"}}]`},
	{file: "lists-of-record.json", as: asLists, want: `[{"ID":"3","Values":{"id":3,"name":"VIP","alias":"vip"}}]`},
	{file: "notes.json", as: asNotes, want: `[{"ID":"1","Values":{"id":1,"text":"\u003cp\u003eHTML\u003c/p\u003e","type":"general","datetime":"2026-07-23 13:14:00"}}]`},
	{file: "replies.json", as: asReplies, want: `{"Records":[{"ID":"5","Values":{"id":5,"date_added":"2026-06-22 09:00:00","created_by_user":"Ann Lee","text":"\u003cp\u003eOn its way\u003c/p\u003e"}}],"Start":0,"Total":1}`},
	{file: "table-named-total.json", as: asTable("total"), want: `{"Records":[{"ID":"7","Values":{"id":7,"name":"Seven"}}],"Start":0,"Total":1}`},
	{file: "table-named-total-counted.json", as: asTable("total"), want: `{"Records":[{"ID":"7","Values":{"id":7,"name":"Seven"}}],"Start":0,"Total":1}`},
	{file: "table-named-errors.json", as: asTable("errors"), want: `{"Records":[{"ID":"3","Values":{"id":3,"message":"Disk full","code":500}}],"Start":0,"Total":1}`},
	{file: "list-number.json", as: asContacts, err: "unreadable: the answer holds no list that could be read (HTTP 200)"},
	{file: "list-number-alone.json", as: asContacts, err: "unreadable: the answer holds a single value where a list was expected (HTTP 200)"},
	{file: "list-of-numbers.json", as: asContacts, err: "unreadable: the answer holds a list of what are no records (HTTP 200)"},
	{file: "list-one-record.json", as: asContacts, err: "unreadable: the answer holds no list that could be read (HTTP 200)"},

	// One record.
	{file: "one-nested-all.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"is_published":true,"date_modified":"2026-06-22 09:00:00","first_name":"Jim"}}`},
	{file: "one-grouped.json", as: asContact, want: jim},
	{file: "one-fields-listed.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"first_name":"Jim","email":null}}`},
	{file: "one-fields-flat.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"first_name":"Jim","all_day":true,"tags":["vip"],"city":"Leeds"}}`},
	{file: "one-flat.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"first_name":"Jim","phone":null,"address":{"city":"Leeds"}}}`},
	{file: "one-no-outer-name.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"first_name":"Jim","contact":{"id":1,"first_name":"not this one"}}}`},
	{file: "one-nested-no-outer-name.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"is_published":true,"first_name":"Jim"}}`},
	{file: "one-in-list.json", as: asContact, want: jim},
	{file: "one-in-named-list.json", as: asContact, want: jim},
	{file: "one-no-id.json", as: asContact, want: `{"ID":"","Values":{"owner_id":3,"owner":"Ann","first_name":"Jim"}}`},
	{file: "one-other-name.json", as: asContact, want: jim},
	{file: "one-awkward-names.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"error":"none","errors":[{"message":"x","code":400}],"total":3,"count":4,"fields":"wheat","success":false,"data":[1],"name":"x"}}`},
	{file: "one-awkward-list.json", as: asContact, want: `{"ID":"47","Values":{"id":47,"fields":["wheat","rye"]}}`},
	{file: "one-bom.json", as: asContact, want: `{"ID":"47","Values":{"id":47}}`},
	{file: "one-custom.json", as: asRow("subscriptions"), want: `{"ID":"7","Values":{"id":7,"name":"Acme Renewal 2026","amount":4500.00}}`},
	{file: "one-custom.json", as: asRow("renamed"), want: `{"ID":"7","Values":{"id":7,"name":"Acme Renewal 2026","amount":4500.00}}`},
	{file: "table-named-error.json", as: asRow("error"), want: `{"ID":"3","Values":{"id":3,"message":"Disk full","code":500}}`},
	{file: "user-self.json", as: asSelf, want: `{"ID":"3","Values":{"id":3,"username":"ann","firstName":"Ann","lastName":"Lee","role":{"id":1,"name":"Administrator"}}}`},
	{file: "one-empty.json", as: asContact, err: "unreadable: the answer holds no record that could be read (HTTP 200)"},
	{file: "one-missing.json", as: asContact, err: "unreadable: the answer holds no record that could be read (HTTP 200)"},
	{file: "one-many.json", as: asContact, err: "unreadable: the answer holds no record that could be read (HTTP 200)"},
	{file: "null.json", as: asContact, err: "unreadable: the answer holds no record that could be read (HTTP 200)"},
	{file: "success-1.json", as: asContact, err: "unreadable: the answer holds no record that could be read (HTTP 200)"},

	// Fields.
	{file: "fields-keyed.json", as: asFields, want: `[` +
		`{"Alias":"email","Label":"Email","Type":"email","Category":"core","Required":true,"Unique":true,"Options":null,"Default":""},` +
		`{"Alias":"status","Label":"Status","Type":"select","Category":"core","Required":false,"Unique":false,"Options":[{"Value":"New","Label":"New"},{"Value":"Nurture","Label":"Nurture"},{"Value":"Lost","Label":"Lost"}],"Default":"New"}]`},
	{file: "fields-listed.json", as: asFields, want: `[` +
		`{"Alias":"vat_number","Label":"VAT number","Type":"text","Category":"billing","Required":true,"Unique":true,"Options":null,"Default":""},` +
		`{"Alias":"stage_id","Label":"Stage","Type":"select","Category":"core","Required":false,"Unique":false,"Options":[{"Value":"4","Label":"Won"},{"Value":"lost","Label":"lost"},{"Value":"open","Label":"open"}],"Default":"4"},` +
		`{"Alias":"tier","Label":"Tier","Type":"select","Category":"core","Required":false,"Unique":false,"Options":[{"Value":"a","Label":"Gold"},{"Value":"b","Label":"b"}],"Default":""}]`},
	{file: "fields-named.json", as: asFields, want: `[{"Alias":"first_name","Label":"First name","Type":"text","Category":"","Required":false,"Unique":false,"Options":null,"Default":""}]`},
	{file: "list-empty-bare.json", as: asFields, want: `null`},
	{file: "fields-no-alias.json", as: asFields, err: "unreadable: the answer lists fields without an alias (HTTP 200)"},

	// Reports: the rows as they are, without an id or a system property made up.
	{file: "report.json", as: asReport, want: `{"ID":"8","Values":{"id":8,"date_added":"2026-01-05 09:00:00","name":"Deals by stage"},` +
		`"Rows":{"Records":[{"ID":"","Values":{"stage":"Won","deals":"3","sum":90071992547409930.50}},{"ID":"","Values":{"stage":"Lost","deals":"1","sum":null,"why":"price"}}],"Start":0,"Total":120},` +
		`"Columns":["stage","deals","sum","why"]}`},
	{file: "report-keyed.json", as: asReport, want: `{"ID":"8","Values":{"id":8,"name":"Deals by stage"},"Rows":{"Records":[{"ID":"","Values":{"stage":"Won"}},{"ID":"","Values":{"stage":"Lost"}}],"Start":0,"Total":2},"Columns":["stage"]}`},
	{file: "report-bare.json", as: asReport, want: `{"ID":"8","Values":{"id":8,"name":"Empty"},"Rows":{"Records":null,"Start":0,"Total":0},"Columns":null}`},
	{file: "report-rows-of-numbers.json", as: asReport, err: "unreadable: the answer holds a list of what are no records (HTTP 200)"},
	{file: "null.json", as: asReport, err: "unreadable: the answer holds no record that could be read (HTTP 200)"},

	// What acts answer.
	{file: "sent.json", as: asSent, want: `{"ID":"","Values":{"success":1,"sentCount":12,"failedCount":0}}`},
	{file: "sent-none.json", as: asSent, want: `{"ID":"","Values":{"success":0,"sentCount":0,"failedCount":3}}`},
	{file: "true.json", as: asSent, want: `{"ID":"","Values":{}}`},
	{file: "success-false.json", as: asSent, err: `invalid: "The list is locked" (HTTP 200)`},
	{file: "success-1.json", as: asAct, want: `null`},
	{file: "success-true.json", as: asAct, want: `null`},
	{file: "true.json", as: asAct, want: `null`},
	{file: "null.json", as: asAct, want: `null`},
	{file: "nothing.empty", as: asAct, want: `null`},
	{file: "success-0.json", as: asAct, err: "invalid: Flexie answered that it did not succeed, and not why (HTTP 200)"},
	{file: "success-false.json", as: asAct, err: `invalid: "The list is locked" (HTTP 200)`},
	{file: "false.json", as: asAct, err: "invalid: Flexie answered that it did not succeed, and not why (HTTP 200)"},
	{file: "zero.json", as: asAct, err: "invalid: Flexie answered that it did not succeed, and not why (HTTP 200)"},
	{file: "nothing.empty", status: 204, as: asDelete, want: `null`},
	{file: "one-flat.json", as: asDelete, want: `null`},
	{file: "one-grouped.json", as: asUpdated, want: jim},
	{file: "success-1.json", as: asUpdated, want: `{"ID":"","Values":{}}`},
	{file: "nothing.empty", as: asUpdated, want: `{"ID":"","Values":{}}`},
	{file: "success-false.json", as: asUpdated, err: `invalid: "The list is locked" (HTTP 200)`},

	// Permissions, in the order asked.
	{file: "permissions.json", as: asAllowed, want: `{"ID":"","Values":{"lead:leads:viewown":true,"lead:leads:editown":false}}`},
	{file: "permissions-bare.json", as: asAllowed, want: `{"ID":"","Values":{"lead:leads:viewown":true,"lead:leads:editown":0}}`},
	{file: "list-empty-bare.json", as: asAllowed, want: `{"ID":"","Values":{}}`},
	{file: "permissions-text.json", as: asAllowed, err: "unreadable: the answer says nothing of permissions that could be read (HTTP 200)"},

	// Errors.
	{file: "error-one.json", status: 403, as: asContact, err: `denied: "You do not have access to the requested area/action" (HTTP 403)`},
	{file: "error-one.json", as: asContact, err: `denied: "You do not have access to the requested area/action" (HTTP 403)`},
	{file: "error-several.json", status: 400, as: asUpdated, err: `invalid: "email: This value is not a valid email address; Validation failed" (HTTP 400); id: "is in use"; phone: "too long, no digits"`},
	{file: "error-oauth.json", status: 401, as: asSelf, err: `unauthorized: "The access token provided has expired" (HTTP 401)`},
	{file: "error-oauth-short.json", as: asSelf, err: `invalid: "access_denied" (HTTP 200)`},
	{file: "error-by-field.json", status: 422, as: asUpdated, err: `invalid: "Validation failed" (HTTP 422); email: "is taken"`},
	{file: "error-texts.json", as: asContacts, err: `invalid: "No such table" (HTTP 200)`},
	{file: "error-text.json", status: 429, as: asContacts, err: `limited: "Slow down" (HTTP 429)`},
	{file: "error-odd-code.json", as: asUpdated, err: `invalid: "Quota used up" (HTTP 200)`},
	{file: "error-in-list.json", as: asContacts, err: `not_found: "Item was not found" (HTTP 404)`},
	{file: "error-page.html", status: 502, as: asContacts, err: `unavailable: a web page came back instead of an answer: "502 Bad Gateway" (HTTP 502)`},
	{file: "error-plain.txt", status: 503, as: asContacts, err: `unavailable: "upstream connect error or disconnect/reset before headers" (HTTP 503)`},
	{file: "nothing.empty", status: 500, as: asContacts, err: "unavailable: internal server error (HTTP 500)"},
	{file: "nothing.empty", status: 499, as: asContacts, err: "lost: a proxy gave up on it before Flexie answered (HTTP 499)"},
	{file: "nothing.empty", as: asContacts, err: "unreadable: Flexie answered with nothing at all (HTTP 200)"},
	{file: "login-page.html", as: asContacts, err: `unreadable: a web page came back instead of an answer ("Flexie — Login"): is the base URL the API root, ending in /api? (HTTP 200)`},
	{file: "truncated.json", as: asContact, err: "unreadable: the answer is not whole JSON: unexpected EOF (HTTP 200)"},
	{file: "two-values.json", as: asContact, err: "unreadable: the answer is not whole JSON: more text follows the JSON value (HTTP 200)"},
}

func recordsOf(p Page, err error) (any, error) { return p.Records, err }

func TestShapes(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("testdata/shapes", s.file))
			require.NoError(t, err)
			if s.status == 0 {
				s.status = 200
			}
			got, err := s.as(t.Context(), record(t, answering(s.status, string(body))).client(t))
			if s.err != "" {
				require.EqualError(t, err, s.err[len(KindOf(err))+2:])
				require.Equal(t, s.err, string(KindOf(err))+": "+err.Error())
				return
			}
			require.NoError(t, err)
			require.Equal(t, s.want, shown(t, got))
		})
	}
}

func TestEveryShapeIsRead(t *testing.T) {
	files, err := filepath.Glob("testdata/shapes/*")
	require.NoError(t, err)
	read := map[string]bool{}
	for _, s := range shapes {
		read[s.file] = true
	}
	for _, f := range files {
		require.True(t, read[filepath.Base(f)], "no test reads %s", f)
	}
}
