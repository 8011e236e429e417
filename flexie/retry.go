package flexie

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
)

// A call that failed waits half a second at most before it is tried again, and
// each time up to twice as long. Where Flexie says how long to wait, no try
// comes sooner, and not all at the same moment.
const (
	firstPause   = 500 * time.Millisecond
	longestPause = 8 * time.Second
	spread       = 250 * time.Millisecond
)

// Wait is what a request waits for before it is sent.
type Wait string

// What there is to wait for.
const (
	WaitTurn  Wait = "turn"  // the Limits of the workspace
	WaitRetry Wait = "retry" // the pause before another try
)

// tries are one call, made as often as it takes.
type tries struct {
	c       *Client
	what    parcel
	begun   time.Time
	sent    int // requests
	answer  any
	err     error
	pause   time.Duration // before the next
	pausing bool
	renewed bool // the credential, which is done once
}

// run makes the call. Before a request is sent, it ends with unsent as well.
func (t *tries) run(ctx, unsent context.Context) (any, error) {
	t.once(ctx, unsent)
	if t.err == nil || t.c.retries <= 0 {
		return t.answer, t.err
	}
	first := true
	policy := retrypolicy.NewBuilder[any]().
		WithMaxRetries(t.c.retries).
		HandleIf(func(any, error) bool { return t.again(ctx) }).
		WithDelayFunc(func(failsafe.ExecutionAttempt[any]) time.Duration { return t.pause }).
		OnRetryScheduled(func(failsafe.ExecutionScheduledEvent[any]) { t.tell(ctx) }).
		ReturnLastFailure().
		Build()
	// What it returns of a call that is cancelled while it is answered is not the
	// answer: a write that was done must not be forgotten.
	_, _ = failsafe.With(policy).WithContext(unsent).Get(func() (any, error) {
		if !first { // that was made already: most calls need no policy
			t.pausing = false
			t.once(ctx, unsent)
		}
		first = false
		return t.answer, t.err
	})
	if t.pausing {
		t.err = t.cutShort(unsent)
	}
	return t.answer, t.counted()
}

// again reports whether to try again, and sets after what pause: not if that
// ends after the call does, and not if the workspace is left alone by now.
func (t *tries) again(ctx context.Context) bool {
	var e *Error
	if !errors.As(t.err, &e) || !repeatable(e) || ctx.Err() != nil {
		return false
	}
	longest := min(longestPause, t.c.pause<<max(0, min(t.sent-1, 10)))
	t.pause = longest/2 + rand.N(longest/2)
	if e.RetryAfter > 0 {
		t.pause = max(t.pause, e.RetryAfter+rand.N(spread))
	}
	if rest := t.c.limits.resting(); rest > 0 {
		e.RetryAfter = max(e.RetryAfter, rest)
		return false
	}
	deadline, _ := ctx.Deadline()
	return t.pause < time.Until(deadline)
}

// repeatable reports whether a call may and should be made again: of a write,
// only if nothing can have happened.
func repeatable(e *Error) bool {
	switch {
	case e.Uncertain || e.lasting:
		return false
	case e.Kind == Unreachable, e.Kind == Lost:
		return true
	}
	switch e.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func (t *tries) tell(ctx context.Context) {
	t.pausing = true
	t.c.waited(WaitRetry, t.pause)
	var e *Error
	if errors.As(t.err, &e) && t.pause >= longWait {
		tellWaiting(ctx, Waiting{Why: whyAgain(e), For: t.pause, Attempt: t.sent + 1})
	}
}

func whyAgain(e *Error) string {
	switch {
	case e.Kind == Unreachable:
		return "Flexie could not be reached"
	case e.Kind == Lost:
		return "the connection to Flexie broke"
	case e.Kind == Limited:
		return "Flexie takes no more requests for now"
	}
	return fmt.Sprintf("Flexie is not available (HTTP %d)", e.Status)
}

// cutShort is the Error of a call that ended before it was tried again.
func (t *tries) cutShort(ctx context.Context) error {
	if !errors.Is(ctx.Err(), context.Canceled) {
		return t.err
	}
	return &Error{Kind: Cancelled, cause: ctx.Err(), Message: fmt.Sprintf("the call was cancelled while it waited to be tried again (%v)", t.err)}
}

// counted is the error with how often was tried.
func (t *tries) counted() error {
	var e *Error
	if t.sent > 1 && errors.As(t.err, &e) {
		e.tries, e.took = t.sent, time.Since(t.begun)
	}
	return t.err
}

// once sends the request one time, when its turn has come.
func (t *tries) once(ctx, unsent context.Context) {
	t.answer = nil
	req, err := t.c.request(ctx, t.what)
	if err != nil {
		t.err = err
		return
	}
	joined := time.Now()
	turn, err := t.c.limits.take(unsent, t.c.caller, t.sent+1)
	if err == nil || unsent.Err() != nil { // what is refused at once has not waited
		t.c.waited(WaitTurn, time.Since(joined))
	}
	if err != nil {
		t.err = err
		return
	}
	start := time.Now()
	var done outcome // which says nothing, should this panic
	defer func() { t.c.limits.give(turn, done) }()
	if unsent.Err() != nil {
		t.err = gaveUp(unsent)
		return
	}
	t.sent++
	t.exchange(ctx, req)
	if again := t.renew(ctx, req); again != nil {
		t.exchange(ctx, again)
		t.renew(ctx, again)
	}
	var e *Error
	if queued := start.Sub(joined).Round(time.Second); queued > 0 && errors.As(t.err, &e) && e.Kind == Timeout {
		e.Message += fmt.Sprintf("; it had waited %s for its turn before", queued)
	}
	done = outcomeOf(t.err, t.what.endpoint.Name, time.Since(start), t.c.timeout)
}

// exchange sends a request and reads its answer, with a line in the log.
func (t *tries) exchange(ctx context.Context, req *http.Request) {
	start := time.Now()
	stop := tellWhile(ctx, func(waited time.Duration) Waiting {
		return Waiting{Why: fmt.Sprintf("%s has not answered for %s", t.c.root.Host, waited), Attempt: t.sent}
	})
	var status int
	t.answer, status, t.err = t.c.send(req, t.what.endpoint.Writes(), t.what.password)
	stop()
	t.c.log.DebugContext(ctx, "flexie request", "method", req.Method, "endpoint", t.what.endpoint.Name,
		"path", req.URL.Path, "status", status, "duration", time.Since(start), "failure", KindOf(t.err))
}
