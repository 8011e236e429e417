package oauth

import (
	"context"
	"errors"
	"time"

	"flexie-mcp/internal/private"
)

// Keeper is where the tokens of one sign-in are kept for all who use them, in
// whatever process. A Source calls it from one goroutine at a time, and all but
// Again between Lock and its unlock.
type Keeper interface {
	// Lock waits for the turn to renew them. Of a process that ends without unlock,
	// others are not to wait for ever.
	Lock(ctx context.Context) (unlock func(), err error)

	// Load reads them, and when a renewal of them was cut off; zero if none was. Its
	// error is why a person has to sign in again, unless it is a *flexie.Error.
	Load(ctx context.Context) (g Grant, cut time.Time, err error)

	// Mark says that Flexie is about to be sent this refresh token of what was
	// loaded; if a renewal of it was cut off, the time of that stays. It fails where
	// what comes of it could not be kept.
	Mark(ctx context.Context, refresh string) error

	// Unmark takes that back, after Flexie has said that it did nothing.
	Unmark(ctx context.Context)

	// Keep puts new tokens in the place of those loaded, without the mark.
	Keep(ctx context.Context, g Grant) error

	// Gone is told that Flexie takes the tokens loaded no more.
	Gone(ctx context.Context)

	// Again says what to do to sign in again, as a sentence without its full stop.
	Again() string
}

// keptLogin keeps the tokens of a login of this machine's user.
type keptLogin struct {
	logins *Logins
	one    Login
	now    func() time.Time
}

func (k *keptLogin) Lock(ctx context.Context) (unlock func(), err error) {
	return k.logins.lock(ctx, k.one.Root)
}

func (k *keptLogin) Load(ctx context.Context) (g Grant, cut time.Time, err error) {
	one, found, err := k.logins.Find(k.one.Root)
	if err != nil {
		return g, cut, errors.New("the sign-in can't be read: " + err.Error())
	}
	if !found {
		return g, cut, errors.New("nobody is signed in to " + k.one.Root + " any more")
	}
	k.one = one
	g, err = k.logins.Tokens(ctx, one)
	var unopened private.KeyringError
	if errors.As(err, &unopened) {
		return g, cut, errors.New(err.Error() + "; " + unopened.Advice("set FLEXIE_KEYRING=0 to keep the next sign-in in a file"))
	}
	if err != nil {
		return g, cut, err
	}
	g, cut = k.logins.mended(one, g)
	return g, cut, nil
}

func (k *keptLogin) Mark(_ context.Context, refresh string) error {
	return k.logins.mark(k.one.Root, refresh, k.now())
}

func (k *keptLogin) Unmark(context.Context) { _ = k.logins.unmark(k.one.Root) }

func (k *keptLogin) Keep(ctx context.Context, g Grant) error {
	_, err := k.logins.keepTokens(ctx, k.one, g)
	if err != nil {
		_ = k.logins.unmark(k.one.Root) // which gives its room back
		_, err = k.logins.keepTokens(ctx, k.one, g)
	}
	if err == nil {
		_ = k.logins.unmark(k.one.Root) // it is of a token that nobody has any more
	}
	return err
}

// Gone leaves the login where it is, by which a person sees that there was one.
func (k *keptLogin) Gone(context.Context) {}

func (k *keptLogin) Again() string {
	return "Sign in again: run " + k.one.Command() + " in a terminal; servers that run go on with it"
}
