package server_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"flexie-mcp/internal/server"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// offer is the array of a tools/list as it goes to a client.
func offer(t *testing.T, picked []tools.Tool) []byte {
	var described []any
	for _, tool := range picked {
		described = append(described, server.Describe(tool))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(described))
	return bytes.TrimSpace(b.Bytes())
}

func tokens(t *testing.T, text []byte) int {
	o200k, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	n, err := o200k.Count(string(text))
	require.NoError(t, err)
	return n
}

// TestToolsFitTheContext counts what a list of tools costs a model.
func TestToolsFitTheContext(t *testing.T) {
	for toolset, most := range map[string]int{"core": 6_000, "all": 13_000} {
		picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{toolset}})
		require.NoError(t, err)
		n := tokens(t, offer(t, picked))
		t.Logf("toolset %s: %d tools, %d o200k tokens", toolset, len(picked), n)
		require.LessOrEqual(t, n, most, toolset)
	}
}

// TestSchemasArePlain lints the schemas as they go out, since one that a client
// does not take costs the whole list.
func TestSchemasArePlain(t *testing.T) {
	var described []struct {
		Name        string
		InputSchema json.RawMessage
	}
	require.NoError(t, json.Unmarshal(offer(t, tools.All()), &described))
	require.Len(t, described, len(tools.All()))
	for _, d := range described {
		require.Empty(t, schema.Lint(d.InputSchema), d.Name)
		require.Contains(t, string(d.InputSchema), `"properties":{`, d.Name)
	}
}
