package oauth_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
)

// brought is what the browser is shown.
type brought struct {
	status int
	page   string
	header http.Header
}

func bring(t *testing.T, method, address, host string) brought {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	if host != "" {
		r.Host = host
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return brought{res.StatusCode, string(body), res.Header}
}

// TestListener takes the one answer, and nothing that only looks like it.
func TestListener(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	c := f.client()
	s := c.Begin(true)
	l, err := c.Listen(s)
	require.NoError(t, err)
	defer l.Close()
	to := f.allow(s.Address, "1")
	forged := *to
	forged.RawQuery = url.Values{"code": {"x"}, "state": {"guess"}}.Encode()

	for name, test := range map[string]struct {
		method, address, host string
		status                int
	}{
		"wrong state":        {"GET", forged.String(), "", 400},
		"nothing":            {"GET", f.redirect, "", 400},
		"another path":       {"GET", "http://" + to.Host + "/favicon.ico", "", 404},
		"looked at before":   {"HEAD", to.String(), "", 405},
		"by a form":          {"POST", to.String(), "", 405},
		"by another name":    {"GET", to.String(), "evil.example", 421},
		"by name, same port": {"GET", to.String(), "localhost:" + to.Port(), 421},
	} {
		require.Equal(t, test.status, bring(t, test.method, test.address, test.host).status, name)
	}
	require.Empty(t, l.Answered(), "none of these ended it")

	shown := make(chan brought)
	go func() { shown <- bring(t, "GET", to.String(), "") }()
	answer := <-l.Answered()
	require.NoError(t, answer.Err)
	second := bring(t, "GET", to.String(), "")
	require.Equal(t, 409, second.status)
	require.Contains(t, second.page, "was answered already")
	answer.Tell(nil)
	first := <-shown
	require.Equal(t, 200, first.status)
	require.Contains(t, first.page, "You are signed in")
	require.NotContains(t, first.page, "<script")
	require.Equal(t, "no-store", first.header.Get("Cache-Control"))
	require.Equal(t, "no-referrer", first.header.Get("Referrer-Policy"))
	require.Contains(t, first.header.Get("Content-Security-Policy"), "default-src 'none'")
	require.Contains(t, first.header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	_, err = c.Redeem(t.Context(), s, answer.Code)
	require.NoError(t, err)
}

// TestListenerTellsWhatCameOfIt: a page does not say that all is well before it is.
func TestListenerTellsWhatCameOfIt(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	c := f.client()
	for name, test := range map[string]struct {
		user string
		told error
		says string
	}{
		"denied":     {"0", nil, "The sign-in was denied in Flexie: nothing was kept; run flexie-mcp login again to allow it."},
		"not kept":   {"1", errors.New("cannot write <b>: disk full"), "Cannot write &lt;b&gt;: disk full."},
		"everything": {"1", nil, "You are signed in"},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.Begin(true)
			l, err := c.Listen(s)
			require.NoError(t, err)
			defer l.Close()
			shown := make(chan brought)
			go func() { shown <- bring(t, "GET", f.allow(s.Address, test.user).String(), "") }()
			answer := <-l.Answered()
			answer.Tell(errors.Join(answer.Err, test.told))
			require.Contains(t, (<-shown).page, test.says)
		})
	}
}

// TestListensOnThisMachineOnly: and says why, where it can't.
func TestListensOnThisMachineOnly(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	at := func(redirect string) error {
		c := f.client(func(o *oauth.Options) { o.Redirect = redirect })
		l, err := c.Listen(c.Begin(true))
		if err == nil {
			l.Close()
		}
		return err
	}
	for _, redirect := range []string{"https://127.0.0.1:1/x", "http://0.0.0.0:0/x", "http://crm.example/x", "http://127.0.0.1.evil.example/x"} {
		require.ErrorIs(t, at(redirect), oauth.ErrElsewhere, redirect)
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer busy.Close()
	require.ErrorContains(t, at("http://"+busy.Addr().String()+"/x"), "another program listens on port")
}
