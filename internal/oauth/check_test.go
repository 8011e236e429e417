package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
)

// TestCheck finds out what a person would else see in the browser only.
func TestCheck(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	require.NoError(t, f.client().Check(t.Context()))
	err := f.client(func(o *oauth.Options) { o.Redirect = "http://127.0.0.1:1/other" }).Check(t.Context())
	require.ErrorContains(t, err, `seems to refuse the sign-in (HTTP 400): "The redirect_uri is not the one of the API credential`)
	require.ErrorContains(t, err, "the redirect address exactly http://127.0.0.1:1/other")
	err = f.client(func(o *oauth.Options) { o.ID = "another" }).Check(t.Context())
	require.ErrorContains(t, err, `"No API credential has this client_id"`)
	err = f.client(func(o *oauth.Options) { o.Root = "http://127.0.0.1:1/api" }).Check(t.Context())
	require.ErrorContains(t, err, "127.0.0.1:1 can't be reached for a sign-in: connection refused")
}

// TestCheckReadsOtherAnswers: a login page or a redirect to one is a yes.
func TestCheckReadsOtherAnswers(t *testing.T) {
	const redirect = "http://127.0.0.1:1/callback"
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"a page": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<h1>Log in</h1>")) }, ""},
		"login": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/oauth2/authorize_login", http.StatusFound)
		}, ""},
		"broken": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, ""},
		"an error": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, redirect+"?error=invalid_scope", http.StatusFound)
		}, `"invalid_scope"`},
		"no sign-in": {http.NotFound, "has no sign-in at /oauth2/authorize"},
		"a refusal": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte("<style>x{}</style><h1>Bad <b>client</b></h1>"))
		}, `(HTTP 400): "Bad client"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(test.answer)
			defer s.Close()
			c, err := oauth.NewClient(oauth.Options{Root: s.URL + "/api", ID: "id", Redirect: redirect})
			require.NoError(t, err)
			err = c.Check(t.Context())
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.says)
		})
	}
}
