package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/oauth"
)

// signedIn is a state directory with a login to a workspace.
func signedIn(t *testing.T, root string) (dir string, one oauth.Login) {
	dir = t.TempDir()
	one, err := oauth.OpenLogins(dir, false).Keep(t.Context(), oauth.Login{Root: root, UserID: "1"}, oauth.Grant{Access: "access-kq7Zx2Vt9B", Given: time.Now(), Lasts: time.Hour})
	require.NoError(t, err)
	return dir, one
}

// TestLoginTakesThePlaceOfAKey, where none is set: by its token alone, and also
// where no workspace is named.
func TestLoginTakesThePlaceOfAKey(t *testing.T) {
	var sent []http.Header
	flexie := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent = append(sent, r.Header)
		require.Empty(t, r.URL.RawQuery)
		_, _ = w.Write([]byte(`{"user":{"id":1,"username":"elena"}}`))
	}))
	defer flexie.Close()
	root := flexie.URL + "/api"
	dir, one := signedIn(t, root)
	for name, s := range map[string]config.Settings{
		"nothing set":   {StateDir: dir},
		"its workspace": {StateDir: dir, BaseURL: root},
	} {
		s.Toolsets = []string{"all"}
		o, w := opened(t, s)
		client, err := o.Client(t.Context())
		require.NoError(t, err, name)
		_, err = client.Self(t.Context())
		require.NoError(t, err, name)
		require.Equal(t, root, o.About.BaseURL)
		at, key := w.Own()
		require.Equal(t, root, at)
		require.Equal(t, one.Badge, key)
	}
	for _, header := range sent {
		require.Equal(t, "Bearer access-kq7Zx2Vt9B", header.Get("Authorization"))
		require.Empty(t, header.Get("apikey"))
	}

	sent = nil
	o, _ := opened(t, config.Settings{StateDir: dir, BaseURL: root, APIKey: "key-8fJw3LmQz1", Toolsets: []string{"all"}})
	client, err := o.Client(t.Context())
	require.NoError(t, err)
	_, err = client.Self(t.Context())
	require.NoError(t, err)
	require.Equal(t, "key-8fJw3LmQz1", sent[0].Get("apikey"), "a key wins")
	require.Empty(t, sent[0].Get("Authorization"))
}

// TestLoginElsewhereIsNotUsed for a workspace that it is not of.
func TestLoginElsewhereIsNotUsed(t *testing.T) {
	dir, _ := signedIn(t, "https://acme.flexie.io/api")
	_, w := opened(t, config.Settings{StateDir: dir, Subdomain: "globex", Toolsets: []string{"all"}})
	_, err := w.Client(t.Context())
	require.ErrorContains(t, err, "no API key for https://globex.flexie.io/api")
	require.ErrorContains(t, err, "flexie-mcp login")
}

// TestLoginThatIsDamaged is told of in each answer, and the server starts.
func TestLoginThatIsDamaged(t *testing.T) {
	dir, _ := signedIn(t, "https://acme.flexie.io/api")
	files, err := filepath.Glob(filepath.Join(dir, "logins", "*.login.json"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[0], []byte("{"), 0o600))
	c := connect(t, serving(t, config.Settings{StateDir: dir, Toolsets: []string{"core"}}))
	answer, err := c.CallTool(t.Context(), callOf("get_current_user", nil))
	require.NoError(t, err)
	require.Contains(t, textOf(t, answer), "is damaged: flexie-mcp login --subdomain acme signs in again and sets it aside; flexie-mcp logout --subdomain acme removes it.")
}
