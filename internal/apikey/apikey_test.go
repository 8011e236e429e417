package apikey_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"

	"flexie-mcp/internal/apikey"
)

const (
	acme   = "https://acme.flexie.io/api"
	globex = "https://globex.flexie.io/api"
)

// TestKeys: in the keyring, and in a file where there is none or it is not wanted; no
// file that others can read has any of it.
func TestKeys(t *testing.T) {
	for name, test := range map[string]struct {
		broken            error
		wanted, inKeyring bool
	}{
		"keyring":      {nil, true, true},
		"none":         {errors.New("no keyring here"), true, false},
		"not wanted":   {nil, false, false},
		"both missing": {errors.New("no keyring here"), false, false},
	} {
		t.Run(name, func(t *testing.T) {
			keyring.MockInit()
			if test.broken != nil {
				keyring.MockInitWithError(test.broken)
			}
			dir := t.TempDir()
			s := apikey.Open(dir, test.wanted)
			_, found, err := s.Find(acme)
			require.NoError(t, err)
			require.False(t, found)

			one, err := s.Keep(t.Context(), acme, "very-secret")
			require.NoError(t, err)
			require.Equal(t, test.inKeyring, one.InKeyring)
			for _, root := range []string{acme, ""} {
				one, found, err = s.Find(root)
				require.NoError(t, err)
				require.True(t, found)
				key, err := s.Key(t.Context(), one)
				require.NoError(t, err)
				require.Equal(t, "very-secret", key)
			}
			files, err := filepath.Glob(filepath.Join(dir, "keys", "*"))
			require.NoError(t, err)
			for _, path := range files {
				info, err := os.Stat(path)
				require.NoError(t, err)
				require.EqualValues(t, 0o600, info.Mode().Perm(), path)
				text, err := os.ReadFile(path)
				require.NoError(t, err)
				if test.inKeyring {
					require.NotContains(t, string(text), "very-secret")
				}
			}
			require.NoError(t, s.Forget(t.Context(), one))
			files, _ = filepath.Glob(filepath.Join(dir, "keys", "*"))
			require.Empty(t, files)
		})
	}
}

// TestKeysOfTwoWorkspaces: neither is the one of whoever names none.
func TestKeysOfTwoWorkspaces(t *testing.T) {
	s := apikey.Open(t.TempDir(), false)
	_, err := s.Keep(t.Context(), acme, "a")
	require.NoError(t, err)
	_, err = s.Keep(t.Context(), globex, "b")
	require.NoError(t, err)
	_, found, err := s.Find("")
	require.NoError(t, err)
	require.False(t, found)
	one, found, err := s.Find(globex)
	require.NoError(t, err)
	require.True(t, found)
	key, err := s.Key(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, "b", key)
}

// TestKeysThatCantBeHad: what is wrong is said, and with it what to do.
func TestKeysThatCantBeHad(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	s := apikey.Open(dir, true)
	one, err := s.Keep(t.Context(), acme, "very-secret")
	require.NoError(t, err)
	keyring.MockInitWithError(errors.New("locked"))
	_, err = s.Key(t.Context(), one)
	require.ErrorContains(t, err, "locked; unlock it, or set FLEXIE_API_KEY")

	keyring.MockInitWithError(errors.New("dial unix /run/user/0/bus: no such file or directory"))
	_, err = s.Key(t.Context(), one)
	require.ErrorContains(t, err, "there seems to be none here, as over SSH or in cron: set FLEXIE_API_KEY; install with FLEXIE_KEYRING=0 keeps it in a file")
	keyring.MockInit()
	_, err = s.Key(t.Context(), one)
	require.ErrorContains(t, err, "is not in it any more: set FLEXIE_API_KEY, and have flexie-mcp install keep it again")
	_, err = apikey.Open("", true).Keep(t.Context(), acme, "x")
	require.ErrorContains(t, err, "set FLEXIE_STATE_DIR")
}
