package apikey_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/apikey"
)

// damage spoils what says where the only key of a directory is, and gives its file.
func damage(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "keys", "*.json"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, os.WriteFile(found[0], []byte("{"), 0o600))
	return found[0]
}

// TestADamagedKey costs its own workspace and no other, and the next one takes its
// place.
func TestADamagedKey(t *testing.T) {
	dir := t.TempDir()
	s := apikey.Open(dir, false)
	_, err := s.Keep(t.Context(), acme, "a")
	require.NoError(t, err)
	file := damage(t, dir)
	_, found, err := s.Find(globex)
	require.NoError(t, err)
	require.False(t, found)
	_, err = s.Keep(t.Context(), globex, "b")
	require.NoError(t, err)

	one, found, err := s.Find(globex)
	require.NoError(t, err)
	require.True(t, found)
	key, err := s.Key(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, "b", key)
	_, found, err = s.Find("")
	require.NoError(t, err)
	require.False(t, found, "there are two, as before")
	_, found, err = s.Find(acme)
	require.False(t, found)
	require.EqualError(t, err, file+" is damaged: flexie-mcp install with FLEXIE_API_KEY set keeps the key again; flexie-mcp uninstall --forget-key --subdomain acme removes it")

	one, err = s.Keep(t.Context(), acme, "c")
	require.NoError(t, err)
	require.Equal(t, file+".damaged", one.Aside)
	one, found, err = s.Find(acme)
	require.NoError(t, err)
	require.True(t, found)
	key, err = s.Key(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, "c", key)
	require.NoError(t, s.Forget(t.Context(), one))
	require.NoFileExists(t, file+".damaged")
}

// TestForgetADamagedKey, whatever is in its file.
func TestForgetADamagedKey(t *testing.T) {
	for name, spoil := range map[string]func(file string) error{
		"cut off":     func(string) error { return nil },
		"of another":  func(file string) error { return os.WriteFile(file, []byte(`{"root":"`+globex+`"}`), 0o600) },
		"a directory": func(file string) error { _ = os.Remove(file); return os.Mkdir(file, 0o700) },
	} {
		for _, root := range []string{acme, ""} {
			t.Run(name+" "+root, func(t *testing.T) {
				dir := t.TempDir()
				s := apikey.Open(dir, false)
				_, err := s.Keep(t.Context(), acme, "a")
				require.NoError(t, err)
				require.NoError(t, spoil(damage(t, dir)))
				var damaged *apikey.Damaged
				_, _, err = s.Find(root)
				require.ErrorAs(t, err, &damaged)
				require.NoError(t, s.ForgetDamaged(t.Context(), damaged))
				left, err := os.ReadDir(filepath.Join(dir, "keys"))
				require.NoError(t, err)
				require.Empty(t, left)
			})
		}
	}
}
