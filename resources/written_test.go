package resources_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// TestWrittenAtOnce: both halves together are the same as each by itself.
func TestWrittenAtOnce(t *testing.T) {
	values := flexie.NewObject()
	values.Set("name", "A <b>\u2028 & \"c\" \u200b[x](https://x.example)")
	values.Set("Größe", "ü\u0130 1\n2")
	a := resources.RecordAnswer(resources.Contact, flexie.Record{ID: "1", Values: values})
	a.Parts = append(a.Parts, resources.Part{Title: "Next", Text: "Ask.", Ours: true})
	w := a.Write()
	data, err := json.Marshal(a.Structured())
	require.NoError(t, err)
	require.Equal(t, a.Text(), w.Text)
	require.Equal(t, string(data), string(w.Data))
	require.Equal(t, resources.Tokens(w.Text)+resources.Tokens(string(data)), a.Cost())
	require.Contains(t, w.Text, "1 hidden character was removed.")
}

// TestFits says the same as Cost, also of what costs as much as a text can.
func TestFits(t *testing.T) {
	for _, text := range []string{"", "a", "1", " 1 2 3", "a1b2c3", "Aa Bb", "-1-1", "я ж", "1.1.1", "Hello, world", strings.Repeat(" 1", 50), strings.Repeat("a1", 50), "\n1\n1"} {
		for tokens := range 220 {
			w := resources.Written{Text: text, Data: []byte(text)}
			require.Equal(t, w.Cost() <= tokens, w.Fits(tokens), "%q within %d", text, tokens)
		}
	}
}
