package flexie

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// otherwise is one thing in which a workspace is not as guessed.
type otherwise struct {
	key    string      // of the assumption that mends it
	given  Assumptions // the mend
	answer string      // what the workspace answers
	fields string      // and, asked for its fields; "" is workspaceFields
	do     func(context.Context, *Client) (any, error)
	before string // what comes of it by the present guess, as JSON, or its error
	after  string // what comes of it when it is mended
	path   string // of the last request when it is mended
	query  string
	body   string // "" is none
}

func contacts(c *Client) Records { return c.Records(Contact, "") }

// found gives the records of a search and how many there are in all.
func found(page Page, err error) (any, error) {
	values := []*Object{}
	for _, r := range page.Records {
		values = append(values, r.Values)
	}
	return []any{page.Total, values}, err
}

func valuesOf(r Record, err error) (any, error) { return r.Values, err }

func searched(q Query) func(context.Context, *Client) (any, error) {
	return func(ctx context.Context, c *Client) (any, error) { return found(contacts(c).Search(ctx, q)) }
}

func got(ctx context.Context, c *Client) (any, error) { return valuesOf(contacts(c).Get(ctx, 7)) }

func replied(ctx context.Context, c *Client) (any, error) {
	return found(c.CaseReplies(ctx, CaseRef{ID: 7}))
}

func sendEmail(ctx context.Context, c *Client) (any, error) {
	return valuesOf(c.SendEmail(ctx, 7, 0))
}

func described(ctx context.Context, c *Client) (any, error) {
	fields, err := contacts(c).Fields(ctx)
	return fields, err
}

func checked(name, value string) func(context.Context, *Client) (any, error) {
	return func(ctx context.Context, c *Client) (any, error) {
		o := NewObject()
		o.Set(name, value)
		return contacts(c).Check(ctx, o, true)
	}
}

func filtered(f Filter) func(context.Context, *Client) (any, error) {
	return searched(Query{Filters: []Filter{f}, OrderBy: "date_added"})
}

func noted(table string) func(context.Context, *Client) (any, error) {
	return func(ctx context.Context, c *Client) (any, error) {
		text := "Hi"
		return valuesOf(c.AddNote(ctx, table, 7, Note{Text: &text}))
	}
}

const (
	oneContact = `{"total":1,"contacts":[{"id":7}]}`
	aContact   = `[1,[{"id":7}]]`
)

var otherwises = []otherwise{
	{"list_totals", Assumptions{ListTotals: []string{"meta.count"}}, `{"meta":{"count":40},"contacts":[{"id":7}]}`, "", searched(Query{Limit: 1}),
		`[-1,[{"id":7}]]`, `[40,[{"id":7}]]`, "/contacts", "limit=1", ""},
	{"list_names", Assumptions{ListNames: []string{"data.rows"}}, `{"total":1,"data":{"rows":[{"id":7}],"columns":[]}}`, "", searched(Query{}),
		"the answer holds no list that could be read (HTTP 200)", aContact, "/contacts", "", ""},
	{"record_names", Assumptions{RecordNames: []string{"data.entity"}}, `{"data":{"entity":{"id":7}},"took":3}`, "", got,
		`{"data":{"entity":{"id":7}},"took":3}`, `{"id":7}`, "/contacts/7", "", ""},
	{"record_fields", Assumptions{RecordFields: "properties"}, `{"id":7,"properties":{"all":{"name":"Jane"}}}`, "", got,
		`{"id":7,"properties":{"all":{"name":"Jane"}}}`, `{"id":7,"name":"Jane"}`, "/contacts/7", "", ""},
	{"record_all", Assumptions{RecordAll: "values"}, `{"id":7,"fields":{"core":{"x":1},"values":{"name":"Jane"}}}`, "", got,
		`{"id":7,"x":1,"name":"Jane"}`, `{"id":7,"name":"Jane"}`, "/contacts/7", "", ""},
	{"record_value", Assumptions{RecordValue: "content"}, `{"id":7,"fields":{"core":{"name":{"alias":"name","content":"Jane"}}}}`, "", got,
		`{"id":7,"name":{"alias":"name","content":"Jane"}}`, `{"id":7,"name":"Jane"}`, "/contacts/7", "", ""},
	{"custom_record_names", Assumptions{CustomRecordNames: map[string][]string{"list": {"objects"}}}, `{"objects":[{"id":7}],"columns":["id"]}`, "",
		func(ctx context.Context, c *Client) (any, error) {
			return found(c.Records(CustomRecord, "cars").Search(ctx, Query{}))
		},
		"the answer holds no list that could be read (HTTP 200)", aContact, "/ce/cars", "", ""},
	{"system_names", Assumptions{SystemNames: map[string][]string{"date_added": {"created_at"}, "owner_id": {"ownerId"}}}, `{"id":7,"created_at":"2026-01-02T10:00:00+00:00","ownerId":3}`, "", got,
		`{"id":7,"created_at":"2026-01-02 10:00:00","ownerId":3}`, `{"id":7,"date_added":"2026-01-02 10:00:00","owner_id":3}`, "/contacts/7", "", ""},
	{"system_filters", Assumptions{SystemFilters: map[string]string{"date_added": "created_at", "owner_id": "owner"}}, oneContact, "",
		filtered(Filter{"owner_id", "is", "3"}), aContact, aContact, "/contacts", "",
		`{"start":0,"orderBy":"created_at","orderByDir":"ASC","filters":[{"type":"number","alias":"owner","value":{"operator":"=","input":3},"strict":true,"starts":false,"ends":false}]}`},
	{"field_names", Assumptions{FieldNames: map[string][]string{"alias": {"name"}, "required": {"flags.must"}, "choices": {"choices"}, "option_value": {"key"}}},
		"", `[{"name":"stage","label":"Stage","type":"select","flags":{"must":true},"choices":[{"key":"3","label":"Won"}]}]`, described,
		"the answer lists fields without an alias (HTTP 200)",
		`[{"Alias":"stage","Label":"Stage","Type":"select","Category":"","Required":true,"Unique":false,"Options":[{"Value":"3","Label":"Won"}],"Default":""}]`,
		"/contacts/list/fields", "", ""},
	{"field_types", Assumptions{FieldTypes: map[string][]string{"any": {"email"}}}, "", "", checked("email", "@jane"),
		`email must be one email address, like jane@acme.com; got "@jane"`, `{"email":"@jane"}`, "/contacts/list/fields", "", ""},
	{"field_types", Assumptions{FieldTypes: map[string][]string{"number": {"Points", "points"}}}, oneContact, `[{"alias":"score","type":"Points"}]`,
		filtered(Filter{"score", "gt", "12"}), aContact, aContact, "/contacts", "",
		`{"start":0,"orderBy":"date_added","orderByDir":"ASC","filters":[{"type":"Points","alias":"score","value":{"operator":"gt","input":12},"strict":false,"starts":false,"ends":false}]}`},
	{"filter_operators", Assumptions{FilterOperators: map[string]string{"gte": ">= strict"}}, oneContact, "", filtered(Filter{"seats", "gte", "12"}), aContact, aContact, "/contacts", "",
		`{"start":0,"orderBy":"date_added","orderByDir":"ASC","filters":[{"type":"number","alias":"seats","value":{"operator":">=","input":12},"strict":true,"starts":false,"ends":false}]}`},
	{"filter_types", Assumptions{FilterTypes: map[string]string{"boolean": "yesno"}}, `{"total":1,"tasks":[{"id":7}]}`, "",
		func(ctx context.Context, c *Client) (any, error) {
			return found(c.SearchTasks(ctx, Query{Filters: []Filter{{"is_completed", "is", false}}}))
		},
		aContact, aContact, "/tasks", "",
		`{"start":0,"filters":[{"type":"yesno","alias":"is_completed","value":{"operator":"=","input":false},"strict":true,"starts":false,"ends":false}]}`},
	{"query_names", Assumptions{QueryNames: map[string]string{"start": "offset", "search": "q", "limit": "per"}}, `{"total":9,"contacts":[{"id":7}]}`, "",
		searched(Query{Search: "Jane", Start: 2, Limit: 5}), `[9,[{"id":7}]]`, `[9,[{"id":7}]]`, "/contacts", "offset=2&per=5&q=Jane", ""},
	{"list_limit", Assumptions{ListLimit: 1}, `[{"id":7}]`, "", searched(Query{}), aContact, `[-1,[{"id":7}]]`, "/contacts", "", ""},
	{"success_names", Assumptions{SuccessNames: []string{"result.done"}}, `{"result":{"done":true,"at":"x"}}`, "",
		func(ctx context.Context, c *Client) (any, error) { return nil, contacts(c).AddToList(ctx, 3, 7) },
		"Flexie took it, and answered something that can't be read (HTTP 200)", `null`, "/contact/lists/3/add/7", "", ""},
	{"success_words", Assumptions{SuccessWords: []string{"erledigt"}}, `{"status":"Erledigt"}`, "",
		func(ctx context.Context, c *Client) (any, error) { return nil, contacts(c).AddToList(ctx, 3, 7) },
		"Flexie took it, and answered something that can't be read (HTTP 200)", `null`, "/contact/lists/3/add/7", "", ""},
	{"note_entity_types", Assumptions{NoteEntityTypes: map[string]string{"contact": "contacts"}}, `{"id":1}`, "", noted("contact"), `{"id":1}`, `{"id":1}`, "/notes/contacts/7", "", `{"text":"Hi"}`},
	{"note_entity_types", Assumptions{NoteEntityTypes: map[string]string{"custom_record": "ce_{table}"}}, `{"id":1}`, "", noted("cars"), `{"id":1}`, `{"id":1}`, "/notes/ce_cars/7", "", `{"text":"Hi"}`},
	{"note_names", Assumptions{NoteNames: map[string][]string{"entityType": {"on.kind"}, "entityId": {"on.id"}}}, `{"id":1,"on":{"kind":"deal","id":4}}`, "",
		func(ctx context.Context, c *Client) (any, error) { return valuesOf(c.Note(ctx, 1)) },
		`{"id":1,"on":{"kind":"deal","id":4}}`, `{"id":1,"on":{"kind":"deal","id":4},"entityId":4,"entityType":"deal"}`, "/notes/1", "", ""},
	{"reply_names", Assumptions{ReplyNames: map[string][]string{"text": {"body"}}}, `[{"id":1,"body":"Hi"}]`, "", replied,
		`[1,[{"id":1,"body":"Hi"}]]`, `[1,[{"id":1,"body":"Hi","text":"Hi"}]]`, "/cases/7/replies", "", ""},
	{"email_names", Assumptions{EmailNames: map[string][]string{"sentCount": {"sent"}}}, `{"sent":3,"failedCount":0}`, "", sendEmail,
		"Flexie took it, and answered something that can't be read (HTTP 200)", `{"sent":3,"failedCount":0,"sentCount":3}`, "/emails/7/send", "", `{}`},
	{"report_names", Assumptions{ReportNames: map[string][]string{"rows": {"result.rows"}, "report": {"about"}}}, `{"about":{"id":7,"name":"Won"},"result":{"rows":[{"a":1}]}}`, "",
		func(ctx context.Context, c *Client) (any, error) {
			report, err := c.Report(ctx, 7)
			return []any{report.Values, report.Columns}, err
		},
		`[{"about":{"id":7,"name":"Won"},"result":{"rows":[{"a":1}]}},null]`, `[{"id":7,"name":"Won"},["a"]]`, "/reports/7", "", ""},
	{"permissions_in", Assumptions{PermissionsIn: []string{"data.rights"}}, `{"data":{"rights":{"a:b:c":true}}}`, "",
		func(ctx context.Context, c *Client) (any, error) {
			return valuesOf(c.Permissions(ctx, 7, []string{"a:b:c"}))
		},
		`{"data":{"rights":{"a:b:c":true}}}`, `{"a:b:c":true}`, "/users/7/permission", "", `{"permissions":["a:b:c"]}`},
	{"user_timezone", Assumptions{UserTimezone: []string{"settings.tz"}}, `{"id":7,"settings":{"tz":"Europe/Berlin"}}`, "",
		func(ctx context.Context, c *Client) (any, error) { return c.Zone(ctx).String(), nil }, `"UTC"`, `"Europe/Berlin"`, "/users/self", "", ""},
	{"times_zone", Assumptions{TimesZone: "Europe/Tirane"}, `{"id":7,"date_added":"2026-07-01 10:00:00","due_date":"2026-01-01 10:00","born":"2026-01-01"}`, "", got,
		`{"id":7,"date_added":"2026-07-01 10:00:00","due_date":"2026-01-01 10:00:00","born":"2026-01-01"}`,
		`{"id":7,"date_added":"2026-07-01 08:00:00","due_date":"2026-01-01 09:00:00","born":"2026-01-01"}`, "/contacts/7", "", ""},
	{"times_zone", Assumptions{TimesZone: "Europe/Tirane"}, `{"id":7}`, "",
		func(ctx context.Context, c *Client) (any, error) {
			due := "2026-07-01T10:00:00Z"
			return valuesOf(c.CreateTask(ctx, Task{DueDate: &due}))
		}, `{"id":7}`, `{"id":7}`, "/tasks/new", "", `{"due_date":"2026-07-01 12:00"}`},
	{"times_zone", Assumptions{TimesZone: "Europe/Tirane"}, oneContact, "", filtered(Filter{"date_added", "between", []any{"2026-07-01T10:00:00Z", "2026-08-01"}}), aContact, aContact, "/contacts", "",
		`{"start":0,"orderBy":"date_added","orderByDir":"ASC","filters":[{"type":"datetime","alias":"date_added","value":{"operator":"between","input":["2026-07-01 12:00:00","2026-08-01"]},"strict":false,"starts":false,"ends":false}]}`},
	{"times_zone", Assumptions{TimesZone: "Europe/Tirane"}, `{"id":7}`, "",
		func(ctx context.Context, c *Client) (any, error) {
			o := NewObject()
			o.Set("renews_at", "2026-07-01 10:00:00")
			o.Set("name", "2026")
			return valuesOf(contacts(c).Update(ctx, 7, o))
		}, `{"id":7}`, `{"id":7}`, "/contacts/7", "", `{"renews_at":"2026-07-01 12:00:00","name":"2026"}`},
}

func (o otherwise) try(t *testing.T, given Assumptions) (string, request) {
	r := record(t, func(w http.ResponseWriter, in *http.Request) {
		answer := o.answer
		if strings.HasSuffix(in.URL.Path, "/list/fields") {
			answer = firstNonEmpty(o.fields, workspaceFields)
		}
		_, _ = io.WriteString(w, answer)
	})
	v, err := o.do(t.Context(), r.client(t, func(options *Options) { options.Assumptions = given }))
	if err != nil {
		return err.Error(), r.last(t)
	}
	return shown(t, v), r.last(t)
}

// Each assumption mends a workspace that is otherwise: what came of it is wrong, or
// the request was, and right with the assumption.
func TestAssumptionsMend(t *testing.T) {
	tried := map[string]bool{}
	for _, o := range otherwises {
		tried[o.key] = true
		t.Run(o.key, func(t *testing.T) {
			before, sent := o.try(t, Assumptions{})
			require.Equal(t, o.before, before)
			after, mended := o.try(t, o.given)
			require.Equal(t, o.after, after)
			require.Equal(t, "/api"+o.path, mended.path)
			require.Equal(t, o.query, mended.query)
			if o.body == "" {
				require.Empty(t, mended.body)
			} else {
				require.JSONEq(t, o.body, mended.body)
			}
			require.False(t, before == after && sent.path == mended.path && sent.query == mended.query && sent.body == mended.body, "it changes nothing")
		})
	}
	fields := reflect.TypeFor[Assumptions]()
	for i := range fields.NumField() {
		require.True(t, tried[fields.Field(i).Tag.Get("key")], "%s is not tried", fields.Field(i).Name)
	}
}

// What is said for no entry stays as it is guessed, and what can't be is refused.
func TestAssumptionsAreWhole(t *testing.T) {
	require.Equal(t, PresentAssumptions(), Assumptions{}.whole())
	require.Equal(t, PresentAssumptions(), PresentAssumptions().whole())
	require.Empty(t, PresentAssumptions().Check())

	some := Assumptions{ListTotals: []string{}, FilterOperators: map[string]string{"gte": ">="}}.whole()
	require.Empty(t, some.ListTotals, "an empty list is none at all")
	require.Equal(t, ">=", some.FilterOperators["gte"])
	require.Equal(t, "lte", some.FilterOperators["lte"])

	_, err := New(Options{BaseURL: "https://acme.flexie.io/api", Assumptions: Assumptions{TimesZone: "Nowhere", FilterOperators: map[string]string{"is": ""}}})
	require.EqualError(t, err, `assumptions: filter_operators.is: it is empty: write what Flexie calls it; times_zone: "Nowhere" is not a time zone; write it like Europe/Tirane or UTC`)
}

func TestAssumptionsThatCantWork(t *testing.T) {
	long := strings.Repeat("é", 101)
	for want, a := range map[string]Assumptions{
		"list_limit: 2000000000 is too large: 1000 is the most":                                    {ListLimit: 2_000_000_000},
		`query_names: limit and start are both called "start": each needs a name of its own`:       {QueryNames: map[string]string{"limit": "start"}},
		"field_names.alias: it is empty: write at least one name, or leave it out":                 {FieldNames: map[string][]string{"alias": {}}},
		"list_totals: a name of 101 characters is too long: 100 are the most":                      {ListTotals: []string{"total", long}},
		"query_names.limit: a name of 101 characters is too long: 100 are the most":                {QueryNames: map[string]string{"limit": long}},
		"filter_operators.gte: a name of 101 characters is too long: 100 are the most":             {FilterOperators: map[string]string{"gte": long}},
		`list_names: "." is no name: dots stand between names, as in meta.total`:                   {ListNames: []string{"."}},
		`record_fields: "a..b" is no name: dots stand between names, as in meta.total`:             {RecordFields: "a..b"},
		`custom_record_names.list: ".rows" is no name: dots stand between names, as in meta.total`: {CustomRecordNames: map[string][]string{"list": {".rows"}}},
	} {
		require.Equal(t, []string{want}, a.Check())
	}
	for _, fine := range []Assumptions{
		{ListLimit: 1000}, {QueryNames: map[string]string{"limit": "start", "start": "limit"}}, {ListTotals: []string{}},
		{SystemNames: map[string][]string{"date_added": {}}}, {ListTotals: []string{long[:200]}}, {SuccessWords: []string{"..."}},
	} {
		require.Empty(t, fine.Check())
	}
}

// Where Flexie refuses a filter, what the settings say of filters is named.
func TestARefusedFilterNamesTheSettings(t *testing.T) {
	c := searched(Query{Filters: []Filter{{Field: "name", Op: "is", Value: "Ana"}}})
	for set, a := range map[bool]Assumptions{false: {}, true: {FilterOperators: map[string]string{"gte": ">="}}} {
		client, err := New(Options{BaseURL: "https://acme.flexie.io/api", Auth: APIKey("k"), Assumptions: a, Transport: refusing{}})
		require.NoError(t, err)
		_, err = c(t.Context(), client)
		require.ErrorContains(t, err, "unknown operator")
		require.Equal(t, set, strings.HasSuffix(err.Error(), ". The settings set filter_operators under [assumptions]"), err)
		_, err = searched(Query{Search: "x"})(t.Context(), client)
		require.NotContains(t, err.Error(), "filter_operators")
	}
}

// refusing knows its fields, and refuses every search.
type refusing struct{}

func (refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	status, body := http.StatusBadRequest, `{"error":{"message":"unknown operator"}}`
	if strings.Contains(r.URL.Path, "fields") {
		status, body = http.StatusOK, workspaceFields
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// Every property and operator that there is has its entry.
func TestPresentAssumptionsAreComplete(t *testing.T) {
	present := PresentAssumptions()
	require.Len(t, present.FilterOperators, len(Operators))
	for _, op := range Operators {
		require.NotEmpty(t, present.FilterOperators[op], op)
	}
	require.Len(t, present.SystemFilters, len(systemFields))
	for name := range systemFields {
		require.Equal(t, name, present.SystemFilters[name])
	}
	for _, kind := range Kinds {
		require.NotEmpty(t, present.NoteEntityTypes[kind.Name], kind.Name)
	}
}

func TestMendedBy(t *testing.T) {
	require.Equal(t, []string{"list_totals", "list_names"}, MendedBy("list-shapes"))
	require.Equal(t, []string{"email_names"}, MendedBy("email-recipients"))
	require.Empty(t, MendedBy("oauth-issuer"))
}
