package oauth_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/private"
)

// opened is a login that others can read, the warnings that it gives, and where.
func opened(t *testing.T) (l *oauth.Logins, one oauth.Login, said *[]string, dir string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("who may read a file is not in its mode there")
	}
	state := t.TempDir()
	l, said = oauth.OpenLogins(state, false), &[]string{}
	l.Warn = func(text string) { *said = append(*said, text) }
	one = keep(t, l, acme, "1", aGrant)
	require.Empty(t, *said)
	return l, one, said, filepath.Join(state, "logins")
}

func modeOf(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	return info.Mode().Perm()
}

// TestOthersCouldReadIt: that is taken from them, and told once.
func TestOthersCouldReadIt(t *testing.T) {
	l, one, said, dir := opened(t)
	tokens, err := filepath.Glob(filepath.Join(dir, "*.tokens.json"))
	require.NoError(t, err)
	require.NoError(t, os.Chmod(tokens[0], 0o644))
	require.NoError(t, os.Chmod(dir, 0o755))
	for range 2 {
		_, found, err := l.Find(one.Root)
		require.NoError(t, err)
		require.True(t, found)
	}
	require.Equal(t, []string{
		"others could look into " + dir + " (mode 0755), and now can't: it has mode 0700",
		"others could read " + tokens[0] + " (mode 0644), and now can't: it has mode 0600. If somebody may have, end the sign-in in Flexie and log in again",
	}, *said)
	require.Equal(t, fs.FileMode(0o600), modeOf(t, tokens[0]))
	require.Equal(t, fs.FileMode(0o700), modeOf(t, dir))
	require.Equal(t, "0600", l.Mode(one))
}

// TestOthersCanReadIt: what can't be mended is not used, as ssh does with a key.
func TestOthersCanReadIt(t *testing.T) {
	l, one, said, dir := opened(t)
	defer private.OnChmod(func(string, fs.FileMode) error { return nil })() // as on a disk without modes
	tokens, err := filepath.Glob(filepath.Join(dir, "*.tokens.json"))
	require.NoError(t, err)
	require.NoError(t, os.Chmod(tokens[0], 0o640))
	_, found, err := l.Find(one.Root)
	require.True(t, found, "it can be forgotten")
	require.EqualError(t, err, "others can read "+tokens[0]+" (mode 0640), so it is not used: have chmod 600 take that from them, or keep sign-ins elsewhere by FLEXIE_STATE_DIR")
	require.Empty(t, *said)
	require.Equal(t, "0640", l.Mode(one))
	require.NoError(t, os.Chmod(tokens[0], 0o600))
	require.NoError(t, os.Chmod(dir, 0o777))
	_, _, err = l.Find(one.Root)
	require.ErrorContains(t, err, "others can change "+dir+" (mode 0777), so it is not used: have chmod 700 ")
	require.ErrorContains(t, l.Ready(), "others can change "+dir, "nobody is asked to sign in")
}
