package bench

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"flexie-mcp/internal/sandbox"
)

var update = flag.Bool("update", false, "write docs/answers.md anew")

// shown are the calls that docs/answers.md shows.
var shown = []struct{ why, tool, arguments string }{
	{"A list of thirty", "search_contacts", `{"limit":30}`},
	{"A search with filters and an order", "search_deals", `{"filters":[{"field":"stage","op":"is","value":"Negotiation"}],"order_by":"amount","order":"desc"}`},
	{"One record and its notes", "get_contact", `{"id":42,"include":["notes"]}`},
	{"A conversation", "get_case_replies", `{"identifier":"REF-1042"}`},
	{"The fields of a kind", "describe_deal_fields", `{}`},
	{"A report", "get_report", `{"id":1}`},
}

// recording keeps what Flexie answered to a call, by path: some is asked side by
// side.
type recording struct {
	next    http.RoundTripper
	mu      sync.Mutex
	answers map[string]string
}

func (r *recording) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := r.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[request.URL.Path] = string(body)
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, err
}

// raw is all that was answered, in the order of the paths.
func (r *recording) raw() string {
	var all []string
	for _, path := range slices.Sorted(maps.Keys(r.answers)) {
		all = append(all, strings.TrimSpace(r.answers[path]))
	}
	return strings.Join(all, "\n")
}

// TestAnswersAreDocumented compares docs/answers.md with real answers. With -v
// it prints what they cost.
func TestAnswersAreDocumented(t *testing.T) {
	const file = "../docs/answers.md"
	want := answersDocument(t)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, want == string(got), "docs/answers.md is not current: run go test ./bench -update, and read it")
}

func answersDocument(t *testing.T) string {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	defer box.Close()
	var table, details strings.Builder
	for _, s := range shown {
		flexieIs := &recording{next: box.Transport(), answers: map[string]string{}}
		m := connect(t, newClient(t, flexieIs))
		answer, err := m.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: s.tool, Arguments: json.RawMessage(s.arguments)}})
		require.NoError(t, err)
		require.False(t, answer.IsError, "%v", answer.Content)
		text := answer.Content[0].(mcp.TextContent).Text
		data, err := json.Marshal(answer.StructuredContent)
		require.NoError(t, err)
		raw := flexieIs.raw()
		fmt.Fprintf(&table, "| %s | %d | %d | %d |\n", s.why, count(t, raw), count(t, text), count(t, string(data)))
		fmt.Fprintf(&details, "\n## %s\n\n`%s` `%s`\n\n```text\n%s\n```\n\nThe raw JSON begins:\n\n```json\n%s…\n```\n", s.why, s.tool, s.arguments, text, raw[:min(len(raw), 400)])
	}
	t.Logf("tokens (o200k): raw JSON, text, data\n%s", table.String())
	return `# Answers

<!-- Generated: go test ./bench -update. Don't edit. -->

Six answers of the sandbox, in the dialect that is most likely Flexie's, beside
the JSON that they are made of (all requests of the call together). Tokens are
o200k; ` + "`go test ./bench -run TestAnswersAreDocumented -v`" + ` prints them. Clients show
a model the text, the data, or both.

| answer | raw JSON | text | data |
|---|---|---|---|
` + table.String() + details.String()
}

func count(t *testing.T, text string) int {
	o200k, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	n, err := o200k.Count(text)
	require.NoError(t, err)
	return n
}
