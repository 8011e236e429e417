package authserver

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asks a server on this machine for a page, under a name and with what a browser sends.
func asksUnder(t *testing.T, at, method, path, host string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, at+path, nil)
	require.NoError(t, err)
	r.Host = host
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := (&http.Transport{}).RoundTrip(r)
	require.NoError(t, err)
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// onThisMachine is a server of this machine, by http, with a public address that
// follows from its port.
func onThisMachine(t *testing.T, public func(port string) string) (at, port string) {
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	inMemory(t, func(o *Options) {
		changed := *o
		changed.PublicURL = public(u.Port())
		_, handler = replica(t, changed)
	})
	return server.URL, u.Port()
}

// TestPagesUnderAnotherName: a name that a page has turned to this machine's address
// shows no page of ours, and takes no form; the public name that a proxy passes on
// does.
func TestPagesUnderAnotherName(t *testing.T) {
	at, _ := onThisMachine(t, func(string) string { return "https://mcp.example.com:8443" })
	for host, refused := range map[string]bool{
		"mcp.example.com:8443": false, "MCP.example.com": false, "localhost:8080": false, "evil.example": true, "mcp.example.com.evil.example": true,
	} {
		for _, path := range []string{consentPath, signInPath, connectedPath, authorizePath, tokenPath, registerPath, serverPath} {
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				answer := asksUnder(t, at, method, path, host)
				body := make([]byte, 200)
				n, _ := answer.Body.Read(body)
				named := strings.Contains(string(body[:n]), "a name that is not its own")
				require.Equal(t, refused, named && answer.StatusCode == http.StatusForbidden, "%s %s as %s: %d", method, path, host, answer.StatusCode)
			}
		}
	}
}

// TestOneNameOfThisMachine: who looks at a page under another name than the public
// one, such as the address that the server has printed, is led there, where cookies
// count.
func TestOneNameOfThisMachine(t *testing.T) {
	at, port := onThisMachine(t, func(port string) string { return "http://localhost:" + port })
	answer := asksUnder(t, at, http.MethodGet, authorizePath+"?client_id=a%20b&state=x", "127.0.0.1:"+port)
	require.Equal(t, http.StatusTemporaryRedirect, answer.StatusCode)
	require.Equal(t, "http://localhost:"+port+authorizePath+"?client_id=a%20b&state=x", answer.Header.Get("Location"))
	require.Equal(t, http.StatusBadRequest, asksUnder(t, at, http.MethodGet, authorizePath, "localhost:"+port).StatusCode, "it is there")
	require.Equal(t, http.StatusOK, asksUnder(t, at, http.MethodGet, serverPath, "127.0.0.1:"+port).StatusCode, "what programs read stays")

	at, port = onThisMachine(t, func(string) string { return "https://mcp.example.com" })
	require.Equal(t, http.StatusBadRequest, asksUnder(t, at, http.MethodGet, authorizePath, "127.0.0.1:"+port).StatusCode, "a proxy may call it so")
	at, port = onThisMachine(t, func(string) string { return "http://localhost:1" })
	require.Equal(t, http.StatusBadRequest, asksUnder(t, at, http.MethodGet, authorizePath, "127.0.0.1:"+port).StatusCode, "so may one on this machine")
}

// TestHome: who looks at the server with a browser finds what is connected.
func TestHome(t *testing.T) {
	at, port := onThisMachine(t, func(port string) string { return "http://localhost:" + port })
	answer := asksUnder(t, at, http.MethodGet, "/", "localhost:"+port, "Accept", "text/html,*/*")
	body := make([]byte, 32<<10)
	n, _ := answer.Body.Read(body)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Contains(t, string(body[:n]), `href="/connected"`)
	require.Contains(t, string(body[:n]), "http://localhost:"+port+"/mcp")
	require.NotContains(t, asksUnder(t, at, http.MethodGet, "/", "localhost:"+port).Header.Get("Content-Type"), "text/html", "a program is answered as before")
}

// TestAnOriginWithItsPort is the one that browsers name without.
func TestAnOriginWithItsPort(t *testing.T) {
	for public, origin := range map[string]string{"https://mcp.example.com:443": "https://mcp.example.com", "https://mcp.example.com:8443": "https://mcp.example.com:8443"} {
		s := inMemory(t, func(o *Options) { o.PublicURL = public })
		r := httptest.NewRequest(http.MethodPost, public+consentPath, nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		require.True(t, s.sameSite(r), public)
		r.Header.Set("Origin", "https://evil.example")
		require.False(t, s.sameSite(r), public)
	}
}

// TestNothingChosen: a form that does not say what is to end, ends nothing and says so.
func TestNothingChosen(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	b := s.browser()
	p := b.send(b.get(connectedPath), "key", annasKey)
	for _, end := range []string{"-", "", "everything"} {
		said := b.send(p, "end", end)
		require.Equal(t, http.StatusBadRequest, said.status, end)
		require.Contains(t, said.text, "Nothing was chosen")
		require.NotContains(t, said.text, "It is disconnected")
	}
	require.Equal(t, http.StatusOK, s.uses(a.tokens.Access).status)
}

// TestAShortIntrospectionSecret could be tried until it is found.
func TestAShortIntrospectionSecret(t *testing.T) {
	s := inMemory(t)
	o := s.o
	o.IntrospectionSecret = "fifteen-letters"
	_, err := New(o)
	require.ErrorContains(t, err, "introspection_secret has 15 characters, and is to have 16 at least")
	require.NotContains(t, err.Error(), o.IntrospectionSecret)
}
