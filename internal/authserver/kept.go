package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/store"
)

// sourceOf is what Flexie takes for a person who has signed in there. held are
// their tokens, as they were read only just.
func (s *Server) sourceOf(p person, held oauth.Grant) *oauth.Source {
	return oauth.NewSource(&kept{s: s, person: p}, p.root, held, oauth.SourceOptions{
		ID: s.o.Flexie.ID, Secret: s.o.Flexie.Secret, Transport: s.transport(p.root), Log: s.o.Log, Now: s.o.Now,
	})
}

// kept keeps the tokens of one person, for all replicas. What it writes counts only
// if the tokens are still those that it has loaded: the person may have signed in
// anew meanwhile, or ended everything.
type kept struct {
	s      *Server
	person person
	lease  string // by which it has the turn

	sealed string // as loaded
	badge  string
}

var _ oauth.Keeper = (*kept)(nil)

func (k *kept) do(ctx context.Context, f func(*store.Tx) error) error { return k.s.o.Store.Do(ctx, f) }

// Load implements oauth.Keeper.
func (k *kept) Load(ctx context.Context) (oauth.Grant, time.Time, error) {
	var kind string
	var cut int64
	var held tokensKept
	err := k.do(ctx, func(t *store.Tx) error {
		k.sealed, kind, cut = "", "", 0
		_, err := found(t.QueryRow(`SELECT kind, credential, cut FROM oauth_person WHERE id = ?`, k.person.id), &kind, &k.sealed, &cut)
		return err
	})
	if err == nil && k.sealed != "" && kind == kindTokens {
		var text string
		if text, err = k.s.o.Keys.open(useOf(kind, k.person.id), k.sealed); err == nil {
			err = json.Unmarshal([]byte(text), &held)
		}
	}
	switch {
	case err != nil:
		k.s.o.Log.ErrorContext(ctx, "a person's tokens can't be read", "person", k.person.name, "error", err.Error()+whatThen(err))
		text := "this server can't read the sign-in now; try again in a minute, or tell whoever runs it to look at its log"
		if whatThen(err) != "" {
			text = "this server can't read the sign-in, since a key is missing that it was encrypted with: waiting won't help, ask whoever runs this server to look at its log"
		}
		return oauth.Grant{}, time.Time{}, &flexie.Error{Kind: flexie.Unavailable, Message: text}
	case held.Access == "":
		return oauth.Grant{}, time.Time{}, errors.New("the sign-in of " + k.person.name + " was ended, or replaced by another")
	case held.ClientID != k.s.o.Flexie.ID:
		k.Gone(ctx)
		return oauth.Grant{}, time.Time{}, errors.New("this server has other credentials with Flexie than when " + k.person.name + " signed in")
	}
	k.badge = held.Badge
	if cut == 0 {
		return held.Grant, time.Time{}, nil
	}
	return held.Grant, timeOf(cut), nil
}

// update changes the person's row as long as it holds what was loaded.
func (k *kept) update(ctx context.Context, set string, args ...any) (there bool, err error) {
	err = k.do(ctx, func(t *store.Tx) error {
		there, err = changed(t, `UPDATE oauth_person SET `+set+` WHERE id = ? AND credential = ?`, append(args, k.person.id, k.sealed)...)
		return err
	})
	return there, err
}

// Mark implements oauth.Keeper: the time since when an answer is missing stays, if
// there is one.
func (k *kept) Mark(ctx context.Context, _ string) error {
	there, err := k.update(ctx, `cut = CASE WHEN cut = 0 THEN ? ELSE cut END`, k.s.clock())
	if err == nil && !there {
		err = errors.New("the person signs in or out at this moment")
	}
	return err
}

// Unmark implements oauth.Keeper.
func (k *kept) Unmark(ctx context.Context) { _, _ = k.update(ctx, `cut = 0`) }

// Keep implements oauth.Keeper. It tries for some seconds: who loses the tokens has
// to sign in again.
func (k *kept) Keep(ctx context.Context, g oauth.Grant) error {
	g.ClientSecret = ""
	text, err := json.Marshal(tokensKept{g, k.badge})
	if err != nil {
		return err
	}
	sealed := k.s.o.Keys.seal(useOf(kindTokens, k.person.id), string(text))
	for wait := 50 * time.Millisecond; ; wait *= 2 {
		if _, err = k.update(ctx, `credential = ?, cut = 0`, sealed); err == nil {
			k.sealed = sealed
			return nil
		}
		if wait > 4*time.Second {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// Gone implements oauth.Keeper: all that the person let connect ends, so that their
// assistants are refused, and have them sign in again.
func (k *kept) Gone(ctx context.Context) {
	var ended bool
	err := k.do(ctx, func(t *store.Tx) (err error) {
		if ended, err = changed(t, `UPDATE oauth_person SET cut = 0 WHERE id = ? AND credential = ?`, k.person.id, k.sealed); err != nil || !ended {
			return err
		}
		return k.s.revokeAll(t, k.person)
	})
	switch {
	case err != nil:
		k.s.o.Log.ErrorContext(ctx, "what a person had connected could not be ended", "person", k.person.name, "error", err)
	case ended:
		k.s.o.Log.InfoContext(ctx, "a sign-in at Flexie has ended, and with it what the person had connected", "person", k.person.name, "workspace", k.person.root)
	}
}

// Again implements oauth.Keeper.
func (k *kept) Again() string {
	return "The person has to connect again: connect this server anew in the assistant, and sign in to Flexie in the browser that it opens"
}

// renewals are those under way, which the end of the program waits for.
type renewals struct {
	mu     sync.Mutex
	ending bool
	all    sync.WaitGroup
}

func (r *renewals) begin() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ending {
		return false
	}
	r.all.Add(1)
	return true
}

// Close has no renewal begin any more, and waits for those under way, for so long
// at most: their answers hold the only tokens that are good from then on.
func (s *Server) Close(most time.Duration) {
	s.renewals.mu.Lock()
	s.renewals.ending = true
	s.renewals.mu.Unlock()
	done := make(chan struct{})
	go func() { s.renewals.all.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(most):
	}
}
