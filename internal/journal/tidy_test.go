package journal

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ids are those in the journal, the oldest first.
func ids(t *testing.T, j *Journal) (found []int64) {
	t.Helper()
	entries, _, err := j.List(ctx, Filter{Limit: 10000})
	require.NoError(t, err)
	for i := len(entries) - 1; i >= 0; i-- {
		found = append(found, entries[i].ID)
	}
	return found
}

func TestOldChangesAreDropped(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		c := &clock{t: noon}
		o.Now, o.KeepFor = c.now, 90*24*time.Hour
		j := open(t, o)
		pending := begin(t, j, Entry{})
		old := begin(t, j, Entry{})
		require.NoError(t, j.End(ctx, old, Ending{Outcome: Done}))
		c.move(24 * time.Hour)
		younger := begin(t, j, Entry{})
		require.NoError(t, j.End(ctx, younger, Ending{Outcome: Unknown}))
		c.move(89*24*time.Hour + time.Second)
		last := begin(t, j, Entry{})
		require.Equal(t, []int64{pending, younger, last}, ids(t, j))
	})
}

func TestOldChangesAreDroppedAtTheStart(t *testing.T) {
	dir, _ := written(t, 3)
	j := open(t, Options{Dir: dir, KeepFor: time.Hour, Now: func() time.Time { return time.Now().Add(2 * time.Hour) }})
	require.Empty(t, ids(t, j))
}

func TestTheOldestGoWhenItIsTooLarge(t *testing.T) {
	dir := t.TempDir()
	const most = 1 << 20
	record := []byte(`"` + strings.Repeat("x", 10000) + `"`)
	j := New(Options{Dir: dir, KeepBytes: most})
	pending := begin(t, j, Entry{Before: record})
	var last int64
	for range 350 {
		last = begin(t, j, Entry{Before: record})
		require.NoError(t, j.End(ctx, last, Ending{Outcome: Done}))
	}
	kept := ids(t, j)
	require.Equal(t, pending, kept[0], "pending ones stay")
	for i, id := range kept[1:] {
		require.Equal(t, last-int64(len(kept)-2-i), id, "the others that stay are the last")
	}
	require.Greater(t, len(kept), 50, "no more is dropped than must be")
	require.Less(t, len(kept), 220)
	require.NoError(t, j.Close())

	j = open(t, Options{Dir: dir, KeepBytes: most})
	kept = ids(t, j)
	require.Greater(t, len(kept), 70)
	require.Equal(t, last, kept[len(kept)-1])
	require.NoError(t, j.Close())
	info, err := os.Stat(j.path)
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(most), "the file has shrunk")
}

func TestAJournalFullOfPendingChangesIsKept(t *testing.T) {
	j := open(t, Options{Memory: true, KeepBytes: 1, KeepFor: 1})
	for range 250 {
		begin(t, j, Entry{})
	}
	require.Len(t, ids(t, j), 250)
}
