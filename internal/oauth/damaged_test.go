package oauth_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/oauth"
)

const initech = "https://initech.flexie.io/api"

// damage spoils what says whose the login to a workspace is, and gives its file.
func damage(t *testing.T, dir, host string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "logins", host+"*.login.json"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, os.WriteFile(found[0], []byte(`{"root": "https://`), 0o600))
	return found[0]
}

// TestADamagedLogin costs its own workspace and no other, and is named with what
// to do.
func TestADamagedLogin(t *testing.T) {
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, false)
	for _, root := range []string{acme, globex, initech} {
		keep(t, l, root, "1", aGrant)
	}
	file := damage(t, dir, "initech")

	all, damaged, err := l.All()
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Len(t, damaged, 1)
	require.Equal(t, initech, damaged[0].Root)
	for _, root := range []string{"", acme, globex} {
		_, found, err := l.Find(root)
		require.NoError(t, err)
		require.True(t, found)
	}
	_, found, err := l.Find(initech)
	require.False(t, found)
	require.EqualError(t, err, file+" is damaged: flexie-mcp login --subdomain initech signs in again and sets it aside; flexie-mcp logout --subdomain initech removes it")
	_, found, err = l.Find("https://hooli.flexie.io/api")
	require.NoError(t, err)
	require.False(t, found)

	file = damage(t, dir, "acme") // the default
	_, found, err = l.Find("")
	require.False(t, found, "no other takes its place by itself")
	require.ErrorContains(t, err, file+" is damaged")
	all, _, err = l.All()
	require.NoError(t, err)
	require.False(t, all[0].Default)
	require.False(t, keep(t, l, globex, "1", aGrant).Default)
}

// TestADamagedLoginIsSetAside by the next one: nothing of it is lost unseen.
func TestADamagedLoginIsSetAside(t *testing.T) {
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, false)
	before := keep(t, l, acme, "1", aGrant)
	require.Empty(t, before.Aside)
	file := damage(t, dir, "acme")
	again := keep(t, l, acme, "1", aGrant)
	require.Equal(t, file+".damaged", again.Aside)
	text, err := os.ReadFile(again.Aside)
	require.NoError(t, err)
	require.Equal(t, `{"root": "https://`, string(text))
	require.NotEqual(t, before.Badge, again.Badge)
	_, found, err := l.Find("")
	require.NoError(t, err)
	require.True(t, found)
	require.NoError(t, l.Forget(t.Context(), again))
	require.NoFileExists(t, again.Aside)
}

// TestForgetADamagedLogin with its tokens, whatever is in the file.
func TestForgetADamagedLogin(t *testing.T) {
	for name, spoil := range map[string]func(file string) error{
		"cut off":      func(file string) error { return os.WriteFile(file, []byte("{"), 0o600) },
		"empty":        func(file string) error { return os.WriteFile(file, nil, 0o600) },
		"of another":   func(file string) error { return os.WriteFile(file, []byte(`{"root":"`+globex+`"}`), 0o600) },
		"a directory":  func(file string) error { _ = os.Remove(file); return os.Mkdir(file, 0o700) },
		"not of a map": func(file string) error { return os.WriteFile(file, []byte("[]"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			l := oauth.OpenLogins(dir, false)
			keep(t, l, acme, "1", aGrant)
			require.NoError(t, spoil(damage(t, dir, "acme")))
			_, damaged, err := l.All()
			require.NoError(t, err)
			require.Len(t, damaged, 1)
			require.Equal(t, acme, damaged[0].Root)
			require.NoError(t, l.ForgetDamaged(t.Context(), damaged[0]))
			for path, text := range files(t, dir) {
				require.True(t, strings.HasSuffix(path, ".lock"), "%s is left: %s", path, text)
			}
		})
	}
}
