package auth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// everyWay is a server that has been set up for every way in but the last.
func everyWay(t testing.TB) (g *auth.Gate, tokens map[string]string) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	tokens = map[string]string{
		"bot":   issue(t, file, auth.Token{Name: "bot", Subdomain: "acme", KeyEnv: "ACME_KEY", Toolsets: []string{"cases"}, ReadOnly: true}),
		"anna":  issue(t, file, auth.Token{Name: "anna"}),
		"inner": issue(t, file, auth.Token{Name: "inner", BaseURL: "https://crm.internal:8443/api", KeyEnv: "ACME_KEY"}),
		"lost":  issue(t, file, auth.Token{Name: "lost", Subdomain: "acme", KeyEnv: "NOT_SET"}),
		"past":  issue(t, file, auth.Token{Name: "past", Expires: today}),
		"soon":  issue(t, file, auth.Token{Name: "soon", Expires: today.Add(1)}),
	}
	return gate(t, auth.Options{
		Root: own, SharedKey: serverKey, Loopback: true, Subdomains: []string{"other"}, Tokens: opened(t, file, "ACME_KEY="+acmeKey),
	}), tokens
}

// TestWhoIsAsking: each way in gives the workspace and the key of whoever asks,
// or what to send instead.
func TestWhoIsAsking(t *testing.T) {
	every, tokens := everyWay(t)
	open := gate(t, auth.Options{})
	single := gate(t, auth.Options{Root: own})
	listed := gate(t, auth.Options{Subdomains: []string{"acme"}})
	local := gate(t, auth.Options{Root: own, SharedKey: serverKey, Loopback: true})
	public := gate(t, auth.Options{Root: own, SharedKey: serverKey})
	bearer := func(name string) string { return "Bearer " + tokens[name] }

	tests := []struct {
		what    string
		gate    *auth.Gate
		headers []string
		name    string // of the identity, or
		status  int    // of the refusal
		root    string // and key of the identity, or
		says    string // a part of the refusal
	}{
		{"own key", single, []string{"X-Flexie-Api-Key", ownKey}, "key ", 0, own, ownKey},
		{"own key, own workspace by name", single, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "own"}, "key ", 0, own, ownKey},
		{"own key, another workspace", single, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "acme"}, "", 403, "", "not for the workspace"},
		{"own key, any workspace", open, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "acme"}, "key ", 0, "https://acme.flexie.io/api", ownKey},
		{"own key, no workspace", open, []string{"X-Flexie-Api-Key", ownKey}, "", 400, "", "name your workspace in X-Flexie-Subdomain"},
		{"own key, a workspace listed", every, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "other"}, "key ", 0, "https://other.flexie.io/api", ownKey},
		{"own key, the server's besides the list", every, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "own"}, "key ", 0, own, ownKey},
		{"own key, one not listed", listed, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "other"}, "", 403, "", "not for the workspace"},
		{"own key, no server's workspace", listed, []string{"X-Flexie-Api-Key", ownKey}, "", 400, "", "name your workspace"},

		{"token", every, []string{"Authorization", bearer("bot")}, "bot", 0, "https://acme.flexie.io/api", acmeKey},
		{"token, in small letters", every, []string{"Authorization", "bearer  " + tokens["bot"]}, "bot", 0, "https://acme.flexie.io/api", acmeKey},
		{"token of the server's workspace", every, []string{"Authorization", bearer("anna")}, "anna", 0, own, serverKey},
		{"token of a base_url", every, []string{"Authorization", bearer("inner")}, "inner", 0, "https://crm.internal:8443/api", acmeKey},
		{"token with its workspace", every, []string{"Authorization", bearer("bot"), "X-Flexie-Subdomain", "acme"}, "bot", 0, "https://acme.flexie.io/api", acmeKey},
		{"token with another workspace", every, []string{"Authorization", bearer("bot"), "X-Flexie-Subdomain", "other"}, "", 403, "", "leave it out"},
		{"token of the server's with another workspace", every, []string{"Authorization", bearer("anna"), "X-Flexie-Subdomain", "other"}, "", 403, "", "leave it out"},
		{"token with an address", every, []string{"Authorization", bearer("anna"), "X-Flexie-Subdomain", "evil.example/"}, "", 400, "", "not an address"},
		{"token whose key is missing", every, []string{"Authorization", bearer("lost")}, "", 500, "", "no Flexie key for the token"},
		{"token that is over", every, []string{"Authorization", bearer("past")}, "", 401, "", "expired"},
		{"token that is nearly over", every, []string{"Authorization", bearer("soon")}, "soon", 0, own, serverKey},
		{"wrong token", every, []string{"Authorization", bearer("bot") + "x"}, "", 401, "", "not one of this server. Send your Flexie API key in X-Flexie-Api-Key; or a token"},
		{"a guess", every, []string{"Authorization", "Bearer flx_" + strings.Repeat("0", 43)}, "", 401, "", "not one of this server"},
		{"a Flexie key as a token", every, []string{"Authorization", "Bearer " + acmeKey}, "", 401, "", "your Flexie API key in X-Flexie-Api-Key"},
		{"a hash as a token", every, []string{"Authorization", "Bearer sha256:" + strings.Repeat("0", 64)}, "", 401, "", "not one of this server"},
		{"wrong token on loopback", local, []string{"Authorization", bearer("bot")}, "", 401, "", "Send your Flexie API key in X-Flexie-Api-Key."},
		{"another scheme", every, []string{"Authorization", "Basic dTpw"}, "", 401, "", "Bearer TOKEN"},
		{"no token", every, []string{"Authorization", "Bearer"}, "", 401, "", "Bearer TOKEN"},
		{"two tokens", every, []string{"Authorization", bearer("bot") + " " + tokens["anna"]}, "", 401, "", "Bearer TOKEN"},

		{"nothing, on loopback", local, nil, "local", 0, own, serverKey},
		{"nothing, on loopback, with its workspace", local, []string{"X-Flexie-Subdomain", "own"}, "local", 0, own, serverKey},
		{"nothing, on loopback, with another", local, []string{"X-Flexie-Subdomain", "acme"}, "", 403, "", "leave it out"},
		{"nothing, by a proxy", local, []string{"X-Forwarded-For", "192.0.2.7"}, "", 401, "", "Send your Flexie API key"},
		{"nothing, by one that says the scheme", local, []string{"X-Forwarded-Proto", "https"}, "", 401, "", "Send your Flexie API key"},
		{"nothing, by one that says the user", local, []string{"X-Forwarded-User", ""}, "", 401, "", "Send your Flexie API key"},
		{"nothing, by one that says the address", local, []string{"X-Original-Url", "/mcp"}, "", 401, "", "Send your Flexie API key"},
		{"nothing, by Cloudflare", local, []string{"CF-Connecting-IP", "192.0.2.7"}, "", 401, "", "Send your Flexie API key"},
		{"nothing, by Akamai", local, []string{"True-Client-IP", "192.0.2.7"}, "", 401, "", "Send your Flexie API key"},
		{"nothing, with headers of a client's", local, []string{"X-Request-Id", "a", "User-Agent", "b"}, "local", 0, own, serverKey},
		{"nothing, where others reach it", public, nil, "", 401, "", "Send your Flexie API key in X-Flexie-Api-Key."},
		{"nothing, where tokens are issued", every, nil, "", 401, "", "or a token of this server, as Authorization: Bearer TOKEN."},
		{"nothing, where no key is set", gate(t, auth.Options{Root: own, Loopback: true}), nil, "", 401, "", "Send"},
		{"nothing, where no workspace is set", gate(t, auth.Options{SharedKey: serverKey, Loopback: true}), nil, "", 401, "", "with your workspace in X-Flexie-Subdomain"},
		{"a workspace alone", open, []string{"X-Flexie-Subdomain", "acme"}, "", 401, "", "with your workspace in X-Flexie-Subdomain"},

		{"both", every, []string{"Authorization", bearer("bot"), "X-Flexie-Api-Key", ownKey}, "", 400, "", "both sent: keep one"},
		{"both, one of no use", every, []string{"Authorization", "Basic x", "X-Flexie-Api-Key", ownKey}, "", 400, "", "both sent"},
		{"a key twice", every, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Api-Key", ownKey}, "", 400, "", "X-Flexie-Api-Key is sent 2 times"},
		{"a token twice", every, []string{"Authorization", bearer("bot"), "Authorization", bearer("anna")}, "", 400, "", "Authorization is sent 2 times"},
		{"a workspace twice", every, []string{"X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "own", "X-Flexie-Subdomain", "acme"}, "", 400, "", "X-Flexie-Subdomain is sent 2 times"},
		{"no key in it", local, []string{"X-Flexie-Api-Key", " "}, "", 400, "", "X-Flexie-Api-Key is empty"},
		{"nothing in it", local, []string{"Authorization", ""}, "", 400, "", "Authorization is empty"},
		{"no workspace in it", local, []string{"X-Flexie-Subdomain", ""}, "", 400, "", "X-Flexie-Subdomain is empty"},
		{"a line break", every, []string{"X-Flexie-Api-Key", ownKey + "\r\napikey: x"}, "", 400, "", "line break"},
		{"a null", every, []string{"Authorization", "Bearer a\x00b"}, "", 400, "", "line break"},
		{"letters of others", every, []string{"X-Flexie-Api-Key", "ключ"}, "", 400, "", "plain ASCII"},
		{"a space", every, []string{"X-Flexie-Api-Key", ownKey + " x"}, "", 400, "", "holds a space"},
		{"too long", every, []string{"X-Flexie-Api-Key", strings.Repeat("k", 4097)}, "", 400, "", "longer than 4096 bytes"},
		{"as long as it may be", single, []string{"X-Flexie-Api-Key", strings.Repeat("k", 4096)}, "key ", 0, own, strings.Repeat("k", 4096)},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			id, err := test.gate.Identify(request("/mcp", test.headers...))
			if test.status != 0 {
				requireRefused(t, err, test.status, test.says, test.headers)
				require.Zero(t, id)
				return
			}
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(id.Name, test.name), id.Name)
			require.Equal(t, test.root, id.Root)
			require.Equal(t, test.says, id.Key.Reveal())
			require.Regexp(t, `^[0-9a-f]{32}$`, id.Caller)
			require.Equal(t, test.name == "local", id.Operator)
			require.NotContains(t, id.Name, ownKey)
		})
	}
}

// requireRefused: with a status, a text that says what to do, the header that
// goes with a 401, and neither what was sent nor what the server has.
func requireRefused(t *testing.T, err error, status int, says string, sent []string) {
	t.Helper()
	var refused *auth.Error
	require.True(t, errors.As(err, &refused), "%v", err)
	require.Equal(t, status, refused.Status, err)
	require.Contains(t, err.Error(), says)

	w := httptest.NewRecorder()
	auth.Refuse(w, err)
	require.Equal(t, status, w.Code)
	require.Equal(t, status == 401, w.Header().Get("WWW-Authenticate") != "")
	if status == 401 {
		require.Regexp(t, `^Bearer realm="flexie-mcp"(, error="invalid_token")?$`, w.Header().Get("WWW-Authenticate"))
	}
	require.Empty(t, w.Header().Get("Location"))
	require.Equal(t, err.Error()+"\n", w.Body.String())
	for i := 1; i < len(sent); i += 2 {
		if value := strings.TrimPrefix(sent[i], "Bearer "); len(value) > 10 {
			require.NotContains(t, err.Error(), value)
		}
	}
	for _, secret := range []string{ownKey, serverKey, acmeKey, "own.flexie.io", "crm.internal"} {
		require.NotContains(t, err.Error(), secret)
	}
}

// TestAnErrorOfAnotherKindIsNotShown: it was not made for whoever asked.
func TestAnErrorOfAnotherKindIsNotShown(t *testing.T) {
	w := httptest.NewRecorder()
	auth.Refuse(w, errors.New("open /etc/secret: "+serverKey))
	require.Equal(t, http.StatusInternalServerError, w.Code)
	require.NotContains(t, w.Body.String(), "secret")
	require.NotContains(t, w.Body.String(), serverKey)
}

// TestASubdomainIsAName, and its host is always one of Flexie's.
func TestASubdomainIsAName(t *testing.T) {
	g := gate(t, auth.Options{})
	identify := func(name string) (auth.Identity, error) {
		return g.Identify(request("/mcp", "X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", name))
	}
	for _, name := range []string{"a", "acme", "acme-2", "0", strings.Repeat("a", 63)} {
		id, err := identify(name)
		require.NoError(t, err, name)
		require.Equal(t, "https://"+name+".flexie.io/api", id.Root)
	}
	for _, name := range []string{
		"ACME", "-acme", "acme-", "-", "a.b", "acme.flexie.io", "https://acme.flexie.io", "evil.example/", "evil.example#", "evil?", "evil:80",
		"x@evil", "127.0.0.1", "[::1]", "a_b", "a b", "a%2eb", `a\b`, "*", strings.Repeat("a", 64), "a/../b",
	} {
		_, err := identify(name)
		requireRefused(t, err, 400, "X-Flexie-Subdomain: ", nil)
		require.NotContains(t, strings.TrimPrefix(err.Error(), "X-Flexie-Subdomain: "), name+" ")
	}
	_, err := auth.New(auth.Options{Subdomains: []string{"acme", "acme.flexie.io"}})
	require.ErrorContains(t, err, `"acme.flexie.io"`)
}

// TestCallersDiffer by the workspace and the credential, and by nothing else.
func TestCallersDiffer(t *testing.T) {
	every, tokens := everyWay(t)
	caller := func(g *auth.Gate, headers ...string) string {
		id, err := g.Identify(request("/mcp", headers...))
		require.NoError(t, err)
		return id.Caller
	}
	open := gate(t, auth.Options{})
	seen := map[string]string{}
	for what, c := range map[string]string{
		"key":               caller(every, "X-Flexie-Api-Key", ownKey),
		"another key":       caller(every, "X-Flexie-Api-Key", acmeKey),
		"another workspace": caller(every, "X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "other"),
		"token":             caller(every, "Authorization", "Bearer "+tokens["bot"]),
		"token of one key":  caller(every, "Authorization", "Bearer "+tokens["anna"]),
		"and another":       caller(every, "Authorization", "Bearer "+tokens["soon"]),
		"its key":           caller(every, "X-Flexie-Api-Key", serverKey),
	} {
		require.NotContains(t, seen, c, "%s and %s are one", what, seen[c])
		seen[c] = what
	}

	again, err := auth.New(auth.Options{Root: own, Names: names})
	require.NoError(t, err)
	require.Equal(t, caller(every, "X-Flexie-Api-Key", ownKey), caller(again, "X-Flexie-Api-Key", ownKey), "after a restart")
	require.Equal(t, caller(every, "X-Flexie-Api-Key", ownKey), caller(open, "X-Flexie-Api-Key", ownKey, "X-Flexie-Subdomain", "own"))
	require.Equal(t, caller(every, "X-Flexie-Api-Key", ownKey), caller(every, "X-Flexie-Api-Key", ownKey, "X-Flexie-Read-Only", "1"))
	require.Equal(t, auth.CallerOf(own, ownKey), caller(every, "X-Flexie-Api-Key", ownKey))
}

// TestTheHashOfATokenIsNoWayToItsCaller: whoever reads the tokens file does not
// become somebody by sending what is in it for a key.
func TestTheHashOfATokenIsNoWayToItsCaller(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	token, text, err := auth.AddToken(file, auth.Token{Name: "anna"}, today)
	require.NoError(t, err)
	g := gate(t, auth.Options{Root: own, SharedKey: serverKey, Tokens: opened(t, file)})
	id, err := g.Identify(request("/mcp", "Authorization", "Bearer "+text))
	require.NoError(t, err)
	other, err := g.Identify(request("/mcp", "X-Flexie-Api-Key", token.Hash))
	require.NoError(t, err)
	require.NotEqual(t, id.Caller, other.Caller)
}

func TestTrusts(t *testing.T) {
	every, _ := everyWay(t)
	require.True(t, every.Trusts("crm.internal"))
	require.True(t, every.Trusts("CRM.internal"))
	for _, host := range []string{"own.flexie.io", "acme.flexie.io", "evil.example", "127.0.0.1", ""} {
		require.False(t, every.Trusts(host), host)
		require.False(t, gate(t, auth.Options{}).Trusts(host), host)
	}
	require.True(t, gate(t, auth.Options{BaseURL: "http://127.0.0.1:8090/api"}).Trusts("127.0.0.1"))
}

// TestNobody is let in only where nothing is set up and only this machine asks:
// there is nothing that they could do.
func TestNobody(t *testing.T) {
	id, err := gate(t, auth.Options{Loopback: true}).Identify(request("/mcp"))
	require.NoError(t, err)
	require.True(t, id.Nobody())
	require.Empty(t, id.Root)
	require.Empty(t, id.Key.Reveal())
	tokens := opened(t, written(t, "tokens.toml", ""))
	for name, o := range map[string]auth.Options{
		"others reach it": {},
		"a workspace":     {Loopback: true, Root: own},
		"a key":           {Loopback: true, SharedKey: serverKey},
		"tokens":          {Loopback: true, Tokens: tokens},
		"subdomains":      {Loopback: true, Subdomains: []string{"acme"}},
	} {
		_, err := gate(t, o).Identify(request("/mcp"))
		require.Error(t, err, name)
	}
	for _, header := range [][]string{{"X-Forwarded-For", "192.0.2.1"}, {auth.SubdomainHeader, "acme"}, {"Authorization", "Bearer x"}} {
		_, err := gate(t, auth.Options{Loopback: true}).Identify(request("/mcp", header...))
		require.Error(t, err, header)
	}
	id, err = gate(t, auth.Options{Loopback: true}).Identify(request("/mcp", auth.KeyHeader, ownKey, auth.SubdomainHeader, "acme"))
	require.NoError(t, err)
	require.False(t, id.Nobody())
	require.Equal(t, "https://acme.flexie.io/api", id.Root)
}

// TestSame: who asks again as somebody else, or for other tools, is not the same.
func TestSame(t *testing.T) {
	g := gate(t, auth.Options{Root: own, Subdomains: []string{"acme"}})
	of := func(path string, headers ...string) auth.Identity {
		id, err := g.Identify(request(path, headers...))
		require.NoError(t, err)
		return id
	}
	first := of("/mcp/x/cases", auth.KeyHeader, ownKey)
	require.True(t, first.Same(of("/mcp/x/cases", auth.KeyHeader, ownKey)))
	for name, other := range map[string]auth.Identity{
		"another key":       of("/mcp/x/cases", auth.KeyHeader, acmeKey),
		"another workspace": of("/mcp/x/cases", auth.KeyHeader, ownKey, auth.SubdomainHeader, "acme"),
		"more tools":        of("/mcp", auth.KeyHeader, ownKey),
		"others":            of("/mcp/x/tasks", auth.KeyHeader, ownKey),
		"only reading":      of("/mcp/x/cases/readonly", auth.KeyHeader, ownKey),
		"a single tool":     of("/mcp/x/cases", auth.KeyHeader, ownKey, auth.ToolsHeader, "get_case"),
	} {
		require.False(t, first.Same(other), name)
	}
}
