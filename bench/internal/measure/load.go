package measure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Caller makes calls, one after the other.
type Caller interface {
	Call(context.Context) error
}

// Load is what came of calls.
type Load struct {
	Calls int
	Took  time.Duration // all together
	Each  Latencies
}

func (l Load) PerSecond() float64 { return float64(l.Calls) / l.Took.Seconds() }

// Spread is the p99 of the p50.
func (l Load) Spread() float64 { return Milli(l.Each.Quantile(0.99)) / Milli(l.Each.Quantile(0.5)) }

func (l Load) Quantiles() string {
	return fmt.Sprintf("%.2f ms, %.2f ms", Milli(l.Each.Quantile(0.5)), Milli(l.Each.Quantile(0.99)))
}

// ForTime has all callers call, each one call after the other, for a while.
func ForTime[C Caller](ctx context.Context, callers []C, d time.Duration) (Load, error) {
	end := time.Now().Add(d)
	return drive(ctx, callers, func(int, int) bool { return time.Now().Before(end) })
}

// Times has them make so many calls together.
func Times[C Caller](ctx context.Context, callers []C, n int) (Load, error) {
	var begun atomic.Int64
	return drive(ctx, callers, func(int, int) bool { return begun.Add(1) <= int64(n) })
}

// InTurn has each of them make so many calls, one each time that a pause is over;
// their calls are spread over it.
func InTurn[C Caller](ctx context.Context, callers []C, pause time.Duration, calls int) (Load, error) {
	begun := time.Now()
	return drive(ctx, callers, func(i, n int) bool {
		if n == calls {
			return false
		}
		at := begun.Add(pause*time.Duration(n) + pause*time.Duration(i)/time.Duration(len(callers)))
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(at)):
		}
		return true
	})
}

// drive has them call as long as there is more to do for an caller that has made so
// many calls, and ends at the first that fails.
func drive[C Caller](ctx context.Context, callers []C, more func(caller, calls int) bool) (Load, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	each := make([]Latencies, len(callers))
	begun := time.Now()
	var all sync.WaitGroup
	for i, c := range callers {
		all.Go(func() {
			for more(i, len(each[i])) && ctx.Err() == nil {
				from := time.Now()
				if err := c.Call(ctx); err != nil {
					cancel(err)
					return
				}
				each[i] = append(each[i], time.Since(from))
			}
		})
	}
	all.Wait()
	l := Load{Took: time.Since(begun), Each: slices.Concat(each...)}
	l.Calls = len(l.Each)
	if err := context.Cause(ctx); err != nil {
		return l, err
	}
	if l.Calls == 0 {
		return l, errors.New("no call was made")
	}
	return l, nil
}
