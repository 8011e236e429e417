package oauth_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
)

// flexieSide is a workspace that people can sign in to.
type flexieSide struct {
	t        *testing.T
	box      *sandbox.Sandbox
	root     string // of its API
	redirect string
	tokens   atomic.Int32 // requests for tokens

	mu      sync.Mutex
	instead http.HandlerFunc // what answers requests for tokens; nil is the workspace
}

func workspace(t *testing.T, o sandbox.Options) *flexieSide {
	t.Helper()
	f := &flexieSide{t: t, redirect: "http://" + freeAddress(t) + "/callback"}
	o.Redirect = f.redirect
	box, err := sandbox.Open(o)
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/token" {
			f.tokens.Add(1)
			if instead := f.answering(); instead != nil {
				instead(w, r)
				return
			}
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { server.Close(); box.Close() })
	f.box, f.root = box, server.URL+"/api"
	return f
}

func (f *flexieSide) answering() http.HandlerFunc {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.instead
}

// answer has requests for tokens answered otherwise; nil ends that.
func (f *flexieSide) answer(instead http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instead = instead
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

func (f *flexieSide) client(change ...func(*oauth.Options)) *oauth.Client {
	f.t.Helper()
	o := oauth.Options{Root: f.root, ID: sandbox.ClientID, Secret: sandbox.ClientSecret, Redirect: f.redirect}
	for _, c := range change {
		c(&o)
	}
	client, err := oauth.NewClient(o)
	require.NoError(f.t, err)
	return client
}

// allow is a person in a browser: it gives the address that they end on.
func (f *flexieSide) allow(address, user string) *url.URL {
	f.t.Helper()
	u, err := url.Parse(address)
	require.NoError(f.t, err)
	form := u.Query()
	form.Set("user", user)
	u.RawQuery = ""
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(u.String(), form)
	require.NoError(f.t, err)
	defer res.Body.Close()
	require.Equal(f.t, http.StatusFound, res.StatusCode)
	to, err := res.Location()
	require.NoError(f.t, err)
	require.True(f.t, strings.HasPrefix(to.String(), f.redirect+"?"), to)
	return to
}

// signIn does so as the administrator.
func (f *flexieSide) signIn(c *oauth.Client) oauth.Tokens {
	f.t.Helper()
	s := c.Begin(true)
	code, err := c.Code(s, f.allow(s.Address, "1").Query())
	require.NoError(f.t, err)
	tokens, err := c.Redeem(f.t.Context(), s, code)
	require.NoError(f.t, err)
	return tokens
}

// login signs in and keeps it.
func (f *flexieSide) login(l *oauth.Logins) oauth.Login {
	f.t.Helper()
	c := f.client()
	one, err := l.Keep(f.t.Context(), oauth.Login{Root: f.root, UserID: "1", User: "Elena", Since: time.Now()}, c.GrantOf(f.signIn(c)))
	require.NoError(f.t, err)
	f.tokens.Store(0)
	return one
}

// api is Flexie's client with the credential of a login.
func (f *flexieSide) api(s *oauth.Source) *flexie.Client {
	f.t.Helper()
	c, err := flexie.New(flexie.Options{BaseURL: f.root, Auth: s})
	require.NoError(f.t, err)
	return c
}

// self asks who is signed in.
func self(ctx context.Context, c *flexie.Client) (string, error) {
	user, err := c.Self(ctx)
	if err != nil {
		return "", err
	}
	return user.Values.Get("username").(string), nil
}
