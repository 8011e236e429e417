package journal

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestADiskThatIsReallyFull needs the right to mount one.
func TestADiskThatIsReallyFull(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=512k"); err != nil {
		t.Skip("no disk can be mounted: ", err)
	}
	defer syscall.Unmount(disk, 0)
	j := New(Options{Dir: filepath.Join(disk, "state")})
	defer func() { require.NoError(t, j.Close()) }()
	record := []byte(`"` + strings.Repeat("x", 20000) + `"`)
	var ids []int64
	var err error
	for range 100 {
		var id int64
		if id, err = j.Begin(ctx, Entry{Before: record}); err != nil {
			break
		}
		ids = append(ids, id)
	}
	require.ErrorIs(t, err, ErrFull)
	require.NotEmpty(t, ids)
	for _, id := range ids {
		require.Len(t, get(t, j, id).Before, len(record), "reading goes on")
	}
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=8m"))
	begin(t, j, Entry{Before: record})
	for _, id := range ids {
		require.NoError(t, j.End(ctx, id, Ending{Outcome: Done}))
	}
}

// TestADiskThatIsFullFromTheStart leaves nothing behind that is in the way later.
func TestADiskThatIsFullFromTheStart(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4k"); err != nil {
		t.Skip("no disk can be mounted: ", err)
	}
	defer syscall.Unmount(disk, 0)
	j := New(Options{Dir: disk})
	defer func() { require.NoError(t, j.Close()) }()
	refused(t, j, ErrFull, "the disk is full", "Free some space")
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=8m"))
	require.Equal(t, int64(1), begin(t, j, Entry{}))
	require.Empty(t, aside(t, disk))
}

// TestADiskThatCanOnlyBeRead is one that is mounted so.
func TestADiskThatCanOnlyBeRead(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=8m"); err != nil {
		t.Skip("no disk can be mounted: ", err)
	}
	defer syscall.Unmount(disk, 0)
	j := New(Options{Dir: disk})
	begin(t, j, Entry{})
	require.NoError(t, j.Close())
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	j = New(Options{Dir: disk})
	defer func() { require.NoError(t, j.Close()) }()
	refused(t, j, ErrForbidden, "there is no permission to write it", "whether the disk is read-only")
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, ""))
	require.Equal(t, int64(2), begin(t, j, Entry{}))
}
