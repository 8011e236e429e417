package doctor

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

// signInServer is a server at a public address that says that it is at another, or at
// its own if that is "".
func signInServer(t *testing.T, issuer string) (address string) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/oauth-authorization-server" {
			http.NotFound(w, r)
			return
		}
		said := issuer
		if said == "" {
			said = server.URL
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": said})
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// without takes the key out of settings.
func without(environ []string) []string {
	return slices.DeleteFunc(environ, func(pair string) bool { return strings.HasPrefix(pair, "FLEXIE_API_KEY=") })
}

// A server that people sign in to has neither a key nor a login: nothing of that is wrong.
func TestAServerThatPeopleSignInToNeedsNoKey(t *testing.T) {
	t.Parallel()
	public := signInServer(t, "")
	report, by := run(t, options(t, append(without(serve(t, workspace(t, sandbox.Options{}))), "FLEXIE_PUBLIC_URL="+public)...))
	require.Equal(t, OK, report.Result, report.Text())
	for name, found := range map[string]string{
		"credential":   "not needed: each person uses a Flexie account of their own",
		"key":          "no key is set",
		"permissions":  "it needs key, which was skipped",
		"reading":      "it needs key, which was skipped",
		"assumptions":  "it needs key, which was skipped",
		"oauth client": "people sign in by pasting their Flexie key",
		"clock":        "whose clock stands still on purpose",
	} {
		require.Equal(t, Skipped, by[name].Result, name+"\n"+report.Text())
		require.Contains(t, by[name].Found, found)
	}
	require.Contains(t, by["credential"].Next, "set FLEXIE_API_KEY to the key of any user")
	require.Equal(t, OK, by["connection"].Result)
	require.Equal(t, OK, by["tls"].Result)
	require.Equal(t, OK, by["public address"].Result)
	require.NotContains(t, report.Text(), public)
}

// With a key for this run, all of Flexie's side is tested.
func TestAKeyHasASignInServerTested(t *testing.T) {
	t.Parallel()
	_, by := run(t, options(t, append(serve(t, workspace(t, sandbox.Options{})), "FLEXIE_PUBLIC_URL="+signInServer(t, ""))...))
	require.Equal(t, OK, by["key"].Result)
	require.Equal(t, OK, by["reading contacts"].Result)
}

// What Flexie is asked about is the redirect address of people who sign in over HTTP,
// not that of flexie-mcp login.
func TestTheRedirectOfAServerIsItsOwn(t *testing.T) {
	t.Parallel()
	public := signInServer(t, "")
	look := func(entered string) Finding {
		environ := append(without(serve(t, workspace(t, sandbox.Options{Redirect: entered}))), "FLEXIE_PUBLIC_URL="+public,
			"FLEXIE_OAUTH_CLIENT_ID="+sandbox.ClientID, "FLEXIE_OAUTH_CLIENT_SECRET="+sandbox.ClientSecret)
		_, by := run(t, options(t, environ...))
		require.Equal(t, OK, by["keyring"].Result)
		return by["oauth client"]
	}
	require.Equal(t, OK, look(public+"/oauth/callback").Result)
	other := look(sandbox.Redirect)
	require.Equal(t, Warning, other.Result)
	require.Contains(t, other.Next, "public_url with /oauth/callback behind it")
}

func TestHalfAnOAuthClientIsWrong(t *testing.T) {
	t.Parallel()
	_, by := run(t, options(t, append(without(serve(t, workspace(t, sandbox.Options{}))), "FLEXIE_PUBLIC_URL="+signInServer(t, ""), "FLEXIE_OAUTH_CLIENT_ID=3_1a2b3c")...))
	require.Equal(t, Wrong, by["oauth client"].Result)
	require.Contains(t, by["oauth client"].Found, "only one of oauth_client_id and oauth_client_secret")
}

// Where the public address does not answer as it should, that is a warning: this
// machine may not be let at it.
func TestThePublicAddressIsAsked(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	nothing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nothing.Close)
	for address, found := range map[string]string{
		gone.URL:    "nothing answered at public_url when this machine asked: connection refused",
		nothing.URL: "something else than this server answered at public_url (HTTP 404)",
		signInServer(t, "https://elsewhere.example"): "calls itself by another address",
	} {
		report, by := run(t, options(t, append(without(serve(t, workspace(t, sandbox.Options{}))), "FLEXIE_PUBLIC_URL="+address)...))
		require.Equal(t, Warning, by["public address"].Result)
		require.Contains(t, by["public address"].Found, found)
		require.NotEmpty(t, by["public address"].Next)
		require.False(t, report.Failed())
		require.NotContains(t, report.Text(), strings.TrimPrefix(address, "http://"))
	}
}

// Without a workspace of its own, people say which is theirs.
func TestAServerWithoutAWorkspaceOfItsOwn(t *testing.T) {
	t.Parallel()
	report, by := run(t, options(t, "FLEXIE_PUBLIC_URL="+signInServer(t, "")))
	require.Equal(t, Skipped, by["workspace"].Result)
	require.Contains(t, by["workspace"].Found, "each person who connects says which is theirs")
	require.Contains(t, by["tls"].Found, "it needs connection")
	require.Equal(t, OK, report.Result, report.Text())
}

func TestLongTimesAreInDays(t *testing.T) {
	require.Equal(t, "48h0m0s", lasting(48*time.Hour))
	require.Equal(t, "155 days", lasting(3730*time.Hour+27*time.Minute))
}
