package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// visit is one call of a tool, and the one request it must make.
type visit struct {
	endpoint  string // the endpoint this reaches, by name
	tool      string
	arguments string
	request   string // METHOD PATH?QUERY
	body      string // JSON; "" is none
}

// recordVisits are those of every kind. K stands for the kind's name in tools
// and P for its plural, R and L for the two path segments, T for the table
// argument of custom records.
var recordVisits = []visit{
	{"list", "search_P", `{T"search":"acme & co","limit":5}`, "GET /R?limit=5&search=acme+%26+co", ""},
	{"list", "search_P", `{T"search":"a","start":30}`, "GET /R?search=a&start=30", ""},
	{"filter", "search_P", `{T"filters":[{"field":"email","op":"contains","value":"acme.com"}],"order_by":"date_modified","order":"desc","start":30,"limit":10}`,
		"POST /R", `{"filters":[{"type":"email","alias":"email","value":{"operator":"like","input":"acme.com"},"strict":false,"starts":false,"ends":false}],"start":30,"limit":10,"orderBy":"date_modified","orderByDir":"DESC"}`},
	{"get", "get_K", `{T"id":42}`, "GET /R/42", ""},
	{"get", "get_K", `{T"id":"9007199254740993"}`, "GET /R/9007199254740993", ""},
	{"notes", "get_K", `{T"id":42,"include":["notes"]}`, "GET /R/42/notes", ""},
	{"record_lists", "get_K", `{T"id":42,"include":["lists"]}`, "GET /R/42/lists", ""},
	{"workflows", "get_K", `{T"id":42,"include":["workflows"]}`, "GET /R/42/workflows", ""},
	{"create", "create_K", `{T"fields":{"name":"Acme <b>","amount":12345678901234567.89,"tags":["a","b"],"gone":null}}`,
		"POST /R/new", `{"name":"Acme <b>","amount":12345678901234567.89,"tags":["a","b"],"gone":null}`},
	{"update", "update_K", `{T"id":42,"fields":{"city":"Manchester"}}`, "PUT /R/42", `{"city":"Manchester"}`},
	{"edit", "update_K", `{T"unique_field":"email","fields":{"email":"d@example.com","city":"Manchester"}}`,
		"PUT /R/edit", `{"email":"d@example.com","city":"Manchester"}`},
	{"delete", "delete_K", `{T"id":42}`, "DELETE /R/42", ""},
	{"all_lists", "list_K_lists", `{U}`, "GET /R/list/lists", ""},
	{"filter_lists", "list_K_lists", `{T"search":"vip"}`, "GET /L/lists?search=vip", ""},
	{"add_to_list", "add_K_to_list", `{T"list_id":42,"id":17}`, "POST /L/lists/42/add/17", ""},
	{"remove_from_list", "remove_K_from_list", `{T"list_id":42,"id":17}`, "POST /L/lists/42/remove/17", ""},
	{"field_categories", "describe_K_fields", `{U}`, "GET /R/list/fields/categories", ""},
}

var pathSegments = map[string][2]string{
	"contact": {"contacts", "contact"}, "lead": {"leads", "lead"}, "account": {"accounts", "account"},
	"deal": {"deals", "deal"}, "case": {"cases", "case"}, "custom_record": {"ce/your table", "ce/your table"},
}

var otherVisits = []visit{
	{"cases.replies", "get_case_replies", `{"id":42}`, "GET /cases/42/replies", ""},
	{"cases.replies_by_identifier", "get_case_replies", `{"identifier":"REF-1042"}`, "GET /cases/replies/REF-1042", ""},
	{"cases.reply", "add_case_reply", `{"id":42,"text":"Thanks for reaching out."}`, "POST /cases/42/replies", `{"text":"Thanks for reaching out."}`},
	{"cases.reply_by_identifier", "add_case_reply", `{"identifier":"REF-1042","template_id":3}`, "POST /cases/replies/REF-1042", `{"template_id":3}`},

	{"tasks.list", "search_tasks", `{"search":"call","limit":5}`, "GET /tasks?limit=5&search=call", ""},
	{"tasks.filter", "search_tasks", `{"filters":[{"field":"is_completed","op":"is","value":false}]}`,
		"POST /tasks", `{"filters":[{"type":"boolean","alias":"is_completed","value":{"operator":"=","input":false},"strict":true,"starts":false,"ends":false}],"start":0}`},
	{"tasks.get", "get_task", `{"id":42}`, "GET /tasks/42", ""},
	{"tasks.create", "create_task", `{"task":"Call","owner_id":3,"due_date":"2026-06-25T16:00:00+02:00","association_type":"contact","association_id":47,"reminder_type":"email","remind_minutes":30}`,
		"POST /tasks/new", `{"task":"Call","owner_id":3,"due_date":"2026-06-25 14:00","association_type":"contact","association_id":47,"reminder_type":"email","remind_minutes":30}`},
	{"tasks.update", "update_task", `{"id":42,"due_date":"2026-06-26 10:00","is_completed":false}`, "PUT /tasks/42", `{"due_date":"2026-06-26 10:00","is_completed":false}`},
	{"tasks.delete", "delete_task", `{"id":42}`, "DELETE /tasks/42", ""},
	{"tasks.complete", "complete_task", `{"id":42}`, "POST /tasks/42/complete", ""},
	{"tasks.incomplete", "reopen_task", `{"id":42}`, "POST /tasks/42/incomplete", ""},
	{"tasks.categories", "list_task_categories", `{}`, "GET /tasks/list/categories", ""},

	{"notes.create", "add_note", `{"entity_type":"contact","entity_id":17,"text":"Called.","type":"call","datetime":"2026-06-23T14:00:00+00:00"}`,
		"POST /notes/contact/17", `{"text":"Called.","type":"call","datetime":"2026-06-23T14:00:00+00:00"}`},
	{"notes.get", "get_note", `{"id":42}`, "GET /notes/42", ""},
	{"notes.update", "update_note", `{"id":42,"type":"meeting"}`, "PUT /notes/42", `{"type":"meeting"}`},
	{"notes.delete", "delete_note", `{"id":42}`, "DELETE /notes/42", ""},

	{"emails.list", "search_emails", `{}`, "GET /emails", ""},
	{"emails.filter", "search_emails", `{"order_by":"date_added"}`, "POST /emails", `{"start":0,"orderBy":"date_added","orderByDir":"ASC"}`},
	{"emails.get", "get_email", `{"id":42}`, "GET /emails/42", ""},
	{"emails.send", "send_email", `{"id":42,"limit":100}`, "POST /emails/42/send", `{"limit":100}`},

	{"workflows.list", "search_workflows", `{}`, "GET /workflows", ""},
	{"workflows.filter", "search_workflows", `{"order_by":"name","order":"asc"}`, "POST /workflows", `{"start":0,"orderBy":"name","orderByDir":"ASC"}`},
	{"workflows.get", "get_workflow", `{"id":42}`, "GET /workflows/42", ""},
	{"workflows.update", "update_workflow", `{"id":42,"name":"VIP","description":"d","category":12,"is_published":true,"runtime":"async"}`,
		"PUT /workflows/42", `{"name":"VIP","description":"d","category":12,"isPublished":true,"runtime":"async"}`},
	{"workflows.delete", "delete_workflow", `{"id":42}`, "DELETE /workflows/42", ""},
	{"workflows.categories", "list_workflow_categories", `{}`, "GET /workflows/list/categories", ""},

	{"forms.list", "search_forms", `{"search":"contact"}`, "GET /forms?search=contact", ""},
	{"forms.get", "get_form", `{"id":42}`, "GET /forms/42", ""},

	{"pages.list", "search_pages", `{}`, "GET /pages", ""},
	{"pages.filter", "search_pages", `{"order_by":"id"}`, "POST /pages", `{"start":0,"orderBy":"id","orderByDir":"ASC"}`},
	{"pages.get", "get_page", `{"id":42}`, "GET /pages/42", ""},

	{"reports.list", "search_reports", `{}`, "GET /reports", ""},
	{"reports.filter", "search_reports", `{"order_by":"id"}`, "POST /reports", `{"start":0,"orderBy":"id","orderByDir":"ASC"}`},
	{"reports.get", "get_report", `{"id":42}`, "GET /reports/42", ""},

	{"users.list", "search_users", `{}`, "GET /users", ""},
	{"users.filter", "search_users", `{"search":"jo","order_by":"id"}`, "POST /users?search=jo", `{"start":0,"orderBy":"id","orderByDir":"ASC"}`},
	{"users.get", "get_user", `{"id":42}`, "GET /users/42", ""},
	{"users.self", "get_current_user", `{}`, "GET /users/self", ""},
	{"users.create", "create_user", `{"username":"jdoe","first_name":"John","last_name":"Doe","email":"jdoe@example.com","password":"S3cretPass!","position":"Sales Manager","timezone":"America/New_York","locale":"en_US","role":3,"is_published":true}`,
		"POST /users/new", `{"username":"jdoe","firstName":"John","lastName":"Doe","email":"jdoe@example.com","password":"S3cretPass!","position":"Sales Manager","timezone":"America/New_York","locale":"en_US","role":3,"isPublished":true}`},
	{"users.update", "update_user", `{"id":42,"position":"Senior Sales Manager","is_published":false}`, "PUT /users/42", `{"position":"Senior Sales Manager","isPublished":false}`},
	{"users.delete", "delete_user", `{"id":42}`, "DELETE /users/42", ""},
	{"users.permission", "check_user_permissions", `{"id":42,"permissions":["lead:leads:viewown","lead:leads:editown"]}`,
		"POST /users/42/permission", `{"permissions":["lead:leads:viewown","lead:leads:editown"]}`},

	{"roles.list", "search_roles", `{}`, "GET /roles", ""},
	{"roles.filter", "search_roles", `{"order_by":"id"}`, "POST /roles", `{"start":0,"orderBy":"id","orderByDir":"ASC"}`},
	{"roles.get", "get_role", `{"id":42}`, "GET /roles/42", ""},
}

// visits are all of them.
func visits() []visit {
	var all []visit
	for _, kind := range flexie.Kinds {
		segments, table, only := pathSegments[kind.Name], "", ""
		if kind.Custom() {
			table, only = `"table":"your table",`, `"table":"your table"`
		}
		in := strings.NewReplacer("{T", "{"+table, "{U}", "{"+only+"}")
		path := strings.NewReplacer("/R", "/"+strings.ReplaceAll(segments[0], " ", "%20"), "/L", "/"+strings.ReplaceAll(segments[1], " ", "%20"))
		name := strings.NewReplacer("_P", "_"+kind.Plural, "_K", "_"+kind.Name)
		for _, v := range recordVisits {
			all = append(all, visit{kind.Group + "." + v.endpoint, name.Replace(v.tool), in.Replace(v.arguments), path.Replace(v.request), v.body})
		}
		all = append(all, visit{kind.Group + ".fields", name.Replace("describe_K_fields"), in.Replace("{U}"), path.Replace("GET /R/list/fields"), ""})
	}
	return append(all, otherVisits...)
}

// recorder answers every request the same way, and keeps them.
type recorder struct {
	mu       sync.Mutex
	requests []recorded
}

type recorded struct{ line, body, key string }

// cannedFields are the fields of every kind.
const cannedFields = `[
	{"alias":"email","label":"Email","type":"email","isUniqueIdentifier":true},
	{"alias":"name","label":"Name","type":"text"},
	{"alias":"amount","label":"Amount","type":"currency"},
	{"alias":"tags","label":"Tags","type":"multiselect"},
	{"alias":"gone","label":"Gone","type":"text"},
	{"alias":"city","label":"City","type":"text"}
]`

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	line := req.Method + " " + strings.TrimPrefix(req.URL.EscapedPath(), "/api")
	if req.URL.RawQuery != "" {
		line += "?" + req.URL.RawQuery
	}
	r.mu.Lock()
	r.requests = append(r.requests, recorded{line, string(body), req.Header.Get("apikey")})
	r.mu.Unlock()
	answer := `{"id":42,"success":1,"rows":[]}` // fits a record, a success and a list
	switch {
	case strings.HasSuffix(req.URL.Path, "/list/fields"):
		answer = cannedFields
	case req.Method == http.MethodGet:
		answer = `{"1":{"id":42}}`
	case strings.Contains(string(body), `"input":"d@example.com"`):
		answer = `{"1":{"id":42,"email":"d@example.com"}}` // the one that is named by its email
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(answer)), Request: req}, nil
}

func (r *recorder) take() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.requests
	r.requests = nil
	return all
}

// TestEveryEndpoint walks all 142: each is reached by calling a tool through
// MCP, and the request that goes out is asserted whole.
func TestEveryEndpoint(t *testing.T) {
	r := &recorder{}
	call := connected(t, r, "the key")
	reached := map[string]bool{}
	for _, v := range visits() {
		t.Run(fmt.Sprintf("%s %s", v.endpoint, v.arguments), func(t *testing.T) {
			answer := call(v.tool, v.arguments)
			require.False(t, answer.IsError, "%v", answer.Content)
			endpoint, ok := flexie.EndpointNamed(v.endpoint)
			require.True(t, ok)
			found, all := 0, r.take()
			for _, got := range all {
				require.Equal(t, "the key", got.key)
				if got.line != v.request {
					continue
				}
				found++
				if v.body == "" {
					require.Empty(t, got.body)
				} else {
					require.Equal(t, v.body, got.body)
				}
			}
			require.NotZero(t, found, "no request %s went out", v.request)
			if endpoint.Writes() {
				require.Equal(t, 1, found, "a write goes out once")
				require.Equal(t, v.request, all[len(all)-1].line, "what is read for it is read before")
			}
			reached[v.endpoint] = true
		})
	}
	for _, e := range flexie.Endpoints {
		require.True(t, reached[e.Name], "no visit of %s", e.Name)
	}
}

// connected gives a function that calls tools through MCP, at a Flexie that is
// the given transport. Nothing is confirmed.
func connected(t *testing.T, flexieIs http.RoundTripper, key string) func(tool, arguments string) *mcp.CallToolResult {
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(key), Transport: flexieIs, Now: func() time.Time { return sandbox.Today }})
	require.NoError(t, err)
	s := server.New(server.Options{
		Tools: tools.All(), Log: quiet, Safety: server.Safety{Confirm: tools.Never},
		Client: func(context.Context) (*flexie.Client, error) { return c, nil },
	})
	m, err := client.NewInProcessClient(s)
	require.NoError(t, err)
	t.Cleanup(func() { m.Close() })
	require.NoError(t, m.Start(t.Context()))
	_, err = m.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION}})
	require.NoError(t, err)
	return func(tool, arguments string) *mcp.CallToolResult {
		answer, err := m.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)}})
		require.NoError(t, err)
		return answer
	}
}
