package flexie

import (
	"context"
	"fmt"
	"time"
)

// Waiting says why a call takes long.
type Waiting struct {
	// Why is what it waits for, in a few words of this client's own: never what
	// a server said.
	Why string

	// For is how long it waits before it tries again; 0 where it waits for a
	// turn or an answer, which nobody can know.
	For time.Duration

	// Attempt is which try is waited for, from 1.
	Attempt int
}

func (w Waiting) String() string {
	if w.For == 0 {
		return w.Why
	}
	return fmt.Sprintf("%s: trying again in %s (try %d)", w.Why, roughly(w.For), w.Attempt)
}

const (
	// longWait is from when on a wait for another try is told.
	longWait = time.Second

	// tellEvery is how often one is told that waits for a turn or an answer.
	tellEvery = 2 * time.Second
)

type waitingKey struct{}

// WithWaiting has tell called when a request under the context is about to wait
// a second or longer before it is tried again, and every two seconds while it
// waits for its turn or for an answer. It may be called by several goroutines at
// the same time, though not after the call has ended, which waits for it: it
// should be quick.
func WithWaiting(ctx context.Context, tell func(Waiting)) context.Context {
	return context.WithValue(ctx, waitingKey{}, tell)
}

func tellWaiting(ctx context.Context, w Waiting) {
	if tell, _ := ctx.Value(waitingKey{}).(func(Waiting)); tell != nil {
		tell(w)
	}
}

// tellWhile tells again and again of a wait, until it is stopped.
func tellWhile(ctx context.Context, describe func(waited time.Duration) Waiting) (stop func()) {
	if ctx.Value(waitingKey{}) == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(ended)
		tick := time.NewTicker(tellEvery)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				tellWaiting(ctx, describe(time.Since(begun).Round(time.Second)))
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

type unsentKey struct{}

// EndUnsentWith ends a call under the context, with Cancelled, when gone ends,
// as long as it waits to be sent: for its turn, or to be tried again. One that
// is under way goes on to its answer. It is for writes, whose own context lasts
// longer than that of whoever asked.
func EndUnsentWith(ctx, gone context.Context) context.Context {
	return context.WithValue(ctx, unsentKey{}, gone)
}

// detached is the context of a request that several calls share: it ends with
// none of them, and tells none.
func detached(ctx context.Context) context.Context {
	ctx = context.WithValue(context.WithoutCancel(ctx), waitingKey{}, nil)
	return context.WithValue(ctx, unsentKey{}, nil)
}

// untilSent is the context for what happens before sending.
func untilSent(ctx context.Context) (context.Context, context.CancelFunc) {
	gone, _ := ctx.Value(unsentKey{}).(context.Context)
	if gone == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(gone, cancel)
	if gone.Err() != nil {
		cancel() // at once: AfterFunc takes its time
	}
	return ctx, func() {
		stop()
		cancel()
	}
}
