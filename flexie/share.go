package flexie

import (
	"context"
	"fmt"
	"time"
)

// Share keeps several processes that ask one workspace together within its
// limits. Whose turn it is among the callers of a process, and whether the
// workspace is left alone, each process decides for itself.
type Share interface {
	// Take waits until one more request may be sent: perSecond of them, burst
	// without a pause after a quiet time, and atOnce at the same time; 0 is no
	// limit. What was taken must be given back, which takes no time. The error is
	// that of the context: whatever else goes wrong must not keep anyone from
	// asking.
	Take(ctx context.Context, perSecond, burst float64, atOnce int) (give func(), err error)
}

// ShareWith has the limits hold for all processes that share s. Call it before
// they are used.
func (l *Limits) ShareWith(s Share) *Limits {
	l.share = s
	return l
}

// others is what a request waits for that would be the next in this process.
const others = "other servers ask the workspace as well, which gets no more now"

// takeShared takes a place among the requests of all processes for one whose turn
// has come in this one, or gives the turn back.
func (l *Limits) takeShared(ctx context.Context, t *turn, begun time.Time, attempt int) error {
	defer tellWhile(ctx, func(waited time.Duration) Waiting {
		return Waiting{Why: fmt.Sprintf("it has waited its turn for %s: %s", waited, others), Attempt: attempt}
	})()
	l.mu.Lock()
	perSecond, burst, atOnce := l.perSecond, l.burst, l.atOnce
	l.mu.Unlock()
	if perSecond <= 0 && atOnce <= 0 {
		return nil
	}
	give, err := l.share.Take(ctx, perSecond, burst, atOnce)
	if err != nil {
		l.give(t, outcome{})
		return tooLate(ctx, others, time.Since(begun))
	}
	t.give = give
	return nil
}
