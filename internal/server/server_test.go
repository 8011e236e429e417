package server_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// TestStartsWithoutAWorkspace: people see the chat and not the log, so a server
// that is not set up yet starts, and says in each answer what to set.
func TestStartsWithoutAWorkspace(t *testing.T) {
	const where = "The key is shown in Flexie under account name / Accounts / API Settings."
	tests := map[string]struct {
		settings config.Settings
		names    []string
	}{
		"nothing":     {notSetUp, []string{"FLEXIE_SUBDOMAIN", "FLEXIE_API_KEY", "FLEXIE_SANDBOX=1", where}},
		"only a key":  {config.Settings{APIKey: "k", Toolsets: []string{"core"}}, []string{"FLEXIE_SUBDOMAIN", where}},
		"only a name": {config.Settings{Subdomain: "acme", Toolsets: []string{"core"}}, []string{"https://acme.flexie.io/api", "FLEXIE_API_KEY_FILE", where}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, serving(t, test.settings))
			listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
			require.NoError(t, err)
			require.NotEmpty(t, listed.Tools)
			for _, tool := range listed.Tools {
				answer, err := c.CallTool(t.Context(), callOf(tool.Name, nil))
				require.NoError(t, err)
				require.True(t, answer.IsError, tool.Name)
				for _, name := range test.names {
					require.Contains(t, textOf(t, answer), name, tool.Name)
				}
			}
			_, err = c.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "flexie://contacts/42"}})
			require.ErrorContains(t, err, where)
		})
	}
}

// TestListsWithoutRequests: what is offered is known without asking Flexie,
// which may be slow, or down.
func TestListsWithoutRequests(t *testing.T) {
	flexieServer := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a request reached Flexie: %s %s", r.Method, r.URL)
	}))
	defer flexieServer.Close()
	c := connect(t, serving(t, config.Settings{BaseURL: flexieServer.URL + "/api", APIKey: "k", Toolsets: []string{"all"}}))
	listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
	require.NoError(t, err)
	require.Len(t, listed.Tools, len(tools.All()))
	_, err = c.ListResources(t.Context(), mcp.ListResourcesRequest{})
	require.NoError(t, err)
	_, err = c.ListResourceTemplates(t.Context(), mcp.ListResourceTemplatesRequest{})
	require.NoError(t, err)
}

// TestReadOnlyOffersReads: what is not offered can't be called either.
func TestReadOnlyOffersReads(t *testing.T) {
	s := inSandbox
	s.ReadOnly = true
	c := connect(t, serving(t, s))
	listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
	require.NoError(t, err)
	offered := map[string]bool{}
	for _, tool := range listed.Tools {
		require.True(t, *tool.Annotations.ReadOnlyHint, tool.Name)
		offered[tool.Name] = true
	}
	for _, tool := range tools.All() {
		require.Equal(t, tool.Act.ReadOnly, offered[tool.Name], tool.Name)
		if !tool.Act.ReadOnly {
			_, err := c.CallTool(t.Context(), callOf(tool.Name, nil))
			require.ErrorContains(t, err, "not found", tool.Name)
		}
	}
}

// TestAnnotations: a client decides by them what to ask about.
func TestAnnotations(t *testing.T) {
	for _, tool := range tools.All() {
		a := server.Describe(tool).Annotations
		require.NotEmpty(t, tool.Title, tool.Name)
		require.Equal(t, tool.Act.ReadOnly, *a.ReadOnlyHint, tool.Name)
		require.False(t, *a.ReadOnlyHint && *a.DestructiveHint, tool.Name)
	}
}

// TestErrorKinds: programs tell a wrong question from a failed call.
func TestErrorKinds(t *testing.T) {
	c := connect(t, serving(t, inSandbox))
	tests := []struct {
		tool      string
		arguments map[string]any
		kind      string
	}{
		{"get_contact", map[string]any{"id": "nobody"}, server.WrongArguments},
		{"get_contact", map[string]any{"id": 999_999}, string(flexie.NotFound)},
		{"create_contact", map[string]any{"fields": map[string]any{"email": "jane"}}, server.WrongArguments},
		{"create_contact", map[string]any{"fields": map[string]any{"email": "ana.ruiz@acme.example"}}, string(flexie.Conflict)},
		{"create_contact", map[string]any{"fields": map[string]any{"email": "jane@new.example", "country": "Nowhere"}}, string(flexie.Invalid)},
		{"get_contact", map[string]any{"id": 42}, ""},
	}
	for _, test := range tests {
		answer, err := c.CallTool(t.Context(), callOf(test.tool, test.arguments))
		require.NoError(t, err)
		require.Equal(t, test.kind != "", answer.IsError, "%v", answer.Content)
		require.Equal(t, test.kind, server.ErrorKind(answer))
	}
}

// TestAPanicIsAnError of one call, and not the end of the server.
func TestAPanicIsAnError(t *testing.T) {
	o := options(t, inSandbox)
	calls := 0
	o.Client = func(context.Context) (*flexie.Client, error) {
		if calls++; calls <= 2 {
			panic("out of luck")
		}
		return nil, errors.New("out of clients")
	}
	c := connect(t, server.New(o))
	_, err := c.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 42}))
	require.ErrorContains(t, err, "out of luck")
	_, err = c.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "flexie://contacts/42"}})
	require.ErrorContains(t, err, "out of luck")
	answer, err := c.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 42}))
	require.NoError(t, err)
	require.Equal(t, "out of clients", textOf(t, answer))
}
