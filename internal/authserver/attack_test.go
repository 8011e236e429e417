package authserver

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// TestRedirectTricks: nothing is sent to an address that is not, letter by letter,
// one that the client has named, and no page leads there.
func TestRedirectTricks(t *testing.T) {
	s := inMemory(t)
	client := s.clientID(`{"client_name":"Claude","redirect_uris":["https://claude.ai/api/cb","` + callback + `","cursor://anysphere.cursor-mcp/oauth/callback","http://[::1]/cb?a=b"],"token_endpoint_auth_method":"none"}`)
	for name, redirect := range map[string]string{
		"another host":              "https://evil.example/api/cb",
		"suffix of the path":        "https://claude.ai/api/cb/evil",
		"suffix of the host":        "https://claude.ai.evil.example/api/cb",
		"prefix of the path":        "https://claude.ai/api",
		"user name":                 "https://claude.ai@evil.example/api/cb",
		"user name before its host": "https://evil@claude.ai/api/cb",
		"fragment":                  "https://claude.ai/api/cb#x",
		"empty fragment":            "https://claude.ai/api/cb#",
		"query":                     "https://claude.ai/api/cb?x=1",
		"up a directory":            "https://claude.ai/api/x/../cb",
		"encoded letter":            "https://claude.ai/api/c%62",
		"encoded slash":             "https://claude.ai/api%2Fcb",
		"another port":              "https://claude.ai:8443/api/cb",
		"its usual port":            "https://claude.ai:443/api/cb",
		"capitals":                  "https://CLAUDE.ai/api/cb",
		"plain http":                "http://claude.ai/api/cb",
		"backslash":                 `https://claude.ai\@evil.example/api/cb`,
		"tab":                       "https://claude.ai/api/cb\t",
		"line break":                "https://claude.ai/api/cb\r\nSet-Cookie: a=b",
		"null":                      "https://claude.ai/api/cb\x00",
		"space before":              " https://claude.ai/api/cb",
		"without a scheme":          "//claude.ai/api/cb",
		"script":                    "javascript:alert(1)",
		"nothing":                   "",
		"local, another host":       "http://localhost:33418/callback",
		"local, another path":       "http://127.0.0.1:33418/callback/x",
		"local, https":              "https://127.0.0.1:33418/callback",
		"local, look-alike":         "http://127.0.0.1.evil.example:33418/callback",
		"local, as a number":        "http://2130706433:33418/callback",
		"local, as short":           "http://127.1:33418/callback",
		"local, user name":          "http://127.0.0.1:33418@evil.example/callback",
		"local, empty user name":    "http://@127.0.0.1:33418/callback",
		"local, encoded path":       "http://127.0.0.1:33418/call%62ack",
		"local, no port digits":     "http://127.0.0.1:x/callback",
		"local, another query":      "http://[::1]:5000/cb?a=c",
		"application, another":      "cursor://anysphere.cursor-mcp/oauth/callback2",
		"application, capital":      "Cursor://anysphere.cursor-mcp/oauth/callback",
	} {
		t.Run(name, func(t *testing.T) {
			p := s.browser().get(s.asks(client, "redirect_uri", redirect))
			require.Equal(t, http.StatusBadRequest, p.status)
			require.Nil(t, p.away)
			require.NotContains(t, p.text, "evil")
			require.Contains(t, p.text, "not one of this assistant")
			s.clock.pass(time.Minute)
		})
	}
	for _, redirect := range []string{callback, "http://127.0.0.1/callback", "http://127.0.0.1:1/callback", "https://claude.ai/api/cb", "cursor://anysphere.cursor-mcp/oauth/callback", "http://[::1]:5000/cb?a=b"} {
		b := s.browser()
		p := b.get(s.asks(client, "redirect_uri", redirect))
		require.Equal(t, http.StatusOK, p.status, redirect)
		back := b.send(p, "answer", "deny")
		require.True(t, strings.HasPrefix(back.away.String(), redirect), back.away)
		s.clock.pass(time.Minute)
	}
}

// TestRegistrationsThatAreRefused name addresses that no answer may go to.
func TestRegistrationsThatAreRefused(t *testing.T) {
	s := inMemory(t)
	for _, redirect := range []string{
		"http://claude.ai/cb", "https://claude.ai/cb#x", "https://u:p@claude.ai/cb", "https:///cb", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd",
		"https://claude.ai/cb?code=1", "https://claude.ai/cb?iss=x", "https://claude.ai/cb?a=%zz", "https://claude.ai/ c", "https://claude%2eai/cb", "cb", "/cb", "//claude.ai/cb", "",
		"http://localhost.evil.example/cb", "intent://x", "ms-msdt:/id", "search-ms:query=x", "steam://run/1", "https://claude.ai/" + strings.Repeat("x", 2000), "https://клод.example/cb",
	} {
		a := s.registers(`{"redirect_uris":["https://claude.ai/cb","` + redirect + `"]}`)
		require.Equal(t, http.StatusBadRequest, a.status, redirect)
		require.Equal(t, "invalid_redirect_uri", a.tokens.Error, redirect)
		s.clock.pass(time.Minute)
	}
	for body, code := range map[string]string{
		`{}`: "invalid_redirect_uri", `{"redirect_uris":[]}`: "invalid_redirect_uri", `[]`: "invalid_client_metadata", `{"redirect_uris":["` + callback + `"],"token_endpoint_auth_method":"client_secret_jwt"}`: "invalid_client_metadata",
		`{"redirect_uris":["` + callback + `"],"grant_types":["implicit"]}`: "invalid_client_metadata", `{"redirect_uris":["` + callback + `"],"response_types":["token"]}`: "invalid_client_metadata",
		`{"redirect_uris":["` + callback + `"],"token_endpoint_auth_method":"private_key_jwt"}`: "invalid_client_metadata", `{"redirect_uris":["` + callback + `"],"client_name":"` + strings.Repeat("x", maxDocument) + `"}`: "invalid_client_metadata",
	} {
		a := s.registers(body)
		require.Equal(t, http.StatusBadRequest, a.status, body)
		require.Equal(t, code, a.tokens.Error)
		s.clock.pass(time.Minute)
	}
	require.Equal(t, http.StatusBadRequest, s.request(s.http.Config.Handler, http.MethodPost, registerPath, `{"redirect_uris":["`+callback+`"]}`, "Content-Type", "text/plain").status, "a form of a web page can't register")
}

// TestWhatAClientAsksWrong is told to the person, with a way to tell it to the client
// at its own address, with who says so.
func TestWhatAClientAsksWrong(t *testing.T) {
	s := inMemory(t)
	client := s.clientID()
	for name, test := range map[string]struct {
		put  []string
		code string
	}{
		"PKCE missing":            {[]string{"code_challenge", "-"}, "invalid_request"},
		"PKCE method missing":     {[]string{"code_challenge_method", "-"}, "invalid_request"},
		"PKCE plain":              {[]string{"code_challenge_method", "plain", "code_challenge", verifier}, "invalid_request"},
		"PKCE unknown":            {[]string{"code_challenge_method", "S512"}, "invalid_request"},
		"PKCE short":              {[]string{"code_challenge", "abc"}, "invalid_request"},
		"PKCE with other letters": {[]string{"code_challenge", strings.Repeat("=", 43)}, "invalid_request"},
		"a token instead":         {[]string{"response_type", "token"}, "unsupported_response_type"},
		"both":                    {[]string{"response_type", "code token"}, "unsupported_response_type"},
		"nothing":                 {[]string{"response_type", "-"}, "unsupported_response_type"},
		"fragment":                {[]string{"response_mode", "fragment"}, "invalid_request"},
		"form_post":               {[]string{"response_mode", "form_post"}, "invalid_request"},
		"request object":          {[]string{"request", "eyJ"}, "request_not_supported"},
		"request address":         {[]string{"request_uri", "https://evil.example"}, "request_not_supported"},
		"without asking":          {[]string{"prompt", "none"}, "interaction_required"},
		"another server":          {[]string{"resource", "https://other.example/mcp"}, "invalid_target"},
		"another scheme":          {[]string{"resource", strings.Replace(s.issuer, "https:", "http:", 1) + "/mcp"}, "invalid_target"},
		"a longer host":           {[]string{"resource", s.issuer + ".evil.example/mcp"}, "invalid_target"},
		"resource with fragment":  {[]string{"resource", s.issuer + "/mcp#x"}, "invalid_target"},
		"resource with query":     {[]string{"resource", s.issuer + "/mcp?x"}, "invalid_target"},
		"resource elsewhere":      {[]string{"resource", s.issuer + "/metrics"}, "invalid_target"},
		"resource up":             {[]string{"resource", s.issuer + "/mcp/../x"}, "invalid_target"},
		"resource up, encoded":    {[]string{"resource", s.issuer + "/mcp/%2e%2e/x"}, "invalid_target"},
		"resource up, by half":    {[]string{"resource", s.issuer + "/mcp/.%2E/x"}, "invalid_target"},
		"resource that stays":     {[]string{"resource", s.issuer + "/mcp/./x"}, "invalid_target"},
		"resource, two slashes":   {[]string{"resource", s.issuer + "/mcp//x"}, "invalid_target"},
		"resource, encoded slash": {[]string{"resource", s.issuer + "/mcp%2fx"}, "invalid_target"},
		"resource, backslash":     {[]string{"resource", s.issuer + `/mcp/..\x`}, "invalid_target"},
		"resource look-alike":     {[]string{"resource", s.issuer + "/mcpx"}, "invalid_target"},
		"resource with a user":    {[]string{"resource", strings.Replace(s.issuer, "//", "//u@", 1) + "/mcp"}, "invalid_target"},
		"a state too long":        {[]string{"state", strings.Repeat("s", maxState+1)}, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			p := s.browser().get(s.asks(client, test.put...))
			require.Equal(t, http.StatusBadRequest, p.status)
			require.Nil(t, p.away)
			back := p.back(t)
			require.True(t, strings.HasPrefix(back.String(), callback+"?"), back)
			q := back.Query()
			require.Equal(t, test.code, q.Get("error"))
			require.Equal(t, s.issuer, q.Get("iss"))
			require.Empty(t, q.Get("code"))
			if len(q.Get("state")) > 0 {
				require.Equal(t, "the state", q.Get("state"))
			}
			s.clock.pass(time.Minute)
		})
	}
	two := s.browser().get(s.asks(client) + "&resource=" + url.QueryEscape(s.issuer+"/sse"))
	require.Equal(t, "invalid_target", two.back(t).Query().Get("error"))
	twice := s.browser().get(s.asks(client) + "&redirect_uri=https://evil.example")
	require.Equal(t, http.StatusBadRequest, twice.status)
	require.Nil(t, twice.away, "two addresses are none")
	require.Equal(t, http.StatusOK, s.browser().get(s.asks(client)+"&resource="+url.QueryEscape(s.issuer+"/mcp")).status, "the same twice is one")
}

// TestState comes back as it was sent, and none as none.
func TestState(t *testing.T) {
	s := inMemory(t)
	client := s.clientID()
	for _, state := range []string{"a b+c%20&d=é\"<>", "=", strings.Repeat("s", maxState), strings.Repeat("<", maxState)} {
		p := s.browser()
		back := p.send(p.get(s.asks(client, "state", state)), "answer", "deny")
		require.Equal(t, state, back.away.Query().Get("state"))
	}
	for _, state := range []string{"\xff", "caf\xe9", "\xed\xa0\x80"} {
		p := s.browser().get(s.asks(client, "state", state))
		require.Equal(t, http.StatusBadRequest, p.status, "it could not come back as it was")
		require.Contains(t, p.text, "the state is not UTF-8")
		require.False(t, p.back(t).Query().Has("state"))
	}
	p := s.browser()
	back := p.send(p.get(s.asks(client, "state", "-")), "answer", "deny")
	require.False(t, back.away.Query().Has("state"), "who sends none gets none, and none that another sent")
	sent := p.send(p.send(p.get(s.asks(client, "state", "-")), "answer", "allow"), "key", annasKey)
	require.False(t, sent.away.Query().Has("state"))
}

// TestCodes: a code is good once, for who asked, and for what they asked.
func TestCodes(t *testing.T) {
	s := inMemory(t)
	client, other := s.clientID(), s.clientID()
	code := s.codeFor(s.browser(), client, annasKey)
	for name, v := range map[string]url.Values{
		"of another client":    exchange(other, code),
		"no verifier":          exchange(client, code, "code_verifier", "-"),
		"wrong verifier":       exchange(client, code, "code_verifier", strings.Repeat("x", 43)),
		"the challenge":        exchange(client, code, "code_verifier", challenge()),
		"another redirect":     exchange(client, code, "redirect_uri", "http://127.0.0.1:1/callback"),
		"a letter more":        exchange(client, code+"x"),
		"a letter less":        exchange(client, code[:len(code)-1]),
		"a guess":              exchange(client, newSecret(codePrefix)),
		"its hash":             exchange(client, hashOf(code)),
		"as a refresh token":   {"grant_type": {"refresh_token"}, "client_id": {client}, "refresh_token": {code}},
		"another resource":     exchange(client, code, "resource", s.issuer+"/sse"),
		"another's resource":   exchange(client, code, "resource", "https://other.example/mcp"),
		"redirect left out":    exchange(client, code, "redirect_uri", "-"),
		"unknown client":       exchange("unknown", code),
		"no client":            exchange(client, code, "client_id", "-"),
		"another grant type":   exchange(client, code, "grant_type", "password"),
		"no grant type":        exchange(client, code, "grant_type", "-"),
		"client credentials":   {"grant_type": {"client_credentials"}, "client_id": {client}},
		"JWT bearer":           {"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {"x"}, "client_id": {client}},
		"token exchange":       {"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "client_id": {client}, "subject_token": {"x"}, "subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"}},
		"secret of a public":   exchange(client, code, "client_assertion", "x.y.z", "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
		"two ways of a client": exchange(client, code, "client_secret", "x", "client_assertion", "x.y.z", "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
	} {
		a := s.form(tokenPath, v)
		require.Contains(t, []int{http.StatusBadRequest, http.StatusUnauthorized}, a.status, name)
		require.NotEmpty(t, a.tokens.Error, name)
		require.Empty(t, a.tokens.Access, name)
		s.clock.pass(time.Second)
	}
	require.Equal(t, http.StatusOK, s.form(tokenPath, exchange(client, code)).status, "none of these has used it up")

	late := s.codeFor(s.browser(), client, annasKey)
	s.clock.pass(codeLifetime + time.Second)
	require.Equal(t, "invalid_grant", s.form(tokenPath, exchange(client, late)).tokens.Error)
}

// TestCodeReplay revokes what the code gave first, whoever replays it.
func TestCodeReplay(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		for _, by := range []string{"", "unknown verifier", "another client"} {
			client := s.clientID()
			code := s.codeFor(s.browser(), client, annasKey)
			a := s.form(tokenPath, exchange(client, code))
			require.Equal(t, http.StatusOK, s.uses(a.tokens.Access).status)
			v := exchange(client, code)
			switch by {
			case "unknown verifier":
				v.Set("code_verifier", "x")
			case "another client":
				v.Set("client_id", s.clientID())
			}
			require.Equal(t, "invalid_grant", s.form(tokenPath, v).tokens.Error)
			require.Equal(t, http.StatusUnauthorized, s.uses(a.tokens.Access).status)
			require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, a.tokens.Refresh)).tokens.Error)
		}
	})
}

// TestCodeRace: of many who bring a code at once, on two replicas, one at most
// has tokens, and none that last.
func TestCodeRace(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := newSite(t, o)
		client := s.clientID()
		code := s.codeFor(s.browser(), client, annasKey)
		given := s.many(20, tokenPath, exchange(client, code))
		had := 0
		for _, a := range given {
			if a.tokens.Access != "" {
				had++
				require.Equal(t, http.StatusUnauthorized, s.uses(a.tokens.Access).status)
			}
		}
		require.Equal(t, 1, had)
	})
}

// many sends a form often at once, half to each replica.
func (s *site) many(n int, path string, v url.Values) []answered {
	all := make([]answered, n)
	var sending sync.WaitGroup
	for i := range all {
		h := s.http.Config.Handler
		if i%2 == 1 {
			h = s.peer
		}
		sending.Go(func() {
			all[i] = s.request(h, http.MethodPost, path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		})
	}
	sending.Wait()
	return all
}

// TestRefreshRace: fifty who refresh at once, on two replicas, get the same, and
// it goes on as one line.
func TestRefreshRace(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		client, a := s.connects()
		given := s.many(50, tokenPath, refreshing(client, a.tokens.Refresh))
		for _, one := range given {
			require.Equal(t, http.StatusOK, one.status, one.text)
			require.Equal(t, given[0].tokens.Refresh, one.tokens.Refresh)
			require.Equal(t, given[0].tokens.Access, one.tokens.Access)
		}
		require.NotEqual(t, a.tokens.Refresh, given[0].tokens.Refresh)
		require.Equal(t, http.StatusOK, s.uses(given[0].tokens.Access).status)
		require.Equal(t, 2, s.count(`SELECT count(*) FROM oauth_token WHERE kind = 'refresh'`))
		next := s.form(tokenPath, refreshing(client, given[0].tokens.Refresh))
		require.Equal(t, http.StatusOK, next.status)
	})
}

func (s *site) count(query string) (n int) {
	require.NoError(s.t, s.state.Durable.Do(s.t.Context(), func(t *store.Tx) error { return t.QueryRow(query).Scan(&n) }))
	return n
}

// TestRefreshReuse: within a minute it is a client that sends it twice; later it
// is two who have it, and the grant ends.
func TestRefreshReuse(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		client, a := s.connects()
		second := s.form(tokenPath, refreshing(client, a.tokens.Refresh))
		third := s.form(tokenPath, refreshing(client, second.tokens.Refresh))
		s.clock.pass(59 * time.Second)
		require.NoError(t, s.tidy(t.Context()))
		again := s.form(tokenPath, refreshing(client, a.tokens.Refresh))
		require.Equal(t, second.tokens.Refresh, again.tokens.Refresh, again.text)
		require.Equal(t, 3600-59, again.tokens.ExpiresIn)
		require.Equal(t, http.StatusOK, s.uses(third.tokens.Access).status)
		s.clock.pass(2 * time.Second)
		require.NoError(t, s.tidy(t.Context()))
		require.Zero(t, s.count(`SELECT count(*) FROM oauth_token WHERE answer <> ''`))
		require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, a.tokens.Refresh)).tokens.Error)
		for _, token := range []string{second.tokens.Access, third.tokens.Access} {
			require.Equal(t, http.StatusUnauthorized, s.uses(token).status)
		}
		require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, third.tokens.Refresh)).tokens.Error)
	})
}

// TestReuseBeforeTidying: that an answer is still there does not make it good.
func TestReuseBeforeTidying(t *testing.T) {
	s := inMemory(t)
	client, a := s.connects()
	next := s.form(tokenPath, refreshing(client, a.tokens.Refresh))
	s.clock.pass(grace + time.Millisecond)
	require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, a.tokens.Refresh)).tokens.Error)
	require.Equal(t, http.StatusUnauthorized, s.uses(next.tokens.Access).status)

	client, a = s.connects()
	next = s.form(tokenPath, refreshing(client, a.tokens.Refresh))
	s.form(revokePath, url.Values{"client_id": {client}, "token": {next.tokens.Refresh}})
	require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, a.tokens.Refresh)).tokens.Error, "nor does it outlast what was revoked")
}

// TestFormsAtOnce: of many that are sent at once, one is answered with a code.
func TestFormsAtOnce(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		p := s.browser().get(s.asks(s.clientID()))
		_, form := p.form(t)
		f := s.asRead(form.Get("flow"))
		var moves atomic.Int64
		var sending sync.WaitGroup
		for range 20 { // all have read the flow before one has moved it
			sending.Go(func() {
				err := s.state.Durable.Do(t.Context(), func(tx *store.Tx) error {
					moved, err := s.endFlow(tx, f)
					if moved && err == nil {
						moves.Add(1)
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		sending.Wait()
		require.EqualValues(t, 1, moves.Load())
		old := s.browser().get(s.asks(s.clientID()))
		_, form = old.form(t)
		f = s.asRead(form.Get("flow"))
		s.clock.pass(flowLifetime + time.Second)
		require.NoError(t, s.state.Durable.Do(t.Context(), func(tx *store.Tx) error {
			moved, err := s.endFlow(tx, f)
			require.False(t, moved, "it is over")
			return err
		}))
	})
}

// TestEverythingEndedMeanwhile: a code of somebody who has ended everything since
// gives nothing.
func TestEverythingEndedMeanwhile(t *testing.T) {
	s := inMemory(t)
	client, b := s.clientID(), s.browser()
	code := s.codeFor(b, client, annasKey)
	b.send(b.get(connectedPath), "end", "all")
	_, form := b.get(connectedPath).form(t)
	require.True(t, form.Has("key"), "the session is over")
	require.Equal(t, http.StatusOK, s.browser().get(s.asks(client)).status)
	a := s.form(tokenPath, exchange(client, code))
	require.Equal(t, "invalid_grant", a.tokens.Error, a.text)
}

// TestRefreshByOthers: a refresh token is its client's, for its resource, and gives
// no more than its grant.
func TestRefreshByOthers(t *testing.T) {
	s := inMemory(t)
	client, a := s.connects()
	for name, test := range map[string]struct {
		v    url.Values
		code string
	}{
		"another client":   {refreshing(s.clientID(), a.tokens.Refresh), "invalid_grant"},
		"an access token":  {refreshing(client, a.tokens.Access), "invalid_grant"},
		"a guess":          {refreshing(client, newSecret(refreshPrefix)), "invalid_grant"},
		"its hash":         {refreshing(client, hashOf(a.tokens.Refresh)), "invalid_grant"},
		"another resource": {refreshing(client, a.tokens.Refresh, "resource", s.issuer+"/sse"), "invalid_target"},
		"another server":   {refreshing(client, a.tokens.Refresh, "resource", "https://other.example/mcp"), "invalid_target"},
		"a higher scope":   {refreshing(client, a.tokens.Refresh, "scope", "flexie:read flexie:delete"), "invalid_scope"},
	} {
		require.Equal(t, test.code, s.form(tokenPath, test.v).tokens.Error, name)
	}
	less := s.form(tokenPath, refreshing(client, a.tokens.Refresh, "scope", "flexie:read", "resource", s.issuer+"/mcp"))
	require.Equal(t, "flexie:read", less.tokens.Scope, less.text)
	require.Equal(t, "flexie:read flexie:write", s.form(tokenPath, refreshing(client, less.tokens.Refresh)).tokens.Scope, "the grant stays as it is")
	require.Equal(t, http.StatusUnauthorized, s.uses(a.tokens.Refresh).status, "it is no access token")
}

// TestLifetimes: thirty days from the last use, and not from the first.
func TestLifetimes(t *testing.T) {
	s := inMemory(t)
	client, a := s.connects()
	refresh := a.tokens.Refresh
	for range 3 {
		s.clock.pass(refreshLifetime - time.Minute)
		require.NoError(t, s.tidy(t.Context()))
		a = s.form(tokenPath, refreshing(client, refresh))
		require.Equal(t, http.StatusOK, a.status, a.text)
		refresh = a.tokens.Refresh
	}
	s.clock.pass(refreshLifetime + time.Minute)
	require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, refresh)).tokens.Error)
	require.NoError(t, s.tidy(t.Context()))
	for _, table := range []string{"oauth_grant", "oauth_token", "oauth_code", "oauth_flow", "oauth_person", "oauth_session"} {
		require.Zero(t, s.count(`SELECT count(*) FROM `+table), table)
	}
	s.clock.pass(unusedLifetime)
	require.NoError(t, s.tidy(t.Context()))
	require.Zero(t, s.count(`SELECT count(*) FROM oauth_client`))
	require.Contains(t, s.browser().get(s.asks(client)).text, "does not know the assistant")
	gone := s.form(tokenPath, refreshing(client, refresh))
	require.Equal(t, http.StatusUnauthorized, gone.status)
	require.Equal(t, "invalid_client", gone.tokens.Error, "by which it registers anew")
}

// TestAudience: a token is for the server and the endpoint that the person was
// asked for.
func TestAudience(t *testing.T) {
	for resource, at := range map[string]map[string]int{
		"":              {"/mcp": 200, "/mcp/x/cases": 200, "/sse": 200, "/message": 200},
		"/":             {"/mcp": 200, "/sse": 200},
		"/mcp":          {"/mcp": 200, "/mcp/x/cases/readonly": 200, "/sse": 401, "/message": 401, "/mcpx": 401},
		"/sse":          {"/mcp": 401, "/sse": 200, "/message": 200},
		"/mcp/x/cases":  {"/mcp": 401, "/mcp/x/cases": 200, "/mcp/x/cases/readonly": 200, "/mcp/x/cases,tasks": 401, "/mcp/x/tasks": 401, "/mcp/x/cases/../tasks": 401},
		"/mcp/x/cases/": {"/mcp/x/cases": 200},
		"/mcp/x/cases,tasks": {"/mcp/x/cases": 200, "/mcp/x/tasks/cases": 200, "/mcp/x/cases/deals": 401, "/mcp/x/cases,tasks/all": 401, "/mcp/x/cases,tasks/contacts": 401,
			"/mcp/x/cases,tasks/readonly/deals": 401, "/mcp/x/cases,%20tasks,deals": 401, "/mcp/x/readonly": 401, "/mcp/x/": 401, "/mcp/x": 401},
		"/mcp/x/readonly": {"/mcp/x/readonly": 200, "/mcp/x/cases/readonly": 200, "/mcp/x/cases": 401, "/mcp": 401},
	} {
		s := inMemory(t)
		client := s.clientID()
		a := s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, annasKey, "resource", s.issuer+resource)))
		for path, status := range at {
			got, ok, err := s.Grant(t.Context(), a.tokens.Access, path)
			require.NoError(t, err)
			require.Equal(t, status == 200, ok, "%s at %s", resource, path)
			require.Equal(t, ok, got.Caller != "")
		}
	}
	s := inMemory(t)
	client := s.clientID()
	a := s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, annasKey, "resource", "-")))
	require.Equal(t, http.StatusOK, s.uses(a.tokens.Access).status, "an older client names none")

	elsewhere := s.o
	elsewhere.PublicURL = "https://other.example"
	_, other := replica(t, elsewhere)
	refused := s.request(other, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access)
	require.Equal(t, http.StatusUnauthorized, refused.status, "another server, though it has the same database")
	elsewhere = s.o
	elsewhere.Root = "https://globex.flexie.io/api"
	_, other = replica(t, elsewhere)
	refused = s.request(other, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access)
	require.Equal(t, http.StatusUnauthorized, refused.status, "the server is for another workspace now")
}

// TestTokenOfAnotherWorkspace: a header does not take a token elsewhere.
func TestTokenOfAnotherWorkspace(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	require.Equal(t, http.StatusForbidden, s.uses(a.tokens.Access, "X-Flexie-Subdomain", "globex").status)
	require.Equal(t, http.StatusOK, s.uses(a.tokens.Access, "X-Flexie-Subdomain", "acme").status)
}

// TestTokenInAddress is refused, at the server and at the endpoints for programs.
func TestTokenInAddress(t *testing.T) {
	s := inMemory(t)
	client, a := s.connects()
	refused := s.request(s.http.Config.Handler, http.MethodPost, "/mcp?access_token="+a.tokens.Access, "")
	require.Equal(t, http.StatusBadRequest, refused.status)
	require.NotContains(t, refused.text, a.tokens.Access)
	require.Equal(t, http.StatusBadRequest, s.usesAt("/mcp?access_token=x", a.tokens.Access).status)
	for _, path := range []string{tokenPath, revokePath, introspectPath} {
		b := s.request(s.http.Config.Handler, http.MethodPost, path+"?"+refreshing(client, a.tokens.Refresh).Encode(), "", "Content-Type", "application/x-www-form-urlencoded")
		require.Equal(t, http.StatusBadRequest, b.status, path)
		require.Equal(t, http.StatusMethodNotAllowed, s.request(s.http.Config.Handler, http.MethodGet, path+"?"+refreshing(client, a.tokens.Refresh).Encode(), "").status)
	}
	twice := refreshing(client, a.tokens.Refresh)
	twice.Add("refresh_token", "another")
	require.Equal(t, "invalid_request", s.form(tokenPath, twice).tokens.Error)
	require.Equal(t, http.StatusOK, s.form(tokenPath, refreshing(client, a.tokens.Refresh)).status)
}

// TestConsentForgery: a form of another site, or without what the page had in it,
// does nothing.
func TestConsentForgery(t *testing.T) {
	s := inMemory(t)
	client := s.clientID()
	for name, test := range map[string]struct {
		put     []string // in the form
		headers []string
	}{
		"no proof":              {[]string{"proof", ""}, nil},
		"another's proof":       {[]string{"proof", proof("x", "y")}, nil},
		"from another site":     {nil, []string{"Sec-Fetch-Site", "cross-site"}},
		"from a sibling":        {nil, []string{"Sec-Fetch-Site", "same-site"}},
		"from another origin":   {nil, []string{"Origin", "https://evil.example"}},
		"who claims to be ours": {nil, []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "same-origin"}},
	} {
		b := s.browser()
		p := b.get(s.asks(client))
		for range 2 { // consent, and then sign-in
			action, form := p.form(t)
			form.Set("answer", "allow")
			form.Set("key", annasKey)
			bad := url.Values{}
			for k, v := range form {
				bad[k] = v
			}
			for i := 0; i < len(test.put); i += 2 {
				bad.Set(test.put[i], test.put[i+1])
			}
			refused := b.post(action, bad, test.headers...)
			require.Equal(t, http.StatusForbidden, refused.status, name)
			require.Nil(t, refused.away)
			p = b.post(action, form, "Sec-Fetch-Site", "same-origin", "Origin", "null")
		}
		require.NotNil(t, p.away, name)
	}
	b := s.browser()
	p := b.send(b.get(connectedPath), "key", annasKey)
	_, form := p.form(t)
	form.Set("end", "all")
	form.Set("proof", "")
	require.Equal(t, http.StatusForbidden, b.post(connectedPath, form).status)
	// A proof of one flow is none of another.
	one, two := b.get(s.asks(client)), b.get(s.asks(client))
	_, first := one.form(t)
	require.Equal(t, http.StatusForbidden, b.send(two, "answer", "allow", "proof", first.Get("proof")).status)
	require.NotNil(t, b.send(two, "answer", "allow").away)
}

// TestAnotherBrowser: a flow that somebody began is nobody else's to finish: not
// an attacker's link for a victim, nor a victim's for an attacker.
func TestAnotherBrowser(t *testing.T) {
	s := inMemory(t)
	attacker := s.browser()
	p := attacker.get(s.asks(s.clientID()))
	victim := s.browser()
	require.Equal(t, http.StatusForbidden, victim.get(p.address).status, "without a cookie")
	victim.get(s.asks(s.clientID()))
	refused := victim.get(p.address)
	require.Equal(t, http.StatusForbidden, refused.status, "with one of its own")
	require.Contains(t, refused.text, "another browser")
	action, form := p.form(t)
	form.Set("answer", "allow")
	require.Equal(t, http.StatusForbidden, victim.post(action, form).status)
	require.Equal(t, http.StatusGone, victim.get(consentPath+"?flow=unknown").status)
}

// TestSessionFixation: whatever cookie a browser had, the one that says who has
// signed in is new, is for this host alone, and no script reads it.
func TestSessionFixation(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	planted := newSecret("")
	u, err := url.Parse(s.issuer)
	require.NoError(t, err)
	b.Jar.SetCookies(u, []*http.Cookie{{Name: "__Host-" + personCookie, Value: planted, Path: "/", Secure: true}})
	require.Contains(t, b.get(connectedPath).text, "API key", "it means nothing")
	p := b.get(s.asks(s.clientID()))
	back := b.send(b.send(p, "answer", "allow"), "key", annasKey)
	set := (&http.Response{Header: back.header}).Cookies()
	require.Len(t, set, 1)
	c := set[0]
	require.Equal(t, "__Host-"+personCookie, c.Name)
	require.NotEqual(t, planted, c.Value)
	require.True(t, c.HttpOnly && c.Secure && c.SameSite == http.SameSiteLaxMode && c.Path == "/" && c.Domain == "", c)
	attacker := s.browser()
	attacker.Jar.SetCookies(u, []*http.Cookie{{Name: "__Host-" + personCookie, Value: planted, Path: "/", Secure: true}})
	require.Contains(t, attacker.get(connectedPath).text, "API key")
}

// TestPageHeaders: no page can be framed, kept, or made to load or send anything.
func TestPageHeaders(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	consent := b.get(s.asks(s.clientID()))
	signIn := b.send(consent, "answer", "allow")
	for name, p := range map[string]page{
		"consent": consent, "sign-in": signIn, "wrong key": b.send(signIn, "key", "wrong-key-0123"), "problem": b.get(consentPath), "bad request": b.get(authorizePath), "connected": b.get(connectedPath),
	} {
		csp := p.header.Get("Content-Security-Policy")
		require.Contains(t, csp, "default-src 'none'; style-src "+styleSource+"; base-uri 'none'; frame-ancestors 'none'; form-action ", name)
		require.Equal(t, "DENY", p.header.Get("X-Frame-Options"), name)
		require.Equal(t, "no-store", p.header.Get("Cache-Control"), name)
		require.Equal(t, "no-referrer", p.header.Get("Referrer-Policy"), name)
		require.Equal(t, "nosniff", p.header.Get("X-Content-Type-Options"), name)
		require.NotContains(t, p.text, "<script", name)
	}
	require.True(t, strings.HasSuffix(consent.header.Get("Content-Security-Policy"), "form-action 'self'"), consent.header)
	require.True(t, strings.HasSuffix(b.get(consentPath).header.Get("Content-Security-Policy"), "form-action 'none'"))
}

// TestNames: what a client calls itself is text, and can't hide or pretend.
func TestNames(t *testing.T) {
	s := inMemory(t)
	for name, shown := range map[string]string{
		`<script>alert(1)</script>`:              `&lt;script&gt;alert(1)&lt;/script&gt;`,
		`Claude\u202egnp.exe`:                    `Claudegnp.exe`,
		`a\u0000b\u200b\r\nSet-Cookie: c`:        `ab Set-Cookie: c`,
		`  `:                                     `An assistant without a name`,
		`\u115f\u3164`:                           `An assistant without a name`,
		`\u2800 \uffa0\u1160\u034f`:              `An assistant without a name`,
		`\ufe0f\ufffc\u17b4\u2065`:               `An assistant without a name`,
		`Cla\u3164ude`:                           `Claude`,
		strings.Repeat("x", 200):                 strings.Repeat("x", maxName) + "…",
		`x\" onmouseover=\"alert(1)`:             `x&#34; onmouseover=&#34;alert(1)`,
		strings.Repeat(`e\u0301\u0301\u0301`, 5): `eeeee`,
	} {
		client := s.clientID(`{"client_name":"` + name + `","redirect_uris":["` + callback + `"],"token_endpoint_auth_method":"none"}`)
		p := s.browser().get(s.asks(client))
		require.Contains(t, p.text, "<h1>Connect “"+shown+"” to Flexie?</h1>", name)
		s.clock.pass(time.Minute)
	}
}

// TestHeaderInjection: nothing that is sent gets out of the header that it is
// answered in.
func TestHeaderInjection(t *testing.T) {
	s := inMemory(t)
	client := s.clientID()
	b := s.browser()
	p := b.get(s.asks(client, "state", "x\r\nSet-Cookie: evil=1"))
	back := b.send(p, "answer", "deny")
	require.Empty(t, back.header.Values("Set-Cookie"))
	require.Equal(t, "x\r\nSet-Cookie: evil=1", back.away.Query().Get("state"))
	a := s.request(s.http.Config.Handler, http.MethodPost, "/mcp\"x", "")
	require.NotContains(t, a.header.Get("WWW-Authenticate"), `"x`)
	require.Equal(t, http.StatusNotFound, s.request(s.http.Config.Handler, http.MethodGet, resourcePath+"/evil", "").status)
}

// TestRegistrationFlood: one sender is slowed down, and all together have an end,
// without those losing their place who are just about to connect.
func TestRegistrationFlood(t *testing.T) {
	s := inMemory(t)
	waiting := 0
	for range 30 {
		if a := s.registers(); a.status == http.StatusTooManyRequests {
			require.NotEmpty(t, a.header.Get("Retry-After"))
			waiting++
		}
	}
	require.Equal(t, 10, waiting)
	require.Equal(t, 20, s.count(`SELECT count(*) FROM oauth_client`))
	other := s.request(s.http.Config.Handler, http.MethodPost, registerPath, `{"redirect_uris":["`+callback+`"]}`, "Content-Type", "application/json", "X-Forwarded-For", "203.0.113.9")
	require.Equal(t, http.StatusTooManyRequests, other.status, "a public address says nothing of others")

	s = inMemory(t)
	s.mostClients = 3
	client, _ := s.connects()
	for range 3 {
		s.clientID()
	}
	require.Equal(t, http.StatusServiceUnavailable, s.registers().status, "those who have just registered keep their place")
	s.clock.pass(flowLifetime + time.Minute)
	s.clientID()
	require.Equal(t, 4, s.count(`SELECT count(*) FROM oauth_client`))
	require.Equal(t, http.StatusOK, s.browser().get(s.asks(client)).status, "who is used keeps it for good")
}

// TestBruteForce: keys and secrets can be tried so often.
func TestBruteForce(t *testing.T) {
	s := inMemory(t)
	client, b := s.clientID(), s.browser()
	signIn := b.send(b.get(s.asks(client)), "answer", "allow")
	for range mostTries {
		require.Contains(t, b.send(signIn, "key", "wrong-key-0123").text, "Flexie does not take this key.")
	}
	require.Contains(t, b.send(signIn, "key", annasKey).text, "Too many keys were tried here.", "also the right one")
	another := b.send(b.get(s.asks(client)), "answer", "allow")
	for range 10 {
		another = b.send(b.get(s.asks(client)), "answer", "allow")
		another = b.send(another, "key", "wrong-key-0123")
	}
	require.Contains(t, another.text, "Too many keys were tried from your network.", "nor in another flow")
	s.clock.pass(10 * time.Minute)
	require.NotNil(t, b.send(b.send(b.get(s.asks(client)), "answer", "allow"), "key", annasKey).away)

	limited := 0
	for range 150 {
		if s.form(tokenPath, exchange(client, newSecret(codePrefix))).status == http.StatusTooManyRequests {
			limited++
		}
	}
	require.Equal(t, 30, limited)
	for i := range 70 {
		if b.get(s.asks(client)).status == http.StatusTooManyRequests {
			require.Greater(t, i, 50)
			return
		}
	}
	t.Fatal("flows can be begun without end")
}

// TestUnknownOrWrong: who guesses can't tell what there is. The answers are the
// same, and so is what is done for them.
func TestUnknownOrWrong(t *testing.T) {
	s := inMemory(t)
	secret := s.registers(`{"redirect_uris":["` + callback + `"],"token_endpoint_auth_method":"client_secret_post"}`)
	require.NotEmpty(t, secret.tokens.Secret)
	code := s.codeFor(s.browser(), secret.tokens.ID, annasKey)
	unknown := s.form(tokenPath, exchange("unknown", code, "client_secret", "x"))
	wrong := s.form(tokenPath, exchange(secret.tokens.ID, code, "client_secret", "x"))
	require.Equal(t, http.StatusUnauthorized, wrong.status)
	require.Equal(t, unknown.text, wrong.text)
	_, a := s.connects()
	gone := s.form(tokenPath, exchange(secret.tokens.ID, code[:10]+code, "client_secret", secret.tokens.Secret))
	guess := s.form(tokenPath, exchange(secret.tokens.ID, newSecret(codePrefix), "client_secret", secret.tokens.Secret))
	require.Equal(t, gone.text, guess.text)
	require.Equal(t, s.uses(newSecret(accessPrefix)).text, s.uses(a.tokens.Refresh[:4] + "x").text[:0]+s.uses("fla_x").text)
	basic := s.form(tokenPath, exchange(secret.tokens.ID, code, "client_id", "-"), "Authorization", basicAuth(secret.tokens.ID, secret.tokens.Secret))
	require.Equal(t, http.StatusUnauthorized, basic.status, "it is registered for another way")
	require.Equal(t, http.StatusOK, s.form(tokenPath, exchange(secret.tokens.ID, code, "client_secret", secret.tokens.Secret)).status)
}

func basicAuth(user, password string) string {
	r := http.Request{Header: http.Header{}}
	r.SetBasicAuth(url.QueryEscape(user), url.QueryEscape(password))
	return r.Header.Get("Authorization")
}

// TestRevocationIsItsOwners: a client can't end another's, and learns nothing.
func TestRevocationIsItsOwners(t *testing.T) {
	s := inMemory(t)
	client, a := s.connects()
	other := s.clientID()
	for _, token := range []string{a.tokens.Access, a.tokens.Refresh, "unknown"} {
		require.Equal(t, http.StatusOK, s.form(revokePath, url.Values{"client_id": {other}, "token": {token}}).status)
	}
	require.Equal(t, http.StatusOK, s.uses(a.tokens.Access).status)
	require.Equal(t, http.StatusUnauthorized, s.form(revokePath, url.Values{"client_id": {"unknown"}, "token": {a.tokens.Access}}).status)
	require.Equal(t, http.StatusOK, s.form(revokePath, url.Values{"client_id": {client}, "token": {a.tokens.Access}}).status)
	require.Equal(t, http.StatusUnauthorized, s.uses(a.tokens.Access).status)
	require.Equal(t, http.StatusOK, s.form(tokenPath, refreshing(client, a.tokens.Refresh)).status, "the grant is not over")
}

// TestIntrospection is for who has the secret.
func TestIntrospection(t *testing.T) {
	s := inMemory(t)
	client, a := s.connects()
	ask := func(token, user, secret string) answered {
		return s.form(introspectPath, url.Values{"token": {token}}, "Authorization", basicAuth(user, secret))
	}
	told := ask(a.tokens.Access, introspectionUser, "introspection-secret-1")
	require.JSONEq(t, `{"active":true,"scope":"flexie:read flexie:write","client_id":"`+client+`","sub":"`+personID(workspace, "7")+`","aud":"`+s.issuer+`/mcp","iss":"`+s.issuer+`","exp":1782133200,"token_type":"Bearer"}`, told.text)
	require.JSONEq(t, `{"active":false}`, ask(a.tokens.Refresh, introspectionUser, "introspection-secret-1").text)
	require.JSONEq(t, `{"active":false}`, ask("x", introspectionUser, "introspection-secret-1").text)
	for _, wrong := range [][2]string{{introspectionUser, ""}, {introspectionUser, "x"}, {client, "introspection-secret-1"}, {"", ""}} {
		require.Equal(t, http.StatusUnauthorized, ask(a.tokens.Access, wrong[0], wrong[1]).status)
	}
	s = inMemory(t, func(o *Options) { o.IntrospectionSecret = "" })
	require.Equal(t, http.StatusNotFound, ask("x", introspectionUser, "").status)
	require.NotContains(t, s.request(s.http.Config.Handler, http.MethodGet, serverPath, "").text, "introspection")
}

// TestSecretsAreKeptNowhere: not in the database as they are, not in the log, and
// not in pages.
func TestSecretsAreKeptNowhere(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	confidential := s.registers(`{"client_name":"Web","redirect_uris":["` + callback + `"]}`)
	client := confidential.tokens.ID
	signIn := b.send(b.get(s.asks(client)), "answer", "allow")
	b.send(signIn, "key", "wrong-key-0123456789")
	b.send(signIn, "key", "no-answer-0123")
	back := b.send(signIn, "key", annasKey)
	code := back.away.Query().Get("code")
	as := basicAuth(client, confidential.tokens.Secret)
	a := s.form(tokenPath, exchange(client, code, "client_id", "-"), "Authorization", as)
	require.Equal(t, http.StatusOK, a.status, a.text)
	next := s.form(tokenPath, refreshing(client, a.tokens.Refresh), "Authorization", as)
	s.uses(next.tokens.Access)
	s.form(tokenPath, refreshing(client, a.tokens.Refresh+"x"), "Authorization", as)
	s.form(tokenPath, exchange(client, code, "client_id", "-"), "Authorization", as)
	everything := s.log.String() + s.dump()
	jar := b.Jar.(*cookiejar.Jar)
	u, err := url.Parse(s.issuer)
	require.NoError(t, err)
	secrets := []string{annasKey, "wrong-key-0123456789", code, confidential.tokens.Secret, a.tokens.Access, a.tokens.Refresh, next.tokens.Access, next.tokens.Refresh, verifier}
	for _, c := range jar.Cookies(u) {
		secrets = append(secrets, c.Value)
	}
	require.Len(t, secrets, 11)
	for _, secret := range secrets {
		require.NotContains(t, everything, secret)
		require.NotContains(t, everything, secret[4:])
	}
	require.Contains(t, s.log.String(), "a code was used twice")
}

// dump is all that the database holds.
func (s *site) dump() string {
	var all strings.Builder
	require.NoError(s.t, s.state.Durable.Do(s.t.Context(), func(t *store.Tx) error {
		for _, table := range []string{"oauth_client", "oauth_flow", "oauth_code", "oauth_person", "oauth_session", "oauth_grant", "oauth_token"} {
			rows, err := t.Query(`SELECT * FROM ` + table)
			require.NoError(s.t, err)
			columns, err := rows.Columns()
			require.NoError(s.t, err)
			for rows.Next() {
				values, into := make([]string, len(columns)), make([]any, len(columns))
				for i := range values {
					into[i] = &values[i]
				}
				require.NoError(s.t, rows.Scan(into...))
				all.WriteString(strings.Join(values, "\n"))
			}
			require.NoError(s.t, rows.Close())
		}
		return nil
	}))
	require.Contains(s.t, all.String(), "Web")
	return all.String()
}

// TestSlowRequests: who sends a little at a time holds nothing for long, and who
// sends much is not read.
func TestSlowRequests(t *testing.T) {
	s := inMemory(t)
	s.formTime = 50 * time.Millisecond
	r, w := io.Pipe()
	defer w.Close()
	go func() { _, _ = w.Write([]byte("grant_type=")) }()
	answer, err := s.http.Client().Post(s.issuer+tokenPath, "application/x-www-form-urlencoded", r)
	require.NoError(t, err)
	answer.Body.Close()
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
	require.Equal(t, http.StatusBadRequest, s.form(tokenPath, url.Values{"code": {strings.Repeat("x", maxForm)}}).status)
}
