package flexie

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// share is what two processes share of a workspace, as a database would keep it.
type share chan struct{}

func (s share) Take(ctx context.Context, _, _ float64, _ int) (func(), error) {
	select {
	case s <- struct{}{}:
		return func() { <-s }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestLimitsHoldForAllProcesses: of two that each may have three requests under
// way, both together have as many as they share, and each waits for the other.
func TestLimitsHoldForAllProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := make(share, 1)
		one, other := NewLimits(0, 3).ShareWith(shared), NewLimits(0, 3).ShareWith(shared)
		first, err := one.take(t.Context(), "a", 1)
		require.NoError(t, err)
		var told []string
		ctx := WithWaiting(t.Context(), func(w Waiting) { told = append(told, w.String()) })
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_, err = other.take(ctx, "b", 1)
		var e *Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, Timeout, e.Kind)
		require.Equal(t, "the call's turn did not come within 5s: other servers ask the workspace as well, which gets no more now (settings max_rate and max_concurrent); nothing was sent", e.Message)
		require.Contains(t, told, "it has waited its turn for 4s: other servers ask the workspace as well, which gets no more now")

		gone, leave := context.WithCancel(t.Context())
		leave()
		_, err = other.take(gone, "b", 1)
		require.True(t, errors.As(err, &e) && e.Kind == Cancelled, err)

		one.give(first, outcome{answered: true})
		for range 5 { // more than its own limit: no turn was lost while it waited
			second, err := other.take(t.Context(), "b", 1)
			require.NoError(t, err)
			other.give(second, outcome{answered: true})
		}
		require.Empty(t, shared)
	})
}
