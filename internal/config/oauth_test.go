package config

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClientSecret is read from where it is, and shown nowhere.
func TestClientSecret(t *testing.T) {
	file := written(t, "secret", secret+"\n")
	for name, loaded := range map[string]*Loaded{
		"itself": load(t, []string{"FLEXIE_OAUTH_CLIENT_SECRET=" + secret}),
		"a file": load(t, []string{"FLEXIE_OAUTH_CLIENT_SECRET_FILE=" + file}),
	} {
		require.Equal(t, secret, loaded.ClientSecret(), name)
		hides(t, fmt.Sprintf("%+v %#v %v", loaded, loaded.Settings, loaded.Rows()))
	}
	require.Equal(t, secret, Settings{OAuthClientSecret: secret}.ClientSecret())
	_, err := Load(nil, []string{"FLEXIE_OAUTH_CLIENT_SECRET=" + secret, "FLEXIE_OAUTH_CLIENT_SECRET_FILE=" + file})
	require.ErrorContains(t, err, "FLEXIE_OAUTH_CLIENT_SECRET and FLEXIE_OAUTH_CLIENT_SECRET_FILE are both set: keep one")
	_, err = Load(nil, []string{"FLEXIE_OAUTH_CLIENT_SECRET_FILE=" + written(t, "two", secret+"\nmore")})
	require.ErrorContains(t, err, "line breaks")
	hides(t, err.Error())
}

// TestRedirect is taken to the letter, since Flexie compares it so.
func TestRedirect(t *testing.T) {
	for _, good := range []string{"http://127.0.0.1:8976/callback", "http://localhost:1/", "http://localhost:65535/", "http://localhost/", "http://[::1]:9000/cb", "https://crm.example/Callback/"} {
		require.Equal(t, good, load(t, []string{"FLEXIE_OAUTH_REDIRECT=" + good}).OAuthRedirect)
	}
	for bad, says := range map[string]string{
		"127.0.0.1:8976":           "like http://127.0.0.1:8976/callback",
		"/callback":                "the whole address goes here",
		"http://crm.example/cb":    "plain http is refused except to loopback",
		"http://127.0.0.1.evil/cb": "plain http is refused except to loopback",
		"https://me@crm.example/":  "no user name, ? or #",
		"https://crm.example/?a=b": "no user name, ? or #",
		"https://crm.example/ x":   "this is not an address",
		"custom://crm.example/":    "the whole address goes here",
		"http://127.0.0.1:99999/":  "the port is a number from 1 to 65535",
		"http://127.0.0.1:0/":      "the port is a number from 1 to 65535",
	} {
		_, err := Load(nil, []string{"FLEXIE_OAUTH_REDIRECT=" + bad})
		require.ErrorContains(t, err, says, bad)
	}
}

// TestWithLogin: it names the workspace where nothing else does, and its badge is
// hidden as a key is.
func TestWithLogin(t *testing.T) {
	const root = "https://acme.flexie.io/api"
	s := load(t, nil).WithLogin(root, secret)
	require.Equal(t, root, s.Root())
	require.Equal(t, secret, s.Key())
	hides(t, fmt.Sprintf("%+v %#v", s, s))
	s = load(t, []string{"FLEXIE_SUBDOMAIN=acme"}).WithLogin(root, secret)
	require.Equal(t, root, s.Root())
	require.Empty(t, s.BaseURL)
}
