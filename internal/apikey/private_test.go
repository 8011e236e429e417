package apikey_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/apikey"
	"flexie-mcp/internal/private"
)

// opened is a key that others can be given, what is said of it, and its file.
func opened(t *testing.T) (s apikey.Store, said *[]string, file string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("who may read a file is not in its mode there")
	}
	dir := t.TempDir()
	s, said = apikey.Open(dir, false), &[]string{}
	s.Warn = func(text string) { *said = append(*said, text) }
	_, err := s.Keep(t.Context(), acme, "very-secret")
	require.NoError(t, err)
	require.Empty(t, *said)
	found, err := filepath.Glob(filepath.Join(dir, "keys", "*.key"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	return s, said, found[0]
}

// TestOthersCouldReadTheKey: that is taken from them, and told once.
func TestOthersCouldReadTheKey(t *testing.T) {
	s, said, file := opened(t)
	require.NoError(t, os.Chmod(file, 0o644))
	require.NoError(t, os.Chmod(filepath.Dir(file), 0o777))
	for range 2 {
		_, found, err := s.Find(acme)
		require.NoError(t, err)
		require.True(t, found)
	}
	require.Equal(t, []string{
		"others could look into " + filepath.Dir(file) + " (mode 0777), and now can't: it has mode 0700",
		"others could read " + file + " (mode 0644), and now can't: it has mode 0600. If somebody may have, make the key anew in Flexie",
	}, *said)
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
}

// TestOthersCanReadTheKey: what can't be mended is not used, and can be removed.
func TestOthersCanReadTheKey(t *testing.T) {
	s, said, file := opened(t)
	defer private.OnChmod(func(string, fs.FileMode) error { return nil })() // as on a disk without modes
	require.NoError(t, os.Chmod(file, 0o640))
	one, found, err := s.Find(acme)
	require.True(t, found)
	require.EqualError(t, err, "others can read "+file+" (mode 0640), so it is not used: have chmod 600 take that from them, or keep keys elsewhere by FLEXIE_STATE_DIR")
	require.Empty(t, *said)
	require.NoError(t, s.Forget(t.Context(), one))
	require.NoFileExists(t, file)
	require.NoError(t, os.Chmod(filepath.Dir(file), 0o777))
	_, err = s.Keep(t.Context(), acme, "very-secret")
	require.ErrorContains(t, err, "others can change ")
}
