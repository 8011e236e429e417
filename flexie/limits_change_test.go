package flexie

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestLimitsChange for those who wait already, and take nothing from those under
// way.
func TestLimitsChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(0, 1, time.Minute)
		for range 4 {
			q.ask(t.Context(), "anna")
		}
		require.Len(t, q.served(), 1)
		q.limits.Change(0, 3)
		require.Len(t, q.served(), 3)
		q.limits.Change(0, 1)
		require.Len(t, q.served(), 3)
		time.Sleep(time.Minute + time.Second)
		require.Len(t, q.served(), 4, "the three are done")
		time.Sleep(time.Minute)
		(*Limits)(nil).Change(1, 1) // which limits nothing
	})
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(0.01, 0, 0) // one in a hundred seconds
		for range 3 {
			q.ask(t.Context(), "anna")
		}
		require.Len(t, q.served(), 1)
		q.limits.Change(1, 0)
		time.Sleep(2*time.Second + time.Millisecond)
		require.Len(t, q.served(), 3, "who waited by the old rate goes by the new one")
		q.ask(t.Context(), "anna")
		q.ask(t.Context(), "anna")
		q.limits.Change(0, 0)
		require.Len(t, q.served(), 5)
		q.limits.Change(1, 0)
		q.ask(t.Context(), "anna")
		time.Sleep(10 * time.Second)
		require.Len(t, q.served(), 6)
	})
}
