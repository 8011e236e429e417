package flexie

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// badAuth can't authorize.
type badAuth struct{ err error }

func (a badAuth) Authorize(*http.Request) error { return a.err }

// TestAuth: without a credential that can be sent, nothing is.
func TestAuth(t *testing.T) {
	r := record(t, unasked(t))
	refused := errors.New("log in first")
	for name, test := range map[string]struct {
		auth Auth
		says string
	}{
		"refused":    {badAuth{refused}, "log in first"},
		"line break": {APIKey(testKey + "\n"), "the API key holds a line break or another control character"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := r.client(t, func(o *Options) { o.Auth = test.auth }).Self(t.Context())
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), testKey)
		})
	}
	_, err := r.client(t, func(o *Options) { o.Auth = badAuth{refused} }).Self(t.Context())
	require.ErrorIs(t, err, refused)
}

// TestKeyIsCensored: a server that repeats the key does not get it shown,
// wherever it does and however it writes it.
func TestKeyIsCensored(t *testing.T) {
	const key = "aB3/d+f6h8&kLm0p"
	escaped := strings.NewReplacer("/", `\/`, "+", `\u002b`, "&", `\u0026`)
	for name, body := range map[string]string{
		"message":     `{"error":{"message":"Key ` + key + ` is unknown"}}`,
		"field":       `{"error":{"message":"No","details":{"` + key + `":["` + key + `?"]}}}`,
		"escaped":     `{"error":{"message":"` + strings.ReplaceAll(key, "/", `\/`) + `"}}`,
		"all escaped": `{"error":{"message":"` + escaped.Replace(key) + `"}}`,
		"title, cut":  "<html><title>" + strings.Repeat("x", 110) + key + "</title>",
		"page":        "<html><p>" + html.EscapeString(key) + "</p>",
		"address":     "<html><p>?apikey=" + url.QueryEscape(key) + "</p>",
	} {
		c := record(t, answering(400, body)).client(t, func(o *Options) { o.Auth = APIKey(key) })
		_, err := c.Self(t.Context())
		require.NotContains(t, err.Error(), "aB3", name)
		require.NotContains(t, err.Error(), url.QueryEscape(key), name)
	}

	r := record(t, answering(200, `{"user":{"id":1,"apiKey":"`+testKey+`","`+testKey+`":"x","n":12345678901234567890.10,"s":"a\/b"}}`))
	user, err := r.client(t).Self(t.Context())
	require.NoError(t, err)
	require.Equal(t, `{"id":1,"apiKey":"(credential)","(credential)":"x","n":12345678901234567890.10,"s":"a/b"}`, shown(t, user.Values))

	c := record(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://"+testKey+".evil.example/")
		w.WriteHeader(302)
	}).client(t)
	_, err = c.Self(t.Context())
	require.ErrorContains(t, err, `redirects to "(credential).evil.example"`)

	c = record(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		require.NoError(t, err)
		_, _ = conn.Write([]byte("\x1b" + testKey + "\r\n\r\n"))
		_ = conn.Close()
	}).client(t)
	_, err = c.Self(t.Context())
	require.ErrorContains(t, err, "malformed HTTP response")
	require.NotContains(t, err.Error(), testKey)
}

// TestWordsAreNotCensored: the sandbox's keys are words, and so are a part of
// its addresses and of what it holds.
func TestWordsAreNotCensored(t *testing.T) {
	for key, secret := range map[string]bool{
		"": false, "key": false, "sandbox": false, "sandbox-support": false, "20260105": false, "s3cret": false,
		testKey: true, "Bearer " + testKey: true, "abcdefghijklmnop": true,
	} {
		header := http.Header{"Authorization": {key}}
		require.Equal(t, secret, len(secretsOf(header)) > 0, key)
	}
	c, err := New(Options{BaseURL: "https://sandbox.flexie.invalid/api", Auth: APIKey("sandbox"), Transport: transport(func(r *http.Request) (*http.Response, error) {
		return respond(r, 200, http.Header{}, strings.NewReader(`{"id":1,"name":"sandbox"}`)), nil
	})})
	require.NoError(t, err)
	user, err := c.Self(t.Context())
	require.NoError(t, err)
	require.Equal(t, "sandbox", user.Values.Get("name"))
}

// TestNoPartOfAnErrorHoldsTheKey: not even one that is spelt out, which only
// shows once it is decoded.
func TestNoPartOfAnErrorHoldsTheKey(t *testing.T) {
	var spelt strings.Builder
	for _, r := range testKey {
		fmt.Fprintf(&spelt, `\u%04x`, r)
	}
	for name, body := range map[string]string{
		"message": `{"error":{"message":"Key ` + spelt.String() + ` is unknown"}}`,
		"field":   `{"error":{"message":"No","details":{"` + spelt.String() + `":["x","` + spelt.String() + `?"]}}}`,
		"title":   "<html><title>&#57;" + testKey[1:] + "</title>",
	} {
		for call, do := range everySort {
			err := do(t.Context(), record(t, answering(400, body)).client(t))
			var e *Error
			require.ErrorAs(t, err, &e)
			require.NotContains(t, fmt.Sprintf("%+v", *e), testKey, "%s of %s", name, call)
			require.ErrorContains(t, err, "(credential)", "%s of %s", name, call)
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"not HTTP":     raw("\x1b" + testKey + "\r\n\r\n"),
		"bad redirect": redirecting("http://[::1/" + testKey),
		"redirect":     redirecting("https://evil.example/?k=" + testKey),
		"bad header":   raw("HTTP/1.1 200 OK\r\n" + testKey + "\r\n\r\n"),
		"bad chunk":    raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + testKey + "zz\r\n"),
	} {
		_, err := record(t, answer).client(t).Self(t.Context())
		require.Error(t, err, name)
		requireNoSecret(t, err)
	}
}
