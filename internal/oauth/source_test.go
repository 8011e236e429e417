package oauth_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
)

// TestUsesWhatIsKept: a token that lasts is not renewed.
func TestUsesWhatIsKept(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	api := f.api(l.Source(f.login(l), oauth.SourceOptions{}))
	for range 3 {
		user, err := self(t.Context(), api)
		require.NoError(t, err)
		require.Equal(t, "elena", user)
	}
	require.Zero(t, f.tokens.Load())
}

// TestFiftyWaitForOneRenewal, whether the token has ended by the clock or Flexie
// says so; and another process takes over what the first has renewed.
func TestFiftyWaitForOneRenewal(t *testing.T) {
	for name, expire := range map[string]func(*flexieSide, *time.Duration){
		"by the clock": func(_ *flexieSide, ahead *time.Duration) { *ahead = 2 * time.Hour },
		"by a 401":     func(f *flexieSide, _ *time.Duration) { f.box.ExpireTokens() },
	} {
		t.Run(name, func(t *testing.T) {
			f := workspace(t, sandbox.Options{})
			l := oauth.OpenLogins(t.TempDir(), false)
			one := f.login(l)
			var ahead time.Duration
			expire(f, &ahead)
			now := func() time.Time { return time.Now().Add(ahead) }
			// Two sources are two processes, as far as memory goes.
			first, second := f.api(l.Source(one, oauth.SourceOptions{Now: now})), f.api(l.Source(one, oauth.SourceOptions{Now: now}))
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					api := first
					if i%2 == 1 {
						api = second
					}
					_, err := self(t.Context(), api)
					require.NoError(t, err)
				})
			}
			all.Wait()
			require.EqualValues(t, 1, f.tokens.Load())
		})
	}
}

// TestAWrongClock by minutes, at the sign-in or since, costs a renewal at most.
func TestAWrongClock(t *testing.T) {
	for name, test := range map[string]struct {
		then, now time.Duration // how far the clock is off
		expired   bool          // whether the token has ended
	}{
		"always ahead":             {10 * time.Minute, 10 * time.Minute, false},
		"always behind":            {-10 * time.Minute, -10 * time.Minute, false},
		"set forward since":        {0, 10 * time.Minute, false},
		"set back since":           {0, -10 * time.Minute, false},
		"set back, and ended":      {0, -10 * time.Minute, true},
		"set forward, and ended":   {0, 10 * time.Minute, true},
		"always ahead, and ended":  {10 * time.Minute, 10 * time.Minute, true},
		"always behind, and ended": {-10 * time.Minute, -10 * time.Minute, true},
		"a year ahead":             {0, 365 * 24 * time.Hour, false},
		"a year behind, and ended": {0, -365 * 24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := workspace(t, sandbox.Options{TokenLifetime: 5 * time.Minute})
			l := oauth.OpenLogins(t.TempDir(), false)
			c := f.client(func(o *oauth.Options) { o.Now = func() time.Time { return time.Now().Add(test.then) } })
			one, err := l.Keep(t.Context(), oauth.Login{Root: f.root}, c.GrantOf(f.signIn(c)))
			require.NoError(t, err)
			if test.expired {
				f.box.ExpireTokens()
			}
			f.tokens.Store(0)
			api := f.api(l.Source(one, oauth.SourceOptions{Now: func() time.Time { return time.Now().Add(test.now) }}))
			for range 3 {
				user, err := self(t.Context(), api)
				require.NoError(t, err)
				require.Equal(t, "elena", user)
			}
			require.LessOrEqual(t, f.tokens.Load(), int32(1))
		})
	}
}

// TestARefusedTokenIsRenewedOnce a call, also a fresh one, and never in a loop. A
// write that was refused is done then, once.
func TestARefusedTokenIsRenewedOnce(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	api := f.api(l.Source(f.login(l), oauth.SourceOptions{}))
	_, err := self(t.Context(), api)
	require.NoError(t, err)
	f.box.ExpireTokens()
	made, err := api.Records(flexie.Contact, "").Create(t.Context(), newContact())
	require.NoError(t, err)
	require.NotEmpty(t, made.ID)
	require.EqualValues(t, 1, f.tokens.Load())
}

func newContact() *flexie.Object {
	o := flexie.NewObject()
	o.Set("email", "new@acme.example")
	return o
}

func TestATokenThatIsAlwaysRefused(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	one := f.login(l)
	var sent atomic.Int32
	api, err := flexie.New(flexie.Options{BaseURL: f.root, Retries: 3, Auth: l.Source(one, oauth.SourceOptions{}), Transport: refusing{&sent}})
	require.NoError(t, err)
	for range 5 {
		_, err = self(t.Context(), api)
		require.Equal(t, flexie.SignedOut, flexie.KindOf(err))
		require.ErrorContains(t, err, "refuses a token that it has only just given")
		require.ErrorContains(t, err, "run flexie-mcp login in a terminal")
	}
	require.EqualValues(t, 1, f.tokens.Load())
	require.EqualValues(t, 2+4, sent.Load(), "the first call twice, the others once")
}

// refusing answers every request with 401.
type refusing struct{ sent *atomic.Int32 }

func (r refusing) RoundTrip(req *http.Request) (*http.Response, error) {
	r.sent.Add(1)
	return &http.Response{StatusCode: 401, Body: http.NoBody, Header: http.Header{}, Request: req}, nil
}

// TestGrantIsGone: the error says what to do, Flexie is asked once, and a new
// sign-in is taken over without a restart.
func TestGrantIsGone(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	api := f.api(l.Source(f.login(l), oauth.SourceOptions{}))
	_, err := self(t.Context(), api)
	require.NoError(t, err)
	f.box.EndSignIns()
	for range 3 {
		_, err = self(t.Context(), api)
		require.Equal(t, flexie.SignedOut, flexie.KindOf(err))
		require.EqualError(t, err, `Flexie does not take the sign-in any more: "Invalid refresh token". Sign in again: run flexie-mcp login in a terminal; servers that run go on with it`)
	}
	require.EqualValues(t, 1, f.tokens.Load())

	one := f.login(l)
	user, err := self(t.Context(), api)
	require.NoError(t, err)
	require.Equal(t, "elena", user)
	require.NoError(t, l.Forget(t.Context(), one))
	f.box.ExpireTokens()
	_, err = self(t.Context(), api)
	require.ErrorContains(t, err, "nobody is signed in to "+f.root+" any more")
}

// TestAPlainRefusal is none that was cut off, also for another process; one that was
// is told by each, with the time of the first.
func TestAPlainRefusal(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	one := f.login(l)
	f.box.EndSignIns()
	for range 3 {
		_, err := self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{})))
		require.ErrorContains(t, err, "does not take the sign-in any more")
		require.NotContains(t, err.Error(), "cut off")
	}

	one = f.login(l)
	f.box.ExpireTokens()
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		f.box.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	begun := time.Now()
	at := func(minutes int) error {
		now := begun.Add(time.Duration(minutes) * time.Minute)
		_, err := self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{Now: func() time.Time { return now }})))
		return err
	}
	require.ErrorContains(t, at(0), "the sign-in could not be renewed")
	require.ErrorContains(t, at(5), "the sign-in could not be renewed")
	f.answer(nil)
	for later := range 3 {
		require.ErrorContains(t, at(10+later), "a renewal at "+begun.Format("2006-01-02 15:04:05")+" was cut off")
	}
}

// TestFlexieIsAwayForARenewal: a token that is good still is used, and without
// one the call says that it was not sent.
func TestFlexieIsAwayForARenewal(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	one := f.login(l)
	f.answer(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "maintenance", http.StatusServiceUnavailable)
	})
	at := func(ahead time.Duration) *flexie.Client {
		return f.api(l.Source(one, oauth.SourceOptions{Now: func() time.Time { return time.Now().Add(ahead) }}))
	}
	early := l.Source(one, oauth.SourceOptions{Now: clock(time.Now(), time.Now().Add(59*time.Minute+30*time.Second))})
	for range 2 { // the first reads it, the second would renew it early
		_, err := self(t.Context(), f.api(early))
		require.NoError(t, err)
	}
	_, err := at(2*time.Hour).Records(flexie.Contact, "").Create(t.Context(), newContact())
	require.Equal(t, flexie.Unavailable, flexie.KindOf(err))
	require.ErrorContains(t, err, "the sign-in could not be renewed: Flexie could not give tokens; try again in a minute (HTTP 503)")
	f.answer(nil)
	_, err = self(t.Context(), at(2*time.Hour))
	require.NoError(t, err)
}

// clock tells one time at first, for the read of what is kept, and then another.
func clock(first, then time.Time) func() time.Time {
	var told atomic.Int32
	return func() time.Time {
		if told.Add(1) <= 2 {
			return first
		}
		return then
	}
}

// TestACancelledCallDoesNotLoseTokens: the renewal that it began is kept.
func TestACancelledCallDoesNotLoseTokens(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	source := l.Source(f.login(l), oauth.SourceOptions{})
	f.box.ExpireTokens()
	ctx, cancel := context.WithCancel(t.Context())
	f.answer(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		f.box.ServeHTTP(w, r)
	})
	_, err := self(ctx, f.api(source))
	require.Equal(t, flexie.Cancelled, flexie.KindOf(err))
	source.Wait(10 * time.Second)
	f.answer(nil)
	one, _, err := l.Find("")
	require.NoError(t, err)
	_, err = self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{})))
	require.NoError(t, err)
	require.EqualValues(t, 1, f.tokens.Load())
}

// TestNothingIsRenewedThatCannotBeKept: with the disk full or read-only, Flexie
// is not asked, since the old token would be dead and the new one lost.
func TestNothingIsRenewedThatCannotBeKept(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, false)
	one := f.login(l)
	f.box.ExpireTokens()
	lock := ""
	for path := range files(t, dir) {
		if strings.HasSuffix(path, ".login.json") {
			lock = strings.TrimSuffix(path, ".login.json") + ".renewing.json"
		}
	}
	require.NoError(t, os.MkdirAll(filepath.Join(lock, "in the way"), 0o700))
	_, err := self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{})))
	require.Equal(t, flexie.Unavailable, flexie.KindOf(err))
	require.ErrorContains(t, err, "the sign-in is not renewed, since what Flexie gives could not be kept: cannot write ")
	require.Zero(t, f.tokens.Load())
	require.NoError(t, os.RemoveAll(lock))
	_, err = self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{})))
	require.NoError(t, err)
}

// TestATokenThatCouldNotBeKept is used for as long as the program runs, renewed
// from there, and kept as soon as that can be done.
func TestATokenThatCouldNotBeKept(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	dir := t.TempDir()
	l := oauth.OpenLogins(dir, false)
	one := f.login(l)
	var tokens string
	for path := range files(t, dir) {
		if strings.HasSuffix(path, ".tokens.json") {
			tokens = path
		}
	}
	var said strings.Builder
	source := l.Source(one, oauth.SourceOptions{Log: slog.New(slog.NewTextHandler(&said, nil))})
	api := f.api(source)
	oauth.OnStep(func(at string) {
		if at == "answered" { // the disk fills up at the worst moment
			require.NoError(t, os.MkdirAll(filepath.Join(tokens+".new", "in the way"), 0o700))
		}
	})
	defer oauth.OnStep(func(string) {})
	for range 2 {
		f.box.ExpireTokens()
		_, err := self(t.Context(), api)
		require.NoError(t, err)
	}
	require.EqualValues(t, 2, f.tokens.Load())
	require.Contains(t, said.String(), `could not be kept: it lasts until this program ends" then="Sign in again: run flexie-mcp login`)

	oauth.OnStep(func(string) {})
	require.NoError(t, os.RemoveAll(tokens+".new"))
	f.box.ExpireTokens()
	_, err := self(t.Context(), api)
	require.NoError(t, err)
	_, err = self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{})))
	require.NoError(t, err, "another process has it")
	require.EqualValues(t, 3, f.tokens.Load())
}

// TestAKeyringThatIsLost: one that can't be opened is told of, and one that does
// not take the new tokens leaves them in a file.
func TestAKeyringThatIsLost(t *testing.T) {
	keyring.MockInit()
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), true)
	one := f.login(l)
	require.Equal(t, oauth.InKeyring, one.Kept)
	oauth.OnStep(func(at string) {
		if at == "answered" {
			keyring.MockInitWithError(context.DeadlineExceeded)
		}
	})
	f.box.ExpireTokens()
	api := f.api(l.Source(one, oauth.SourceOptions{}))
	_, err := self(t.Context(), api)
	oauth.OnStep(func(string) {})
	require.NoError(t, err)
	again, _, err := l.Find("")
	require.NoError(t, err)
	require.Equal(t, oauth.InFile, again.Kept)
	_, err = self(t.Context(), f.api(l.Source(again, oauth.SourceOptions{})))
	require.NoError(t, err)

	keyring.MockInit()
	one = f.login(l)
	keyring.MockInitWithError(context.DeadlineExceeded)
	_, err = self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{})))
	require.Equal(t, flexie.SignedOut, flexie.KindOf(err))
	require.ErrorContains(t, err, "this system's keyring can't be used: ")
	require.ErrorContains(t, err, "FLEXIE_KEYRING=0")
}

// TestTheTokenGoesToItsWorkspaceOnly.
func TestTheTokenGoesToItsWorkspaceOnly(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	source := l.Source(f.login(l), oauth.SourceOptions{})
	r, err := http.NewRequestWithContext(t.Context(), "GET", "https://evil.example/api/users/self", nil)
	require.NoError(t, err)
	require.ErrorContains(t, source.Authorize(r), "is not sent anywhere else")
	require.Empty(t, r.Header)
	r, err = http.NewRequestWithContext(t.Context(), "GET", f.root+"/users/self", nil)
	require.NoError(t, err)
	require.NoError(t, source.Authorize(r))
	require.True(t, strings.HasPrefix(r.Header.Get("Authorization"), "Bearer "))
	require.Empty(t, r.URL.RawQuery)
}

// TestAChangedClientSecret of the settings counts, if it is of the same client.
func TestAChangedClientSecret(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	l := oauth.OpenLogins(t.TempDir(), false)
	c := f.client()
	g := c.GrantOf(f.signIn(c))
	g.ClientSecret = "an older one"
	one, err := l.Keep(t.Context(), oauth.Login{Root: f.root}, g)
	require.NoError(t, err)
	f.box.ExpireTokens()
	_, err = self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{ID: "another", Secret: sandbox.ClientSecret})))
	require.ErrorContains(t, err, "does not know this client id and secret")
	_, err = self(t.Context(), f.api(l.Source(one, oauth.SourceOptions{ID: sandbox.ClientID, Secret: sandbox.ClientSecret})))
	require.NoError(t, err)
}
