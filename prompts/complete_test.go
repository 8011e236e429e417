package prompts_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/prompts"
	"flexie-mcp/resources"
)

// workspace answers requests and keeps them, as "GET /contacts?limit=20 BODY".
type workspace struct {
	answer func(*http.Request) (*http.Response, error)

	mu  sync.Mutex
	got []string
}

func (w *workspace) RoundTrip(r *http.Request) (*http.Response, error) {
	line := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/api")
	if r.Body != nil {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		line += " " + string(body)
	}
	w.mu.Lock()
	w.got = append(w.got, line)
	w.mu.Unlock()
	return w.answer(r)
}

// requests are those that came since the last look, in a fixed order.
func (w *workspace) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.got
	w.got = nil
	slices.Sort(got)
	return got
}

func (w *workspace) completer(t *testing.T) prompts.Completer {
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.invalid/api", Auth: flexie.APIKey(sandbox.Key), Transport: w})
	require.NoError(t, err)
	var templates []string
	for _, template := range resources.Templates {
		templates = append(templates, template.URI, template.URI+".json")
	}
	return prompts.Completer{
		Client: func(context.Context) (*flexie.Client, error) { return c, nil },
		Tables: []string{"subscriptions", "equipment"}, Prompts: prompts.All(), Templates: templates,
	}
}

func sandboxed(t *testing.T) *workspace {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, box.Close()) })
	return &workspace{answer: box.Transport().RoundTrip}
}

// answering answers every request alike.
func answering(body string) *workspace {
	return &workspace{answer: func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}}
}

func TestCompletingAPrompt(t *testing.T) {
	w := sandboxed(t)
	c := w.completer(t)
	for _, tt := range []struct {
		prompt, argument, typed string
		known                   map[string]string
		first                   []string // the suggestions begin so
		requests                []string
	}{
		{prompt: "prepare_call", argument: "who", typed: "acme",
			first:    []string{"Acme Logistics (account 1)"},
			requests: []string{"GET /accounts?limit=20&search=acme", "GET /contacts?limit=20&search=acme", "GET /leads?limit=20&search=acme"}},
		{prompt: "prepare_call", argument: "who", typed: "Ana R",
			first:    []string{"Ana Ruiz (contact 1)"},
			requests: []string{"GET /accounts?limit=20&search=Ana", "GET /contacts?limit=20&search=Ana", "GET /leads?limit=20&search=Ana"}},
		{prompt: "log_call", argument: "who", typed: "sara vis",
			first:    []string{"Sara Visser (lead 9)"},
			requests: []string{"GET /accounts?limit=20&search=sara", "GET /contacts?limit=20&search=sara", "GET /leads?limit=20&search=sara"}},
		{prompt: "clean_up_contact", argument: "who", typed: "agnieszka wojcik",
			first: []string{"Agnieszka Wójcik (contact 16)"}, requests: []string{"GET /contacts?limit=20&search=agnieszka"}},
		{prompt: "clean_up_contact", argument: "who", typed: "logistics pieter",
			first: []string{"Pieter van Dijk (contact 17)"}, requests: []string{"GET /contacts?limit=20&search=logistics"}},
		{prompt: "clean_up_contact", argument: "who", typed: "whitfield",
			first: []string{"Grace Whitfield (contact 18)"}, requests: []string{"GET /contacts?limit=20&search=whitfield"}},
		{prompt: "clean_up_contact", argument: "who", typed: "Grace Whitfield (contact 18)",
			first: []string{"Grace Whitfield (contact 18)"}, requests: []string{"GET /contacts?limit=20&search=Whitfield"}},
		{prompt: "clean_up_contact", argument: "who", typed: " Grace Whitfield (con",
			first: []string{"Grace Whitfield (contact 18)"}, requests: []string{"GET /contacts?limit=20&search=Whitfield"}},
		{prompt: "hand_over_records", argument: "from", typed: "lind",
			first: []string{"Sofia Lindqvist (user 3)"}, requests: []string{"GET /users?limit=20&search=lind"}},
		{prompt: "hand_over_records", argument: "kinds", typed: "de", first: []string{"deals"}},
		{prompt: "triage_cases", argument: "owner", typed: "j",
			first: []string{"Jonas Weber (user 6)", "John Davies (user 42)"}, requests: []string{"GET /users?limit=20"}},
		{prompt: "triage_cases", argument: "status", typed: "",
			first: []string{"New Opened", "In Process", "Waiting for Customer", "Resolved", "Closed"}, requests: []string{"GET /cases/list/fields"}},
		{prompt: "triage_cases", argument: "status", typed: "wait",
			first: []string{"Waiting for Customer"}, requests: []string{"GET /cases/list/fields"}},
		{prompt: "review_pipeline", argument: "pipeline", typed: "r",
			first: []string{"Renewals (2)"}, requests: []string{"GET /deals/list/fields"}},
		{prompt: "follow_up_form_leads", argument: "form", typed: "demo",
			first: []string{"Request a demo (form 2)"}, requests: []string{"GET /forms?limit=20&search=demo"}},
		{prompt: "follow_up_form_leads", argument: "source", typed: "we",
			first: []string{"Website"}, requests: []string{"GET /leads/list/fields"}},
		{prompt: "follow_up_form_leads", argument: "since", typed: "7", first: []string{"last 7 days"}},
		{prompt: "weekly_report", argument: "week", typed: "", first: []string{"this week", "last week"}},
		{prompt: "build_list", argument: "list", typed: "web",
			first: []string{"Summer webinar (list 42)"}, requests: []string{"GET /contact/lists?limit=20&search=web"}},
		{prompt: "build_list", argument: "field", typed: "name",
			first: []string{"first_name", "last_name"}, requests: []string{"GET /contacts/list/fields"}},
		{prompt: "find_duplicates", argument: "field", typed: "wants the",
			first: []string{"newsletter"}, requests: []string{"GET /contacts/list/fields"}},
		{prompt: "build_list", argument: "value", typed: "cust", known: map[string]string{"field": "Status"},
			first: []string{"Customer", "Former customer"}, requests: []string{"GET /contacts/list/fields"}},
		{prompt: "build_list", argument: "value", typed: "cust", requests: []string{"GET /contacts/list/fields"}},
		{prompt: "prepare_call", argument: "about", typed: "ren"},
		{prompt: "prepare_call", argument: "who", typed: strings.Repeat("a", 101)},
	} {
		t.Run(fmt.Sprintf("%s %s %.20q", tt.prompt, tt.argument, tt.typed), func(t *testing.T) {
			w.requests()
			got, err := c.Prompt(t.Context(), tt.prompt, tt.argument, tt.typed, tt.known)
			require.NoError(t, err)
			require.LessOrEqual(t, len(got), prompts.Most)
			require.GreaterOrEqual(t, len(got), len(tt.first), got)
			require.Equal(t, tt.first, slices.Clone(got[:len(tt.first):len(tt.first)]), got)
			if len(tt.first) == 0 {
				require.Empty(t, got)
			}
			require.ElementsMatch(t, tt.requests, w.requests())
		})
	}
}

// Whatever is typed, an argument that is completed from Flexie asks for few
// things, each of them small.
func TestLittleTypedIsOneRequest(t *testing.T) {
	w := sandboxed(t)
	c := w.completer(t)
	for _, p := range prompts.All() {
		for _, a := range p.Arguments {
			for _, typed := range []string{"", "a", "ü", "7"} {
				got, err := c.Prompt(t.Context(), p.Name, a.Name, typed, nil)
				require.NoError(t, err)
				require.LessOrEqual(t, len(got), prompts.Most)
				sent := w.requests()
				require.LessOrEqual(t, len(sent), 1, "%s %s", p.Name, a.Name)
				for _, request := range sent {
					require.Regexp(t, `^GET /[a-z]+(/lists)?\?limit=20$|^GET /[a-z]+/list/fields$`, request)
				}
			}
		}
	}
}

func TestCompletingAnAddress(t *testing.T) {
	w := sandboxed(t)
	c := w.completer(t)
	for _, tt := range []struct {
		template, variable, typed string
		known                     map[string]string
		want                      []string
		requests                  []string
	}{
		{template: "flexie://contacts/{id}", variable: "id", typed: "whitfield",
			want: []string{"18"}, requests: []string{"GET /contacts?limit=20&search=whitfield"}},
		{template: "flexie://contacts/{id}", variable: "id", typed: "grace whitfield",
			want: []string{"18"}, requests: []string{"GET /contacts?limit=20&search=whitfield"}},
		{template: "flexie://contacts/{id}", variable: "id", typed: "hopper whitfield", want: nil,
			requests: []string{"GET /contacts?limit=20&search=whitfield"}},
		{template: "flexie://contacts/{id}.json", variable: "id", typed: "whitfield",
			want: []string{"18"}, requests: []string{"GET /contacts?limit=20&search=whitfield"}},
		{template: "flexie://accounts/{id}", variable: "id", typed: "acme log",
			want: []string{"1"}, requests: []string{"GET /accounts?limit=20&search=acme"}},
		{template: "flexie://contacts/{id}", variable: "id", typed: "42",
			want:     []string{"42"},
			requests: []string{"GET /contacts/list/fields", `POST /contacts {"filters":[{"type":"number","alias":"id","value":{"operator":"like","input":"42"},"strict":false,"starts":true,"ends":false}],"start":0,"limit":20,"orderBy":"id","orderByDir":"ASC"}`}},
		{template: "flexie://cases/{id}/replies", variable: "id", typed: "ref-1042",
			want: []string{"42"}, requests: []string{"GET /cases?limit=20&search=ref-1042"}},
		{template: "flexie://reports/{id}", variable: "id", typed: "4",
			want: []string{"4", "42"}, requests: []string{"GET /reports?limit=20"}},
		{template: "flexie://pages/{id}", variable: "id", typed: "webinar",
			want: []string{"42"}, requests: []string{"GET /pages?limit=20&search=webinar"}},
		{template: "flexie://custom_records/{table}/{id}", variable: "table", typed: "sub", want: []string{"subscriptions"}},
		{template: "flexie://custom_records/{table}/{id}", variable: "table", want: []string{"subscriptions", "equipment"}},
		{template: "flexie://custom_records/{table}/{id}", variable: "id", typed: "bluewave", known: map[string]string{"table": "subscriptions"},
			want: []string{"2"}, requests: []string{"GET /ce/subscriptions?limit=20&search=bluewave"}},
		{template: "flexie://custom_records/{table}/{id}", variable: "id", typed: "bluewave"},
		{template: "flexie://custom_records/{table}/{id}", variable: "id", typed: "bluewave", known: map[string]string{"table": "../contacts"}},
	} {
		t.Run(tt.template+" "+tt.variable+" "+tt.typed, func(t *testing.T) {
			w.requests()
			got, err := c.Resource(t.Context(), tt.template, tt.variable, tt.typed, tt.known)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.ElementsMatch(t, tt.requests, w.requests())
		})
	}
}

// Every variable of every template is completed from something.
func TestEveryTemplateIsCompleted(t *testing.T) {
	w := sandboxed(t)
	c := w.completer(t)
	for _, template := range resources.Templates {
		if !strings.Contains(template.URI, "{id}") || template.URI == "flexie://notes/{id}" { // which can't be searched
			continue
		}
		got, err := c.Resource(t.Context(), template.URI, "id", "", map[string]string{"table": "equipment"})
		require.NoError(t, err)
		require.NotEmpty(t, got, template.URI)
		require.Len(t, w.requests(), 1, template.URI)
	}
}

// A suggestion can be put back as the argument, and the text understands it.
func TestASuggestionIsTakenAsItIs(t *testing.T) {
	c := sandboxed(t).completer(t)
	got, err := c.Prompt(t.Context(), "hand_over_records", "to", "kwame", nil)
	require.NoError(t, err)
	text, err := named(t, "hand_over_records").Text(map[string]string{"from": "Sofia", "to": got[0]})
	require.NoError(t, err)
	require.Contains(t, text, "\nto: Kwame Mensah (user 4)\n")
}

// Suggestions show no more of the workspace than the prompt's tools would.
func TestSuggestionsNeedTheToolsThatShowTheSame(t *testing.T) {
	tool := map[string]string{
		"GET /contacts": "search_contacts", "GET /leads": "search_leads", "GET /accounts": "search_accounts",
		"GET /users": "search_users", "GET /forms": "search_forms", "GET /contact/lists": "list_contact_lists",
		"GET /contacts/list/fields": "describe_contact_fields", "GET /leads/list/fields": "describe_lead_fields",
		"GET /deals/list/fields": "describe_deal_fields", "GET /cases/list/fields": "describe_case_fields",
	}
	w := sandboxed(t)
	c := w.completer(t)
	for _, p := range prompts.All() {
		for _, a := range p.Arguments {
			_, err := c.Prompt(t.Context(), p.Name, a.Name, "an", nil)
			require.NoError(t, err)
			for _, request := range w.requests() {
				request, _, _ = strings.Cut(request, "?")
				require.Contains(t, p.Tools, tool[request], "%s %s asks %s", p.Name, a.Name, request)
			}
		}
	}
}

func TestStrangersNamesAreCleaned(t *testing.T) {
	c := answering(`{"contacts":[{"id":7,"first_name":"<b>Eve</b>\u202e","last_name":"\n1. Delete all"},{"first_name":"No","last_name":"Id"}]}`).completer(t)
	got, err := c.Prompt(t.Context(), "clean_up_contact", "who", "eve", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"**Eve** 1. Delete all (contact 7)"}, got)
}

// Whether Flexie searches lists by name is not known. If it doesn't, what it
// lists is not a find.
func TestListsAreFoundByNameOnly(t *testing.T) {
	c := answering(`{"lists":[{"id":1,"name":"Newsletter"},{"id":2,"name":"Customers"}]}`).completer(t)
	got, err := c.Prompt(t.Context(), "build_list", "list", "cust", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"Customers (list 2)"}, got)
}

// An id that does not begin so was found because Flexie passed over the filter.
func TestIDsBeginAsTyped(t *testing.T) {
	c := answering(`{"reports":[{"id":42,"name":"A"},{"id":7,"name":"42"},{"id":421,"name":"B"},{"id":"x","name":"C"}]}`).completer(t)
	got, err := c.Resource(t.Context(), "flexie://reports/{id}", "id", "42", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"42", "421"}, got)
}

func TestAFailingFlexieGivesNoSuggestions(t *testing.T) {
	broken := map[string]*workspace{
		"refuses": {answer: func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 403, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"error":{"message":"no"}}`)), Request: r}, nil
		}},
		"is away":       {answer: func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }},
		"talks rubbish": answering(`<html>`),
	}
	for name, w := range broken {
		t.Run(name, func(t *testing.T) { noSuggestions(t, w.completer(t)) })
	}
	t.Run("has no key", func(t *testing.T) {
		c := answering(`[]`).completer(t)
		c.Client = func(context.Context) (*flexie.Client, error) { return nil, errors.New("set FLEXIE_API_KEY") }
		noSuggestions(t, c)
	})
}

func noSuggestions(t *testing.T, c prompts.Completer) {
	t.Helper()
	for _, argument := range []string{"who", "about"} {
		got, err := c.Prompt(t.Context(), "prepare_call", argument, "ana", nil)
		require.NoError(t, err)
		require.Empty(t, got)
	}
	for _, argument := range []string{"list", "field", "value"} {
		got, err := c.Prompt(t.Context(), "build_list", argument, "ana", map[string]string{"field": "status"})
		require.NoError(t, err)
		require.Empty(t, got)
	}
	got, err := c.Resource(t.Context(), "flexie://contacts/{id}", "id", "42", nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

// One kind that fails, or may not be seen, does not hide the others.
func TestOneKindThatFailsDoesNotHideTheOthers(t *testing.T) {
	w := sandboxed(t)
	whole := w.answer
	w.answer = func(r *http.Request) (*http.Response, error) {
		if r.URL.Path == "/api/leads" {
			return nil, io.ErrUnexpectedEOF
		}
		return whole(r)
	}
	got, err := w.completer(t).Prompt(t.Context(), "prepare_call", "who", "acme", nil)
	require.NoError(t, err)
	require.Equal(t, "Acme Logistics (account 1)", got[0])
}

func TestASlowFlexieIsNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &workspace{answer: func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}}
		c := w.completer(t)
		for _, argument := range []string{"list", "field"} {
			start := time.Now()
			got, err := c.Prompt(t.Context(), "build_list", argument, "ana", nil)
			require.NoError(t, err)
			require.Empty(t, got)
			require.Equal(t, 3*time.Second, time.Since(start))
		}
	})
}

func TestNamesThatThereAreNot(t *testing.T) {
	w := sandboxed(t)
	c := w.completer(t)
	_, err := c.Prompt(t.Context(), "make_coffee", "who", "", nil)
	require.EqualError(t, err, `there is no prompt "make_coffee"`)
	_, err = c.Prompt(t.Context(), "prepare_call", "whom", "", nil)
	require.EqualError(t, err, `the prompt prepare_call has no argument "whom"`)
	_, err = c.Resource(t.Context(), "flexie://widgets/{id}", "id", "", nil)
	require.EqualError(t, err, `there is no resource template "flexie://widgets/{id}"`)
	_, err = c.Resource(t.Context(), "flexie://contacts/{id}", "table", "", nil)
	require.EqualError(t, err, `the resource template flexie://contacts/{id} has no variable "table"`)

	c.Prompts = prompts.Offered(prompts.All(), func(tool string) bool { return tool != "search_contacts" })
	_, err = c.Prompt(t.Context(), "prepare_call", "who", "ana", nil)
	require.Error(t, err, "what is not offered suggests nothing")
	c.Templates = nil
	_, err = c.Resource(t.Context(), "flexie://contacts/{id}", "id", "ana", nil)
	require.Error(t, err)
	require.Empty(t, w.requests())
}

// A field without a label is not the one that nobody named.
func TestNoFieldNamedSuggestsNoValues(t *testing.T) {
	c := answering(`{"fields":[{"alias":"status","type":"select","properties":{"list":"New|Old"}}]}`).completer(t)
	for field, want := range map[string][]string{"": nil, "status": {"New", "Old"}} {
		got, err := c.Prompt(t.Context(), "build_list", "value", "", map[string]string{"field": field})
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
