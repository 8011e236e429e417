package tools_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/tools"
)

// shelves answer searches by path and text with lists, and keep the requests.
type shelves struct {
	lists map[string]string // "/contacts acme" → an answer; else nothing is found
	fails map[string]transport

	mu       sync.Mutex
	requests []string
}

func (s *shelves) answer(r *http.Request) (*http.Response, error) {
	path := strings.TrimPrefix(r.URL.Path, "/api")
	query, _ := url.QueryUnescape(r.URL.RawQuery)
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+path+"?"+query)
	s.mu.Unlock()
	if fails, ok := s.fails[path]; ok {
		return fails(r)
	}
	if list, ok := s.lists[path+" "+r.URL.Query().Get("search")]; ok {
		return answering(200, list)(r)
	}
	return answering(200, `[]`)(r)
}

func TestSearchWorkspace(t *testing.T) {
	denied := answering(403, `{"error":{"message":"No access","code":403}}`)
	for _, test := range []struct {
		name, arguments string
		flexieIs        *shelves
		says            string
		requests        []string // sorted; nil is not looked at
	}{
		{
			"the best kind and hit first", `{"search":" ACME  logistics "}`,
			&shelves{lists: map[string]string{
				"/contacts ACME logistics": `[{"id":1,"first_name":"Ana","last_name":"Ruiz","email":"ana@acme.example","company":"Acme Logistics"}]`,
				"/accounts ACME logistics": `[{"id":9,"name":"Acme Logistics Spain"},{"id":1,"name":"Acme Logistics","industry":"Transport"}]`,
				"/deals ACME logistics":    `{"total":"95","deals":[{"id":3,"name":"Trackers","amount":20000,"notes":"<p>As talked over on the phone, for Acme Logistics and its many daughters</p>"}]}`,
				"/tasks ACME logistics":    `[{"id":7,"task":"Call","due_date":"2026-06-25"}]`,
			}},
			`Found "ACME logistics", the best first. search_* finds more of one kind, get_* reads one.

Accounts (2)
id | name | industry | matched
1 | Acme Logistics | Transport | name
9 | Acme Logistics Spain |  | name

Contacts (1)
id | name | email | company | matched
1 | Ana Ruiz | ana@acme.example | Acme Logistics | company

Deals (1 of 95)
id | name | amount | matched
3 | Trackers | 20000 | notes: …r on the phone, for Acme Logistics and its many daught…

Tasks (1)
id | name | due_date | matched
7 | Call | 2026-06-25 | matched elsewhere

None in leads, cases. The contact or account that cases belong to is not looked at: filter by it.`,
			[]string{
				"GET /accounts?limit=30&search=ACME logistics",
				"GET /cases?limit=30&search=ACME logistics", "GET /cases?limit=30&search=logistics",
				"GET /contacts?limit=30&search=ACME logistics", "GET /deals?limit=30&search=ACME logistics",
				"GET /leads?limit=30&search=ACME logistics", "GET /leads?limit=30&search=logistics",
				"GET /tasks?limit=30&search=ACME logistics",
			},
		},
		{
			"words in several fields, whatever their marks", `{"search":"jurgen Muller","kinds":["contact"]}`,
			&shelves{lists: map[string]string{"/contacts jurgen": `[{"id":1,"first_name":"Jürgen","last_name":"Vogel"},{"id":5,"first_name":"Jürgen","last_name":"Müller"}]`}},
			"Contacts (1)\nid | name | matched\n5 | Jürgen Müller | name",
			[]string{"GET /contacts?limit=30&search=jurgen", "GET /contacts?limit=30&search=jurgen Muller"},
		},
		{
			"a kind that fails leaves the rest", `{"search":"acme","kinds":["account","deal","lead"]}`,
			&shelves{lists: map[string]string{"/accounts acme": `[{"id":1,"name":"Acme"}]`}, fails: map[string]transport{"/deals": denied}},
			"Accounts (1)\nid | name | matched\n1 | Acme | name\n\nDeals could not be searched\n\"No access\" (HTTP 403).\n\nNone in leads.", nil,
		},
		{
			"tables by name", `{"search":"acme","kinds":"account","tables":["equipment","equipment",""],"limit":1}`,
			&shelves{lists: map[string]string{"/ce/equipment acme": `[{"id":1,"serial":"ACME-1"},{"id":2,"name":"Acme"},{"id":3,"name":"Acme 2"}]`}},
			"equipment (1 of 3)\nid | name | matched\n2 | Acme | name\n\nNone in accounts.",
			[]string{"GET /accounts?limit=30&search=acme", "GET /ce/equipment?limit=30&search=acme"},
		},
		{
			"nothing", `{"search":"x"}`, &shelves{},
			"Nothing found for \"x\".\n\nNone in contacts, leads, accounts, deals, cases, tasks. The contact or account that deals, cases, tasks belong to is not looked at: filter by it.", nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := run(t, test.flexieIs.answer, "search_workspace", test.arguments)
			require.NoError(t, err)
			require.Contains(t, text, test.says)
			slices.Sort(test.flexieIs.requests)
			if test.requests != nil {
				require.Equal(t, test.requests, test.flexieIs.requests)
			}
		})
	}
}

func TestSearchWorkspaceFails(t *testing.T) {
	denied := answering(403, `{"error":{"message":"No access","code":403}}`)
	all := &shelves{fails: map[string]transport{"/deals": denied, "/leads": answering(500, `{}`)}}
	_, err := run(t, all.answer, "search_workspace", `{"search":"acme","kinds":["deal","lead"]}`)
	require.EqualError(t, err, "Internal server error; deals: \"No access\" (HTTP 403) (HTTP 500).\nNothing was changed: try again in a moment.")
	for arguments, says := range map[string]string{
		`{"search":" "}`:                  "search is empty: give a text to find",
		`{}`:                              "search is missing",
		`{"search":"a","kinds":["note"]}`: "use one of contact, lead, account, deal, case, task",
		`{"search":"a","limit":21}`:       "limit must be at most 20; got 21",
		`{"search":"a","tables":["../users"],"kinds":["case"]}`: "",
	} {
		_, err := run(t, (&shelves{}).answer, "search_workspace", arguments)
		if says == "" {
			require.NoError(t, err, "a table that can't be is told in its own section")
			continue
		}
		require.ErrorContains(t, err, says)
	}
}

// TestSearchesRunSideBySide: they wait for each other, which would never end
// one after the other.
func TestSearchesRunSideBySide(t *testing.T) {
	var together sync.WaitGroup
	together.Add(6)
	text, err := run(t, func(r *http.Request) (*http.Response, error) {
		together.Done()
		together.Wait()
		return answering(200, `[{"id":1,"name":"Acme"}]`)(r)
	}, "search_workspace", `{"search":"acme"}`)
	require.NoError(t, err)
	require.Equal(t, 6, strings.Count(text, "1 | Acme | name"))
}

// TestSearchWorkspaceIsOffered with the toolsets core and all, or by name, and
// does not look where the settings say not to.
func TestSearchWorkspaceIsOffered(t *testing.T) {
	for _, test := range []struct {
		choice  tools.Choice
		offered bool
	}{
		{tools.Choice{Toolsets: []string{"core"}}, true},
		{tools.Choice{Toolsets: []string{"all"}, ReadOnly: true}, true},
		{tools.Choice{Toolsets: []string{"cases"}}, false},
		{tools.Choice{Toolsets: []string{"cases"}, Tools: []string{"search_workspace"}}, true},
		{tools.Choice{Toolsets: []string{"core"}, Exclude: []string{"search_workspace"}}, false},
	} {
		picked, err := tools.Choose(tools.All(), test.choice)
		require.NoError(t, err)
		require.Equal(t, test.offered, slices.Contains(tools.Names(picked), "search_workspace"), "%v", test.choice)
	}
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"core"}, Exclude: []string{"search_contacts", "search_custom_records"}})
	require.NoError(t, err)
	s := &shelves{}
	for _, call := range []struct{ tool, arguments string }{
		{"search_workspace", `{"search":"a","tables":["equipment"]}`},
		{"run_tool", `{"name":"search_workspace","arguments":{"search":"a","tables":["equipment"]}}`},
	} {
		_, err = runOf(t, s.answer, picked, call.tool, call.arguments)
		require.NoError(t, err)
	}
	require.Len(t, s.requests, 2*5)
	require.NotContains(t, strings.Join(s.requests, " "), "contacts")
	_, err = runOf(t, s.answer, picked, "search_workspace", `{"search":"a","kinds":["contact"]}`)
	require.ErrorContains(t, err, "settings leave out")
}

// inSandbox is a workspace to call, the same each time.
func inSandbox(t *testing.T, dialect string) transport {
	box, err := sandbox.Open(sandbox.Options{Dialect: dialect})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	return func(r *http.Request) (*http.Response, error) {
		r.Header.Set("apikey", sandbox.Key)
		return box.Transport().RoundTrip(r)
	}
}

func TestSearchWorkspaceInTheSandbox(t *testing.T) {
	flexieIs := inSandbox(t, "classic")
	for arguments, says := range map[string]string{
		`{"search":"Ana Ruiz","kinds":["contact","lead"]}`:                 "Contacts (1)\nid | name | email | company | status | matched\n1 | Ana Ruiz | ",
		`{"search":"Acme","kinds":["account"],"tables":["subscriptions"]}`: "| Acme ",
		`{"search":"jdavies@flexie-demo.example"}`:                         "Nothing found",
	} {
		text, err := run(t, flexieIs, "search_workspace", arguments)
		require.NoError(t, err)
		require.Contains(t, text, says, arguments)
	}
}
