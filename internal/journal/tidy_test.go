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
	everywhere(t, func(t *testing.T, o options) {
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
	shared(t, func(t *testing.T, o options) {
		before := open(t, o)
		require.NoError(t, before.End(ctx, begin(t, before, Entry{}), Ending{Outcome: Done}))
		o.KeepFor, o.Now = time.Hour, func() time.Time { return time.Now().Add(2 * time.Hour) }
		require.Empty(t, ids(t, open(t, o)))
	})
}

func TestTheOldestGoWhenItIsTooLarge(t *testing.T) { shared(t, tooLarge) }

func tooLarge(t *testing.T, o options) {
	const most = 1 << 20
	record := []byte(`"` + strings.Repeat("x", 10000) + `"`)
	o.KeepBytes = most
	j := newAt(o)
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

	j = open(t, o)
	kept = ids(t, j)
	require.Greater(t, len(kept), 70)
	require.Equal(t, last, kept[len(kept)-1])
	require.NoError(t, j.Close())
	if o.Database != "" {
		return // which uses anew what is free
	}
	info, err := os.Stat(j.s.Place())
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(most), "the file has shrunk")
}

// TestWhatDidNotHappenPushesNothingOut: large calls that Flexie refuses must not
// make what can be taken back be forgotten.
func TestWhatDidNotHappenPushesNothingOut(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	everywhere(t, func(t *testing.T, o options) {
		o.KeepBytes = 4 << 20
		j := open(t, o)
		real := begin(t, j, Entry{Before: []byte(`{"city":"Bonn"}`)})
		require.NoError(t, j.End(ctx, real, Ending{Outcome: Done}))
		text := []byte(`"` + strings.Repeat("x", 300_000) + `"`)
		for range 250 {
			id := begin(t, j, Entry{Arguments: text, Changes: []Change{{"text", nil, string(text)}}, Name: "refused"})
			require.NoError(t, j.End(ctx, id, Ending{Outcome: NotDone, Note: "too long"}))
		}
		require.JSONEq(t, `{"city":"Bonn"}`, string(get(t, j, real).Before))
		kept := ids(t, j)
		require.Len(t, kept, 251, "nothing is dropped whole")
		e := get(t, j, kept[1])
		require.Equal(t, "too long", e.Note)
		require.Equal(t, "refused", e.Name)
		require.Nil(t, e.Arguments)
	})
}

func TestAJournalFullOfPendingChangesIsKept(t *testing.T) {
	everywhere(t, func(t *testing.T, o options) {
		o.KeepBytes, o.KeepFor = 1, 1
		j := open(t, o)
		for range 250 {
			begin(t, j, Entry{})
		}
		require.Len(t, ids(t, j), 250)
	})
}
