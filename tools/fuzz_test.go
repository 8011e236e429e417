package tools_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// FuzzArguments: any tool, called with anything at all, answers or says what is
// wrong; and what it calls wrong has sent no write.
func FuzzArguments(f *testing.F) {
	f.Add(uint8(0), false, []byte(`{"search":"acme","kinds":["contact"],"tables":["subscriptions"],"limit":"3"}`))
	for i, seed := range []string{
		`{}`, `null`, `[]`, `"x"`, `{"id":42}`, `{"id":"42","include":"notes","columns":[]}`, `{"id":-1,"dry_run":"true"}`, `{"id":42,"confirm":"x"}`,
		`{"filters":[{"field":"name","op":"between","value":[1,2]}],"order_by":"name","order":"DESC","limit":1e3,"start":-0}`,
		`{"fields":{"name":"Jo","email":null,"tags":["a",{"b":1}]},"if_exists":"update","table":"subscriptions"}`,
		`{"by":{"field":"email","value":"jo@example.com"},"fields":{"name":"Jo"},"id":42,"table":"x/../y"}`,
		`{"id":42,"list_id":"7","listId":8}`, `{"change_id":1}`, `{"name":"delete_contact","arguments":{"id":42}}`,
		`{"id":1,"identifier":"C-1","text":"Hi","template_id":3}`, `{"task":"x","due_date":"2026-06-22 14:00","owner_id":"Elena","association_type":"contact","association_id":1}`,
		`{"entity_type":"deal","entity_id":2,"text":"<b>x</b>","datetime":"tomorrow"}`, `{"id":1,"record_type":"contacts","record_ids":[1,2]}`,
		`{"username":"x","password":"y","role":1,"is_published":"no"}`, `{"record_type":"contact","since":"2026-13-45","until":"2026-06-22"}`,
		`{"id":99999999999999999999999}`, `{"id":1.5}`, `{"a":`, "{\"\xff\":\"\x00\"}", `{"query":"delete a contact","limit":3}`,
	} {
		for n := range 12 {
			f.Add(uint8(i*7+n*11), n%2 == 0, []byte(seed))
		}
	}
	all := tools.All()
	all = append(all, tools.Discover(all)...)
	for i := range all { // what every write takes, by the names that models give it
		f.Add(uint8(i), true, []byte(`{"id":42,"dryRun":"true","Confirm":"0"}`))
		f.Add(uint8(i), true, []byte(`"{\"id\":42,\"dry_run\":true}"`))
	}
	stub := &stubFlexie{}
	caller := fuzzCallers(f, stub)
	f.Fuzz(func(t *testing.T, tool uint8, careful bool, arguments []byte) {
		who := caller(t)
		if careful {
			who.Confirm = tools.Auto
		}
		picked := all[int(tool)%len(all)]
		stub.requests()
		answer, err := picked.Run(t.Context(), who, arguments)
		sent := stub.requests()
		if err == nil {
			require.NotEmpty(t, answer.Text(), picked.Name)
			_, err := json.Marshal(answer.Structured())
			require.NoError(t, err)
			return
		}
		requireFit(t, err)
		var wrong *schema.ArgumentError
		if errors.As(err, &wrong) {
			require.False(t, slices.ContainsFunc(sent, stubRequest.writes), "%s: %v, but it wrote", picked.Name, err)
		}
	})
}

// fuzzMisprint is what fmt makes of a format that does not fit its arguments. A
// "%!" alone may be what the tool was called with.
var fuzzMisprint = regexp.MustCompile(`%!\w?\((MISSING|NOVERB|EXTRA|BADINDEX|BADWIDTH|BADPREC|PANIC|[*\w.]+=)`)

// requireFit: an error is for an assistant to read.
func requireFit(t *testing.T, err error) {
	t.Helper()
	text := err.Error()
	require.NotEmpty(t, text)
	require.True(t, utf8.ValidString(text), "%q", text)
	require.NotRegexp(t, fuzzMisprint, text)
	for _, leak := range []string{fuzzKey, "runtime error", "goroutine ", "reflect:"} {
		require.NotContains(t, text, leak)
	}
}

// FuzzFilters: whatever filters a search is given, the request that goes out is
// JSON, with operators that Flexie has; or none goes out.
func FuzzFilters(f *testing.F) {
	for _, op := range flexie.Operators {
		f.Add("name", op, []byte(`"Jane"`), "name", "desc", 10)
		f.Add("score", op, []byte(`[1,"2.50"]`), "", "", 0)
	}
	f.Add("birthday", "before", []byte(`"2026-06-22"`), "birthday", "newest", -1)
	f.Add("Newsletter", "=", []byte(`true`), "-name", "", 1<<40)
	f.Add("tags", "IN", []byte(`"a|b"`), "date_added", "asc", 3)
	f.Add("owner_id", "is", []byte(`"Elena"`), "created", "ascending", 1)
	f.Add("nme", "like", []byte(`{"a":[1e999,null]}`), "\x00", "\xff", 200)
	f.Add("date_added", "gte", []byte(`"last week"`), "date_added", "", 5)
	stub := &stubFlexie{}
	caller := fuzzCallers(f, stub)
	search := toolOf(f, "search_contacts")
	f.Fuzz(func(t *testing.T, field, op string, value []byte, orderBy, order string, limit int) {
		if !json.Valid(value) {
			value, _ = json.Marshal(string(value))
		}
		arguments, err := json.Marshal(map[string]any{
			"filters":  []any{map[string]any{"field": field, "op": op, "value": json.RawMessage(value)}},
			"order_by": orderBy, "order": order, "limit": limit,
		})
		require.NoError(t, err)
		stub.requests()
		_, err = search.Run(t.Context(), caller(t), arguments)
		if err != nil {
			requireFit(t, err)
		}
		for _, r := range stub.requests() {
			require.False(t, r.writes(), "%s %s", r.method, r.path)
			if r.method == http.MethodPost {
				requireFilters(t, r.body)
			}
		}
	})
}

// requireFilters looks at what Flexie would read of a search.
func requireFilters(t *testing.T, body string) {
	t.Helper()
	known := []string{"=", "!=", "like", "!like", "gt", "gte", "lt", "lte", "between", "in", "!in", "empty", "!empty"}
	require.True(t, utf8.ValidString(body), "%q", body)
	var sent struct {
		Filters []struct {
			Type, Alias string
			Value       struct {
				Operator string
				Input    any
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(body), &sent), body)
	for _, filter := range sent.Filters {
		require.Contains(t, known, filter.Value.Operator, body)
		require.NotEmpty(t, filter.Alias, body)
		require.NotEmpty(t, filter.Type, body)
		if list, ok := filter.Value.Input.([]any); ok {
			require.NotEmpty(t, list, body)
		}
	}
}

func toolOf(t testing.TB, name string) tools.Tool {
	t.Helper()
	all := tools.All()
	i := slices.IndexFunc(all, func(other tools.Tool) bool { return other.Name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return all[i]
}

const fuzzKey = "k-that-is-not-to-be-seen"

// fuzzCallers makes callers of a stub, who share a journal for a while: in a
// long one each look takes longer.
func fuzzCallers(f *testing.F, stub *stubFlexie) func(*testing.T) tools.Caller {
	var j *journal.Journal
	calls := 0
	f.Cleanup(func() {
		if j != nil {
			j.Close()
		}
	})
	return func(t *testing.T) tools.Caller {
		if calls++; j == nil || calls%500 == 0 {
			if j != nil {
				j.Close()
			}
			j = journal.New(journal.Options{Store: store.Memory()})
		}
		c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(fuzzKey), Transport: stub})
		require.NoError(t, err)
		return tools.Caller{
			Client: c, Workspace: c.BaseURL(), Name: "one", Operator: true, Confirm: tools.Never,
			Journal: j, Codes: confirm.New(confirm.Options{Store: store.Memory()}), Shown: tools.NewShown(),
		}
	}
}

// stubFlexie answers every request with what holds a bit of everything, and
// keeps the requests.
type stubFlexie struct {
	mu  sync.Mutex
	got []stubRequest
}

type stubRequest struct{ method, path, body string }

const stubAnswer = `{"id":42,"name":"Jane","task":"Call","text":"Hi","timezone":"Europe/Belgrade","date_modified":"2026-06-22 09:00:00",` +
	`"entityType":"contact","entityId":42,"total":1,"records":[{"id":42,"name":"Jane","score":7}]}`

const stubFields = `{"fields":[{"alias":"name","label":"Name","type":"text"},{"alias":"email","label":"Email","type":"email","isUniqueIdentifer":true},
	{"alias":"score","label":"Score","type":"number"},{"alias":"newsletter","label":"Newsletter","type":"boolean"},{"alias":"birthday","label":"Birthday","type":"date"},
	{"alias":"seen","label":"Seen","type":"datetime"},{"alias":"tags","label":"Tags","type":"multiselect","properties":{"list":"a|b|c"}},{"alias":"owner_id","label":"Owner","type":"user"}]}`

func (s *stubFlexie) RoundTrip(r *http.Request) (*http.Response, error) {
	kept := stubRequest{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/api")}
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		r.Body.Close()
		kept.body = string(body)
	}
	s.mu.Lock()
	s.got = append(s.got, kept)
	s.mu.Unlock()
	answer := stubAnswer
	if strings.HasSuffix(kept.path, "/fields") {
		answer = stubFields
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(answer)), Request: r,
	}, nil
}

// requests are those since the last time.
func (s *stubFlexie) requests() []stubRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	return got
}

var placeholder = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// writes reports whether the request is one of those that change something. The
// most exact path counts: /contacts/new is no id.
func (r stubRequest) writes() bool {
	var found flexie.Endpoint
	for _, e := range flexie.Endpoints {
		pattern := placeholder.ReplaceAllString(e.Path, "*")
		fits, err := path.Match(pattern, r.path)
		if err == nil && fits && e.Method == r.method && (found.Name == "" || strings.Count(e.Path, "{") < strings.Count(found.Path, "{")) {
			found = e
		}
	}
	return found.Name == "" || found.Writes()
}
