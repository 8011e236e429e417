package server_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

var update = flag.Bool("update", false, "write testdata/tools anew")

// TestWhatAModelSees compares each tool with its file in testdata/tools: what a
// model is told of it, whose change should be seen in review.
func TestWhatAModelSees(t *testing.T) {
	const dir = "testdata/tools"
	if *update {
		require.NoError(t, os.RemoveAll(dir))
		require.NoError(t, os.MkdirAll(dir, 0o755))
	}
	all := append(tools.All(), tools.Discover(nil)...)
	for _, tool := range all {
		file := filepath.Join(dir, tool.Name+".json")
		want := golden(t, tool)
		if *update {
			require.NoError(t, os.WriteFile(file, want, 0o644))
		}
		got, err := os.ReadFile(file)
		require.NoError(t, err, "no file for %s: run go test ./internal/server -update, and read it", tool.Name)
		require.Equal(t, string(want), string(got), "run go test ./internal/server -update, and read what changed")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	require.Len(t, files, len(all), "a file is left of a tool that is gone")
}

func golden(t *testing.T, tool tools.Tool) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	require.NoError(t, e.Encode(server.Describe(tool)))
	return b.Bytes()
}
