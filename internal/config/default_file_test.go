package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
)

func TestWhereTheFileIs(t *testing.T) {
	for want, of := range map[string][]string{
		"/h/.config/flexie-mcp/config.toml": {"linux", "HOME=/h"},
		"/g/.config/flexie-mcp/config.toml": {"darwin", "HOME=/g", "XDG_CONFIG_HOME=relative"},
		"/x/flexie-mcp/config.toml":         {"linux", "HOME=/h", "XDG_CONFIG_HOME=/x"},
		"/a/flexie-mcp/config.toml":         {"windows", "APPDATA=/a", "HOME=/h"},
		"":                                  {"linux"},
	} {
		require.Equal(t, filepath.FromSlash(want), config.DefaultFile(of[0], of[1:]))
	}
}

// TestTheFileOfInit is read where nothing else says which workspace: a key that
// stands in it is of that one alone.
func TestTheFileOfInit(t *testing.T) {
	home := t.TempDir()
	environ := []string{"HOME=" + home, "APPDATA=" + home}
	path := config.DefaultFile(runtime.GOOS, environ)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("subdomain = \"acme\"\napi_key = \"acmes\"\ntoolsets = [\"cases\"]\n"), 0o600))
	other := filepath.Join(home, "other.toml")
	require.NoError(t, os.WriteFile(other, []byte("subdomain = \"globex\"\n"), 0o600))

	load := func(more ...string) config.Settings {
		loaded, err := config.Load(nil, append(environ[:len(environ):len(environ)], more...))
		require.NoError(t, err)
		return loaded.Settings
	}
	for _, more := range [][]string{nil, {"FLEXIE_ACCESS=read"}, {"FLEXIE_SUBDOMAIN=", "FLEXIE_SANDBOX=0"}} {
		s := load(more...)
		require.Equal(t, []any{"acme", "acmes", []string{"cases"}}, []any{s.Subdomain, s.Key(), s.Toolsets}, more)
	}
	for _, more := range []string{"FLEXIE_SUBDOMAIN=globex", "FLEXIE_BASE_URL=https://globex.flexie.io/api", "FLEXIE_SANDBOX=1", "FLEXIE_CONFIG=" + other} {
		s := load(more)
		require.NotEqual(t, "acme", s.Subdomain, more)
		require.Equal(t, []any{"", []string{"core"}}, []any{s.Key(), s.Toolsets}, more)
	}
}
