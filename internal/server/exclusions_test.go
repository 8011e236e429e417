package server_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// excluding is a server of all tools but some.
func excluding(t *testing.T, names ...string) *client.Client {
	o := options(t, inSandbox)
	choice := tools.Choice{Toolsets: []string{"all", "discover"}, Exclude: names}
	picked, err := tools.Choose(tools.All(), choice)
	require.NoError(t, err)
	o.Tools, o.Safety.Allows = picked, choice.Allows
	return connect(t, server.New(o))
}

// TestWhatIsExcludedHasNoAddress, not by the pattern of another one either: an
// {id} matches "fields" and "lists".
func TestWhatIsExcludedHasNoAddress(t *testing.T) {
	c := excluding(t, "describe_contact_fields", "list_contact_lists", "describe_custom_record_fields", "get_case")
	for uri, says := range map[string]string{
		"flexie://contacts/fields":                          "describe_contact_fields is not allowed here: this server's settings leave it out (FLEXIE_EXCLUDE_TOOLS)",
		"flexie://contacts/fields.json":                     "describe_contact_fields is not allowed here",
		"flexie://contacts/lists":                           "list_contact_lists is not allowed here",
		"flexie://custom_records/subscriptions/fields":      "describe_custom_record_fields is not allowed here",
		"flexie://custom_records/subscriptions/fields.json": "describe_custom_record_fields is not allowed here",
		"flexie://cases/1":                                  "",
	} {
		_, err := read(t, c, uri)
		require.Error(t, err, uri)
		require.ErrorContains(t, err, says)
	}
	_, err := read(t, c, "flexie://custom_records/subscriptions/lists")
	require.NoError(t, err)
	_, err = read(t, c, "flexie://contacts/42")
	require.NoError(t, err)
}

// TestWhatIsNotChosenHasNoAddress where the settings forbid nothing.
func TestWhatIsNotChosenHasNoAddress(t *testing.T) {
	o := options(t, inSandbox)
	picked, err := tools.Choose(tools.All(), tools.Choice{Tools: []string{"get_contact"}})
	require.NoError(t, err)
	o.Tools = picked
	c := connect(t, server.New(o))
	_, err = read(t, c, "flexie://contacts/fields")
	require.ErrorContains(t, err, "describe_contact_fields, which shows the same, is left out by this server's settings")
	_, err = read(t, c, "flexie://contacts/42")
	require.NoError(t, err)
}

// TestTheWorkspaceDoesNotNameItsUser where the tool that does is excluded.
func TestTheWorkspaceDoesNotNameItsUser(t *testing.T) {
	whole, err := read(t, connect(t, serving(t, inSandbox)), resources.WorkspaceURI)
	require.NoError(t, err)
	require.Contains(t, whole.Text, "**user**: User 1")
	without, err := read(t, excluding(t, "get_current_user"), resources.WorkspaceURI)
	require.NoError(t, err)
	require.NotContains(t, without.Text, "**user**")
	require.Contains(t, without.Text, "**base URL**")
}

// idsOf are the ids that are suggested for a kind's address.
func idsOf(t *testing.T, c *client.Client, plural, typed string) []string {
	var request mcp.CompleteRequest
	request.Params.Ref = mcp.ResourceReference{Type: "ref/resource", URI: "flexie://" + plural + "/{id}"}
	request.Params.Argument = mcp.CompleteArgument{Name: "id", Value: typed}
	done, err := c.Complete(t.Context(), request)
	require.NoError(t, err)
	return done.Completion.Values
}

// TestWhatIsExcludedIsNotSuggested: who may read one contact may not look for
// others.
func TestWhatIsExcludedIsNotSuggested(t *testing.T) {
	c := excluding(t, "search_contacts")
	require.Empty(t, idsOf(t, c, "contacts", "hallor"))
	require.NotEmpty(t, idsOf(t, c, "leads", ""))
}

// TestWhatIsExcludedIsNoJob: a prompt names no tool that can't be called.
func TestWhatIsExcludedIsNoJob(t *testing.T) {
	names := jobs(t, excluding(t, "update_contact"))
	require.NotContains(t, names, "clean_up_contact")
	require.Contains(t, names, "build_list")
}

func jobs(t *testing.T, c *client.Client) (names []string) {
	listed, err := c.ListPrompts(t.Context(), mcp.ListPromptsRequest{})
	require.NoError(t, err)
	for _, p := range listed.Prompts {
		names = append(names, p.Name)
	}
	return names
}

// granting is a sandbox whose user may do nothing with contacts, and writes down
// what was asked for.
type granting struct {
	next http.RoundTripper

	mu    sync.Mutex
	asked []string
}

func (g *granting) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	g.asked = append(g.asked, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api"))
	g.mu.Unlock()
	switch {
	case strings.HasSuffix(r.URL.Path, "/users/self"):
		return saying(`{"user":{"id":"3","username":"ann"}}`).RoundTrip(r)
	case strings.Contains(r.URL.Path, "/permission"):
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var wanted struct{ Permissions []string }
		if err := json.Unmarshal(body, &wanted); err != nil {
			return nil, err
		}
		has := map[string]bool{}
		for _, name := range wanted.Permissions {
			if !strings.HasPrefix(name, "mcp:") { // it leaves out what it does not know
				has[name] = !strings.HasPrefix(name, "contact:")
			}
		}
		granted, err := json.Marshal(map[string]any{"permissions": has})
		if err != nil {
			return nil, err
		}
		return saying(granted).RoundTrip(r)
	}
	return g.next.RoundTrip(r)
}

// clientOffContacts is one whose user may not see contacts.
func clientOffContacts(t *testing.T) (*granting, func(context.Context) (*flexie.Client, error)) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	g := &granting{next: box.Transport()}
	f, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(sandbox.Key), Transport: g})
	require.NoError(t, err)
	return g, func(context.Context) (*flexie.Client, error) { return f, nil }
}

// offContacts is a server that leaves out what its user may not do.
func offContacts(t *testing.T) (*client.Client, *granting) {
	g, of := clientOffContacts(t)
	o := options(t, config.Settings{Sandbox: true, Toolsets: []string{"all", "discover"}})
	o.HideForbidden, o.Client = true, of
	return connect(t, server.New(o)), g
}

// TestWhatIsForbiddenIsNotWithinReach by any other way than its tool's name.
func TestWhatIsForbiddenIsNotWithinReach(t *testing.T) {
	c, g := offContacts(t)
	const why = "Flexie says that the key's user has no permission for it"
	for _, uri := range []string{"flexie://contacts/42", "flexie://contacts/42.json", "flexie://contacts/fields", "flexie://contacts/lists"} {
		_, err := read(t, c, uri)
		require.ErrorContains(t, err, why, uri)
	}
	_, err := read(t, c, "flexie://leads/1")
	require.NoError(t, err)

	require.Empty(t, idsOf(t, c, "contacts", ""))
	require.NotEmpty(t, idsOf(t, c, "leads", ""))

	names := jobs(t, c)
	require.NotContains(t, names, "clean_up_contact")
	require.Contains(t, names, "review_pipeline")
	var request mcp.CompleteRequest
	request.Params.Ref = mcp.PromptReference{Type: "ref/prompt", Name: "clean_up_contact"}
	request.Params.Argument = mcp.CompleteArgument{Name: "who", Value: "hallor"}
	done, err := c.Complete(t.Context(), request)
	require.NoError(t, err)
	require.Empty(t, done.Completion.Values)

	for _, query := range []string{`{"query":"find a contact","limit":10}`, `{}`} {
		r, err := c.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: "find_tools", Arguments: json.RawMessage(query)}})
		require.NoError(t, err)
		require.NotRegexp(t, `\b(search_contacts|get_contact)\b: |contacts: search_contacts`, textOf(t, r))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, request := range g.asked {
		require.NotContains(t, request, "/contact")
	}
}

// TestWhatIsNotAllowedIsCalledSo, so that programs and the log tell it apart.
func TestWhatIsNotAllowedIsCalledSo(t *testing.T) {
	forbidden, _ := offContacts(t)
	for name, c := range map[string]*client.Client{"by the settings": excluding(t, "get_contact"), "by the role": forbidden} {
		run, err := c.CallTool(t.Context(), callOf("run_tool", map[string]any{"name": "get_contact", "arguments": map[string]any{"id": 42}}))
		require.NoError(t, err, name)
		require.True(t, run.IsError, name)
		require.Equal(t, "not_allowed", server.ErrorKind(run), "%s: %s", name, textOf(t, run))
		require.Contains(t, textOf(t, run), "get_contact is not allowed here: ")
	}
	direct, err := forbidden.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 42}))
	require.NoError(t, err)
	require.Equal(t, "not_allowed", server.ErrorKind(direct), textOf(t, direct))
}
