package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// form sends a form, or asks for a page, beside the API.
func (b *bench) form(method, path string, form url.Values) (*http.Response, string) {
	b.t.Helper()
	var body io.Reader
	if method == http.MethodGet {
		path += "?" + form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, "http://sandbox"+path, body)
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := b.s.Transport().RoundTrip(r)
	require.NoError(b.t, err)
	text, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return res, string(text)
}

func ask(more ...string) url.Values {
	return changed(url.Values{"response_type": {"code"}, "client_id": {ClientID}, "redirect_uri": {Redirect}, "state": {"s1"}}, more...)
}

func changed(v url.Values, more ...string) url.Values {
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// code is what a person's yes gives.
func (b *bench) code(user string, more ...string) string {
	b.t.Helper()
	res, text := b.form("POST", authorizePath, ask(append(more, "user", user)...))
	require.Equal(b.t, http.StatusFound, res.StatusCode, text)
	to, err := res.Location()
	require.NoError(b.t, err)
	require.Equal(b.t, "s1", to.Query().Get("state"))
	return to.Query().Get("code")
}

// tokens asks for some; the status and what came.
func (b *bench) tokens(more ...string) (int, map[string]any) {
	b.t.Helper()
	res, text := b.form("POST", tokenPath, changed(url.Values{"client_id": {ClientID}, "client_secret": {ClientSecret}}, more...))
	require.Equal(b.t, "no-store", res.Header.Get("Cache-Control"))
	var v map[string]any
	require.NoError(b.t, json.Unmarshal([]byte(text), &v), text)
	return res.StatusCode, v
}

func (b *bench) redeem(code string, more ...string) (int, map[string]any) {
	return b.tokens(append([]string{"grant_type", "authorization_code", "code", code, "redirect_uri", Redirect}, more...)...)
}

func (b *bench) renew(token string) (int, map[string]any) {
	return b.tokens("grant_type", "refresh_token", "refresh_token", token)
}

// with asks as the holder of an access token.
func (b *bench) with(token any) (status int, text string) {
	b.t.Helper()
	r, err := http.NewRequest("GET", "http://sandbox/api/users/self", nil)
	require.NoError(b.t, err)
	r.Header.Set("Authorization", "Bearer "+token.(string))
	res, err := b.s.Transport().RoundTrip(r)
	require.NoError(b.t, err)
	all, err := io.ReadAll(res.Body)
	require.NoError(b.t, err)
	return res.StatusCode, string(all)
}

// TestSignIn gives tokens of whoever said yes, in every dialect.
func TestSignIn(t *testing.T) {
	for _, d := range Dialects {
		b := open(t, Options{Dialect: d})
		res, page := b.form("GET", authorizePath, ask())
		require.Equal(t, 200, res.StatusCode)
		require.Contains(t, page, `name="state" value="s1"`)
		require.Contains(t, page, "Sofia, of sales")
		for user, name := range map[string]string{"1": "elena", "3": "sofia", "5": "priya", "7": "aiko"} {
			status, tokens := b.redeem(b.code(user))
			require.Equal(t, 200, status)
			require.EqualValues(t, 3600, tokens["expires_in"])
			require.Equal(t, "bearer", tokens["token_type"])
			status, self := b.with(tokens["access_token"])
			require.Equal(t, 200, status)
			require.Contains(t, self, name)
		}
	}
}

// TestSignInRefuses what does not fit together. Only a known program is answered
// at its address.
func TestSignInRefuses(t *testing.T) {
	b := open(t, Options{})
	for name, form := range map[string]url.Values{
		"another client":    ask("client_id", "x"),
		"another redirect":  ask("redirect_uri", "https://evil.example/"),
		"a longer redirect": ask("redirect_uri", Redirect+"/../x"),
	} {
		res, _ := b.form("POST", authorizePath, changed(form, "user", "1"))
		require.Equal(t, 400, res.StatusCode, name)
		require.Empty(t, res.Header.Get("Location"), name)
	}
	for kind, form := range map[string]url.Values{
		"access_denied":             ask("user", "0"),
		"unsupported_response_type": ask("response_type", "token"),
		"invalid_request":           ask("code_challenge", "x", "code_challenge_method", "plain"),
	} {
		res, _ := b.form("POST", authorizePath, form)
		require.True(t, strings.HasPrefix(res.Header.Get("Location"), Redirect+"?error="+kind), kind)
	}
	for name, test := range map[string]struct {
		more []string
		kind string
	}{
		"a code twice":     {[]string{"code", ""}, "invalid_grant"},
		"another redirect": {[]string{"redirect_uri", "https://evil.example/"}, "invalid_grant"},
		"wrong secret":     {[]string{"client_secret", "x"}, "invalid_client"},
		"no such grant":    {[]string{"grant_type", "password"}, "unsupported_grant_type"},
		"no verifier":      {[]string{"code", b.code("1", "code_challenge", challengeOf("v"), "code_challenge_method", "S256")}, "invalid_grant"},
	} {
		code := b.code("1")
		if name == "a code twice" {
			b.redeem(code)
			test.more[1] = code
		}
		status, answer := b.redeem(code, test.more...)
		require.Equal(t, 400, status, name)
		require.Equal(t, test.kind, answer["error"], name)
	}
	status, _ := b.redeem(b.code("1", "code_challenge", challengeOf("v"), "code_challenge_method", "S256"), "code_verifier", "v")
	require.Equal(t, 200, status)
	res, _ := b.form("GET", tokenPath, url.Values{})
	require.Equal(t, 400, res.StatusCode)
}

// TestRotation: each renewal gives a new refresh token, and the old one is dead,
// unless that is switched off.
func TestRotation(t *testing.T) {
	b := open(t, Options{})
	_, first := b.redeem(b.code("1"))
	status, second := b.renew(first["refresh_token"].(string))
	require.Equal(t, 200, status)
	require.NotEqual(t, first["refresh_token"], second["refresh_token"])
	status, answer := b.renew(first["refresh_token"].(string))
	require.Equal(t, 400, status)
	require.Equal(t, map[string]any{"error": "invalid_grant", "error_description": "Invalid refresh token."}, answer)
	status, _ = b.renew(second["refresh_token"].(string))
	require.Equal(t, 200, status)

	b = open(t, Options{KeepRefresh: true})
	_, first = b.redeem(b.code("1"))
	for range 2 {
		status, second = b.renew(first["refresh_token"].(string))
		require.Equal(t, 200, status)
		require.Equal(t, first["refresh_token"], second["refresh_token"])
	}
}

// TestTokensEnd by time, and on request; codes do as well.
func TestTokensEnd(t *testing.T) {
	b := open(t, Options{TokenLifetime: 10 * time.Second})
	now := time.Now()
	b.s.grants.now = func() time.Time { return now }
	_, tokens := b.redeem(b.code("1"))
	require.EqualValues(t, 10, tokens["expires_in"])
	now = now.Add(9 * time.Second)
	status, _ := b.with(tokens["access_token"])
	require.Equal(t, 200, status)
	now = now.Add(time.Second)
	status, _ = b.with(tokens["access_token"])
	require.Equal(t, 401, status)

	_, tokens = b.renew(tokens["refresh_token"].(string))
	b.s.ExpireTokens()
	status, _ = b.with(tokens["access_token"])
	require.Equal(t, 401, status)
	_, tokens = b.renew(tokens["refresh_token"].(string))
	b.s.EndSignIns()
	status, _ = b.with(tokens["access_token"])
	require.Equal(t, 401, status)
	status, _ = b.renew(tokens["refresh_token"].(string))
	require.Equal(t, 400, status)

	code := b.code("1")
	now = now.Add(codeLifetime + time.Second)
	status, _ = b.redeem(code)
	require.Equal(t, 400, status)
}

// TestSignInMeetsFaults: a renewal whose answer is lost was done all the same.
func TestSignInMeetsFaults(t *testing.T) {
	b := open(t, Options{})
	_, tokens := b.redeem(b.code("1"))
	b.s.faults = newFaults(Options{DropRate: 1})
	r, err := http.NewRequest("POST", "http://sandbox"+tokenPath, strings.NewReader(url.Values{
		"client_id": {ClientID}, "client_secret": {ClientSecret}, "grant_type": {"refresh_token"}, "refresh_token": {tokens["refresh_token"].(string)},
	}.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	_, err = b.s.Transport().RoundTrip(r)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	b.s.faults = newFaults(Options{})
	status, _ := b.renew(tokens["refresh_token"].(string))
	require.Equal(t, 400, status)

	b.s.faults = newFaults(Options{ErrorRate: 1})
	res, _ := b.form("GET", authorizePath, ask())
	require.Equal(t, 503, res.StatusCode)
}
