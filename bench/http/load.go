package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is what came of calls.
type load struct {
	calls int
	took  time.Duration // all together
	each  latencies
}

func (l load) perSecond() float64 { return float64(l.calls) / l.took.Seconds() }

// spread is the p99 of the p50.
func (l load) spread() float64 { return milli(l.each.quantile(0.99)) / milli(l.each.quantile(0.5)) }

func (l load) quantiles() string {
	return fmt.Sprintf("%.2f ms, %.2f ms", milli(l.each.quantile(0.5)), milli(l.each.quantile(0.99)))
}

// forTime has all askers call, each one call after the other, for a while.
func forTime(ctx context.Context, askers []*asker, d time.Duration) (load, error) {
	end := time.Now().Add(d)
	return drive(ctx, askers, func(int, int) bool { return time.Now().Before(end) })
}

// times has them make so many calls together.
func times(ctx context.Context, askers []*asker, n int) (load, error) {
	var begun atomic.Int64
	return drive(ctx, askers, func(int, int) bool { return begun.Add(1) <= int64(n) })
}

// inTurn has each of them make so many calls, one each time that a pause is over;
// their calls are spread over it.
func inTurn(ctx context.Context, askers []*asker, pause time.Duration, calls int) (load, error) {
	begun := time.Now()
	return drive(ctx, askers, func(i, n int) bool {
		if n == calls {
			return false
		}
		at := begun.Add(pause*time.Duration(n) + pause*time.Duration(i)/time.Duration(len(askers)))
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(at)):
		}
		return true
	})
}

// drive has them call as long as there is more to do for an asker that has made so
// many calls, and ends at the first that fails.
func drive(ctx context.Context, askers []*asker, more func(asker, calls int) bool) (load, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	each := make([]latencies, len(askers))
	begun := time.Now()
	var all sync.WaitGroup
	for i, a := range askers {
		all.Go(func() {
			for more(i, len(each[i])) && ctx.Err() == nil {
				from := time.Now()
				if err := a.call(ctx); err != nil {
					cancel(err)
					return
				}
				each[i] = append(each[i], time.Since(from))
			}
		})
	}
	all.Wait()
	l := load{took: time.Since(begun), each: slices.Concat(each...)}
	l.calls = len(l.each)
	if err := context.Cause(ctx); err != nil {
		return l, err
	}
	if l.calls == 0 {
		return l, errors.New("no call was made")
	}
	return l, nil
}

// sessions opens a session for each of so many callers.
func sessions(ctx context.Context, address string, callers int) ([]*asker, error) {
	c := newClient()
	var all []*asker
	for i := range callers {
		header, value := byKey(i)
		a, err := open(ctx, c, address, header, value)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, nil
}
