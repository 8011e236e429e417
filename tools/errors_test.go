package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// transport answers a request with a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answering(status int, body string) transport {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// unasked fails the test if a request goes out.
func unasked(t *testing.T) transport {
	return func(r *http.Request) (*http.Response, error) {
		t.Errorf("%s %s went out", r.Method, r.URL)
		return nil, errors.New("unasked")
	}
}

// untold answers that it lists no fields, so that values go as they are, and
// all else as the workspace does.
func untold(flexieIs transport) transport {
	return func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/list/fields") {
			return answering(200, `[]`)(r)
		}
		return flexieIs(r)
	}
}

func run(t *testing.T, flexieIs transport, name, arguments string) (string, error) {
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey("s3cret"), Transport: flexieIs})
	require.NoError(t, err)
	for _, tool := range tools.All() {
		if tool.Name == name {
			answer, err := tool.Run(context.Background(), trusted(t, c), json.RawMessage(arguments))
			return unfenced(answer.Text()), err
		}
	}
	t.Fatalf("no tool %s", name)
	return "", nil
}

// fences stand around what came from Flexie.
var fences = regexp.MustCompile(`(?m)^</?crm-data-[a-z]+>\n|\n</?crm-data-[a-z]+>$`)

// unfenced is a text without them, for tests that are about something else.
func unfenced(text string) string { return fences.ReplaceAllString(text, "") }

// TestWrongArguments: nothing is sent, and the message says all that is wrong
// and what is right.
func TestWrongArguments(t *testing.T) {
	for _, test := range []struct{ tool, arguments, message string }{
		{"get_contact", `{"id":"nobody"}`, "get_contact was not called:\n- id must be a whole number, like 42; got \"nobody\""},
		{"get_contact", `{}`, "get_contact was not called:\n- id is missing"},
		{"get_contact", `{"id":0}`, "get_contact was not called:\n- id must be above 0, like 42; got 0"},
		{"get_contact", `{"id":1,"include":["notes","deals"],"verbose":true}`,
			"get_contact was not called:\n- include can't be \"deals\"; use one of notes, lists, workflows\n- there is no argument verbose; use id or include"},
		{"search_contacts", `{"limit":0,"start":-1,"order":"up","filters":[{"field":"email","op":"has"},{"op":"is"}]}`,
			"search_contacts was not called:\n- limit must be at least 1; got 0\n- start must be at least 0; got -1\n- order can't be \"up\"; use one of asc, desc\n" +
				"- filters[0].op can't be \"has\"; use one of is, is_not, contains, not_contains, starts_with, ends_with, gt, gte, lt, lte, between, in, not_in, empty, not_empty\n" +
				"- filters[1].field is missing"},
		{"search_custom_records", `{"search":"x"}`, "search_custom_records was not called:\n- table is missing: Name of the custom table, e.g. subscriptions."},
		{"search_custom_records", `{"table":"../users"}`, "search_custom_records was not called:\n- table can't be \"../users\": it is one part of an address, so not empty, not . or .., and without slashes"},
		{"create_contact", `{"fields":{}}`, "create_contact was not called:\n- fields is empty: give at least one value, like {\"name\":\"…\"}"},
		{"create_contact", `{"fields":"jane"}`, "create_contact was not called:\n- fields must be an object, like {\"email\":\"jane@acme.com\"}; got \"jane\""},
		{"update_contact", `{"fields":{"city":"Leeds"}}`, "update_contact was not called:\n- give either id or unique_field, to say which one to change"},
		{"update_contact", `{"id":1,"fields":{}}`, "update_contact was not called:\n- nothing to change: give the new values in fields"},
		{"update_task", `{"id":1}`, "update_task was not called:\n- nothing to change: give task, due_date, owner_id or another value"},
		{"update_note", `{"id":1}`, "update_note was not called:\n- nothing to change: give text, type or datetime"},
		{"update_workflow", `{"id":1}`, "update_workflow was not called:\n- nothing to change: give name, description, category, is_published or runtime"},
		{"update_user", `{"id":1}`, "update_user was not called:\n- nothing to change: give email, position, role, is_published or another value"},
		{"create_user", `{}`, "create_user was not called:\n- nothing given: a user needs username, first_name, last_name, email, password and role"},
		{"create_task", `{"task":"Call","association_type":"deal"}`, "create_task was not called:\n- association_type and association_id go together: the kind of record and its id"},
		{"create_task", `{"task":"Call","due_date":"Friday"}`, "create_task was not called:\n- due_date: \"Friday\" is not a date and time; write it like 2026-06-25 14:00 or 2026-06-25T14:00:00+02:00"},
		{"add_note", `{"entity_type":"contact","entity_id":1,"text":" "}`, "add_note was not called:\n- text is empty: give what the note says"},
		{"add_case_reply", `{"text":"Hi"}`, "add_case_reply was not called:\n- give either id or identifier, to say which case"},
		{"add_case_reply", `{"id":1,"text":"Hi","template_id":3}`, "add_case_reply was not called:\n- give either text or template_id: it is what the customer gets"},
		{"get_case_replies", `{"id":1,"identifier":"REF-1"}`, "get_case_replies was not called:\n- give either id or identifier, to say which case"},
		{"check_user_permissions", `{"id":1,"permissions":[]}`, "check_user_permissions was not called:\n- permissions is empty: name at least one, like lead:leads:viewown"},
		{"get_contact", `[1]`, "get_contact was not called:\n- the arguments must be an object; got [1]"},
		{"get_contact", `{"id":`, "get_contact was not called:\n- the arguments are not whole JSON: unexpected EOF"},
	} {
		t.Run(test.tool+" "+test.arguments, func(t *testing.T) {
			_, err := run(t, unasked(t), test.tool, test.arguments)
			require.EqualError(t, err, test.message)
		})
	}
}

// TestFailuresSayWhatToDo: each kind of failure has its own next step, and a
// write says whether it happened.
func TestFailuresSayWhatToDo(t *testing.T) {
	refused := transport(func(*http.Request) (*http.Response, error) {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	})
	dropped := func() transport { // from the first write on, every connection breaks
		var broken bool
		return func(r *http.Request) (*http.Response, error) {
			if broken = broken || r.Method != http.MethodGet; broken {
				return nil, io.ErrUnexpectedEOF
			}
			return answering(200, `{"contact":{"id":1,"city":"Bath"},"lists":[],"replies":[]}`)(r)
		}
	}
	for _, test := range []struct {
		name            string
		flexieIs        transport
		tool, arguments string
		says            []string
		not             string
	}{
		{"wrong key", answering(401, `{"error":{"message":"Invalid API key","code":401}}`), "search_contacts", `{}`,
			[]string{`"Invalid API key" (HTTP 401)`, "account name / Accounts / API Settings", "FLEXIE_API_KEY"}, "changed"},
		{"not allowed", answering(403, `{"error":{"message":"No access","code":403}}`), "delete_contact", `{"id":1}`,
			[]string{`"No access" (HTTP 403)`, "get_current_user", "Nothing was changed"}, "NOT known"},
		{"not found", answering(404, `{"error":{"message":"Item was not found.","code":404}}`), "get_deal", `{"id":1}`,
			[]string{`"Item was not found" (HTTP 404).`, "search_deals finds ids"}, "changed"},
		{"note not found", answering(404, `{}`), "get_note", `{"id":1}`, []string{"(HTTP 404)", "include notes"}, "search_notes"},
		{"bad value", answering(400, `{"errors":[{"message":"Validation failed","code":400,"details":{"email":["is not an email"]}}]}`), "create_lead", `{"fields":{"email":"x"}}`,
			[]string{`"Validation failed" (HTTP 400); email: "is not an email".`, "describe_lead_fields", "Nothing was changed"}, "NOT known"},
		{"conflict", answering(409, `{}`), "update_case", `{"id":1,"fields":{"title":"x"}}`, []string{"Read it again", "Nothing was changed"}, "NOT known"},
		{"too many", answering(429, `{}`), "search_leads", `{}`, []string{"(HTTP 429)", "try again in a moment"}, "NOT known"},
		{"read of a failing server", answering(503, `<html><title>Maintenance</title></html>`), "search_leads", `{}`,
			[]string{"Maintenance", "(HTTP 503)", "try again in a moment"}, "NOT known"},
		{"write without the fields", answering(500, `{}`), "create_lead", `{"fields":{"email":"x"}}`,
			[]string{"(HTTP 500)", "Nothing was changed"}, "NOT known"},
		{"write to a failing server", untold(answering(500, `{}`)), "create_lead", `{"fields":{"email":"x"}}`,
			[]string{"(HTTP 500)", "NOT known whether this was done", "search_leads"}, "Nothing was changed"},
		{"reply whose answer was lost", dropped(), "add_case_reply", `{"id":1,"text":"Hi"}`,
			[]string{"NOT known whether this was done", "get_case_replies"}, "Nothing was changed"},
		{"update whose answer was lost", untold(dropped()), "update_contact", `{"id":1,"fields":{"city":"Leeds"}}`,
			[]string{"NOT known whether this was done", "get_contact"}, "Nothing was changed"},
		{"list change whose answer was lost", dropped(), "add_deal_to_list", `{"id":1,"list_id":2}`,
			[]string{"NOT known", "get_deal, include lists"}, "Nothing was changed"},
		{"no connection", refused, "complete_task", `{"id":1}`, []string{"nothing was sent", "subdomain or base URL", "Nothing was changed"}, "NOT known"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := run(t, test.flexieIs, test.tool, test.arguments)
			require.Error(t, err)
			for _, text := range test.says {
				require.Contains(t, err.Error(), text)
			}
			require.NotContains(t, err.Error(), test.not)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}
