package sandbox

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

// The one program that may ask for a sign-in, as it would stand in Flexie's
// Settings / API Credentials.
const (
	ClientID     = "sandbox-client"
	ClientSecret = "sandbox-secret"
	Redirect     = "http://127.0.0.1:8976/callback" // where answers go, unless Options name another
)

// codeLifetime is how long a code may be turned into tokens. Guess: Flexie's
// page says nothing of it.
const codeLifetime = time.Minute

// grants are the sign-ins that people have given. They are gone when the program
// ends, as if the workspace had taken them back.
type grants struct {
	lifetime time.Duration // of an access token
	rotates  bool
	now      func() time.Time

	mu      sync.Mutex
	codes   map[string]code
	access  map[string]access
	refresh map[string]int64 // whose it is; used ones are not in here any more
}

// code is an authorization code that was not used yet.
type code struct {
	user      int64
	redirect  string
	challenge string // of PKCE, by S256; "" where none was sent
	until     time.Time
}

// access is an access token.
type access struct {
	user  int64
	until time.Time
}

func newGrants(o Options) *grants {
	g := &grants{lifetime: o.TokenLifetime, rotates: !o.KeepRefresh, now: time.Now,
		codes: map[string]code{}, access: map[string]access{}, refresh: map[string]int64{}}
	if g.lifetime == 0 {
		g.lifetime = time.Hour
	}
	return g
}

// allow makes a code.
func (g *grants) allow(c code) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	text := rand.Text()
	c.until = g.now().Add(codeLifetime)
	g.codes[text] = c
	return text
}

// redeem turns a code into tokens, once. It says what is wrong, "" for nothing.
func (g *grants) redeem(text, redirect, verifier string) (object, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	c, ok := g.codes[text]
	delete(g.codes, text)
	switch {
	case !ok || g.now().After(c.until):
		return nil, "The authorization code is unknown, used or expired."
	case c.redirect != redirect:
		return nil, "The redirect URI is another than that of the authorization."
	case c.challenge != "" && subtle.ConstantTimeCompare([]byte(c.challenge), []byte(challengeOf(verifier))) != 1:
		return nil, "The code verifier is not right."
	}
	return g.issue(c.user, ""), ""
}

// renew turns a refresh token into tokens. One that was used before is refused.
func (g *grants) renew(token string) (object, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	user, ok := g.refresh[token]
	if !ok {
		return nil, "Invalid refresh token."
	}
	if !g.rotates {
		return g.issue(user, token), ""
	}
	delete(g.refresh, token)
	return g.issue(user, ""), ""
}

// issue makes an access token, and a refresh token unless one is kept.
func (g *grants) issue(user int64, refresh string) object {
	token := rand.Text()
	g.access[token] = access{user, g.now().Add(g.lifetime)}
	if refresh == "" {
		refresh = rand.Text()
		g.refresh[refresh] = user
	}
	return object{
		{"access_token", token}, {"expires_in", int64(g.lifetime / time.Second)}, {"token_type", "bearer"},
		{"scope", nil}, {"refresh_token", refresh},
	}
}

// userOf is whose an access token is, while it lasts.
func (g *grants) userOf(token string) (int64, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.access[token]
	return a.user, ok && g.now().Before(a.until)
}

// ExpireTokens ends all access tokens, as time would. They can be renewed.
func (s *Sandbox) ExpireTokens() {
	s.grants.mu.Lock()
	defer s.grants.mu.Unlock()
	clear(s.grants.access)
}

// EndSignIns takes back what people have allowed: no token can be renewed.
func (s *Sandbox) EndSignIns() {
	s.ExpireTokens()
	s.grants.mu.Lock()
	defer s.grants.mu.Unlock()
	clear(s.grants.refresh)
}

// challengeOf is PKCE's S256.
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
