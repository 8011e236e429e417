package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// grants know one token.
type grants struct{ of auth.Grant }

var accessToken = "fla_" + strings.Repeat("a", 43)

func (g grants) Grant(_ context.Context, token, path string) (auth.Grant, bool, error) {
	if strings.HasPrefix(token, "fla_broken") {
		return auth.Grant{}, false, errors.New("the database is away")
	}
	return g.of, token == accessToken && path != "/sse", nil
}
func (grants) Metadata(path string) string { return "https://mcp.example.com/.well-known/x" + path }
func (grants) Scopes() string              { return "flexie:read flexie:write" }

var annas = grants{auth.Grant{Name: "Anna, Claude", Caller: strings.Repeat("7", 32), Root: own, Key: auth.NewSecret(ownKey), Access: "write", Most: "delete", Toolsets: []string{"cases"}, Tools: []string{"add_note"}}}

// TestWhoHasSignedIn works as themselves, within what they have allowed.
func TestWhoHasSignedIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	operators := issue(t, file, auth.Token{Name: "bot"})
	g := gate(t, auth.Options{Root: own, SharedKey: serverKey, Loopback: true, Grants: annas, Tokens: opened(t, file)})
	id, err := g.Identify(request("/mcp", "Authorization", "Bearer "+accessToken))
	require.NoError(t, err)
	require.Equal(t, "Anna, Claude", id.Name)
	require.Equal(t, annas.of.Caller, id.Caller)
	require.Equal(t, ownKey, id.Key.Reveal())
	require.False(t, id.Operator)
	require.True(t, id.Allows("search_cases", "cases"))
	require.True(t, id.Allows("add_note", "notes"))
	require.False(t, id.Allows("search_deals", "deals"))
	require.True(t, id.LeftOut("search_deals", "deals"), "by the person")
	require.False(t, id.LeftOut("search_cases", "cases"))
	for level, may := range map[string]bool{"read": true, "write": true, "delete": false, "admin": false} {
		require.Equal(t, may, id.MayAccess(level))
	}
	require.Equal(t, `Bearer realm="flexie-mcp", error="insufficient_scope", scope="flexie:read flexie:write flexie:delete", resource_metadata="https://mcp.example.com/.well-known/x/mcp", error_description="more than the person has allowed"`, id.ScopeChallenge("delete"))
	require.Empty(t, id.ScopeChallenge("write"))
	require.Empty(t, id.ScopeChallenge("admin"), "no token could")
	narrowed, err := g.Identify(request("/mcp/x/tasks", "Authorization", "Bearer "+accessToken))
	require.NoError(t, err)
	require.False(t, narrowed.Allows("search_tasks", "tasks"), "an address widens nothing")
	require.False(t, narrowed.Allows("search_cases", "cases"))
	require.False(t, narrowed.LeftOut("search_cases", "cases"), "but by the address")

	less := annas
	less.of.Access = "read"
	lessID, err := gate(t, auth.Options{Root: own, Grants: less}).Identify(request("/mcp", "Authorization", "Bearer "+accessToken))
	require.NoError(t, err)
	require.False(t, id.Same(lessID), "streams end when less is allowed")

	bot, err := g.Identify(request("/mcp", "Authorization", "Bearer "+operators))
	require.NoError(t, err)
	require.Equal(t, "bot", bot.Name)
	require.True(t, bot.MayAccess("admin"))
	require.Empty(t, bot.ScopeChallenge("admin"))
}

// TestWhoHasNotSignedIn is told how.
func TestWhoHasNotSignedIn(t *testing.T) {
	g := gate(t, auth.Options{Root: own, SharedKey: serverKey, Loopback: true, Grants: annas})
	more := `, resource_metadata="https://mcp.example.com/.well-known/x/mcp", scope="flexie:read flexie:write"`
	for name, test := range map[string]struct {
		r         *http.Request
		status    int
		challenge string
	}{
		"nothing, also on loopback": {request("/mcp"), 401, `Bearer realm="flexie-mcp"` + more},
		"wrong":                     {request("/mcp", "Authorization", "Bearer fla_x"), 401, `Bearer realm="flexie-mcp", error="invalid_token"` + more},
		"of nobody":                 {request("/mcp", "Authorization", "Bearer x"), 401, `Bearer realm="flexie-mcp", error="invalid_token"` + more},
		"elsewhere":                 {request("/sse", "Authorization", "Bearer "+accessToken), 401, `Bearer realm="flexie-mcp", error="invalid_token"` + strings.Replace(more, "/mcp\"", "/sse\"", 1)},
		"another workspace":         {request("/mcp", "Authorization", "Bearer "+accessToken, "X-Flexie-Subdomain", "other"), 403, ""},
		"in the address":            {request("/mcp?access_token=" + accessToken), 400, `Bearer realm="flexie-mcp", error="invalid_request"` + more},
		"in both":                   {request("/mcp?a=b&access_token=x", "Authorization", "Bearer "+accessToken), 400, `Bearer realm="flexie-mcp", error="invalid_request"` + more},
		"can't be looked up":        {request("/mcp", "Authorization", "Bearer fla_broken"), 503, ""},
	} {
		t.Run(name, func(t *testing.T) {
			id, err := g.Identify(test.r)
			require.Zero(t, id)
			w := httptest.NewRecorder()
			auth.Refuse(w, err)
			require.Equal(t, test.status, w.Code, w.Body)
			require.Equal(t, test.challenge, w.Header().Get("WWW-Authenticate"))
			require.NotContains(t, w.Body.String(), accessToken)
			require.NotContains(t, w.Body.String(), "database is away")
		})
	}
	_, err := g.Identify(request("/mcp"))
	require.EqualError(t, err, "Sign in: an assistant that is connected to this address and knows OAuth opens a browser for it. Or send your Flexie API key in X-Flexie-Api-Key.")
	withoutSetup := gate(t, auth.Options{Loopback: true, Grants: annas})
	_, err = withoutSetup.Identify(request("/mcp"))
	require.Error(t, err, "nobody is let in as nobody")
}

func TestWorkspaceOfWhoSignsIn(t *testing.T) {
	g := gate(t, auth.Options{Subdomains: []string{"acme"}})
	root, err := g.Workspace("acme")
	require.NoError(t, err)
	require.Equal(t, "https://acme.flexie.io/api", root)
	for _, name := range []string{"", "globex", "acme.flexie.io", "ACME", "a/b", "-a"} {
		_, err := g.Workspace(name)
		require.Error(t, err, name)
	}
}
