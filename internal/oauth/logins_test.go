package oauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"

	"flexie-mcp/internal/oauth"
)

const (
	acme   = "https://acme.flexie.io/api"
	globex = "https://globex.flexie.io/api"
)

var aGrant = oauth.Grant{ClientID: "id", ClientSecret: "client-secret-1", Access: "access-token-1", Refresh: "refresh-token-1", Given: time.Unix(1790000000, 0).UTC(), Lasts: time.Hour}

func keep(t *testing.T, l *oauth.Logins, root, user string, g oauth.Grant) oauth.Login {
	t.Helper()
	one, err := l.Keep(t.Context(), oauth.Login{Root: root, UserID: user, User: "User " + user, Since: time.Unix(1790000000, 0).UTC()}, g)
	require.NoError(t, err)
	return one
}

// files are all that is in a directory, by path.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all[path] = string(text)
		if runtime.GOOS != "windows" {
			info, infoErr := d.Info()
			require.NoError(t, infoErr)
			require.Zero(t, info.Mode().Perm()&0o077, "others can read %s", path)
		}
		return err
	}))
	return all
}

// TestKeptInTheKeyring: no file has any of it.
func TestKeptInTheKeyring(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, true)
	one := keep(t, l, acme, "1", aGrant)
	require.Equal(t, oauth.InKeyring, one.Kept)
	got, err := l.Tokens(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, aGrant, got)
	for path, text := range files(t, dir) {
		for _, secret := range []string{aGrant.Access, aGrant.Refresh, aGrant.ClientSecret} {
			require.NotContains(t, text, secret, path)
		}
	}
	require.NoError(t, l.Forget(t.Context(), one))
	_, err = keyring.Get(oauth.Service, acme)
	require.ErrorIs(t, err, keyring.ErrNotFound)
	_, found, err := l.Find("")
	require.NoError(t, err)
	require.False(t, found)
}

// TestKeptInAFile: where there is no keyring, or it is not wanted, or it can't
// take as much.
func TestKeptInAFile(t *testing.T) {
	large := aGrant
	large.Access = strings.Repeat("x", oauth.MostInKeyring)
	for name, test := range map[string]struct {
		broken error
		wanted bool
		grant  oauth.Grant
	}{
		"no keyring":   {errors.New("no bus"), true, aGrant},
		"not wanted":   {nil, false, aGrant},
		"too much":     {nil, true, large},
		"it says so":   {keyring.ErrSetDataTooBig, true, aGrant},
		"no system":    {keyring.ErrUnsupportedPlatform, true, aGrant},
		"large, alone": {errors.New("no bus"), true, large},
	} {
		t.Run(name, func(t *testing.T) {
			keyring.MockInit()
			if test.broken != nil {
				keyring.MockInitWithError(test.broken)
			}
			dir := t.TempDir()
			l := oauth.OpenLogins(dir, test.wanted)
			one := keep(t, l, acme, "1", test.grant)
			require.Equal(t, oauth.InFile, one.Kept)
			got, err := l.Tokens(t.Context(), one)
			require.NoError(t, err)
			require.Equal(t, test.grant.Refresh, got.Refresh)
			said := false
			for _, text := range files(t, dir) {
				said = said || strings.Contains(text, aGrant.Refresh) && strings.Contains(text, "Whoever reads this file can act as you in Flexie")
			}
			require.True(t, said, "the file says what it is")
			require.NoError(t, l.Forget(t.Context(), one))
			for path, text := range files(t, dir) {
				require.NotContains(t, text, aGrant.Refresh, path)
			}
		})
	}
}

// TestMovesToTheKeyring: a file with tokens is not left behind.
func TestMovesToTheKeyring(t *testing.T) {
	keyring.MockInit()
	dir := t.TempDir()
	keep(t, oauth.OpenLogins(dir, false), acme, "1", aGrant)
	one := keep(t, oauth.OpenLogins(dir, true), acme, "1", aGrant)
	require.Equal(t, oauth.InKeyring, one.Kept)
	for path, text := range files(t, dir) {
		require.NotContains(t, text, aGrant.Refresh, path)
	}
	keep(t, oauth.OpenLogins(dir, false), acme, "1", aGrant)
	_, err := keyring.Get(oauth.Service, acme)
	require.ErrorIs(t, err, keyring.ErrNotFound)
}

// TestSeveralWorkspaces live side by side, one of them the default.
func TestSeveralWorkspaces(t *testing.T) {
	l := oauth.OpenLogins(t.TempDir(), false)
	other := aGrant
	other.Access = "access-token-2"
	require.True(t, keep(t, l, globex, "7", other).Default, "the first")
	require.False(t, keep(t, l, acme, "1", aGrant).Default)

	roots := func() (all []string) {
		logins, _, err := l.All()
		require.NoError(t, err)
		for _, one := range logins {
			all = append(all, one.Root)
		}
		return all
	}
	require.Equal(t, []string{globex, acme}, roots())
	one, found, err := l.Find(acme)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, "User 1", one.User)
	got, err := l.Tokens(t.Context(), one)
	require.NoError(t, err)
	require.Equal(t, "access-token-1", got.Access)

	require.NoError(t, l.MakeDefault(acme))
	require.Equal(t, []string{acme, globex}, roots())
	one, _, err = l.Find("")
	require.NoError(t, err)
	require.Equal(t, acme, one.Root)
	require.NoError(t, l.Forget(t.Context(), one))
	one, found, err = l.Find("")
	require.NoError(t, err)
	require.True(t, found, "the one that is left")
	require.Equal(t, globex, one.Root)
	_, found, err = l.Find("https://other.flexie.io/api")
	require.NoError(t, err)
	require.False(t, found)
}

// TestBadge tells callers apart as a key would: it stays for the same user.
func TestBadge(t *testing.T) {
	l := oauth.OpenLogins(t.TempDir(), false)
	first := keep(t, l, acme, "1", aGrant).Badge
	require.GreaterOrEqual(t, len(first), 50)
	require.Equal(t, first, keep(t, l, acme, "1", aGrant).Badge)
	require.NotEqual(t, first, keep(t, l, acme, "2", aGrant).Badge)

	// Who they are was not known: nobody is the successor of such a user, and they of none.
	seen := []string{keep(t, l, acme, "2", aGrant).Badge}
	for _, user := range []string{"", "", "2", "1"} {
		badge := keep(t, l, acme, user, aGrant).Badge
		require.NotContains(t, seen, badge)
		seen = append(seen, badge)
	}
	require.NotEqual(t, first, keep(t, l, globex, "1", aGrant).Badge)
}

// TestWhatCannotBeKept is told, before anybody is asked to sign in.
func TestWhatCannotBeKept(t *testing.T) {
	require.ErrorContains(t, oauth.OpenLogins("", false).Ready(), "set FLEXIE_STATE_DIR")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.ErrorContains(t, oauth.OpenLogins(file, false).Ready(), "cannot write "+filepath.Join(file, "logins")+": ")
	_, found, err := oauth.OpenLogins("", true).Find("")
	require.NoError(t, err)
	require.False(t, found)
}

// TestDamagedLogin is told by its file, and shows nothing that is in it.
func TestDamagedLogin(t *testing.T) {
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, false)
	one := keep(t, l, acme, "1", aGrant)
	for path := range files(t, dir) {
		if strings.HasSuffix(path, ".tokens.json") {
			require.NoError(t, os.WriteFile(path, []byte(`{"refresh_token":"refresh-token-1`), 0o600))
		}
	}
	_, err := l.Tokens(t.Context(), one)
	require.ErrorContains(t, err, ".tokens.json is damaged")
	require.NotContains(t, err.Error(), "refresh-token-1")
}

// TestSecretsAreNotPrinted by mistake.
func TestSecretsAreNotPrinted(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, what := range []any{aGrant, oauth.Tokens{Access: aGrant.Access, Refresh: aGrant.Refresh}} {
			require.NotContains(t, fmt.Sprintf(verb, what), "token-1", verb)
		}
	}
	text, err := json.Marshal(aGrant)
	require.NoError(t, err)
	require.Less(t, len(text), oauth.MostInKeyring, "ordinary tokens fit")
}

// TestReadyTakesTheRoom that a login does, so that nobody signs in for nothing.
func TestReadyTakesTheRoom(t *testing.T) {
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, false)
	var tried int64
	oauth.OnStep(func(at string) {
		if info, err := os.Stat(filepath.Join(dir, "logins", "probe.new")); at == "written probe" && err == nil {
			tried = info.Size()
		}
	})
	defer oauth.OnStep(func(string) {})
	require.NoError(t, l.Ready())
	oauth.OnStep(func(string) {})
	big := aGrant
	big.Access, big.Refresh = strings.Repeat("a", 4000), strings.Repeat("r", 4000)
	keep(t, l, acme, "1", big)
	var taken int64
	for _, text := range files(t, dir) {
		taken += int64(len(text))
	}
	require.Greater(t, tried, taken)
}
