package cli_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store/storetest"
)

// signInOffice is a workspace that people sign in to, and servers at one address
// that have a database in common.
type signInOffice struct {
	box     *sandbox.Sandbox
	flexie  *httptest.Server
	tokens  atomic.Int32 // requests for tokens
	public  string
	servers []process
	fronts  []http.Handler // of the servers, each
	next    atomic.Int32
}

func newSignInOffice(t *testing.T) *signInOffice {
	o := &signInOffice{}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.fronts[int(o.next.Add(1))%len(o.fronts)].ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	o.public = front.URL
	box, err := sandbox.Open(sandbox.Options{Redirect: o.public + "/oauth/callback"})
	require.NoError(t, err)
	o.box = box
	o.flexie = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/token" {
			o.tokens.Add(1)
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { o.flexie.Close(); box.Close() })
	database := storetest.Postgres(t)
	for range 2 {
		o.servers = append(o.servers, start(t, []string{
			"FLEXIE_BASE_URL=" + o.flexie.URL + "/api", "FLEXIE_DATABASE_URL=" + database, "FLEXIE_PUBLIC_URL=" + o.public, "FLEXIE_LOG_LEVEL=info",
			"FLEXIE_ENCRYPTION_KEY=" + strings.Repeat("ab", 32), "FLEXIE_OAUTH_CLIENT_ID=" + sandbox.ClientID, "FLEXIE_OAUTH_CLIENT_SECRET=" + sandbox.ClientSecret,
			"FLEXIE_MAX_RATE=0",
		}, "http", "--listen", "127.0.0.1:0"))
	}
	for _, p := range o.servers {
		to, err := url.Parse(p.address())
		require.NoError(t, err)
		o.fronts = append(o.fronts, &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host
		}})
	}
	return o
}

func (o *signInOffice) said() string {
	return o.servers[0].errors.String() + o.servers[1].errors.String()
}

// TestSignInByFlexie: the Go SDK's client works as whoever has signed in at Flexie,
// at whichever server; both renew the sign-in as one; and once it has ended there,
// the client has its person sign in anew by itself.
func TestSignInByFlexie(t *testing.T) {
	o := newSignInOffice(t)
	person := newSigner(t, "")
	person.user = "3"
	c, err := asPerson(t, person, o.public)
	require.NoError(t, err, o.said())
	defer c.Close()
	whoAmI := func() (string, bool) {
		self, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_current_user"})
		require.NoError(t, err, o.said())
		return self.Content[0].(*mcp.TextContent).Text, self.IsError
	}
	text, _ := whoAmI()
	require.Contains(t, text, "Sofia Lindqvist")
	require.EqualValues(t, 1, o.tokens.Load())

	o.box.ExpireTokens()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			text, failed := whoAmI()
			require.False(t, failed, text)
			require.Contains(t, text, "Sofia Lindqvist")
		})
	}
	all.Wait()
	require.EqualValues(t, 2, o.tokens.Load(), "fifty calls at two servers renew once")

	o.box.EndSignIns()
	text, failed := whoAmI()
	require.True(t, failed)
	require.Contains(t, text, "The person has to connect again")
	shown := len(person.shown)
	text, failed = whoAmI()
	require.False(t, failed, text)
	require.Contains(t, text, "Sofia Lindqvist")
	require.Greater(t, len(person.shown), shown, "the person was asked again")
	require.NotContains(t, o.said(), sandbox.ClientSecret)
	require.Contains(t, o.said(), "flexie-mcp: people sign in at Flexie; the redirect address of the API credential there has to be "+o.public+"/oauth/callback\n")
}

// TestSignInThatFlexieWouldRefuse is told as the server starts.
func TestSignInThatFlexieWouldRefuse(t *testing.T) {
	box, err := sandbox.Open(sandbox.Options{Redirect: "https://elsewhere.example/oauth/callback"})
	require.NoError(t, err)
	s := httptest.NewServer(box)
	t.Cleanup(func() { s.Close(); box.Close() })
	p := start(t, []string{
		"FLEXIE_BASE_URL=" + s.URL + "/api", "FLEXIE_PUBLIC_URL=http://localhost:8080", "FLEXIE_STATE_DIR=" + t.TempDir(),
		"FLEXIE_OAUTH_CLIENT_ID=" + sandbox.ClientID, "FLEXIE_OAUTH_CLIENT_SECRET=" + sandbox.ClientSecret,
	}, "http", "--listen", "127.0.0.1:0")
	require.Eventually(t, func() bool {
		return strings.Contains(p.errors.String(), "people may not be able to sign in")
	}, soon, time.Millisecond)
	require.Contains(t, p.errors.String(), "the redirect address exactly http://localhost:8080/oauth/callback")
	require.NotContains(t, p.errors.String(), sandbox.ClientSecret)
}

// TestSignInByHalf: an id without its secret, or the other way round, is told.
func TestSignInByHalf(t *testing.T) {
	for set, says := range map[string]string{
		"FLEXIE_OAUTH_CLIENT_ID=x":     "oauth_client_id is set, and oauth_client_secret is not",
		"FLEXIE_OAUTH_CLIENT_SECRET=x": "oauth_client_secret is set, and oauth_client_id is not",
	} {
		p := start(t, []string{"FLEXIE_PUBLIC_URL=http://localhost:8080", "FLEXIE_SUBDOMAIN=acme", "FLEXIE_STATE_DIR=" + t.TempDir(), set}, "http", "--listen", "127.0.0.1:0")
		require.NotZero(t, p.end())
		require.Contains(t, p.errors.String(), says)
	}
}
