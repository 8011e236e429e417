package journal

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnIDIsNeverGivenAgain whatever became of the files before.
func TestAnIDIsNeverGivenAgain(t *testing.T) {
	dir := t.TempDir()
	wipe := func(also ...string) {
		for _, suffix := range append([]string{"", "-wal", "-shm"}, also...) {
			os.Remove(dir + "/journal.db" + suffix)
		}
	}
	first := func() int64 {
		j := newAt(options{Dir: dir})
		defer func() { require.NoError(t, j.Close()) }()
		return begin(t, j, Entry{})
	}
	require.Equal(t, []int64{1, 2}, []int64{first(), first()})
	wipe()
	require.Equal(t, int64(1_000_001), first())
	require.NoError(t, os.Truncate(dir+"/journal.db", 5000))
	require.Equal(t, int64(2_000_001), first())
	require.NoError(t, os.Remove(dir+"/journal.next"))
	wipe()
	require.Equal(t, int64(1_000_001), first(), "as far as can be seen, there was one before")

	j := newAt(options{Dir: dir})
	begin(t, j, Entry{})
	inside(t, j, `UPDATE sqlite_sequence SET seq = 1700000 WHERE name = 'change'`)
	require.NoError(t, j.Close())
	require.Equal(t, int64(1_700_001), first())
	wipe()
	require.Equal(t, int64(3_000_001), first(), "it had given most of its own")
}
