package flexie

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// queue takes turns for callers, each in a goroutine of its own, and keeps who
// had one and when.
type queue struct {
	limits *Limits
	begun  time.Time
	takes  time.Duration // each request

	mu      sync.Mutex
	callers []string
	at      []time.Duration
}

func newQueue(perSecond float64, atOnce int, takes time.Duration) *queue {
	return &queue{limits: NewLimits(perSecond, atOnce), begun: time.Now(), takes: takes}
}

// ask asks for a turn, and returns when the request waits or is under way.
func (q *queue) ask(ctx context.Context, caller string) {
	go func() {
		turn, err := q.limits.take(ctx, caller, 1)
		if err != nil {
			return
		}
		q.mu.Lock()
		q.callers, q.at = append(q.callers, caller), append(q.at, time.Since(q.begun))
		q.mu.Unlock()
		time.Sleep(q.takes)
		q.limits.give(turn, outcome{answered: true})
	}()
	synctest.Wait()
}

// had is who had a turn so far, and when.
func (q *queue) had() ([]string, []time.Duration) {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.callers), slices.Clone(q.at)
}

func (q *queue) served() []string {
	served, _ := q.had()
	return served
}

// TestRate: half a second's worth at once, five at most, and then no more than
// was set.
func TestRate(t *testing.T) {
	for _, test := range []struct {
		perSecond float64
		burst     int
	}{{0.5, 1}, {1, 1}, {4, 2}, {10, 5}, {100, 5}} {
		synctest.Test(t, func(t *testing.T) {
			q := newQueue(test.perSecond, 0, time.Millisecond)
			for range 50 {
				q.ask(t.Context(), "a")
			}
			time.Sleep(10 * time.Minute)
			_, times := q.had()
			require.Len(t, times, 50)
			every := time.Duration(float64(time.Second) / test.perSecond)
			for i, at := range times {
				want := time.Duration(max(0, i+1-test.burst)) * every
				require.InDelta(t, want, at, float64(5*time.Millisecond), "request %d at %g", i, test.perSecond)
			}
		})
	}
}

// TestAtOnce: as many as were set, and no fewer.
func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(0, 3, time.Second)
		for i := range 9 {
			q.ask(t.Context(), fmt.Sprint(i%2))
		}
		require.Len(t, q.served(), 3)
		time.Sleep(1500 * time.Millisecond)
		require.Len(t, q.served(), 6)
		time.Sleep(time.Second)
		require.Len(t, q.served(), 9)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Zero(t, q.limits.underWay)
	})
}

// TestTurnsGoRound: one who wants much delays another by a single request, and
// each caller's own go in the order that they came.
func TestTurnsGoRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(0, 1, time.Second)
		for range 500 {
			q.ask(t.Context(), "greedy")
		}
		time.Sleep(99500 * time.Millisecond)
		before := len(q.served())
		q.ask(t.Context(), "modest")
		time.Sleep(2 * time.Second)
		require.Contains(t, q.served()[before:before+2], "modest")
		time.Sleep(500 * time.Second)
		require.Len(t, q.served(), 501)
	})
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(10, 0, 0)
		for range 5 {
			q.ask(t.Context(), "burst")
		}
		for _, caller := range []string{"a", "a", "a", "b", "c", "b"} {
			q.ask(t.Context(), caller)
		}
		time.Sleep(time.Minute)
		require.Equal(t, []string{"a", "b", "c", "a", "b", "a"}, q.served()[5:])
	})
}

// TestTurnThatDoesNotCome: who gives up leaves the queue, and is told why.
func TestTurnThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(0, 1, time.Hour)
		for range 4 {
			q.ask(t.Context(), "greedy")
		}
		a := &answers{}
		c := trying(t, 3, a, func(o *Options) { o.Limits, o.Caller = q.limits, "greedy" })
		err := aWrite(t.Context(), c)
		require.EqualError(t, err, "the call's turn did not come within 30s: 3 requests are waiting before it (settings max_rate and max_concurrent); nothing was sent")
		require.Equal(t, Timeout, KindOf(err))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		requireUncertain(t, err, false)

		c = trying(t, 3, a, func(o *Options) { o.Limits, o.Caller = q.limits, "modest" })
		require.ErrorContains(t, aRead(t.Context(), c), "within 30s: 1 request is waiting before it (")

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		err = aRead(ctx, c)
		requireCancelled(t, err, false)
		require.EqualError(t, err, "the call was cancelled while it waited for its turn; nothing was sent")
		require.Equal(t, time.Second, time.Since(start))
		require.Empty(t, a.at)
		q.limits.mu.Lock()
		require.Len(t, q.limits.lines, 1)
		require.Len(t, q.limits.lines[0].turns, 3)
		q.limits.mu.Unlock()
		time.Sleep(5 * time.Hour)
		require.Equal(t, []string{"greedy", "greedy", "greedy", "greedy"}, q.served())
	})
}

// TestTurnGivenToWhoHasLeft: it goes to the next.
func TestTurnGivenToWhoHasLeft(t *testing.T) {
	l := NewLimits(0, 1)
	first, err := l.take(t.Context(), "a", 1)
	require.NoError(t, err)
	left, next := l.join("b"), l.join("c")
	l.give(first, outcome{})
	require.Equal(t, Cancelled, KindOf(l.abandon(ended(t.Context()), "b", left, time.Second)))
	<-next.decided
	require.NoError(t, next.refusal)
	require.Equal(t, 1, l.underWay)
}

// TestLimitsAreSharedAndNotLost: whatever becomes of requests, in the end all
// turns are free again.
func TestLimitsAreSharedAndNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := NewLimits(50, 4)
		var underWay, most, sent atomic.Int32
		through := transport(func(r *http.Request) (*http.Response, error) {
			n := underWay.Add(1)
			defer underWay.Add(-1)
			for most.Load() < n && !most.CompareAndSwap(most.Load(), n) {
			}
			i := sent.Add(1)
			select {
			case <-time.After(time.Duration(i%7) * 100 * time.Millisecond):
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			switch i % 5 {
			case 0:
				return nil, errors.New("broken")
			case 1:
				return says(429, "", "")(r)
			}
			return says(200, "", `{"success":1,"total":0}`)(r)
		})
		var wait sync.WaitGroup
		for i := range 200 {
			wait.Go(func() {
				c, err := New(Options{BaseURL: "https://acme.flexie.io/api", Transport: through, Retries: 2, Limits: limits, Caller: fmt.Sprint(i % 9)})
				require.NoError(t, err)
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*20*time.Millisecond)
				defer cancel()
				_ = []func(context.Context, *Client) error{aRead, aSearch, aWrite}[i%3](ctx, c)
			})
		}
		wait.Wait()
		require.LessOrEqual(t, most.Load(), int32(4))
		require.Greater(t, sent.Load(), int32(50))
		require.Zero(t, limits.underWay)
		require.Empty(t, limits.lines)
	})
}

// TestNoLimits: without any, nothing waits.
func TestNoLimits(t *testing.T) {
	for _, limits := range []*Limits{nil, NewLimits(0, 0), NewLimits(-1, -1)} {
		synctest.Test(t, func(t *testing.T) {
			q := &queue{limits: limits, begun: time.Now(), takes: time.Second}
			for range 100 {
				q.ask(t.Context(), "a")
			}
			require.Len(t, q.served(), 100)
			time.Sleep(time.Minute)
		})
	}
}
