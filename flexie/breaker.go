package flexie

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

const (
	// mostFailures is after how many in a row a workspace is left alone.
	mostFailures = 5

	// firstRest is for how long; each try that fails then doubles it.
	firstRest, longestRest = 30 * time.Second, 2 * time.Minute

	// whileTried is after what time to ask again while somebody else tries.
	whileTried = 5 * time.Second
)

// breaker leaves a workspace alone that fails again and again: callers are
// refused at once instead of waiting, and Flexie can come up without everybody
// asking. It is guarded by the lock of its Limits.
type breaker struct {
	failures int             // in a row
	broken   map[string]bool // endpoints that have failed in it with HTTP 500
	since    time.Time       // when the row began
	last     string          // what the last of them was
	answered time.Time       // when Flexie last gave an answer

	until  time.Time // when Flexie may be asked again; zero: it is not left alone
	rest   time.Duration
	trying bool // one request has been let through to see
}

// outcome is what a request says of its workspace.
type outcome struct {
	answered bool
	failed   string // in a few words of ours, since other callers read them; "" if it did not
	broken   string // the endpoint that failed with HTTP 500
	asked    time.Duration
}

// outcomeOf judges the workspace by a request that took so long, of at most
// timeout. A refusal is an answer, a call that somebody gave up on says nothing,
// and neither does one that was given little time.
func outcomeOf(err error, endpoint string, took, timeout time.Duration) outcome {
	var e *Error
	if err != nil && !errors.As(err, &e) {
		return outcome{}
	}
	hurried := errors.Is(err, context.DeadlineExceeded) && took < timeout/2
	switch {
	case err == nil:
		return outcome{answered: true}
	case e.Kind == Cancelled, hurried:
		return outcome{}
	case e.Status == http.StatusInternalServerError:
		// Often it is the request that Flexie can't handle.
		return outcome{failed: inShort(e), broken: endpoint}
	case e.Status > 500:
		return outcome{failed: inShort(e), asked: e.RetryAfter}
	case e.Status >= 300, e.Status != 0 && e.Kind != Timeout:
		return outcome{answered: true}
	case e.Kind == Unreachable, e.Kind == Lost, e.Kind == Timeout:
		return outcome{failed: inShort(e)}
	}
	return outcome{}
}

// inShort is what failed, without a word of what the server said.
func inShort(e *Error) string {
	switch {
	case e.Kind == Lost:
		return "the connection broke"
	case e.Kind == Timeout:
		return "no answer in time"
	case e.Status != 0:
		return fmt.Sprintf("HTTP %d", e.Status)
	}
	return "no connection"
}

// State is how a workspace is treated.
type State int

// The states.
const (
	Asked   State = iota // its requests are sent
	Rested               // it is left alone, since it does not answer
	Retried              // one request was let through to see whether it does
)

func (b *breaker) state() State {
	switch {
	case b.until.IsZero():
		return Asked
	case b.trying:
		return Retried
	}
	return Rested
}

// refusal is the Error of a request that is not sent; nil if it may be.
func (b *breaker) refusal(now time.Time) error {
	if !b.rests(now) {
		return nil
	}
	wait := b.until.Sub(now)
	next := "it is not asked again until " + clock(b.until, now)
	if wait <= 0 {
		wait, next = whileTried, "it is being asked again just now"
	}
	return &Error{Kind: Unavailable, RetryAfter: roundUp(wait), Message: fmt.Sprintf(
		"Flexie has not answered since %s (the last time: %s), and %s; nothing was sent", clock(b.since, now), b.last, next)}
}

// rests reports whether a request would be refused.
func (b *breaker) rests(now time.Time) bool {
	return !b.until.IsZero() && (b.trying || now.Before(b.until))
}

// begin lets a request through, and reports whether it is the one to see by.
func (b *breaker) begin() (trial bool) {
	b.trying = !b.until.IsZero()
	return b.trying
}

// end takes in what became of a request that began at the given time. Of those
// that end together, as in a time that nobody was answered, all count.
func (b *breaker) end(o outcome, trial bool, began, now time.Time) {
	if trial {
		b.trying = false
	}
	switch {
	case o.answered:
		*b = breaker{answered: now}
	case o.failed == "":
	case trial:
		b.last = o.failed
		b.leave(now, min(2*b.rest, longestRest), o.asked)
	case b.until.IsZero() && !b.answered.After(began):
		b.count(o, now)
	}
}

func (b *breaker) count(o outcome, now time.Time) {
	if b.failures == 0 {
		b.since = now
	}
	b.last = o.failed
	if o.broken != "" && b.broken[o.broken] {
		return // one request that Flexie can't handle, again
	}
	if o.broken != "" {
		if b.broken == nil {
			b.broken = map[string]bool{}
		}
		b.broken[o.broken] = true
	}
	if b.failures++; b.failures >= mostFailures {
		b.leave(now, firstRest, o.asked)
	}
}

// leave leaves the workspace alone for a while, or for what it asked if that is
// longer and bearable.
func (b *breaker) leave(now time.Time, rest, asked time.Duration) {
	b.rest = rest
	b.until = now.Add(max(rest, min(asked, longestRest)))
}

// clock is a moment as one reads it, with its day where that is another.
func clock(at, now time.Time) string {
	at, now = at.UTC(), now.UTC()
	if at.YearDay() == now.YearDay() && at.Year() == now.Year() {
		return at.Format("15:04:05 UTC")
	}
	return at.Format("2006-01-02 15:04 UTC")
}

func roundUp(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}
