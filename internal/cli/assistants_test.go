package cli_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// choosing is a browser in which one toolset alone is ticked.
type choosing string

func (c choosing) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		if form.Has("toolset") {
			form.Set("toolset", string(c))
		}
		text := form.Encode()
		r = r.Clone(r.Context())
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader([]byte(text))), int64(len(text))
	}
	return http.DefaultTransport.RoundTrip(r)
}

// assistant is one that a person has signed in for.
type assistant struct {
	t *testing.T
	*mcp.ClientSession
}

// call is the text of a tool's answer.
func (a assistant) call(tool string, arguments map[string]any) string {
	answer, err := a.CallTool(a.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	require.NoError(a.t, err)
	return answer.Content[0].(*mcp.TextContent).Text
}

// twoAssistants of one person, of which the second may do less.
func twoAssistants(t *testing.T, less http.RoundTripper) (desk, few assistant) {
	at := freePort(t)
	p := start(t, nil, "http", "--sandbox", "--listen", at, "--public-url", "http://"+at)
	base := p.address()
	signIn := func(browser http.RoundTripper) assistant {
		person := newSigner(t, "sandbox-sales")
		person.client.Transport = browser
		c, err := asPerson(t, person, base)
		require.NoError(t, err, p.errors)
		t.Cleanup(func() { c.Close() })
		return assistant{t, c}
	}
	return signIn(nil), signIn(less)
}

// TestTwoAssistants of one person, who has signed in twice and let one of them do
// less: that one is told of no more by way of what the other has done.
func TestTwoAssistants(t *testing.T) {
	desk, few := twoAssistants(t, choosing("tasks"))
	made := desk.call("update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": "Hiddenville"}})
	change := regexp.MustCompile(`Change (\d+)`).FindStringSubmatch(made)
	require.NotNil(t, change, made)
	require.Contains(t, desk.call("list_changes", nil), "Hiddenville")
	require.Contains(t, few.call("run_tool", map[string]any{"name": "get_contact", "arguments": map[string]any{"id": 42}}), "not allowed here")
	listed := few.call("list_changes", nil)
	require.NotContains(t, listed, "Hiddenville")
	require.Contains(t, listed, "Changes of what can't be read here are not listed.")
	undo := map[string]any{"change_id": change[1], "dry_run": true}
	require.Contains(t, few.call("undo_change", undo), "there is no change "+change[1]+" of yours")
	require.Contains(t, desk.call("undo_change", undo), "Hiddenville")
}

// TestTwoAssistantsHaveTheirOwnCodes, and results, also where both may do the same.
func TestTwoAssistantsHaveTheirOwnCodes(t *testing.T) {
	one, other := twoAssistants(t, nil)
	long := one.call("run_tool", map[string]any{"name": "search_contacts", "arguments": map[string]any{"limit": 100}})
	result := regexp.MustCompile(`flexie://results/\w+`).FindString(long)
	require.NotEmpty(t, result, long)
	_, err := one.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: result})
	require.NoError(t, err)
	_, err = other.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: result})
	require.ErrorContains(t, err, "there is no result")

	note := map[string]any{"entity_type": "contact", "entity_id": 42, "text": "Called twice"}
	one.call("add_note", note)
	preview := one.call("add_note", note) // once more, which takes a yes
	code := regexp.MustCompile(`confirm: (\w+)`).FindStringSubmatch(preview)
	require.NotNil(t, code, preview)
	note["confirm"] = code[1]
	require.Contains(t, other.call("add_note", note), "That code is for another call")
	require.NotContains(t, one.call("add_note", note), "That code is")
}
