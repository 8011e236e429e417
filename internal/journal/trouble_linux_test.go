package journal

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// TestADiskThatIsReallyFull needs the right to mount one.
func TestADiskThatIsReallyFull(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=512k"); err != nil {
		t.Skip("no disk can be mounted: ", err)
	}
	defer syscall.Unmount(disk, 0)
	j := newAt(options{Dir: filepath.Join(disk, "state")})
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
	require.ErrorIs(t, err, store.ErrFull)
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
	j := newAt(options{Dir: disk})
	defer func() { require.NoError(t, j.Close()) }()
	refused(t, j, store.ErrFull, "the disk is full", "Free some space")
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
	j := newAt(options{Dir: disk})
	begin(t, j, Entry{})
	require.NoError(t, j.Close())
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	j = newAt(options{Dir: disk})
	defer func() { require.NoError(t, j.Close()) }()
	refused(t, j, store.ErrForbidden, "there is no permission to write it", "whether the disk is read-only")
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, ""))
	require.Equal(t, int64(2), begin(t, j, Entry{}))
}

// TestADatabaseWhoseDiskIsFull has the tables on a disk that can be mounted.
func TestADatabaseWhoseDiskIsFull(t *testing.T) {
	o := options{Database: storetest.Postgres(t)}
	disk, err := os.MkdirTemp("/tmp", "flexie-pg-disk") // where Postgres may go
	require.NoError(t, err)
	defer os.RemoveAll(disk)
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=3m,mode=0777"); err != nil {
		t.Skip("no disk can be mounted: ", err)
	}
	defer syscall.Unmount(disk, syscall.MNT_DETACH)
	owner, err := user.Lookup("postgres")
	require.NoError(t, err)
	uid, err := strconv.Atoi(owner.Uid)
	require.NoError(t, err)
	require.NoError(t, os.Chown(disk, uid, -1))

	j := open(t, o)
	first := begin(t, j, Entry{})
	storetest.SQL(t, o.Database, `CREATE TABLESPACE full_disk LOCATION '`+disk+`'`)
	storetest.SQL(t, o.Database, `ALTER TABLE change SET TABLESPACE full_disk`)
	noise := make([]byte, 25000) // which can't be made smaller
	rand.Read(noise)
	record := fmt.Appendf(nil, `"%x"`, noise)
	for range 500 {
		if _, err = j.Begin(ctx, Entry{Before: record}); err != nil {
			break
		}
	}
	require.ErrorIs(t, err, store.ErrFull)
	require.ErrorContains(t, err, "the disk is full: ")
	require.ErrorContains(t, err, "Free some space and try again; reading goes on.")
	require.Equal(t, first, get(t, j, first).ID, "reading goes on")
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=16m"))
	require.NoError(t, j.End(ctx, first, Ending{Outcome: Done}))
	begin(t, j, Entry{Before: record})
	storetest.SQL(t, o.Database, `DROP TABLE change`)
	storetest.SQL(t, o.Database, `DROP TABLESPACE full_disk`)
}
