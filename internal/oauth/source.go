package oauth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"flexie-mcp/flexie"
)

// SourceOptions say how the tokens of a login are renewed.
type SourceOptions struct {
	// Client fills in the client's secret, where it was changed since the login:
	// it counts if ID is that of the login.
	ID, Secret string

	Transport http.RoundTripper // nil is that of flexie's clients
	Log       *slog.Logger      // nil logs nothing
	Now       func() time.Time  // nil is this machine's
}

// Source is the credential of a sign-in. It reads the tokens when they are first
// needed, renews them shortly before they end or when Flexie refuses them, and
// takes over what another process has renewed. It is safe for concurrent use.
type Source struct {
	keeper Keeper
	root   string
	host   string
	o      SourceOptions
	flying singleflight.Group
	busy   chan struct{} // holds one while a renewal is under way

	renewing atomic.Bool

	mu      sync.Mutex
	held    Grant
	unkept  string // the stored access token that held came from, while held could not be kept
	dead    string // a refresh token that Flexie has refused
	deadWhy string
	refused string // an access token that was renewed only just, and refused as well
	when    time.Time
}

var _ flexie.Renewer = (*Source)(nil)

// Source gives the credential of a login. It reads and sends nothing yet.
func (l *Logins) Source(one Login, o SourceOptions) *Source {
	kept := &keptLogin{logins: l, one: one, now: time.Now}
	if o.Now != nil {
		kept.now = o.Now
	}
	return NewSource(kept, one.Root, Grant{}, o)
}

// NewSource gives the credential of a sign-in at the workspace of an API root,
// whose tokens are kept by a Keeper. held are those that were read of it last; its
// zero value has them read when they are needed. Nothing is sent yet.
func NewSource(keeper Keeper, root string, held Grant, o SourceOptions) *Source {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Source{keeper: keeper, root: root, held: held, o: o, busy: make(chan struct{}, 1)}
	if u, err := url.Parse(root); err == nil {
		s.host = u.Host
	}
	return s
}

// Authorize implements flexie.Auth. The token goes to the workspace that it is
// of, in a header.
func (s *Source) Authorize(r *http.Request) error {
	if r.URL.Host != s.host {
		return &flexie.Error{Kind: flexie.Invalid, Message: "the sign-in is to " + s.host + ", and is not sent anywhere else"}
	}
	token, err := s.token(r.Context())
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// token is an access token that lasts a while, as far as can be known.
func (s *Source) token(ctx context.Context) (string, error) {
	s.mu.Lock()
	held := s.held
	s.mu.Unlock()
	if held.lasting(s.o.Now()) {
		return held.Access, nil
	}
	g, err := s.fresh(ctx, "")
	if err != nil && held.Access != "" && s.o.Now().Before(held.Ends()) && flexie.KindOf(err) != flexie.SignedOut {
		return held.Access, nil // it could not be renewed early, and is good still
	}
	return g.Access, err
}

// refusedAgain is for how long a token that was refused although it was renewed
// only just is not renewed once more.
const refusedAgain = time.Minute

// Renew implements flexie.Renewer.
func (s *Source) Renew(refused *http.Request) error {
	token := tokenOf(refused)
	s.mu.Lock()
	again := token == s.refused && time.Since(s.when) < refusedAgain
	s.mu.Unlock()
	if again {
		return s.signedOut(refusesFresh)
	}
	_, err := s.fresh(refused.Context(), token)
	return err
}

// Refused implements flexie.Renewer.
func (s *Source) Refused(refused *http.Request) error {
	s.mu.Lock()
	s.refused, s.when = tokenOf(refused), time.Now()
	s.mu.Unlock()
	return s.signedOut(refusesFresh)
}

const refusesFresh = "Flexie refuses a token that it has only just given: the user may have been switched off, or may not use the API"

func tokenOf(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// signedOut is the error where a person has to sign in again.
func (s *Source) signedOut(why string) error {
	return &flexie.Error{Kind: flexie.SignedOut, Message: why + ". " + s.keeper.Again()}
}

// fresh gives tokens that last, and are not those that Flexie refused. All who
// ask at once share one renewal, which goes on if they go away: its answer must
// be kept.
func (s *Source) fresh(ctx context.Context, refused string) (Grant, error) {
	flight := s.flying.DoChan(refused, func() (any, error) {
		apart, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTime)
		defer cancel()
		s.busy <- struct{}{}
		s.renewing.Store(true)
		defer func() { s.renewing.Store(false); <-s.busy }()
		return s.renew(apart, refused)
	})
	select {
	case <-ctx.Done():
		kind := flexie.Timeout
		if errors.Is(ctx.Err(), context.Canceled) {
			kind = flexie.Cancelled
		}
		return Grant{}, &flexie.Error{Kind: kind, Message: "the call ended while its sign-in was renewed; nothing else was sent"}
	case got := <-flight:
		g, _ := got.Val.(Grant)
		return g, got.Err
	}
}

// Renewing reports whether a renewal is under way: what ends the program then
// should wait for it, or its answer may be lost.
func (s *Source) Renewing() bool { return s.renewing.Load() }

// Wait waits until no renewal is under way, for so long at most. None begins
// after it.
func (s *Source) Wait(most time.Duration) {
	select {
	case s.busy <- struct{}{}:
	case <-time.After(most):
	}
}
