package authserver

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFromDiscoveryToRevocation is all that a client does, on each kind of store.
func TestFromDiscoveryToRevocation(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		refused := s.request(s.http.Config.Handler, http.MethodPost, "/mcp", "")
		require.Equal(t, http.StatusUnauthorized, refused.status)
		require.Equal(t, `Bearer realm="flexie-mcp", resource_metadata="`+s.issuer+`/.well-known/oauth-protected-resource/mcp", scope="flexie:read flexie:write"`, refused.header.Get("WWW-Authenticate"))
		resource := s.request(s.http.Config.Handler, http.MethodGet, "/.well-known/oauth-protected-resource/mcp", "")
		require.JSONEq(t, `{"resource":"`+s.issuer+`/mcp","authorization_servers":["`+s.issuer+`"],"scopes_supported":["flexie:read","flexie:write"],"bearer_methods_supported":["header"],"resource_name":"Flexie CRM"}`, resource.text)
		for _, path := range []string{serverPath, serverPath + "/mcp"} {
			m := s.request(s.http.Config.Handler, http.MethodGet, path, "")
			require.Equal(t, http.StatusOK, m.status)
			require.Contains(t, m.text, `"issuer":"`+s.issuer+`"`)
			require.Contains(t, m.text, `"code_challenge_methods_supported":["S256"]`)
			require.Contains(t, m.text, `"authorization_response_iss_parameter_supported":true,"client_id_metadata_document_supported":true`)
		}

		client := s.clientID()
		b := s.browser()
		consent := b.get(s.asks(client))
		require.Equal(t, http.StatusOK, consent.status)
		require.Contains(t, consent.text, "Nobody has verified this name.")
		require.Contains(t, consent.text, "127.0.0.1")
		require.Contains(t, consent.text, "acme.flexie.io")
		signIn := b.send(consent, "answer", "allow")
		wrong := b.send(signIn, "key", "wrong-key-0123456789")
		require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
		require.Contains(t, wrong.text, "Flexie does not take this key.")
		require.NotContains(t, wrong.text, "wrong-key")
		back := b.send(wrong, "key", annasKey)
		require.Equal(t, http.StatusOK, back.status)
		require.Equal(t, callback, back.away.Scheme+"://"+back.away.Host+back.away.Path)
		q := back.away.Query()
		require.Equal(t, "the state", q.Get("state"))
		require.Equal(t, s.issuer, q.Get("iss"))

		first := s.form(tokenPath, exchange(client, q.Get("code"), "resource", s.issuer+"/mcp"))
		require.Equal(t, http.StatusOK, first.status, first.text)
		require.Equal(t, "Bearer", first.tokens.Type)
		require.Equal(t, 3600, first.tokens.ExpiresIn)
		require.Equal(t, "flexie:read flexie:write", first.tokens.Scope)
		require.Equal(t, "no-store", first.header.Get("Cache-Control"))
		used := s.uses(first.tokens.Access)
		require.Equal(t, http.StatusOK, used.status, used.text)
		require.Equal(t, "Anna, Claude|"+personID(workspace, "7")+"|"+workspace+"|"+annasKey+"|write|[]", used.text)

		s.clock.pass(time.Hour)
		over := s.uses(first.tokens.Access)
		require.Equal(t, http.StatusUnauthorized, over.status)
		require.Contains(t, over.header.Get("WWW-Authenticate"), `error="invalid_token", resource_metadata="`)
		second := s.form(tokenPath, refreshing(client, first.tokens.Refresh))
		require.Equal(t, http.StatusOK, second.status, second.text)
		require.Equal(t, http.StatusOK, s.uses(second.tokens.Access).status)

		ended := s.form(revokePath, map[string][]string{"client_id": {client}, "token": {second.tokens.Refresh}})
		require.Equal(t, http.StatusOK, ended.status, ended.text)
		require.Equal(t, http.StatusUnauthorized, s.uses(second.tokens.Access).status)
		require.Equal(t, "invalid_grant", s.form(tokenPath, refreshing(client, second.tokens.Refresh)).tokens.Error)
		require.NoError(t, s.tidy(t.Context()))
	})
}

// TestLessThanAsked: a person lowers the level and leaves areas out.
func TestLessThanAsked(t *testing.T) {
	s := inMemory(t)
	client := s.clientID()
	b := s.browser()
	consent := b.get(s.asks(client, "scope", "flexie:admin"))
	for _, level := range levels {
		require.Contains(t, consent.text, `value="`+level+`"`)
	}
	none := b.send(consent, "answer", "allow", "toolset", "-")
	require.Equal(t, http.StatusUnprocessableEntity, none.status)
	require.Contains(t, none.text, "Choose at least one area.")
	require.Contains(t, none.text, `value="admin"`, "what was asked for can still be chosen")
	back := b.send(b.send(none, "answer", "allow", "access", "read", "toolset", "cases"), "key", annasKey)
	a := s.form(tokenPath, exchange(client, back.away.Query().Get("code")))
	require.Equal(t, "flexie:read", a.tokens.Scope)
	require.True(t, strings.HasSuffix(s.uses(a.tokens.Access).text, "|read|[{[cases] []}]"), s.uses(a.tokens.Access).text)

	refused := s.uses(a.tokens.Access, "Test-Level", "delete")
	require.Equal(t, http.StatusForbidden, refused.status)
	require.Equal(t, `Bearer realm="flexie-mcp", error="insufficient_scope", scope="flexie:read flexie:write flexie:delete", resource_metadata="`+s.issuer+`/.well-known/oauth-protected-resource/mcp", error_description="more than the person has allowed"`, refused.header.Get("WWW-Authenticate"))
	require.Equal(t, http.StatusOK, s.uses(a.tokens.Access, "Test-Level", "read").status)
}

// TestMoreThanAsked: no form gives more than the client asked for, or than there is.
func TestMoreThanAsked(t *testing.T) {
	for _, put := range [][]string{{"access", "admin"}, {"access", "write"}} {
		s := inMemory(t)
		client := s.clientID()
		b := s.browser()
		p := b.send(b.get(s.asks(client, "scope", "flexie:read")), append(put, "answer", "allow")...)
		back := b.send(p, "key", annasKey)
		a := s.form(tokenPath, exchange(client, back.away.Query().Get("code")))
		require.Equal(t, "flexie:read", a.tokens.Scope)
	}
	s := inMemory(t, func(o *Options) { o.Access = "read" })
	_, a := s.connects("scope", "flexie:admin")
	require.Equal(t, "flexie:read", a.tokens.Scope, "the operator allows no more")
	b := s.browser()
	for _, put := range [][]string{{"access", "everything"}, {"access", "-"}, {"toolset", "users"}} {
		p := b.send(b.get(s.asks(s.clientID())), append(put, "answer", "allow")...)
		require.Equal(t, http.StatusBadRequest, p.status, put)
	}
}

// TestStepUp: a person who has signed in is asked anew for what is more, and need
// not paste the key again.
func TestStepUp(t *testing.T) {
	s := inMemory(t)
	client, b := s.clientID(), s.browser()
	code := s.codeFor(b, client, annasKey, "scope", "flexie:read")
	require.Equal(t, "flexie:read", s.form(tokenPath, exchange(client, code)).tokens.Scope)
	consent := b.get(s.asks(client, "scope", "flexie:read flexie:delete"))
	require.Contains(t, consent.text, "Anna")
	back := b.send(consent, "answer", "allow")
	require.NotNil(t, back.away, back.text)
	a := s.form(tokenPath, exchange(client, back.away.Query().Get("code")))
	require.Equal(t, "flexie:read flexie:write flexie:delete", a.tokens.Scope)
	another := b.send(b.get(s.asks(client)), "answer", "allow", "as", "another")
	require.Contains(t, another.text, "API key", "it can be somebody else")
	s.clock.pass(sessionLifetime + time.Second)
	require.NotContains(t, b.get(s.asks(client)).text, "Anna")
}

func TestDeny(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	p := b.get(s.asks(s.clientID()))
	back := b.send(p, "answer", "deny")
	q := back.away.Query()
	require.Equal(t, "access_denied", q.Get("error"))
	require.Equal(t, "the state", q.Get("state"))
	require.Equal(t, s.issuer, q.Get("iss"))
	require.Empty(t, q.Get("code"))
	again := b.send(p, "answer", "allow")
	require.Equal(t, http.StatusConflict, again.status)
	require.Contains(t, again.text, "This was answered already")
}

// TestBackButtonAndTwoTabs: each tab is a flow, and each flow is answered once.
func TestBackButtonAndTwoTabs(t *testing.T) {
	s := inMemory(t)
	b, client := s.browser(), s.clientID()
	one := b.get(s.asks(client, "state", "one"))
	two := b.get(s.asks(client, "state", "two"))
	oneSignIn := b.send(one, "answer", "allow", "access", "read")
	twoSignIn := b.send(two, "answer", "allow")
	back := b.get(one.address) // the back button
	require.Contains(t, back.text, `value="read" checked`, "what was chosen is shown")
	require.Contains(t, back.text, `value="write"`, "and can be changed")
	require.Contains(t, b.send(back, "answer", "allow", "access", "write", "toolset", "cases").text, "API key")
	require.Contains(t, b.send(one, "answer", "allow", "access", "read").text, "API key")
	answer := b.send(oneSignIn, "key", annasKey)
	require.Equal(t, "one", answer.away.Query().Get("state"))
	require.Equal(t, "flexie:read", s.form(tokenPath, exchange(client, answer.away.Query().Get("code"))).tokens.Scope, "what was chosen last holds")
	require.Equal(t, http.StatusConflict, b.send(oneSignIn, "key", annasKey).status, "it is sent twice")
	require.Equal(t, "two", b.send(twoSignIn, "key", annasKey).away.Query().Get("state"))
}

// TestAllowedThenDenied: until somebody has signed in, no is still no.
func TestAllowedThenDenied(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	consent := b.get(s.asks(s.clientID()))
	signIn := b.send(consent, "answer", "allow")
	denied := b.send(consent, "answer", "deny")
	require.Equal(t, "access_denied", denied.away.Query().Get("error"))
	require.Equal(t, http.StatusConflict, b.send(signIn, "key", annasKey).status)
}

func TestAnOldPage(t *testing.T) {
	s := inMemory(t)
	b := s.browser()
	p := b.get(s.asks(s.clientID()))
	s.clock.pass(flowLifetime + time.Second)
	old := b.send(p, "answer", "allow")
	require.Equal(t, http.StatusGone, old.status)
	require.Contains(t, old.text, "Connect again from your assistant.")
}

// TestAnyWorkspace: where the server has none of its own, the person names theirs.
func TestAnyWorkspace(t *testing.T) {
	s := inMemory(t, func(o *Options) {
		gate, err := newGate("acme", "globex")
		require.NoError(t, err)
		o.Root, o.Workspace = "", gate.Workspace
	})
	b, client := s.browser(), s.clientID()
	for _, put := range []string{"", "evil.example", "initech", "10.0.0.1", "acme.flexie.io@evil.example"} {
		signIn := b.send(b.get(s.asks(client)), "answer", "allow")
		p := b.send(signIn, "key", annasKey, "workspace", put)
		require.Equal(t, http.StatusUnprocessableEntity, p.status, put)
		require.Contains(t, p.text, `role="alert"`)
	}
	signIn := b.send(b.get(s.asks(client)), "answer", "allow")
	back := b.send(signIn, "key", annasKey, "workspace", " Globex ")
	require.NotNil(t, back.away, back.text)
	a := s.form(tokenPath, exchange(client, back.away.Query().Get("code")))
	require.Contains(t, s.uses(a.tokens.Access).text, "|https://globex.flexie.io/api|")
}

// TestConnected: a person sees what is theirs, and ends it.
func TestConnected(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		_, one := s.connects()
		s.clock.pass(time.Minute)
		_, two := s.connects("scope", "flexie:read")
		bob := s.clientID()
		bobs := s.form(tokenPath, exchange(bob, s.codeFor(s.browser(), bob, bobsKey)))
		b := s.browser()
		signIn := b.get(connectedPath)
		require.Contains(t, signIn.text, "API key")
		p := b.send(signIn, "key", annasKey)
		require.Equal(t, 2, strings.Count(p.text, "<section>"), p.text)
		require.NotContains(t, p.text, "Bob")
		require.Contains(t, p.text, "Since 22 June 2026, 12:01 UTC; last used 22 June 2026, 12:01 UTC")

		p = b.send(p, "end", "one") // the first, which is the later one
		require.Equal(t, 1, strings.Count(p.text, "<section>"))
		require.Equal(t, http.StatusUnauthorized, s.uses(two.tokens.Access).status)
		require.Equal(t, http.StatusOK, s.uses(one.tokens.Access).status)
		_, form := p.form(t)
		form.Set("end", "one")
		form.Set("grant", s.grantOf(bobs.tokens.Access))
		b.post(connectedPath, form)
		require.Equal(t, http.StatusOK, s.uses(bobs.tokens.Access).status, "another's can't be ended")

		form.Set("end", "all")
		require.Contains(t, b.post(connectedPath, form).text, "All are disconnected")
		require.Contains(t, b.get(connectedPath).text, "API key", "the session is over as well")
		require.Equal(t, http.StatusUnauthorized, s.uses(one.tokens.Access).status)
		require.Equal(t, http.StatusOK, s.uses(bobs.tokens.Access).status)
	})
}

// TestSignOut ends the session and nothing else.
func TestSignOut(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	b := s.browser()
	p := b.send(b.get(connectedPath), "key", annasKey)
	require.Contains(t, b.send(p, "end", "session").text, "Signed out")
	require.Contains(t, b.get(connectedPath).text, "API key")
	require.Equal(t, http.StatusOK, s.uses(a.tokens.Access).status)
}

// TestANewKey takes the place of the old one, for all of a person's assistants.
func TestANewKey(t *testing.T) {
	s := inMemory(t)
	_, a := s.connects()
	client := s.clientID()
	s.form(tokenPath, exchange(client, s.codeFor(s.browser(), client, annasKey+"-new")))
	require.Contains(t, s.uses(a.tokens.Access).text, "|"+annasKey+"-new|")
}
