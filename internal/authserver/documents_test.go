package authserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"
)

const documentID = "https://app.example.com/client.json"

func document(more ...string) string {
	d := map[string]any{"client_id": documentID, "client_name": "Example", "redirect_uris": []string{callback}}
	for i := 0; i+1 < len(more); i += 2 {
		d[more[i]] = more[i+1]
	}
	text, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestADocumentInsteadOfARegistration: the host that vouches for it is shown.
func TestADocumentInsteadOfARegistration(t *testing.T) {
	s := inMemory(t)
	s.web.put(documentID, document())
	b := s.browser()
	p := b.get(s.asks(documentID))
	require.Contains(t, p.text, "Its description is at <strong>app.example.com</strong>.")
	require.Contains(t, p.text, "any program here could say that it is")
	require.NotContains(t, p.text, "Nobody has verified")
	back := b.send(b.send(p, "answer", "allow"), "key", annasKey)
	a := s.form(tokenPath, exchange(documentID, back.away.Query().Get("code")))
	require.Equal(t, http.StatusOK, a.status, a.text)
	require.Equal(t, http.StatusOK, s.form(tokenPath, refreshing(documentID, a.tokens.Refresh)).status)
	require.Equal(t, []string{documentID}, s.web.asked, "it is believed for a while")
	require.Contains(t, b.get(connectedPath).text, "app.example.com")
}

// TestDocumentsThatAreRefused are shown as such to the person, and lead nowhere.
func TestDocumentsThatAreRefused(t *testing.T) {
	for name, test := range map[string]struct{ body, header, value string }{
		"another's id":         {document("client_id", "https://app.example.com/other.json"), "", ""},
		"id with another case": {document("client_id", "https://App.example.com/client.json"), "", ""},
		"no id":                {`{"redirect_uris":["` + callback + `"]}`, "", ""},
		"no redirects":         {`{"client_id":"` + documentID + `"}`, "", ""},
		"wrong redirect":       {`{"client_id":"` + documentID + `","redirect_uris":["http://evil.example/"]}`, "", ""},
		"a secret":             {document("client_secret", "x"), "", ""},
		"a secret's method":    {document("token_endpoint_auth_method", "client_secret_basic"), "", ""},
		"no JSON":              {`<html>`, "", ""},
		"as a page":            {document(), "Content-Type", "text/html"},
		"redirected":           {document(), "Location", "https://app.example.com/elsewhere.json"},
		"redirected inside":    {document(), "Location", "http://169.254.169.254/latest/meta-data"},
		"padded":               {document() + strings.Repeat(" ", maxDocument), "", ""},
		"too large":            {document("client_uri", strings.Repeat("x", maxDocument)), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := inMemory(t)
			s.web.put(documentID, test.body, test.header, test.value)
			s.web.put("https://app.example.com/elsewhere.json", document())
			p := s.browser().get(s.asks(documentID))
			require.Equal(t, http.StatusBadRequest, p.status)
			require.Nil(t, p.away)
			require.Contains(t, p.text, "describes the assistant")
			require.Equal(t, []string{documentID}, s.web.asked, "no redirect is followed")
		})
	}
}

// TestDocumentIDs: only addresses that can be a document's are fetched.
func TestDocumentIDs(t *testing.T) {
	for _, id := range []string{
		"http://app.example.com/c", "https://app.example.com", "https://app.example.com/", "https://localhost/c", "https://127.0.0.1/c", "https://[::1]/c", "https://10.0.0.1/c",
		"https://169.254.169.254/latest", "https://2130706433/c", "https://0x7f.1/c", "https://a.0x7f000001/c", "https://printer.local/c", "https://vault.internal/c", "https://x.localhost./c",
		"https://intranet/c", "https://u:p@app.example.com/c", "https://app.example.com/c#x", "https://app.example.com/a/../c", "https://app.example.com/%2e%2e/c", "https://app.example.com/ c",
		"https://app.example.com/" + strings.Repeat("x", maxAddress), "ftp://app.example.com/c", "//app.example.com/c", "",
	} {
		require.False(t, isDocumentID(id), id)
		s := inMemory(t)
		require.Equal(t, http.StatusBadRequest, s.browser().get(s.asks(id)).status)
		require.Empty(t, s.web.asked)
	}
	for _, id := range []string{documentID, "https://app.example.com:8443/a/b?c=d", "https://claude.ai/oauth/claude-code-client-metadata"} {
		require.True(t, isDocumentID(id), id)
	}
}

// TestDocumentsInside: what leads to a private address is not even connected to,
// whatever listens there.
func TestDocumentsInside(t *testing.T) {
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	reached := make(chan struct{}, 1)
	go func() {
		if c, err := inside.Accept(); err == nil {
			reached <- struct{}{}
			c.Close()
		}
	}()
	address := "https://" + inside.Addr().String() + "/c"
	_, err = newDocuments(nil, time.Now).get(t.Context(), address, 0, func() bool { return true })
	require.EqualError(t, err, "What describes the assistant could not be read at "+address+".")
	inside.Close()
	require.Empty(t, reached)
}

// TestADocumentThatChanges between what the page showed and the person's yes.
func TestADocumentThatChanges(t *testing.T) {
	for name, changed := range map[string]string{
		"name": document("client_name", "Another"), "method": document("token_endpoint_auth_method", "private_key_jwt", "jwks_uri", "https://app.example.com/jwks"),
		"redirects": strings.Replace(document(), callback, "http://127.0.0.1/other", 1), "gone": `{}`,
	} {
		s := inMemory(t)
		s.web.put(documentID, document(), "Cache-Control", "no-store")
		b := s.browser()
		p := b.get(s.asks(documentID))
		s.web.put(documentID, changed, "Cache-Control", "no-store")
		refused := b.send(p, "answer", "allow")
		require.Equal(t, http.StatusConflict, refused.status, name)
		require.Contains(t, refused.text, "The assistant has changed")
		s.web.put(documentID, document("client_uri", "https://app.example.com"), "Cache-Control", "no-store")
		require.Contains(t, b.send(p, "answer", "allow").text, "API key", "%s: what is not shown may change", name)
	}
}

// TestDocumentsAreKept for as long as they say, within bounds, and failures for a
// moment.
func TestDocumentsAreKept(t *testing.T) {
	for control, lasts := range map[string]time.Duration{"": documentUsual, "max-age=60": time.Minute, "public, MAX-AGE=86400": documentLonger, "max-age=-1": documentUsual, "max-age=x": documentUsual} {
		s := inMemory(t)
		s.web.put(documentID, document(), "Cache-Control", control)
		s.browser().get(s.asks(documentID))
		s.clock.pass(lasts - time.Second)
		s.browser().get(s.asks(documentID))
		require.Len(t, s.web.asked, 1, control)
		s.clock.pass(2 * time.Second)
		s.browser().get(s.asks(documentID))
		require.Len(t, s.web.asked, 2, control)
	}
	s := inMemory(t)
	for range 3 {
		s.browser().get(s.asks(documentID))
	}
	require.Len(t, s.web.asked, 1)
	s.clock.pass(documentRest + time.Second)
	s.web.put(documentID, document())
	require.Equal(t, http.StatusOK, s.browser().get(s.asks(documentID)).status)
}

// TestFetchesAreLimited: nobody has this server ask others without end.
func TestFetchesAreLimited(t *testing.T) {
	s := inMemory(t)
	for i := range 40 {
		s.browser().get(s.asks(documentID + "?" + strings.Repeat("x", i)))
	}
	require.Len(t, s.web.asked, 30)
}

// signer is a client that signs.
type signer struct {
	key  *rsa.PrivateKey
	kid  string
	jwks string
}

func newSigner(t *testing.T, kid string) signer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: kid, Use: "sig", Algorithm: "RS256"}}})
	require.NoError(t, err)
	return signer{key, kid, string(text)}
}

// signs is an assertion; in turn a claim and its value.
func (g signer) signs(t *testing.T, s *site, put ...any) string {
	claims := map[string]any{"iss": documentID, "sub": documentID, "aud": s.issuer, "iat": s.clock.Now().Unix(), "exp": s.clock.Now().Add(time.Minute).Unix(), "jti": newID(8)}
	for i := 0; i+1 < len(put); i += 2 {
		claims[put[i].(string)] = put[i+1]
	}
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	with, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: g.key, KeyID: g.kid}}, nil)
	require.NoError(t, err)
	signed, err := with.Sign(text)
	require.NoError(t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(t, err)
	return compact
}

func signed(v url.Values, assertion string) url.Values {
	v.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	v.Set("client_assertion", assertion)
	return v
}

// TestAClientThatSigns has to, once its document says so.
func TestAClientThatSigns(t *testing.T) {
	s := inMemory(t)
	g := newSigner(t, "1")
	const keys = "https://app.example.com/jwks"
	s.web.put(documentID, document("token_endpoint_auth_method", "private_key_jwt", "jwks_uri", keys))
	s.web.put(keys, g.jwks)
	code := s.codeFor(s.browser(), documentID, annasKey)
	other := newSigner(t, "1")
	symmetric, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.Repeat("k", 32))}, nil)
	require.NoError(t, err)
	bySecret, err := symmetric.Sign([]byte(`{"iss":"` + documentID + `","sub":"` + documentID + `","aud":"` + s.issuer + `","exp":` + fmt.Sprint(s.clock.Now().Add(time.Minute).Unix()) + `}`))
	require.NoError(t, err)
	hs256, err := bySecret.CompactSerialize()
	require.NoError(t, err)
	for name, assertion := range map[string]string{
		"another key":      other.signs(t, s),
		"another audience": g.signs(t, s, "aud", "https://other.example"),
		"another issuer":   g.signs(t, s, "iss", "https://evil.example/c"),
		"another subject":  g.signs(t, s, "sub", "https://evil.example/c"),
		"over":             g.signs(t, s, "exp", s.clock.Now().Add(-2*time.Minute).Unix()),
		"for ever":         g.signs(t, s, "exp", s.clock.Now().Add(2*time.Hour).Unix()),
		"without an end":   g.signs(t, s, "exp", nil),
		"too early":        g.signs(t, s, "iat", s.clock.Now().Add(2*time.Minute).Unix()),
		"by a secret":      hs256,
		"by nobody":        "eyJhbGciOiJub25lIn0." + strings.Split(g.signs(t, s), ".")[1] + ".",
		"no assertion":     "x",
	} {
		a := s.form(tokenPath, signed(exchange(documentID, code), assertion))
		require.Equal(t, http.StatusUnauthorized, a.status, name)
		require.Equal(t, "invalid_client", a.tokens.Error, name)
	}
	as := s.form(tokenPath, signed(exchange("https://app.example.com/other.json", code), g.signs(t, s)))
	require.Equal(t, "invalid_client", as.tokens.Error, "as another client")
	require.Equal(t, "invalid_grant", s.form(tokenPath, exchange(documentID, code)).tokens.Error, "not signed at all")
	assertion := g.signs(t, s)
	a := s.form(tokenPath, signed(exchange(documentID, code), assertion))
	require.Equal(t, http.StatusOK, a.status, a.text)
	require.Equal(t, http.StatusUnauthorized, s.form(tokenPath, signed(refreshing(documentID, a.tokens.Refresh), assertion)).status, "a signature is good once")
	require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(documentID, a.tokens.Refresh)).tokens.Error)
	next := newSigner(t, "2")
	s.web.put(keys, next.jwks)
	s.clock.pass(2 * time.Minute)
	again := s.form(tokenPath, signed(refreshing(documentID, a.tokens.Refresh, "client_id", ""), next.signs(t, s, "aud", s.issuer+tokenPath)))
	require.Equal(t, http.StatusOK, again.status, "with a new key, and an id that stands in the signature: %s", again.text)
}

// TestAClientThatMaySign, such as ChatGPT, whose document has both ways.
func TestAClientThatMaySign(t *testing.T) {
	s := inMemory(t)
	g := newSigner(t, "1")
	d := map[string]any{
		"client_id": documentID, "client_name": "ChatGPT", "redirect_uris": []string{callback}, "token_endpoint_auth_method": "private_key_jwt",
		"token_endpoint_auth_methods_supported": []string{"none", "private_key_jwt"}, "jwks_uri": "https://app.example.com/jwks",
	}
	text, err := json.Marshal(d)
	require.NoError(t, err)
	s.web.put(documentID, string(text))
	s.web.put("https://app.example.com/jwks", g.jwks)
	b := s.browser()
	plain := s.form(tokenPath, exchange(documentID, s.codeFor(b, documentID, annasKey)))
	require.Equal(t, http.StatusOK, plain.status, plain.text)
	bySignature := s.form(tokenPath, signed(exchange(documentID, s.codeFor(b, documentID, annasKey)), g.signs(t, s)))
	require.Equal(t, http.StatusOK, bySignature.status, bySignature.text)
}

// TestWhatWaitsForADocument ends with its request, and others go on.
func TestWhatWaitsForADocument(t *testing.T) {
	release := make(chan struct{})
	d := newDocuments(roundTrip(func(*http.Request) (*http.Response, error) {
		<-release
		return nil, http.ErrServerClosed
	}), time.Now)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := d.get(ctx, documentID, 0, func() bool { return true })
	require.EqualError(t, err, "The assistant could not be looked up in time.")
	close(release)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
