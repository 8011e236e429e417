package authserver

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// inFlight is a browser that was sent to Flexie, and the answer that it would bring.
func (f *flexieSite) inFlight() (b *browser, client, back string) {
	f.t.Helper()
	b, client = f.browser(), f.clientID()
	return b, client, f.chooses(f.consents(b, client).away, sofia)
}

// with is an address with other parameters; in turn a name and a value, of which
// "-" is none.
func with(t *testing.T, address string, put ...string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	q := u.Query()
	for i := 0; i+1 < len(put); i += 2 {
		q.Set(put[i], put[i+1])
		if put[i+1] == "-" {
			q.Del(put[i])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// TestDeniedAtFlexie: the person is told, and can try again in the same flow.
func TestDeniedAtFlexie(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, client := f.browser(), f.clientID()
	p := b.get(f.chooses(f.consents(b, client).away, "0"))
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.text, "You did not allow it in Flexie, so nothing was connected.")
	require.Nil(t, p.away)
	require.Zero(t, f.tokens.Load())
	again := b.send(p, "with", "flexie")
	back := b.get(f.chooses(again.away, sofia))
	require.NotEmpty(t, back.away.Query().Get("code"))
}

// TestAnAnswerThatComesTwice counts once, and Flexie is asked once.
func TestAnAnswerThatComesTwice(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, _, back := f.inFlight()
	require.NotNil(t, b.get(back).away)
	for range 2 {
		p := b.get(back)
		require.Equal(t, http.StatusConflict, p.status)
		require.Contains(t, p.text, "This was answered already")
		require.Nil(t, p.away)
	}
	require.EqualValues(t, 1, f.tokens.Load())
}

// TestAnAnswerThatComesTwiceAtOnce is taken by one.
func TestAnAnswerThatComesTwiceAtOnce(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, _, back := f.inFlight()
	var all sync.WaitGroup
	pages := make([]page, 10)
	for i := range pages {
		all.Go(func() { pages[i] = b.get(back) })
	}
	all.Wait()
	took := 0
	for _, p := range pages {
		if p.away != nil {
			took++
			continue
		}
		require.Contains(t, p.text, "This was answered already")
	}
	require.Equal(t, 1, took)
	require.EqualValues(t, 1, f.tokens.Load())

	_, _, back = f.inFlight()
	state := mustParse(t, back).Query().Get("state")
	read := flow{upstream: f.text(`SELECT upstream FROM oauth_flow WHERE upstream <> ''`)} // by two, before either goes on
	r := httptest.NewRequest(http.MethodGet, back, nil)
	first, err := f.takeAnswer(r, read, state)
	require.NoError(t, err)
	require.NotNil(t, first)
	second, err := f.takeAnswer(r, read, state)
	require.NoError(t, err)
	require.Nil(t, second)
}

// TestAnothersAnswer (login CSRF): an answer counts in the browser that was sent
// for it, and a try elsewhere does not use it up.
func TestAnothersAnswer(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	attacker, _, back := f.inFlight()
	victim, _, _ := f.inFlight()
	for name, b := range map[string]*browser{"without a cookie": f.browser(), "in a flow of its own": victim} {
		p := b.get(back)
		require.Equal(t, http.StatusForbidden, p.status, name)
		require.Contains(t, p.text, "This page belongs to another browser", name)
		require.Equal(t, "0", f.text(`SELECT count(*) FROM oauth_session`), name)
	}
	require.Zero(t, f.tokens.Load())
	require.NotNil(t, attacker.get(back).away)
}

// TestAnotherFlowsAnswer: a code that was given for one flow is of no use in
// another, since Flexie has the challenge of the first.
func TestAnotherFlowsAnswer(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, _, attackers := f.inFlight()
	victim, _, own := f.inFlight()
	p := victim.get(with(t, own, "code", mustParse(t, attackers).Query().Get("code")))
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.text, "Flexie does not take its own answer any more.")
	require.Nil(t, p.away)
	require.Equal(t, "0", f.text(`SELECT count(*) FROM oauth_person`))
}

func mustParse(t *testing.T, address string) *url.URL {
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

// TestAnswersThatAreNone: no state, a wrong one, two, none of Flexie's codes.
func TestAnswersThatAreNone(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	for name, test := range map[string]struct {
		change func(back string) string
		status int
		says   string
	}{
		"no state":      {func(b string) string { return with(t, b, "state", "-") }, http.StatusBadRequest, "not an answer of Flexie"},
		"empty state":   {func(b string) string { return with(t, b, "state", "") }, http.StatusBadRequest, "not an answer of Flexie"},
		"two states":    {func(b string) string { return b + "&state=x" }, http.StatusBadRequest, "not an answer of Flexie"},
		"unknown state": {func(b string) string { return with(t, b, "state", "x") }, http.StatusGone, "This page is too old"},
		"longer state":  {func(b string) string { return with(t, b, "state", mustParse(t, b).Query().Get("state")+"x") }, http.StatusGone, "This page is too old"},
		"no code":       {func(b string) string { return with(t, b, "code", "-") }, http.StatusUnprocessableEntity, "can’t be read"},
		"two codes":     {func(b string) string { return b + "&code=x" }, http.StatusUnprocessableEntity, "can’t be read"},
		"another code":  {func(b string) string { return with(t, b, "code", "x") }, http.StatusUnprocessableEntity, "does not take its own answer"},
		"mix-up":        {func(b string) string { return b + "&iss=https://globex.flexie.io" }, http.StatusUnprocessableEntity, "Another workspace has answered"},
		"an error": {func(b string) string {
			return with(t, b, "code", "-", "error", "unauthorized_client", "error_description", "<script>alert(1)</script>")
		}, http.StatusUnprocessableEntity, "does not let people sign in to this server"},
	} {
		t.Run(name, func(t *testing.T) {
			b, _, back := f.inFlight()
			p := b.get(test.change(back))
			require.Equal(t, test.status, p.status, p.text)
			require.Contains(t, p.text, test.says)
			require.NotContains(t, p.text, "<script>")
			require.Nil(t, p.away)
			require.Equal(t, "0", f.text(`SELECT count(*) FROM oauth_person`))
			f.clock.pass(time.Minute)
		})
	}
}

// TestAnAnswerThatOnlyNamesItsIssuer is taken, should Flexie come to do so.
func TestAnAnswerThatOnlyNamesItsIssuer(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, _, back := f.inFlight()
	require.NotNil(t, b.get(back+"&iss="+url.QueryEscape(strings.TrimSuffix(f.root, "/api"))).away)
}

// TestALateAnswer comes to a page that is too old.
func TestALateAnswer(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, _, back := f.inFlight()
	f.clock.pass(flowLifetime + time.Second)
	p := b.get(back)
	require.Equal(t, http.StatusGone, p.status)
	require.Contains(t, p.text, "Connect again from your assistant.")
	require.Zero(t, f.tokens.Load())
}

// TestNoAnswerPastTheConsent: what was denied here, or was never allowed, is not
// connected by signing in at Flexie.
func TestNoAnswerPastTheConsent(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, client := f.browser(), f.clientID()
	consent := b.get(f.asks(client))
	action, values := consent.form(t)
	require.Equal(t, consentPath, action)
	early := b.post(signInPath, url.Values{"flow": values["flow"], "proof": values["proof"], "with": {"flexie"}})
	require.Nil(t, early.away, "nobody is sent to Flexie before")
	require.Contains(t, early.text, "Connect “Claude” to Flexie?")

	back := f.chooses(b.send(consent, "answer", "allow").away, sofia)
	require.Equal(t, "access_denied", b.send(consent, "answer", "deny").away.Query().Get("error"))
	p := b.get(back)
	require.Equal(t, http.StatusConflict, p.status)
	require.Zero(t, f.tokens.Load())
}

// TestTheLastTryCounts: who begins anew at Flexie has the first answer passed over.
func TestTheLastTryCounts(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, client := f.browser(), f.clientID()
	consent := b.get(f.asks(client))
	first := f.chooses(b.send(consent, "answer", "allow").away, priya)
	second := f.chooses(b.send(consent, "answer", "allow").away, sofia)
	require.Equal(t, http.StatusGone, b.get(first).status)
	a := f.form(tokenPath, exchange(client, b.get(second).away.Query().Get("code")))
	require.Equal(t, "sofia", f.calls(a.tokens.Access).text)
}

// TestOneWayToSignIn: where people sign in at Flexie, no key is taken.
func TestOneWayToSignIn(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b := f.browser()
	p := b.send(b.get(connectedPath), "key", "sandbox-sales")
	require.Equal(t, "/oauth2/authorize", p.away.Path)
	require.Equal(t, "0", f.text(`SELECT count(*) FROM oauth_person`))
	pasting := inMemory(t)
	require.Equal(t, http.StatusBadRequest, pasting.browser().get(callbackPath+"?state=x&code=y").status)
}

// TestFlexieIsAwayAtTheSignIn: the page says whose fault it is and what to do.
func TestFlexieIsAwayAtTheSignIn(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	for _, test := range []struct {
		status     int
		body, says string
	}{
		{http.StatusBadGateway, "", "Flexie could not be asked who you are. Try again in a minute."},
		{http.StatusFound, "", "Flexie could not be asked who you are."},
		{http.StatusOK, "<html>", "Flexie could not be asked who you are."},
		{http.StatusUnauthorized, `{"error":"invalid_client","error_description":"<b>"}`, "Flexie does not let people sign in to this server. Tell whoever runs it to look at its log."},
	} {
		b, _, back := f.inFlight()
		f.answer(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Location", "https://evil.example/")
			w.WriteHeader(test.status)
			_, _ = w.Write([]byte(test.body))
		})
		p := b.get(back)
		require.Equal(t, http.StatusUnprocessableEntity, p.status)
		require.Contains(t, p.text, test.says)
		require.NotContains(t, p.text, "evil.example")
		require.Equal(t, http.StatusConflict, b.get(back).status, "it is not tried with the same answer")
		f.answer(nil)
		require.NotNil(t, b.get(f.chooses(b.send(p, "with", "flexie").away, sofia)).away, "another try succeeds")
	}
	require.Contains(t, f.log.String(), "does not know this client id and secret")
}

// TestALookAtTheAnswer, as programs take that check addresses, does not use it up.
func TestALookAtTheAnswer(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, _, back := f.inFlight()
	r, err := http.NewRequest(http.MethodHead, back, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, b.do(r).status)
	require.Equal(t, http.StatusMethodNotAllowed, b.post(back, url.Values{}).status)
	require.NotNil(t, b.get(back).away)
}

// TestAnAnswerIsOfItsWorkspace: where people name theirs, the answer is redeemed
// there, whatever the browser brings.
func TestAnAnswerIsOfItsWorkspace(t *testing.T) {
	var asked []string
	f := atFlexie(t, store.Options{Memory: true}, func(o *Options) {
		gate, err := newGate("acme", "globex")
		require.NoError(t, err)
		o.Root, o.Workspace = "", gate.Workspace
		o.Flexie.Transport = func(root string) http.RoundTripper {
			asked = append(asked, root)
			return &web{pages: map[string]func() *http.Response{}}
		}
	})
	b, client := f.browser(), f.clientID()
	signIn := b.send(b.get(f.asks(client)), "answer", "allow")
	require.Contains(t, signIn.text, "Workspace")
	wrong := b.send(signIn, "workspace", "initech", "with", "flexie")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	require.Contains(t, wrong.text, "not for that workspace")
	away := b.send(wrong, "workspace", "globex", "with", "flexie")
	require.Equal(t, "globex.flexie.io", away.away.Host)
	asked = nil
	b.get(f.issuer + callbackPath + "?code=x&workspace=acme&state=" + away.away.Query().Get("state"))
	require.Equal(t, []string{"https://globex.flexie.io/api"}, asked)
}

// TestNoSecretsOfASignIn are in the log or in pages.
func TestNoSecretsOfASignIn(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	b, _, back := f.inFlight()
	q := mustParse(t, back).Query()
	p := b.get(back)
	failed, _, other := f.inFlight()
	bad := failed.get(with(t, other, "code", "a-wrong-code-0123456789"))
	for _, secret := range []string{q.Get("code"), q.Get("state"), "a-wrong-code-0123456789", "sandbox-secret"} {
		for _, text := range []string{f.log.String(), p.text, bad.text} {
			require.NotContains(t, text, secret)
		}
	}
	require.NotContains(t, f.text(`SELECT group_concat(state || upstream || request) FROM oauth_flow`), mustParse(t, other).Query().Get("state"))
}
