package authserver

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/store"
)

// asRead is a flow of which nothing was chosen yet, as a request reads it.
func (s *site) asRead(id string) flow {
	return flow{id: id, step: stepConsent, asked: s.text(`SELECT request FROM oauth_flow WHERE id = '` + hashOf(id) + `'`)}
}

// TestTheLastChoiceHolds: what a person chooses while Flexie is slow is what counts,
// and not what they had chosen before.
func TestTheLastChoiceHolds(t *testing.T) {
	var s *site
	var meanwhile func()
	s = inMemory(t, func(o *Options) {
		o.Check = func(ctx context.Context, root string, as flexie.Auth) (Person, error) {
			if now := meanwhile; now != nil {
				meanwhile = nil
				now()
			}
			return check(ctx, root, as)
		}
	})
	b, client := s.browser(), s.clientID()
	consent := b.get(s.asks(client, "scope", "flexie:admin"))
	signIn := b.send(consent, "answer", "allow", "access", "admin")
	var newer page
	meanwhile = func() { newer = b.send(consent, "answer", "allow", "access", "read") }
	older := b.send(signIn, "key", annasKey)
	require.Nil(t, older.away, "what was chosen first gives no code")
	require.Equal(t, http.StatusConflict, older.status)
	require.Contains(t, older.text, "You have chosen anew")
	back := b.send(newer, "key", annasKey)
	require.Equal(t, "flexie:read", s.form(tokenPath, exchange(client, back.away.Query().Get("code"))).tokens.Scope)

	consent = b.get(s.asks(client, "scope", "flexie:admin"))
	signIn = b.send(consent, "answer", "allow", "as", "another")
	meanwhile = func() { newer = b.send(consent, "answer", "deny") }
	older = b.send(signIn, "key", annasKey)
	require.Nil(t, older.away)
	require.Contains(t, older.text, "This was answered already")
	require.Equal(t, "access_denied", newer.away.Query().Get("error"))
}

// TestTheLastChoiceHoldsAtFlexie: the same of an answer that is being redeemed there.
func TestTheLastChoiceHoldsAtFlexie(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, client := f.browser(), f.clientID()
	consent := b.get(f.asks(client, "scope", "flexie:admin"))
	back := f.chooses(b.send(consent, "answer", "allow").away, sofia)
	var newer page
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		f.answer(nil)
		newer = b.send(consent, "answer", "allow", "access", "read")
		f.box.ServeHTTP(w, r)
	})
	older := b.get(back)
	require.Nil(t, older.away)
	require.Contains(t, older.text, "You have chosen anew")
	p := b.get(f.chooses(newer.away, sofia))
	require.Equal(t, "flexie:read", f.form(tokenPath, exchange(client, p.away.Query().Get("code"))).tokens.Scope)
}

// TestStepUpKeepsTheAreas: an assistant that asks for more is shown what it was
// allowed, and gets no areas that the person left out unless they tick them, whether
// or not they are signed in still.
func TestStepUpKeepsTheAreas(t *testing.T) {
	everywhere(t, func(t *testing.T, s *site) {
		client, b := s.clientID(), s.browser()
		back := b.send(b.send(b.get(s.asks(client, "scope", "flexie:read")), "answer", "allow", "toolset", "cases"), "key", annasKey)
		require.Equal(t, http.StatusOK, s.form(tokenPath, exchange(client, back.away.Query().Get("code"))).status)
		for _, wait := range []time.Duration{0, sessionLifetime + time.Minute} {
			s.clock.pass(wait)
			consent := b.get(s.asks(client))
			require.Contains(t, consent.text, "It was allowed before: <strong>Look things up</strong>, in cases.")
			require.Contains(t, consent.text, `value="cases" checked`)
			require.NotContains(t, consent.text, `value="contacts" checked`)
		}
		p := b.send(b.send(b.get(s.asks(client)), "answer", "allow"), "key", annasKey)
		a := s.form(tokenPath, exchange(client, p.away.Query().Get("code")))
		require.True(t, strings.HasSuffix(s.uses(a.tokens.Access).text, "|write|[{[cases] []}]"), s.uses(a.tokens.Access).text)

		for name, other := range map[string]page{
			"another browser": s.browser().get(s.asks(client)), "another client": b.get(s.asks(s.clientID())),
		} {
			require.NotContains(t, other.text, "It was allowed before", name)
			require.Contains(t, other.text, `value="contacts" checked`, name)
		}
	})
}

// TestAnewInsteadOfBefore: an assistant that registered and connects again, in the
// same browser and as the same person, has one connection. Others stay: of somebody
// else, of another browser, and of a client that is the same on many machines.
func TestAnewInsteadOfBefore(t *testing.T) {
	s := inMemory(t)
	s.web.put(documentID, document())
	connect := func(b *browser, client, key string, put ...string) string {
		p := b.send(b.get(s.asks(client, put...)), "answer", "allow", "as", "another")
		a := s.form(tokenPath, exchange(client, b.send(p, "key", key).away.Query().Get("code")))
		require.Equal(t, http.StatusOK, a.status, a.text)
		return a.tokens.Access
	}
	b, client := s.browser(), s.clientID()
	first := connect(b, client, annasKey)
	stay := []string{
		connect(s.browser(), client, annasKey), connect(b, client, bobsKey), connect(b, s.clientID(), annasKey),
		connect(b, documentID, annasKey), connect(b, client, annasKey, "resource", s.issuer),
	}
	require.Equal(t, http.StatusOK, s.uses(first).status)
	p := b.send(b.get(s.asks(client)), "answer", "allow", "as", "another")
	code := b.send(p, "key", annasKey).away.Query().Get("code")
	require.Equal(t, http.StatusOK, s.uses(first).status, "until the code is brought")
	second := s.form(tokenPath, exchange(client, code)).tokens.Access
	require.Equal(t, http.StatusUnauthorized, s.uses(first).status)
	for _, token := range append(stay, second, connect(b, documentID, annasKey)) {
		require.Equal(t, http.StatusOK, s.uses(token).status)
	}
}
