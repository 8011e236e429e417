package oauth_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
)

// TestSignIn: what the browser brings back becomes tokens that the API takes.
func TestSignIn(t *testing.T) {
	for name, pkce := range map[string]bool{"with PKCE": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			f := workspace(t, sandbox.Options{TokenLifetime: 2 * time.Hour})
			c := f.client()
			s := c.Begin(pkce)
			asked, err := url.Parse(s.Address)
			require.NoError(t, err)
			require.Equal(t, strings.TrimSuffix(f.root, "/api")+"/oauth2/authorize", "http://"+asked.Host+asked.Path)
			require.Equal(t, pkce, asked.Query().Get("code_challenge_method") == "S256")
			require.Equal(t, pkce, asked.Query().Has("code_challenge"))
			require.False(t, asked.Query().Has("scope"))
			require.NotContains(t, s.Address, sandbox.ClientSecret)
			require.GreaterOrEqual(t, len(asked.Query().Get("state")), 26, "128 bits")
			require.NotEqual(t, s.State, c.Begin(pkce).State)

			code, err := c.Code(s, f.allow(s.Address, "3").Query())
			require.NoError(t, err)
			tokens, err := c.Redeem(t.Context(), s, code)
			require.NoError(t, err)
			require.NotEmpty(t, tokens.Refresh)
			require.Equal(t, 2*time.Hour, tokens.Lasts)
			user, err := apiOf(t, f, tokens).Self(t.Context())
			require.NoError(t, err)
			require.Equal(t, "sofia", user.Values.Get("username"))

			_, err = c.Redeem(t.Context(), s, code)
			require.Equal(t, flexie.SignedOut, flexie.KindOf(err), "a code works once")
			require.ErrorContains(t, err, "does not take the answer to the sign-in: ")
			require.NotContains(t, err.Error(), code)
		})
	}
}

func apiOf(t *testing.T, f *flexieSide, tokens oauth.Tokens) *flexie.Client {
	api, err := flexie.New(flexie.Options{BaseURL: f.root, Auth: tokens.Auth()})
	require.NoError(t, err)
	return api
}

// TestWhereSignInHappens: at the workspace itself, and nowhere that others could
// read along.
func TestWhereSignInHappens(t *testing.T) {
	for root, at := range map[string]string{
		"https://acme.flexie.io/api":      "https://acme.flexie.io/oauth2/authorize?",
		"https://acme.flexie.io/api/":     "https://acme.flexie.io/oauth2/authorize?",
		"https://crm.example/flexie/api":  "https://crm.example/flexie/oauth2/authorize?",
		"http://localhost:8099/api":       "http://localhost:8099/oauth2/authorize?",
		"http://acme.flexie.io/api":       "",
		"https://me@acme.flexie.io/api":   "",
		"https://acme.flexie.io/api?x=y":  "",
		"ftp://acme.flexie.io/api":        "",
		"http://127.0.0.1.evil.example/":  "",
		"https:///api":                    "",
		"http://localhost.evil.example/a": "",
	} {
		c, err := oauth.NewClient(oauth.Options{Root: root, ID: "a", Redirect: "http://127.0.0.1:1/"})
		if at == "" {
			require.Error(t, err, root)
			continue
		}
		require.NoError(t, err, root)
		require.True(t, strings.HasPrefix(c.Begin(true).Address, at), root)
	}
}

// TestAnswersThatAreNone: each is passed over or told, and gives no code.
func TestAnswersThatAreNone(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	c := f.client()
	s := c.Begin(true)
	good := func(more ...string) url.Values {
		v := url.Values{"state": {s.State}}
		for i := 0; i < len(more); i += 2 {
			v.Add(more[i], more[i+1])
		}
		return v
	}
	for name, test := range map[string]struct {
		answer url.Values
		says   string
	}{
		"no state":        {url.Values{"code": {"x"}}, oauth.ErrOther.Error()},
		"another state":   {url.Values{"code": {"x"}, "state": {c.Begin(true).State}}, oauth.ErrOther.Error()},
		"a part of it":    {url.Values{"code": {"x"}, "state": {s.State[:20]}}, oauth.ErrOther.Error()},
		"two states":      {url.Values{"code": {"x"}, "state": {s.State, "y"}}, oauth.ErrOther.Error()},
		"two codes":       {good("code", "x", "code", "y"), oauth.ErrOther.Error()},
		"no code":         {good(), oauth.ErrOther.Error()},
		"error, no state": {url.Values{"error": {"access_denied"}}, oauth.ErrOther.Error()},
		"denied":          {good("error", "access_denied"), "was denied in Flexie: nothing was kept; run flexie-mcp login again"},
		"no PKCE":         {good("error", "invalid_request", "error_description", "Unknown parameter code_challenge"), `refused the sign-in: "Unknown parameter code_challenge"; if it speaks of a challenge, try flexie-mcp login --no-pkce`},
		"busy":            {good("error", "server_error"), `refused the sign-in: "server_error"; try again in a minute`},
		"another issuer":  {good("code", "x", "iss", "https://evil.example"), "comes from another workspace"},
		"words of theirs": {good("error", "x", "error_description", "a\x1b[2Jb\"c"), `refused the sign-in: "a[2Jb'c"`},
	} {
		t.Run(name, func(t *testing.T) {
			code, err := c.Code(s, test.answer)
			require.Empty(t, code)
			require.ErrorContains(t, err, test.says)
		})
	}
	code, err := c.Code(s, good("code", "x", "iss", strings.TrimSuffix(f.root, "/api")))
	require.NoError(t, err)
	require.Equal(t, "x", code)
}

// TestPasted: the whole address, or what is behind its question mark.
func TestPasted(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	c := f.client()
	s := c.Begin(true)
	to := f.allow(s.Address, "1")
	for _, text := range []string{to.String(), "  " + to.String() + "\r\n", `"` + to.String() + `"`, to.RawQuery, to.String() + "#", "?" + to.RawQuery} {
		values, err := c.Pasted(strings.TrimPrefix(text, "?"))
		require.NoError(t, err, text)
		_, err = c.Code(s, values)
		require.NoError(t, err, text)
	}
	for text, says := range map[string]string{
		to.Query().Get("code"): "has code= and state= in it",
		"y":                    "has code= and state= in it",
		"https://evil.example/callback?" + to.RawQuery: "the one to paste begins with " + f.redirect,
		s.Address: "the one to paste begins with " + f.redirect,
	} {
		_, err := c.Pasted(text)
		require.ErrorContains(t, err, says)
	}
}

// TestTokensThatAreNotGiven: each says what to do, and repeats no secret.
func TestTokensThatAreNotGiven(t *testing.T) {
	const refresh, secret = "refresh-kq7Zx2Vt9B", "secret-8fJw3LmQz1"
	echo := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		kind   flexie.ErrorKind
		says   string
	}{
		"gone":         {echo(400, `{"error":"invalid_grant","error_description":"Token `+refresh+` is dead."}`), flexie.SignedOut, `does not take the sign-in any more: "Token (credential) is dead"`},
		"wrong client": {echo(400, `{"error":"invalid_client","error_description":"Not `+secret+`"}`), flexie.Unauthorized, `client id and secret: "Not (credential)"; they stand in Flexie under Settings / API Credentials`},
		"401, no JSON": {echo(401, `<h1>no</h1>`), flexie.Unauthorized, "does not know this client id and secret; they stand"},
		"busy":         {echo(429, `{}`), flexie.Limited, "no more tokens for now"},
		"broken":       {echo(503, `<h1>`+refresh+`</h1>`), flexie.Unavailable, "could not give tokens; try again"},
		"none there":   {echo(404, `<h1>Not found</h1>`), flexie.NotFound, "has no sign-in at /oauth2/token"},
		"refused":      {echo(400, `{"error":"unsupported_grant_type"}`), flexie.Invalid, `refused to give tokens: "unsupported_grant_type"`},
		"a page":       {echo(200, `<h1>Log in</h1>`), flexie.Unreadable, "holds no tokens that could be read"},
		"no token":     {echo(200, `{"refresh_token":"x"}`), flexie.Unreadable, "holds no tokens that could be read"},
		"another type": {echo(200, `{"access_token":"x","token_type":"mac"}`), flexie.Unreadable, `of a type that this program does not know: "MAC"`},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://evil.example/", http.StatusTemporaryRedirect)
		}, flexie.Unreadable, "redirects its sign-in elsewhere, which was not followed"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, flexie.Unreachable, "no tokens could be had from 127.0.0.1:"},
	} {
		t.Run(name, func(t *testing.T) {
			f := workspace(t, sandbox.Options{})
			f.answer(test.answer)
			_, err := f.client(func(o *oauth.Options) { o.Secret = secret }).Renew(t.Context(), refresh)
			require.Equal(t, test.kind, flexie.KindOf(err), err)
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), refresh)
			require.NotContains(t, err.Error(), secret)
			require.EqualValues(t, 1, f.tokens.Load(), "a token is not sent twice")
		})
	}
}

// TestTheSecretGoesInTheBody: not in an address, which others log.
func TestTheSecretGoesInTheBody(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	var asked *http.Request
	var form url.Values
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		require.NoError(t, r.ParseForm())
		form = r.PostForm
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token":"a","expires_in":"3600","token_type":"bearer","scope":null}`)
	})
	tokens, err := f.client().Renew(t.Context(), "r1")
	require.NoError(t, err)
	require.Equal(t, "POST", asked.Method)
	require.Empty(t, asked.URL.RawQuery)
	require.Empty(t, asked.Header.Get("Authorization"))
	require.Equal(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"r1"}, "client_id": {sandbox.ClientID}, "client_secret": {sandbox.ClientSecret}}, form)
	require.Equal(t, "r1", tokens.Refresh, "without a new one, the old one stays")
	require.Equal(t, time.Hour, tokens.Lasts)
}
