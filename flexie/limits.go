package flexie

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Limits are what all clients of one workspace share: how many requests it gets,
// whose turn it is, and whether it is left alone for a while since it does not
// answer. Turns go round the callers, so one who wants much delays another by a
// single request. A nil *Limits limits nothing.
type Limits struct {
	perSecond float64
	burst     float64
	atOnce    int

	mu       sync.Mutex
	underWay int
	ready    float64 // requests that may go at once, as of counted
	counted  time.Time
	lines    []*line // of callers who wait, the next to be served first
	wake     *time.Timer
	breaker  breaker
	share    Share // nil where no other process asks the workspace
}

// line are the requests of one caller that wait, the oldest first.
type line struct {
	caller string
	turns  []*turn
}

// turn is one request that waits, or is under way.
type turn struct {
	decided chan struct{} // closed once it may go, or may not
	refusal error         // why not
	began   time.Time
	trial   bool   // for the breaker
	give    func() // gives back what was taken of the Share; nil if nothing was
}

// mostBurst is how many requests may go without a pause after a quiet time,
// within half a second's worth.
const mostBurst = 5

// NewLimits makes the Limits of one workspace: so many requests a second, and so
// many at the same time. 0 is no limit.
func NewLimits(perSecond float64, atOnce int) *Limits {
	burst := burstOf(perSecond)
	return &Limits{perSecond: perSecond, atOnce: atOnce, burst: burst, ready: burst, counted: time.Now()}
}

func burstOf(perSecond float64) float64 { return min(max(1, float64(int(perSecond/2))), mostBurst) }

// take waits until a request of the caller may be sent. What was taken must be
// given back. The error says that nothing was sent, and why.
func (l *Limits) take(ctx context.Context, caller string, attempt int) (*turn, error) {
	if l == nil {
		return nil, nil
	}
	begun := time.Now()
	t, err := l.takeTurn(ctx, caller, attempt, begun)
	if err == nil && l.share != nil {
		err = l.takeShared(ctx, t, begun, attempt)
	}
	return t, err
}

// takeTurn waits for the request's turn in this process.
func (l *Limits) takeTurn(ctx context.Context, caller string, attempt int, begun time.Time) (*turn, error) {
	t := l.join(caller)
	select {
	case <-t.decided:
		return t, t.refusal
	default:
	}
	defer tellWhile(ctx, func(waited time.Duration) Waiting {
		return Waiting{Why: fmt.Sprintf("it has waited its turn for %s: %s", waited, l.describe(caller, t)), Attempt: attempt}
	})()
	select {
	case <-t.decided:
		return t, t.refusal
	case <-ctx.Done():
		return nil, l.abandon(ctx, caller, t, time.Since(begun))
	}
}

// give gives a turn back, with what became of the request.
func (l *Limits) give(t *turn, o outcome) {
	if l == nil {
		return
	}
	if t.give != nil {
		t.give()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(t, o)
}

func (l *Limits) end(t *turn, o outcome) {
	l.underWay--
	l.breaker.end(o, t.trial, t.began, time.Now())
	l.serve()
}

// resting is for how long the workspace is left alone; 0 if it is not.
func (l *Limits) resting() time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var refusal *Error
	if errors.As(l.breaker.refusal(time.Now()), &refusal) {
		return refusal.RetryAfter
	}
	return 0
}

// State is how the workspace is treated now; nil *Limits always ask it.
func (l *Limits) State() State {
	if l == nil {
		return Asked
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.breaker.state()
}

func (l *Limits) join(caller string) *turn {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := &turn{decided: make(chan struct{})}
	i := l.lineOf(caller)
	if i < 0 {
		i = len(l.lines)
		l.lines = append(l.lines, &line{caller: caller})
	}
	l.lines[i].turns = append(l.lines[i].turns, t)
	l.serve()
	return t
}

func (l *Limits) lineOf(caller string) int {
	return slices.IndexFunc(l.lines, func(w *line) bool { return w.caller == caller })
}

// serve lets go whoever may, and refuses all while the workspace is left alone.
func (l *Limits) serve() {
	now := time.Now()
	l.count(now)
	for len(l.lines) > 0 {
		refusal := l.breaker.refusal(now)
		if refusal == nil && !l.free() {
			l.serveLater()
			return
		}
		t := l.next()
		if t.refusal = refusal; refusal == nil {
			l.underWay++
			l.ready--
			t.began, t.trial = now, l.breaker.begin()
		}
		close(t.decided)
	}
}

// next takes the oldest request of the caller whose turn it is, who then goes to
// the end of those that wait.
func (l *Limits) next() *turn {
	first := l.lines[0]
	t := first.turns[0]
	l.lines, first.turns = l.lines[1:], first.turns[1:]
	if len(first.turns) > 0 {
		l.lines = append(l.lines, first)
	}
	return t
}

// enough allows for what is lost in counting parts of requests.
const enough = 1 - 1e-6

func (l *Limits) free() bool {
	return (l.atOnce <= 0 || l.underWay < l.atOnce) && (l.perSecond <= 0 || l.ready >= enough)
}

// count adds the requests that have become ready since it was last called.
func (l *Limits) count(now time.Time) {
	l.ready = min(l.burst, l.ready+now.Sub(l.counted).Seconds()*l.perSecond)
	l.counted = now
}

// serveLater comes back when the next request is ready. Where it is only the
// number at once that is reached, the next to be given back serves.
func (l *Limits) serveLater() {
	if l.wake != nil || l.perSecond <= 0 || l.ready >= enough {
		return
	}
	l.wake = time.AfterFunc(time.Duration((1-l.ready)/l.perSecond*float64(time.Second))+1, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.wake = nil
		l.serve()
	})
}

// abandon takes a request out that has waited in vain.
func (l *Limits) abandon(ctx context.Context, caller string, t *turn, waited time.Duration) error {
	why := l.describe(caller, t)
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.lineOf(caller); i >= 0 {
		l.remove(i, t)
	}
	select {
	case <-t.decided: // just now
		if t.refusal != nil {
			return t.refusal
		}
		l.end(t, outcome{})
	default:
	}
	return tooLate(ctx, why, waited)
}

// tooLate is the Error of a request whose context has ended before its turn came.
func tooLate(ctx context.Context, why string, waited time.Duration) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return &Error{Kind: Cancelled, Message: "the call was cancelled while it waited for its turn; nothing was sent", cause: ctx.Err()}
	}
	return &Error{Kind: Timeout, cause: ctx.Err(), Message: fmt.Sprintf(
		"the call's turn did not come within %s: %s (settings max_rate and max_concurrent); nothing was sent", waited.Round(10*time.Millisecond), why)}
}

func (l *Limits) remove(i int, t *turn) {
	w := l.lines[i]
	w.turns = slices.DeleteFunc(w.turns, func(other *turn) bool { return other == t })
	if len(w.turns) == 0 {
		l.lines = slices.Delete(l.lines, i, i+1)
	}
}

// describe says what a request that waits is waiting for.
func (l *Limits) describe(caller string, t *turn) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch before := l.before(caller, t); {
	case before > 1:
		return fmt.Sprintf("%d requests are waiting before it", before)
	case before == 1:
		return "1 request is waiting before it"
	case l.atOnce > 0 && l.underWay >= l.atOnce:
		return fmt.Sprintf("%d at once may be under way, and are", l.atOnce)
	}
	return fmt.Sprintf("it is the next, at %g a second", l.perSecond)
}

// before is how many requests will have their turn before t: those of its caller
// that are older, and of each other caller as many, and one more of those
// who come first.
func (l *Limits) before(caller string, t *turn) (n int) {
	mine := l.lineOf(caller)
	if mine < 0 {
		return 0
	}
	older := max(0, slices.Index(l.lines[mine].turns, t))
	for i, w := range l.lines {
		switch {
		case i == mine:
			n += older
		case i < mine:
			n += min(len(w.turns), older+1)
		default:
			n += min(len(w.turns), older)
		}
	}
	return n
}
