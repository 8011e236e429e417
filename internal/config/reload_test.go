package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
)

// TestReloaded takes what can change while a server runs, leaves the rest, and
// names both without their values.
func TestReloaded(t *testing.T) {
	dir := t.TempDir()
	file, key := filepath.Join(dir, "config.toml"), filepath.Join(dir, "key")
	load := func(content, apiKey string) *config.Loaded {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		require.NoError(t, os.WriteFile(key, []byte(apiKey), 0o600))
		loaded, err := config.Load(nil, []string{"FLEXIE_CONFIG=" + file, "FLEXIE_MAX_RATE=3"})
		require.NoError(t, err)
		return loaded
	}
	const start = `api_key_file = "key"` + "\n"
	started := load(start+`subdomain = "acme"`, "one")
	require.True(t, started.Equal(load(start+`subdomain = "acme"`, "one")))
	require.Empty(t, started.Changed(load(start+`subdomain = "acme"`, "one")))

	next := load(start+`
subdomain = "globex"
toolsets = ["cases"]
max_rate = 9
log_calls = false
access = "read"
`, "two")
	require.False(t, started.Equal(next))
	now := started.Reloaded(next)
	require.Equal(t, []string{"toolsets", "access"}, started.Changed(now), "the environment wins over the file")
	require.Equal(t, []string{"subdomain", "api_key_file"}, now.Changed(next), "what is left for the next start")
	require.True(t, started.Rereadable())
	require.Equal(t, []string{"cases"}, now.Toolsets)
	require.Equal(t, "acme", now.Subdomain)
	require.Equal(t, "one", now.Key())
	require.True(t, now.IsSet("log_calls"))
	require.False(t, started.IsSet("log_calls"))
	require.Equal(t, []string{"core"}, started.Toolsets, "which is left as it was")
}
