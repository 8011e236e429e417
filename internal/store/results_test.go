package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// results are those of a process, with small bounds, and their clock.
func results(t testing.TB, o store.Options) (*store.Results, *time.Time) {
	now := noon
	return store.NewResults(store.Results{
		Store: opened(t, o).Cache, Number: 4, Bytes: 1000, InAll: 2500, Last: time.Hour,
		Now: func() time.Time { return now },
	}), &now
}

// page is a page of a result, "" where there is none.
func page(t testing.TB, r *store.Results, id, caller string, n int) string {
	t.Helper()
	text, _, err := r.Page(ctx, id, caller, n)
	require.NoError(t, err)
	return text
}

func TestAResultIsReadByItsCallerInAnyProcess(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		r, _ := results(t, o)
		require.NoError(t, r.Keep(ctx, "a", "ana", []string{"one ☃", "two"}))
		reader := r
		if !o.Memory {
			reader, _ = results(t, o)
		}
		text, pages, err := reader.Page(ctx, "a", "ana", 1)
		require.NoError(t, err)
		require.Equal(t, []any{"one ☃", 2}, []any{text, pages})
		require.Equal(t, "two", page(t, reader, "a", "ana", 2))
		text, pages, err = reader.Page(ctx, "a", "ana", 3)
		require.NoError(t, err)
		require.Equal(t, []any{"", 2}, []any{text, pages})
		for _, other := range [][2]string{{"a", "ben"}, {"a", ""}, {"b", "ana"}, {"%", "ana"}} {
			_, pages, err := reader.Page(ctx, other[0], other[1], 1)
			require.NoError(t, err)
			require.Zero(t, pages, other)
		}
	})
}

func TestResultsAreBounded(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		r, now := results(t, o)
		keep := func(id, caller string, size int) {
			require.NoError(t, r.Keep(ctx, id, caller, []string{strings.Repeat("x", size)}))
		}
		there := func() (ids string) {
			for _, id := range strings.Split("abcdefghijklm", "") {
				for _, caller := range []string{"ana", "ben", "cho"} {
					if page(t, r, id, caller, 1) != "" {
						ids += id
					}
				}
			}
			return ids
		}
		for _, id := range strings.Split("abcde", "") {
			keep(id, "ana", 1)
		}
		require.Equal(t, "bcde", there(), "the oldest is one too many")
		keep("f", "ben", 1)
		require.Equal(t, "bcdef", there(), "others are not pushed out")
		keep("g", "ana", 998)
		require.Equal(t, "defg", there(), "by bytes")
		keep("h", "ben", 5000)
		require.Equal(t, "h", there(), "one that is larger than all may be is kept by itself")
		keep("i", "ana", 900)
		keep("j", "ben", 900)
		require.Equal(t, "ij", there())
		keep("k", "cho", 900)
		require.Equal(t, "jk", there(), "the oldest of all goes where all are too large")
		*now = noon.Add(time.Hour)
		require.Equal(t, "jk", there())
		*now = noon.Add(time.Hour + time.Second)
		require.Empty(t, there(), "its time is over")
		keep("l", "ana", 1)
		var rows, pages int
		require.NoError(t, r.Store.Do(ctx, func(tx *store.Tx) error {
			require.NoError(t, tx.QueryRow(`SELECT count(*) FROM result`).Scan(&rows))
			return tx.QueryRow(`SELECT count(*) FROM result_page`).Scan(&pages)
		}))
		require.Equal(t, []int{1, 1}, []int{rows, pages}, "nothing is left of the others")
	})
}

// TestResultsThatAreOverAreDroppedAtTheStart, whether or not there are new ones.
func TestResultsThatAreOverAreDroppedAtTheStart(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		r, _ := results(t, o)
		require.NoError(t, r.Keep(ctx, "a", "ana", []string{"x"}))
		s := opened(t, o).Cache
		store.NewResults(store.Results{Store: s, Now: func() time.Time { return noon.Add(2 * time.Hour) }})
		require.NoError(t, s.Do(ctx, func(tx *store.Tx) error {
			var n int
			require.NoError(t, tx.QueryRow(`SELECT count(*) FROM result_page`).Scan(&n))
			require.Zero(t, n)
			return nil
		}))
	})
}

// TestResultsThatCantBeKept: it is said.
func TestResultsThatCantBeKept(t *testing.T) {
	for name, o := range map[string]store.Options{
		"nowhere": {}, "no database": {Database: "postgres://me@127.0.0.1:1/flexie"}, "no directory": {Dir: "/dev/null/x"},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := results(t, o)
			require.Error(t, r.Keep(ctx, "a", "ana", []string{"x"}))
			_, _, err := r.Page(ctx, "a", "ana", 1)
			require.Error(t, err)
		})
	}
}

func TestManyKeepResultsAtOnce(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		done := make(chan error)
		for p := range 3 {
			r, _ := results(t, o)
			go func() {
				var err error
				for i := 0; i < 20 && err == nil; i++ {
					err = r.Keep(ctx, fmt.Sprintf("%d.%d", p, i), "ana", []string{strings.Repeat("x", 300)})
				}
				done <- err
			}()
		}
		for range 3 {
			require.NoError(t, <-done)
		}
	})
}
