package config

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write config.example.toml and docs/settings.md anew")

// The two files users read are the declaration's, word for word.
func TestGeneratedFiles(t *testing.T) {
	for path, want := range map[string]string{
		"../../config.example.toml": ExampleTOML(),
		"../../docs/settings.md":    Markdown(),
	} {
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		}
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, want, string(got), "%s is out of date; run: go test ./internal/config -update", path)
	}
}
