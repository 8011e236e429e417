package journal

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestOfTwoAtOnceTheSecondFindsTheFirst, also in another process.
func TestOfTwoAtOnceTheSecondFindsTheFirst(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		all := []*Journal{open(t, o)}
		if !o.Memory {
			all = append(all, open(t, o))
		}
		e := entryOf("")
		e.Same = "a"
		var made, held atomic.Int32
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				switch _, err := all[i%len(all)].BeginUnless(ctx, e, noon.Add(-time.Hour), 0); {
				case err == nil:
					made.Add(1)
				case errors.Is(err, ErrRepeats):
					held.Add(1)
				}
			})
		}
		group.Wait()
		require.Equal(t, []int32{1, 9}, []int32{made.Load(), held.Load()})
	})
}

// TestNewest is of those that did the same, or may have.
func TestNewest(t *testing.T) {
	c := &clock{t: noon}
	j := open(t, options{Memory: true, Now: c.now})
	e := entryOf("1")
	e.Same = "a"
	newest := func() int64 {
		t.Helper()
		found, err := j.Newest(ctx, e, c.now().Add(-10*time.Minute))
		require.NoError(t, err)
		return found.ID
	}
	require.Zero(t, newest())
	first := begin(t, j, e)
	require.Equal(t, first, newest(), "under way")
	c.move(time.Minute)
	second := begin(t, j, e)
	require.Equal(t, second, newest(), "not the first")
	_, err := j.BeginUnless(ctx, e, noon, first)
	require.ErrorIs(t, err, ErrRepeats, "another than the one that is known of")
	require.NoError(t, j.End(ctx, second, Ending{Outcome: NotDone}))
	require.Equal(t, first, newest(), "it did not happen")
	require.NoError(t, j.End(ctx, first, Ending{Outcome: Unknown}))
	require.Equal(t, first, newest(), "it may have happened")
	_, err = j.BeginUnless(ctx, e, noon, 0)
	require.ErrorIs(t, err, ErrRepeats)
	third, err := j.BeginUnless(ctx, e, noon, first)
	require.NoError(t, err, "it is known of")
	require.NoError(t, j.End(ctx, third, Ending{Outcome: Done}))
	undo := begin(t, j, Entry{Undoes: third})
	require.NoError(t, j.End(ctx, undo, Ending{Outcome: Done}))
	require.Equal(t, first, newest(), "it was taken back")

	for name, change := range map[string]func(*Entry){
		"sign": func(e *Entry) { e.Same = "b" }, "caller": func(e *Entry) { e.Caller = "joe" },
		"workspace": func(e *Entry) { e.Workspace = "https://other.flexie.io/api" }, "none": func(e *Entry) { e.Same = "" },
	} {
		other := e
		change(&other)
		found, err := j.Newest(ctx, other, noon)
		require.NoError(t, err)
		require.Zero(t, found.ID, name)
	}
	c.move(time.Hour)
	require.Zero(t, newest(), "long ago")
}
