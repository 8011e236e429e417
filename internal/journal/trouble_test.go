package journal

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// refused is what a user is told when a change can't be recorded.
func refused(t *testing.T, j *Journal, kind error, why, next string) {
	t.Helper()
	_, err := j.Begin(ctx, Entry{})
	require.ErrorIs(t, err, kind)
	require.Contains(t, err.Error(), "the change was not made, since it can't be recorded: "+why)
	require.Contains(t, err.Error(), next)
	require.True(t, strings.HasSuffix(err.Error(), "; reading goes on."), err.Error())
	if j.s.Place() != "" {
		require.Contains(t, err.Error(), "(journal: "+j.s.Place()+")")
	}
}

func TestWithoutADirectoryNothingIsRecorded(t *testing.T) {
	j := open(t, options{})
	refused(t, j, store.ErrNoPlace, "there is no directory for the journal. ", "Set state_dir")
	_, _, err := j.List(ctx, Filter{})
	require.EqualError(t, err, "the journal can't be read: there is no directory for the journal. Set state_dir to a directory that can be written.")
	_, err = store.Once(ctx, j.s, "a", noon, noon)
	require.ErrorIs(t, err, store.ErrNoPlace)
	_, err = j.Orphans(ctx, acme, "")
	require.ErrorIs(t, err, store.ErrNoPlace)
}

func TestAFileInPlaceOfTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.WriteFile(dir, nil, 0o600))
	j := open(t, options{Dir: dir})
	refused(t, j, store.ErrNoPlace, "its directory can't be made, since a file is in the way", "Set state_dir")
	require.NoError(t, os.Remove(dir))
	begin(t, j, Entry{}) // without a restart
}

func TestADirectoryInPlaceOfTheFile(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "journal.db"), 0o700))
	j := open(t, options{Dir: dir})
	_, err := j.Begin(ctx, Entry{})
	require.ErrorContains(t, err, "it is not a file")
	require.NoError(t, os.Remove(j.s.Place()))
	begin(t, j, Entry{})
}

func TestADirectoryThatCantBeWritten(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no directory in which even root may make nothing")
	}
	refused(t, open(t, options{Dir: "/sys/flexie-mcp"}), store.ErrForbidden, "there is no permission to write it", "Check who may write")
	if os.Getuid() == 0 {
		return
	}
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o500))
	j := open(t, options{Dir: dir})
	refused(t, j, store.ErrForbidden, "there is no permission to write it", "Check who may write")
	require.NoError(t, os.Chmod(dir, 0o700))
	begin(t, j, Entry{})
}

func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	j := open(t, options{Dir: dir})
	id := begin(t, j, Entry{})
	pages := func(n int) {
		t.Helper()
		inside(t, j, fmt.Sprintf(`PRAGMA max_page_count = %d`, n))
	}
	pages(1) // no more than there are
	large := []byte(`"` + strings.Repeat("x", 1<<20) + `"`)
	_, err := j.Begin(ctx, Entry{Before: large})
	require.ErrorIs(t, err, store.ErrFull)
	require.EqualError(t, err, "the change was not made, since it can't be recorded: the disk is full (journal: "+j.s.Place()+"). Free some space and try again; reading goes on.")

	err = j.End(ctx, id, Ending{Outcome: Done, After: large})
	require.ErrorIs(t, err, store.ErrFull)
	require.ErrorContains(t, err, fmt.Sprintf("what came of change %d can't be recorded yet: the disk is full", id))

	require.Equal(t, Pending, get(t, j, id).Outcome, "reading goes on")

	pages(1 << 20)
	require.Equal(t, Done, get(t, j, id).Outcome, "it was recorded as soon as it could be")
	begin(t, j, Entry{Before: large}) // without a restart
	_, total, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Equal(t, 2, total, "a change that was refused is not in it")
}

func TestWhatCouldNotBeRecordedIsRecordedAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	j := newAt(options{Dir: dir})
	id := begin(t, j, Entry{})
	inside(t, j, `PRAGMA max_page_count = 1`)
	require.ErrorIs(t, j.End(ctx, id, Ending{Outcome: Done, After: []byte(`"` + strings.Repeat("x", 1<<20) + `"`)}), store.ErrFull)
	inside(t, j, `PRAGMA max_page_count = 100000`)
	require.NoError(t, j.Close())
	require.Equal(t, Done, get(t, open(t, options{Dir: dir}), id).Outcome)
}

func TestAnotherHasLockedIt(t *testing.T) {
	dir := t.TempDir()
	j := open(t, options{Dir: dir, Patience: time.Millisecond})
	begin(t, j, Entry{})
	other, err := sql.Open("sqlite", j.s.Place()+"?_txlock=immediate")
	require.NoError(t, err)
	defer other.Close()
	tx, err := other.Begin()
	require.NoError(t, err)
	refused(t, j, store.ErrLocked, "another process has locked it", "Wait, or close what has it open")
	require.NoError(t, tx.Rollback())
	begin(t, j, Entry{})

	// While it is replaced, too.
	replaced := open(t, options{Dir: dir})
	begin(t, replaced, Entry{})
	lock := flock.New(filepath.Join(dir, "journal.lock"))
	got, err := lock.TryLock()
	require.NoError(t, err)
	require.True(t, got)
	refused(t, j, store.ErrLocked, "another process has locked it", "Wait, or close what has it open")
	require.NoError(t, lock.Unlock())
	begin(t, j, Entry{})
}

func TestAFileOfANewerVersionIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	j := newAt(options{Dir: dir})
	begin(t, j, Entry{})
	inside(t, j, `PRAGMA user_version = 7`)
	require.NoError(t, j.Close())
	before, err := os.ReadFile(j.s.Place())
	require.NoError(t, err)

	j = open(t, options{Dir: dir})
	refused(t, j, store.ErrNewer, "a newer version of flexie-mcp has written it (format 7; this one knows formats up to 2)", "Update flexie-mcp")
	after, err := os.ReadFile(j.s.Place())
	require.NoError(t, err)
	require.True(t, bytes.Equal(before, after))
	require.Empty(t, aside(t, dir))
}

// aside are the databases that were set aside.
func aside(t testing.TB, dir string) (found []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		if n := f.Name(); strings.Contains(n, ".corrupt-") && !strings.HasSuffix(n, "-wal") && !strings.HasSuffix(n, "-shm") {
			found = append(found, n)
		}
	}
	return found
}

// written is a directory with a journal of some entries, and their last id.
func written(t testing.TB, n int) (dir string, last int64) {
	t.Helper()
	dir = t.TempDir()
	j := newAt(options{Dir: dir})
	for range n {
		last = begin(t, j, entryOf("1"))
		require.NoError(t, j.End(ctx, last, Ending{Outcome: Done}))
	}
	require.NoError(t, j.Close())
	return dir, last
}

func entryOf(record string) Entry {
	e := entry()
	e.Record, e.Undoes = record, 0
	return e
}

func TestADamagedFileIsSetAside(t *testing.T) {
	dir, last := written(t, 20)
	path := filepath.Join(dir, "journal.db")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for i, damaged := range [][]byte{
		[]byte("this is not a database"),
		append(make([]byte, 4096), whole[4096:]...),                       // no header
		append(append([]byte{}, whole[:4096]...), make([]byte, 12288)...), // nothing after it
		whole[:len(whole)/2],
		append([]byte("SQLite format 3\x00"), make([]byte, 200)...),
		with(whole, 18, 9), // for newer versions of SQLite to write
		with(whole, 19, 9), // and to read
		with(whole, 63, 0), // no version, but tables
	} {
		require.NoError(t, os.WriteFile(path, damaged, 0o600))
		log := new(storetest.Lines)
		j := newAt(options{Dir: dir, Now: (&clock{t: noon}).now, Log: textLog(log)})
		id, err := j.Begin(ctx, Entry{})
		require.NoError(t, err, "case %d", i)
		require.Greater(t, id, last, "case %d: an id of the old file is not given again", i)
		require.NoError(t, j.Close())
		require.Contains(t, log.String(), "the journal is damaged: it was set aside and a new one begun", "case %d", i)

		names := aside(t, dir)
		require.Len(t, names, i+1, "none was overwritten")
		name := "journal.db.corrupt-20261124T105200Z"
		if i > 0 {
			name += fmt.Sprintf("-%d", i+1)
		}
		kept, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.True(t, bytes.Equal(damaged, kept), "case %d: it is kept as it was", i)
	}
}

func with(data []byte, at int, b byte) []byte {
	data = append([]byte{}, data...)
	data[at] = b
	return data
}

// TestDamageAnywhere: whatever is wrong with the file, a change can be
// recorded, or is refused since a newer version seems to have written it.
func TestDamageAnywhere(t *testing.T) {
	dir, _ := written(t, 30)
	path := filepath.Join(dir, "journal.db")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	rounds := 60
	if testing.Short() {
		rounds = 10
	}
	for i := range rounds {
		data, at := append([]byte{}, whole...), r.IntN(len(whole))
		if i%3 == 0 {
			at = r.IntN(100) // the header
		}
		for k := range 1 + r.IntN(64) {
			data[min(at+k, len(data)-1)] = byte(r.IntN(256))
		}
		require.NoError(t, os.WriteFile(path, data, 0o600))
		j := newAt(options{Dir: dir})
		id, err := j.Begin(ctx, entryOf("2"))
		if err == nil {
			require.Equal(t, "2", get(t, j, id).Record)
			_, _, err = j.List(ctx, Filter{Limit: 1000})
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, store.ErrNewer, "round %d", i)
		}
		require.NoError(t, j.Close())
	}
}

func TestALogWithoutItsFileIsSetAside(t *testing.T) {
	dir, _ := written(t, 1)
	path := filepath.Join(dir, "journal.db")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(path+"-wal", []byte("changes"), 0o600))
	j := open(t, options{Dir: dir, Now: (&clock{t: noon}).now})
	begin(t, j, Entry{})
	kept, err := os.ReadFile(path + ".corrupt-20261124T105200Z-wal")
	require.NoError(t, err)
	require.Equal(t, "changes", string(kept))
}

// TestDamageInUse: pages that were not read yet are found to be broken while
// the journal, and that of another process, are open.
func TestDamageInUse(t *testing.T) {
	if windows {
		t.Skip("what another has open can't be renamed there")
	}
	dir, _ := written(t, 200)
	j, log := logged(t, dir)
	other, otherLog := logged(t, dir)
	id := begin(t, j, entryOf("3"))
	otherID := begin(t, other, entryOf("4"))
	breakTables(t, j)

	next := begin(t, j, entryOf("5"))
	require.Contains(t, log.String(), "it was set aside")
	require.Equal(t, "5", get(t, j, next).Record)
	afterwards := begin(t, other, entryOf("6"))
	require.Equal(t, "6", get(t, j, afterwards).Record, "the other goes on in the new file")
	require.NotContains(t, otherLog.String(), "set aside")
	require.Len(t, aside(t, dir), 1)

	require.NoError(t, j.End(ctx, id, Ending{Outcome: Done}))
	require.NoError(t, other.End(ctx, otherID, Ending{Outcome: NotDone}))
	require.Equal(t, "3", get(t, j, id).Record, "what was under way is in the new file")
	require.Equal(t, NotDone, get(t, j, otherID).Outcome)
	require.NoError(t, other.Close())
	require.NoError(t, j.Close())

	j = open(t, options{Dir: dir})
	_, total, err := j.List(ctx, Filter{})
	require.NoError(t, err)
	require.Equal(t, 4, total)
}

// breakTables makes a table of what is an index. It goes through SQLite, since
// a file that is opened and closed beside it loses its locks.
func breakTables(t *testing.T, j *Journal) {
	t.Helper()
	require.NoError(t, j.breakTables())
}

func (j *Journal) breakTables() error {
	return j.s.Do(ctx, func(t *store.Tx) error {
		_, err := t.Exec(`PRAGMA writable_schema = ON;
			UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'change_ended') WHERE name = 'change';
			PRAGMA schema_version = 999;`) // for all connections to read it again
		return err
	})
}

func TestTwoThatFindTheDamageSetAsideOneFile(t *testing.T) {
	if windows {
		t.Skip("what another has open can't be renamed there")
	}
	for range 20 {
		dir, _ := written(t, 1)
		path := filepath.Join(dir, "journal.db")
		require.NoError(t, os.Truncate(path, 5000))
		var all sync.WaitGroup
		ids := make([]int64, 4)
		for i := range ids {
			j, _ := logged(t, dir)
			all.Go(func() {
				id, err := j.Begin(ctx, entryOf(fmt.Sprint(i)))
				if err == nil {
					ids[i] = id
				}
			})
		}
		all.Wait()
		require.Len(t, aside(t, dir), 1)
		j := open(t, options{Dir: dir})
		for i, id := range ids {
			require.Equal(t, fmt.Sprint(i), get(t, j, id).Record)
		}
	}
}

// TestDamageAgainAndAgain: whatever others set aside meanwhile, a change that
// has begun can be ended.
func TestDamageAgainAndAgain(t *testing.T) {
	if windows {
		t.Skip("what another has open can't be renamed there")
	}
	dir := t.TempDir()
	var all sync.WaitGroup
	for i := range 4 {
		j := open(t, options{Dir: dir})
		all.Go(func() {
			for n := range 24 {
				id, err := j.Begin(ctx, entryOf("1"))
				if err == nil {
					err = j.End(ctx, id, Ending{Outcome: Done})
				}
				if err != nil {
					t.Error(err)
				}
				if i == 0 && n%8 == 7 {
					j.breakTables()
				}
			}
		})
	}
	all.Wait()
	begin(t, open(t, options{Dir: dir}), Entry{})
	require.NotEmpty(t, aside(t, dir))
	require.LessOrEqual(t, len(aside(t, dir)), 3, "none but what was broken")
}

func TestAWipedJournalBeginsAnew(t *testing.T) {
	if windows {
		t.Skip("what is open can't be removed there")
	}
	dir, _ := written(t, 3)
	j := open(t, options{Dir: dir})
	id := begin(t, j, entryOf("1"))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	for _, f := range files {
		if !strings.HasSuffix(f, ".next") {
			require.NoError(t, os.Remove(f))
		}
	}
	other := open(t, options{Dir: dir})
	begin(t, other, Entry{})
	next := begin(t, j, entryOf("2"))
	require.Equal(t, "2", get(t, other, next).Record)
	require.Equal(t, Pending, get(t, other, next).Outcome, "it is known to be alive")
	require.NotEqual(t, id, next)
}

func TestATableThatSomebodyDropped(t *testing.T) {
	dir, _ := written(t, 3)
	j, log := logged(t, dir)
	begin(t, j, Entry{})
	inside(t, j, `DROP TABLE used`)
	_, err := store.Once(ctx, j.s, "a", noon, noon)
	require.Error(t, err)
	begin(t, j, Entry{})
	require.Contains(t, log.String(), "it was set aside")
}
