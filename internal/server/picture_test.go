package server_test

import (
	"bytes"
	"encoding/base64"
	"image/png"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/tools"
)

// TestPicturesComeBesideTheWords, also where another tool runs the one that draws.
func TestPicturesComeBesideTheWords(t *testing.T) {
	w := watch(t, tools.Never)
	c, err := client.NewInProcessClient(w.serve())
	require.NoError(t, err)
	greeted(t, c, "2025-11-25")
	for name, arguments := range map[string]map[string]any{
		"search_deals": {"chart": true},
		"run_tool":     {"name": "get_report", "arguments": map[string]any{"id": 1, "chart": true}},
	} {
		r, err := c.CallTool(t.Context(), callOf(name, arguments))
		require.NoError(t, err)
		require.Contains(t, textOf(t, r), "Negotiation")
		image, ok := r.Content[len(r.Content)-1].(mcp.ImageContent)
		require.True(t, ok, name)
		require.Equal(t, "image/png", image.MIMEType)
		data, err := base64.StdEncoding.DecodeString(image.Data)
		require.NoError(t, err)
		picture, err := png.Decode(bytes.NewReader(data))
		require.NoError(t, err)
		require.Greater(t, picture.Bounds().Dy(), 200)
		require.NotContains(t, string(r.RawStructuredContent), image.Data[:40])
	}
}
