package authserver

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// TestAFloodOfFlows: who begins them without end, and goes on with them, keeps
// nobody from signing in, nor from seeing what is connected.
func TestAFloodOfFlows(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		s.mostFlows = 20
		client := s.clientID()
		flood := func(step string, n int) {
			for range n {
				require.NoError(t, s.keepFlow(t.Context(), flow{id: newID(16), browser: newSecret(""), step: step, request: request{State: "x"}}))
				s.clock.pass(time.Millisecond)
			}
		}
		while := func(at, step string) { // somebody is at one step, and others get to another
			if n := s.mostFlows; step == stepDone || at == stepSignIn && step == stepConsent {
				flood(step, n*3)
			} else {
				flood(step, n/4)
			}
		}
		for _, step := range []string{stepConsent, stepSignIn, stepDone} {
			flood(step, s.mostFlows*2)
			b := s.browser()
			p := b.get(s.asks(client))
			require.Equal(t, http.StatusOK, p.status, step)
			while(stepConsent, step)
			p = b.send(p, "answer", "allow")
			while(stepSignIn, step)
			require.NotNil(t, b.send(p, "key", annasKey).away, step)
			require.Contains(t, s.browser().get(connectedPath).text, "API key", step)
		}
		require.LessOrEqual(t, s.count(`SELECT count(*) FROM oauth_flow`), s.mostFlows)
		s.clock.pass(flowLifetime + time.Millisecond)
		s.browser().get(s.asks(client))
		require.Equal(t, 1, s.count(`SELECT count(*) FROM oauth_flow`), "none is kept that is over")
	})
}

// TestAFlowHoldsLittle, however much its client says of itself.
func TestAFlowHoldsLittle(t *testing.T) {
	s := inMemory(t)
	redirects := []string{callback}
	for i := range mostRedirects - 1 {
		redirects = append(redirects, fmt.Sprintf("https://app.example.com/%d/%s", i, strings.Repeat("x", 1400)))
	}
	said, err := json.Marshal(registration{Name: "Much", Redirects: redirects, Method: methodNone})
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, s.browser().get(s.asks(s.clientID(string(said)))).status)
	require.Less(t, s.count(`SELECT max(length(request)) FROM oauth_flow`), 1000)
	require.Equal(t, http.StatusOK, s.browser().get(s.asks(s.clientID(), "state", strings.Repeat("<&>", maxState/3))).status)
	require.Less(t, s.count(`SELECT max(length(request)) FROM oauth_flow`), maxState+1000, "what pages would escape is kept as it is")
	for _, state := range []string{strings.Repeat("\x01", maxState), strings.Repeat(`"`, maxState), strings.Repeat("s", maxState+1)} {
		require.Contains(t, s.browser().get(s.asks(s.clientID(), "state", state)).text, "the state is too long")
	}
	long := s.browser().get(s.asks(s.clientID(), "resource", s.issuer+"/mcp/x/"+strings.Repeat("a", maxAddress)))
	require.Equal(t, http.StatusBadRequest, long.status, "nor what it asks for")
}

// TestErrorsLeadNowhereByThemselves: a link that is wrong is no way to have this
// server send somebody to a stranger's address: they read where they would go, and
// choose to.
func TestErrorsLeadNowhereByThemselves(t *testing.T) {
	s := inMemory(t)
	s.web.put(documentID, strings.Replace(document(), callback, "https://evil.example/cb", 1))
	for client, redirect := range map[string]string{
		s.clientID(`{"client_name":"Flexie","redirect_uris":["https://evil.example/cb"],"token_endpoint_auth_method":"none"}`): "https://evil.example/cb",
		documentID:   "https://evil.example/cb",
		s.clientID(): callback,
	} {
		p := s.browser().get(s.asks(client, "redirect_uri", redirect, "prompt", "none"))
		require.Equal(t, http.StatusBadRequest, p.status)
		require.Nil(t, p.away, "no header leads there")
		require.Contains(t, p.text, "the person has to be asked")
		back := p.back(t)
		require.True(t, strings.HasPrefix(back.String(), redirect+"?"), back)
		require.Equal(t, "interaction_required", back.Query().Get("error"))
		require.Equal(t, s.issuer, back.Query().Get("iss"))
		if strings.Contains(redirect, "evil") {
			require.Contains(t, p.text, "Go back to evil.example")
		}
	}
}

var backPattern = regexp.MustCompile(`<a href="([^"]*)"[^>]*>Go back to `)

// back is where a page leads that shows what a client asks wrong.
func (p page) back(t *testing.T) *url.URL {
	t.Helper()
	m := backPattern.FindStringSubmatch(p.text)
	require.NotNil(t, m, p.text)
	u, err := url.Parse(html.UnescapeString(m[1]))
	require.NoError(t, err)
	return u
}

// TestSchemesOfApplications: those that hold a dot, as the standard has it, and
// what is known of applications that have others; none that makes a program of the
// machine do something.
func TestSchemesOfApplications(t *testing.T) {
	for redirect, fine := range map[string]bool{
		"com.example.app:/oauth": true, "com.example.app://oauth?a=b": true, "cursor://anysphere.cursor-mcp/oauth/callback": true, "warp://mcp/oauth2callback": true,
		"vscode://saoudrizwan.claude-dev/mcp-auth/callback/abc": true,
		"ms-msdt:/id": false, "search-ms:query=x": false, "steam://run/1": false, "vscode://file/etc/passwd": false, "vscode://vscode.git/clone?url=x": false,
		"cursor://anysphere.cursor-deeplink/mcp/install?name=x": false, "cursor://anysphere.cursor-mcp.evil/oauth/callback": false, "cursor://anysphere.cursor-mcp/../x": false,
		"cursor:anysphere.cursor-mcp": false, "warp://mcp/oauth2callback/..": false, "an-app://x": false, "a.b": false, ".a:/x": false, "vscode://u@saoudrizwan.claude-dev/mcp-auth/callback/abc": false,
	} {
		require.Equal(t, fine, notARedirect(redirect) == "", redirect)
	}
}

// TestACodeFromBeforeTheEnd: who disconnects all ends what was about to connect as
// well, also if they sign in again at once.
func TestACodeFromBeforeTheEnd(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		client, b := s.clientID(), s.browser()
		code := s.codeFor(b, client, annasKey)
		bob := s.codeFor(s.browser(), client, bobsKey)
		tab := b.get(s.asks(client))
		b.send(b.get(connectedPath), "end", "all")
		require.Equal(t, http.StatusGone, b.send(tab, "answer", "allow").status, "a page from before as well")
		s.codeFor(b, client, annasKey)
		require.Equal(t, "invalid_grant", s.form(tokenPath, exchange(client, code)).tokens.Error)
		require.Equal(t, http.StatusOK, s.form(tokenPath, exchange(client, bob)).status, "another's is theirs")
	})
}

// TestFetchesForSignaturesAreLimited: what nobody has signed makes this server ask
// no more of others than a link does, neither for documents nor for keys.
func TestFetchesForSignaturesAreLimited(t *testing.T) {
	s := inMemory(t)
	claims := func(id string) string {
		text, err := json.Marshal(map[string]any{"iss": id, "sub": id, "aud": s.issuer, "exp": s.clock.Now().Add(time.Minute).Unix()})
		require.NoError(t, err)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	send := func(i int, header string) {
		id := fmt.Sprintf("https://app.example.com/%d.json", i)
		s.web.put(id, document("client_id", id, "token_endpoint_auth_method", "private_key_jwt", "jwks_uri", id+"?keys"))
		s.form(tokenPath, signed(exchange(id, newSecret(codePrefix)), base64.RawURLEncoding.EncodeToString([]byte(header))+"."+claims(id)+".eHg"))
	}
	send(1000, `{"alg":"none"}`)
	require.Empty(t, s.web.asked, "what is not signed at all")
	for i := range 60 {
		send(i, `{"alg":"RS256"}`)
	}
	require.Len(t, s.web.asked, 30)
}

// TestScopesThatThereAreNot: they are refused, and give no more than was asked
// for. Those that are sent to every server do no harm.
func TestScopesThatThereAreNot(t *testing.T) {
	s := inMemory(t)
	client := s.clientID()
	for _, scope := range []string{"flexie:reed", "read", "flexie:", "Flexie:read", "flexie:reed offline_access"} {
		p := s.browser().get(s.asks(client, "scope", scope))
		require.Equal(t, http.StatusBadRequest, p.status, scope)
		require.Equal(t, "invalid_scope", p.back(t).Query().Get("error"), scope)
	}
	for scope, gives := range map[string]string{
		"flexie:read flexie:reed": "flexie:read", "flexie:read offline_access": "flexie:read", "offline_access": "flexie:read flexie:write", "openid profile email": "flexie:read flexie:write", "": "flexie:read flexie:write",
	} {
		a := s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, annasKey, "scope", scope)))
		require.Equal(t, gives, a.tokens.Scope, scope)
		s.clock.pass(time.Minute)
	}
	a := s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, annasKey, "scope", "flexie:read")))
	require.Equal(t, "invalid_scope", s.form(tokenPath, refreshing(client, a.tokens.Refresh, "scope", "flexie:reed")).tokens.Error)
	require.Equal(t, "flexie:read", s.form(tokenPath, refreshing(client, a.tokens.Refresh, "scope", "offline_access")).tokens.Scope)
}

// TestAKeyIsMissing: that does not heal by waiting, so nobody is told to.
func TestAKeyIsMissing(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	other, err := NewKeys(bytes.Repeat([]byte{9}, 32))
	require.NoError(t, err)
	o := s.o
	o.Keys = other
	_, handler := replica(t, o)
	refused := s.request(handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access)
	require.Equal(t, http.StatusServiceUnavailable, refused.status)
	require.Contains(t, s.log.String(), "encryption_key")
	require.Contains(t, s.log.String(), "put the key back")
	w := httptest.NewRecorder()
	_, err = other.open("x", s.o.Keys.seal("x", "text"))
	s.fail(w, httptest.NewRequest(http.MethodGet, callbackPath, nil), "an answer could not be read", err)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Contains(t, w.Body.String(), "ask whoever runs this server")
	require.NotContains(t, w.Body.String(), "Try again in a minute")
}

// TestConsentSaysWhatMayCome: an assistant that may read can ask for more.
func TestConsentSaysWhatMayCome(t *testing.T) {
	s := inMemory(t)
	p := s.browser().get(s.asks(s.clientID(), "scope", "flexie:read"))
	require.Contains(t, p.text, "you are asked again each time")
	s = inMemory(t, func(o *Options) { o.Access = "read" })
	p = s.browser().get(s.asks(s.clientID(), "scope", "flexie:read"))
	require.NotContains(t, p.text, "you are asked again each time", "there is no more")
}

// TestAFlowIsNoLongerThanItsPerson: who has ended everything at this moment gets no
// code for it.
func TestAFlowIsNoLongerThanItsPerson(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	p := b.get(s.asks(s.clientID()))
	_, form := p.form(t)
	anna, err := s.keepPerson(t.Context(), workspace, Person{"7", "Anna"}, kindKey, annasKey)
	require.NoError(t, err)
	require.NoError(t, s.o.Store.Do(t.Context(), func(tx *store.Tx) error { return s.revokeAll(tx, anna) }))
	w := httptest.NewRecorder()
	s.finish(w, httptest.NewRequest(http.MethodPost, consentPath, nil), s.asRead(form.Get("flow")), anna)
	require.Equal(t, http.StatusConflict, w.Code)
	require.Zero(t, s.count(`SELECT count(*) FROM oauth_code`))
	require.Zero(t, s.count(`SELECT count(*) FROM oauth_session`))
}
