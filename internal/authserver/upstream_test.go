package authserver

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// flexieSite is a site whose people sign in at Flexie, which is the sandbox.
type flexieSite struct {
	*site
	box     *sandbox.Sandbox
	root    string
	options Options
	asked   atomic.Int32 // for its page that people sign in on
	tokens  atomic.Int32 // requests for tokens

	mu      sync.Mutex
	instead http.HandlerFunc // what answers those; nil is the sandbox
}

func atFlexie(t *testing.T, o store.Options, change ...func(*Options)) *flexieSite {
	f := &flexieSite{}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.root = server.URL + "/api"
	f.site = newSite(t, o, append([]func(*Options){func(o *Options) {
		box, err := sandbox.Open(sandbox.Options{Redirect: o.PublicURL + callbackPath})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, box.Close()) })
		f.box = box
		o.Root, o.Check = f.root, whoseIs
		o.Flexie = Credentials{ID: sandbox.ClientID, Secret: sandbox.ClientSecret}
	}}, append(change, func(o *Options) { f.options = *o })...)...)
	return f
}

func (f *flexieSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/oauth2/authorize":
		f.asked.Add(1)
	case "/oauth2/token":
		f.tokens.Add(1)
		f.mu.Lock()
		instead := f.instead
		f.mu.Unlock()
		if instead != nil {
			instead(w, r)
			return
		}
	}
	f.box.ServeHTTP(w, r)
}

// answer has requests for tokens answered otherwise; nil ends that.
func (f *flexieSite) answer(instead http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.instead = instead
}

func whoseIs(ctx context.Context, root string, as flexie.Auth) (Person, error) {
	client, err := flexie.New(flexie.Options{BaseURL: root, Auth: as})
	if err != nil {
		return Person{}, err
	}
	self, err := client.Self(ctx)
	switch {
	case flexie.KindOf(err) == flexie.Unauthorized:
		return Person{}, ErrWrongKey
	case err != nil:
		return Person{}, err
	}
	return Person{self.ID, self.Values.Get("username").(string)}, nil
}

// asUser calls Flexie as whom a request is let in.
func asUser(w http.ResponseWriter, r *http.Request, id auth.Identity) {
	who, err := whoseIs(r.Context(), id.Root, id.Auth)
	if err != nil {
		w.WriteHeader(http.StatusTeapot) // a call of a tool that fails
		fmt.Fprint(w, err)
		return
	}
	fmt.Fprint(w, who.Name)
}

// calls has a tool called on each replica.
func (f *flexieSite) calls(token string) answered {
	f.t.Helper()
	return f.uses(token, "Test-Call", "1")
}

// consents begins a flow, and goes to the page that sends a browser to Flexie.
func (f *flexieSite) consents(b *browser, client string, put ...string) page {
	f.t.Helper()
	p := b.send(b.get(f.asks(client, put...)), "answer", "allow")
	require.NotNil(f.t, p.away, p.text)
	return p
}

// chooses is a person at Flexie: it gives the address that they are sent back to.
func (f *flexieSite) chooses(away *url.URL, user string) string {
	f.t.Helper()
	form := away.Query()
	form.Set("user", user)
	to := *away
	to.RawQuery = ""
	flexies := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := flexies.PostForm(to.String(), form)
	require.NoError(f.t, err)
	answer.Body.Close()
	require.Equal(f.t, http.StatusFound, answer.StatusCode)
	back := answer.Header.Get("Location")
	require.True(f.t, strings.HasPrefix(back, f.issuer+callbackPath+"?"), back)
	return back
}

// signsIn connects a client as a user, by Flexie.
func (f *flexieSite) signsIn(user string) (client string, a answered) {
	f.t.Helper()
	b := f.browser()
	client = f.clientID()
	p := b.get(f.chooses(f.consents(b, client).away, user))
	require.NotNil(f.t, p.away, p.text)
	a = f.form(tokenPath, exchange(client, p.away.Query().Get("code")))
	require.Equal(f.t, http.StatusOK, a.status, a.text)
	f.tokens.Store(0)
	return client, a
}

const sofia, priya = "3", "5" // users of the sandbox

// TestSignInByFlexie from the consent to a call, on each kind of store.
func TestSignInByFlexie(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		f := atFlexie(t, o)
		b, client := f.browser(), f.clientID()
		consent := b.get(f.asks(client))
		require.Contains(t, consent.text, "Connect “Claude” to Flexie?")
		require.NotContains(t, consent.text, "oauth2/authorize", "there is no way past the consent")
		away := b.send(consent, "answer", "allow")
		require.Equal(t, "/oauth2/authorize", away.away.Path)
		require.Equal(t, strings.TrimSuffix(f.root, "/api"), away.away.Scheme+"://"+away.away.Host)
		q := away.away.Query()
		require.Equal(t, f.issuer+callbackPath, q.Get("redirect_uri"))
		require.Equal(t, "S256", q.Get("code_challenge_method"))
		require.Len(t, q.Get("code_challenge"), 43)
		require.NotEqual(t, "the state", q.Get("state"), "the client's state stays here")
		require.Zero(t, f.asked.Load(), "the person's browser goes there, and nobody else")

		back := b.get(f.chooses(away.away, sofia))
		require.Equal(t, http.StatusOK, back.status, back.text)
		require.Contains(t, back.text, "You allowed “Claude”")
		require.Equal(t, callback, back.away.Scheme+"://"+back.away.Host+back.away.Path)
		require.Equal(t, "the state", back.away.Query().Get("state"))
		require.Equal(t, f.issuer, back.away.Query().Get("iss"))
		a := f.form(tokenPath, exchange(client, back.away.Query().Get("code")))
		require.Equal(t, http.StatusOK, a.status, a.text)
		called := f.calls(a.tokens.Access)
		require.Equal(t, http.StatusOK, called.status, called.text)
		require.Equal(t, "sofia", called.text)
		require.EqualValues(t, 1, f.tokens.Load())

		again := b.send(b.get(f.asks(client)), "answer", "allow")
		require.Equal(t, "the state", again.away.Query().Get("state"), "who has signed in need not again")
		require.NotContains(t, f.log.String(), sandbox.ClientSecret)
	})
}

// TestConnectedAtFlexie: who wants to see what is connected signs in there as well.
func TestConnectedAtFlexie(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	b := f.browser()
	signIn := b.get(connectedPath)
	require.Contains(t, signIn.text, "Sign in with Flexie")
	require.NotContains(t, signIn.text, "API key")
	p := b.get(f.chooses(b.send(signIn, "with", "flexie").away, sofia))
	require.Equal(t, f.issuer+connectedPath, p.address)
	require.Contains(t, p.text, "Claude")
	require.Contains(t, b.send(p, "end", "all").text, "All are disconnected")
	require.Equal(t, http.StatusUnauthorized, f.calls(a.tokens.Access).status)
	require.Empty(t, f.text(`SELECT credential FROM oauth_person`))
}

// text is the one that a query gives.
func (s *site) text(query string) (text string) {
	s.t.Helper()
	require.NoError(s.t, s.state.Durable.Do(s.t.Context(), func(t *store.Tx) error { return t.QueryRow(query).Scan(&text) }))
	return text
}

func (s *site) change(query string, args ...any) {
	s.t.Helper()
	require.NoError(s.t, s.state.Durable.Do(s.t.Context(), func(t *store.Tx) error { _, err := t.Exec(query, args...); return err }))
}

// TestTokensAtRest are encrypted for their person alone.
func TestTokensAtRest(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	_, other := f.signsIn(priya)
	require.Equal(t, "priya", f.calls(other.tokens.Access).text)
	kept := f.text(`SELECT group_concat(credential) FROM oauth_person`)
	require.Equal(t, 2, strings.Count(kept, "v1."))
	require.NotContains(t, kept, "access_token")
	f.change(`UPDATE oauth_person SET credential = (SELECT credential FROM oauth_person WHERE name = 'priya')`)
	refused := f.calls(a.tokens.Access)
	require.Equal(t, http.StatusServiceUnavailable, refused.status, "another's tokens can't be put in one's row")
	require.Contains(t, refused.text, "which waiting does not mend")
	require.Contains(t, f.log.String(), "can't be decrypted")
}

// TestFiftyCallsRenewOnce at two servers that share nothing but where they keep
// state, whether the tokens have ended by the clock or Flexie says so.
func TestFiftyCallsRenewOnce(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		for name, expire := range map[string]func(*flexieSite){
			"by a 401":     func(f *flexieSite) { f.box.ExpireTokens() },
			"by the clock": func(f *flexieSite) { f.clock.pass(59*time.Minute + 30*time.Second) },
		} {
			t.Run(name, func(t *testing.T) {
				f := atFlexie(t, o)
				second := store.Open(o)
				t.Cleanup(func() { require.NoError(t, second.Close()) })
				other := f.options
				other.Store = second.Durable
				_, handler := replica(t, other)
				_, a := f.signsIn(sofia)
				expire(f)
				var all sync.WaitGroup
				for i := range 50 {
					all.Go(func() {
						at := f.http.Config.Handler
						if i%2 == 1 {
							at = handler
						}
						got := f.request(at, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
						require.Equal(t, "sofia", got.text)
					})
				}
				all.Wait()
				require.EqualValues(t, 1, f.tokens.Load())
				require.Equal(t, "|0|0", f.text(`SELECT renewer || '|' || CAST(renewing AS TEXT) || '|' || CAST(cut AS TEXT) FROM oauth_person`))
			})
		}
	})
}

// TestRotation: each renewal uses what the last one gave.
func TestRotation(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	for i := range 3 {
		f.box.ExpireTokens()
		require.Equal(t, "sofia", f.calls(a.tokens.Access).text)
		require.EqualValues(t, i+1, f.tokens.Load())
	}
}

// TestSignInHasEndedAtFlexie: the call says to connect again; from then on the
// assistant is refused, so that it has its person sign in, and all else ends too.
func TestSignInHasEndedAtFlexie(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		f := atFlexie(t, o)
		client, a := f.signsIn(sofia)
		_, others := f.signsIn(priya)
		f.box.EndSignIns()
		call := func() answered {
			return f.request(f.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
		}
		told := call()
		require.Equal(t, http.StatusTeapot, told.status)
		require.Contains(t, told.text, "Flexie does not take the sign-in any more")
		require.Contains(t, told.text, "The person has to connect again")
		require.NotContains(t, told.text, "flexie-mcp login")
		refused := f.calls(a.tokens.Access)
		require.Equal(t, http.StatusUnauthorized, refused.status)
		require.Contains(t, refused.header.Get("WWW-Authenticate"), `error="invalid_token", resource_metadata="`)
		require.Equal(t, "invalid_grant", f.form(tokenPath, refreshing(client, a.tokens.Refresh)).tokens.Error)
		require.Equal(t, http.StatusOK, f.uses(others.tokens.Access).status, "another person's stays until it is found out")
		require.Contains(t, f.log.String(), "a sign-in at Flexie has ended")

		_, again := f.signsIn(sofia)
		require.Equal(t, "sofia", f.calls(again.tokens.Access).text)
	})
}

// TestALostAnswer is tried again, and what was lost with it is told.
func TestALostAnswer(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.box.ExpireTokens()
	f.answer(func(_ http.ResponseWriter, r *http.Request) {
		f.box.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	call := func() answered {
		return f.request(f.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
	}
	require.Contains(t, call().text, "the sign-in could not be renewed")
	f.answer(nil)
	told := call()
	require.Contains(t, told.text, "a renewal at 2026-06-22")
	require.Contains(t, told.text, "was cut off before its answer was kept")
	require.Contains(t, told.text, "The person has to connect again")
}

// TestASignInThatCantBeRenewed ends with its first token.
func TestASignInThatCantBeRenewed(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		given := httptest.NewRecorder()
		f.box.ServeHTTP(given, r)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(strings.Replace(given.Body.String(), `"refresh_token"`, `"nothing"`, 1)))
	})
	_, a := f.signsIn(sofia)
	require.Equal(t, "sofia", f.calls(a.tokens.Access).text)
	f.box.ExpireTokens()
	told := f.request(f.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
	require.Contains(t, told.text, "Flexie gave nothing to renew it with. The person has to connect again")
	require.Zero(t, f.tokens.Load())
	require.Equal(t, http.StatusUnauthorized, f.calls(a.tokens.Access).status)
}

// TestFlexieIsAwayForARenewal: nothing ends by that.
func TestFlexieIsAwayForARenewal(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.box.ExpireTokens()
	for _, status := range []int{http.StatusBadGateway, http.StatusTooManyRequests, http.StatusNotFound} {
		f.answer(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		require.Contains(t, f.calls(a.tokens.Access).text, "the sign-in could not be renewed", status)
	}
	f.answer(nil)
	require.Equal(t, "sofia", f.calls(a.tokens.Access).text)
}

// TestARefusedFreshToken is not renewed again and again.
func TestARefusedFreshToken(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.box.ExpireTokens()
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		f.box.ServeHTTP(w, r)
		f.box.ExpireTokens()
	})
	told := f.request(f.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
	require.Contains(t, told.text, "Flexie refuses a token that it has only just given")
	require.EqualValues(t, 1, f.tokens.Load())
}

// TestOneThatEndedAtARenewal keeps nobody waiting for ever.
func TestOneThatEndedAtARenewal(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.change(`UPDATE oauth_person SET renewer = 'somebody 1', renewing = ?`, f.clock.Now().Add(leaseTime).UnixMilli())
	f.box.ExpireTokens()
	f.clock.pass(leaseTime + time.Second)
	require.Equal(t, "sofia", f.calls(a.tokens.Access).text)
}

// TestAProcessThatEndedAtARenewal is known to have, where that can be known, before
// its time is over.
func TestAProcessThatEndedAtARenewal(t *testing.T) {
	f := atFlexie(t, store.Options{Dir: t.TempDir()})
	_, a := f.signsIn(sofia)
	f.change(`UPDATE oauth_person SET renewer = '0123456789abcdef 1', renewing = ?`, f.clock.Now().Add(leaseTime).UnixMilli())
	f.box.ExpireTokens()
	require.Equal(t, "sofia", f.calls(a.tokens.Access).text)
}

// TestSignedOutWhileRenewing: what a person has ended stays so.
func TestSignedOutWhileRenewing(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.box.ExpireTokens()
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, f.o.Store.Do(t.Context(), func(t *store.Tx) error {
			return f.revokeAll(t, person{id: personID(f.root, sofia)})
		}))
		f.box.ServeHTTP(w, r)
	})
	f.request(f.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
	require.Empty(t, f.text(`SELECT credential FROM oauth_person`))
	require.Zero(t, f.count(`SELECT cut FROM oauth_person`), "and no renewal of theirs was cut off")
	require.Equal(t, http.StatusUnauthorized, f.calls(a.tokens.Access).status)
}

// TestOtherCredentials: tokens of another client's can't be renewed.
func TestOtherCredentials(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.box.ExpireTokens()
	changed := f.options
	changed.Flexie.ID = "another"
	_, handler := replica(t, changed)
	told := f.request(handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
	require.Contains(t, told.text, "this server has other credentials with Flexie than when sofia signed in")
	require.Equal(t, http.StatusUnauthorized, f.calls(a.tokens.Access).status)
}

// TestTheEndWaitsForRenewals, whose answers would be lost.
func TestTheEndWaitsForRenewals(t *testing.T) {
	f := atFlexie(t, store.Options{Memory: true})
	_, a := f.signsIn(sofia)
	f.box.ExpireTokens()
	arrived, goOn := make(chan struct{}), make(chan struct{})
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-goOn
		f.box.ServeHTTP(w, r)
	})
	before := f.text(`SELECT credential FROM oauth_person`)
	var call, end sync.WaitGroup
	call.Go(func() {
		f.request(f.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+a.tokens.Access, "Test-Call", "1")
	})
	<-arrived
	var after string
	end.Go(func() {
		f.Close(time.Minute)
		after = f.text(`SELECT credential FROM oauth_person`)
	})
	close(goOn)
	end.Wait()
	call.Wait()
	require.NotEqual(t, before, after)
	_, err := (&kept{s: f.Server}).Lock(t.Context())
	require.ErrorContains(t, err, "about to end")
}
