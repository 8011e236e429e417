package oauth

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flexie-mcp/flexie"
)

// renewTime bounds one renewal, with all that it waits for.
const renewTime = 45 * time.Second

// renew gives tokens that last, and are not those refused: what another process
// has renewed, or else new ones. Only one at a time does, of all processes.
func (s *Source) renew(ctx context.Context, refused string) (Grant, error) {
	unlock, err := s.keeper.Lock(ctx)
	if err != nil {
		return Grant{}, &flexie.Error{Kind: flexie.Unavailable, Message: "the sign-in can't be renewed: " + err.Error()}
	}
	defer unlock()
	step("locked")
	g, cut, err := s.load(ctx)
	if err != nil {
		return Grant{}, err
	}
	if g.Access != refused && g.lasting(s.o.Now()) {
		return s.hold(g), nil
	}
	return s.ask(ctx, g, cut)
}

// load reads the tokens anew: a person may have signed in again, or out. Tokens
// that could not be kept count, unless that happened since.
func (s *Source) load(ctx context.Context) (g Grant, cut time.Time, err error) {
	g, cut, err = s.keeper.Load(ctx)
	var other *flexie.Error
	switch {
	case errors.As(err, &other):
		return g, cut, err
	case err != nil:
		return g, cut, s.signedOut(err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unkept != "" && s.unkept == g.Access {
		g = s.held
	}
	return g, cut, nil
}

// ask has Flexie renew the tokens, of which an earlier renewal may have been cut
// off. The mark is kept before it is asked, and the new tokens are before the old
// ones are let go.
func (s *Source) ask(ctx context.Context, old Grant, cut time.Time) (Grant, error) {
	if old.Refresh == "" {
		s.keeper.Gone(ctx)
		return Grant{}, s.signedOut("the sign-in has ended, and Flexie gave nothing to renew it with")
	}
	if why := s.deadBy(old.Refresh); why != "" {
		return Grant{}, s.signedOut(why)
	}
	if err := s.keeper.Mark(ctx, old.Refresh); err != nil {
		return Grant{}, &flexie.Error{Kind: flexie.Unavailable, Message: fmt.Sprintf("the sign-in is not renewed, since what Flexie gives could not be kept: %v; nothing was sent", err)}
	}
	step("marked")
	client, err := s.client(old)
	if err != nil {
		return Grant{}, err
	}
	tokens, err := client.Renew(ctx, old.Refresh)
	if err != nil {
		return Grant{}, s.notRenewed(ctx, err, old, cut)
	}
	step("answered")
	g := client.GrantOf(tokens)
	s.keep(ctx, old, g)
	step("kept")
	return s.hold(g), nil
}

// client is the one that the tokens were given to.
func (s *Source) client(g Grant) (*Client, error) {
	o := Options{Root: s.root, ID: g.ClientID, Secret: g.ClientSecret, Transport: s.o.Transport, Now: s.o.Now}
	if s.o.ID == g.ClientID && s.o.Secret != "" {
		o.Secret = s.o.Secret
	}
	return NewClient(o)
}

// keep has the new tokens kept. If that fails, the process still has them, goes
// on, and tries again at the next renewal.
func (s *Source) keep(ctx context.Context, old, g Grant) {
	err := s.keeper.Keep(ctx, g)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.unkept = ""
		return
	}
	if s.unkept == "" {
		s.unkept = old.Access
	}
	s.o.Log.Error("the renewed sign-in could not be kept: it lasts until this program ends", "then", s.keeper.Again(), "workspace", s.root, "error", err)
}

// notRenewed is the error of a renewal that failed.
func (s *Source) notRenewed(ctx context.Context, err error, old Grant, cut time.Time) error {
	var e *flexie.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Kind != flexie.SignedOut {
		if e.Status >= 400 && e.Status < 500 || e.Kind == flexie.Invalid {
			s.keeper.Unmark(ctx) // Flexie said that it did nothing
		}
		e.Message = "the sign-in could not be renewed: " + e.Message
		return e
	}
	why := e.Message
	if cut.IsZero() {
		s.keeper.Unmark(ctx) // this was an answer, and none is missing
	} else {
		why += fmt.Sprintf("; a renewal at %s was cut off before its answer was kept, and that answer held the only token that was good from then on", cut.Local().Format("2006-01-02 15:04:05"))
	}
	s.mu.Lock()
	s.dead, s.deadWhy = old.Refresh, why
	s.mu.Unlock()
	s.keeper.Gone(ctx)
	return s.signedOut(why)
}

// deadBy is why Flexie has refused that refresh token; "" if it has not.
func (s *Source) deadBy(refresh string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refresh != s.dead {
		return ""
	}
	return s.deadWhy
}

func (s *Source) hold(g Grant) Grant {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = g
	return g
}
