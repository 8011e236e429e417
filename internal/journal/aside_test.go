package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestADirectoryInPlaceOfTheLock(t *testing.T) {
	if windows {
		t.Skip("there it reads as a file that may not be opened")
	}
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "journal.lock"), 0o700))
	j := open(t, options{Dir: dir})
	_, err := j.Begin(ctx, Entry{})
	require.ErrorContains(t, err, "a directory is in the place of one of its files")
	require.ErrorContains(t, err, "Remove it")
	require.NoError(t, os.Remove(filepath.Join(dir, "journal.lock")))
	begin(t, j, Entry{}) // without a restart
}

// TestWhatWasSetAside is known by its name, for as long as is asked for.
func TestWhatWasSetAside(t *testing.T) {
	dir, _ := written(t, 1)
	require.NoError(t, os.Truncate(filepath.Join(dir, "journal.db"), 5000))
	j, _ := logged(t, dir)
	require.Empty(t, j.SetAside(time.Time{}))
	begin(t, j, Entry{})
	names := j.SetAside(time.Now().Add(-time.Hour))
	require.Len(t, names, 1)
	require.FileExists(t, filepath.Join(dir, names[0]))
	require.Empty(t, j.SetAside(time.Now().Add(time.Hour)))
	require.Empty(t, open(t, options{Memory: true}).SetAside(time.Time{}))
}
