package doctor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"modernc.org/sqlite" // the driver, too
	sqlite3 "modernc.org/sqlite/lib"

	"flexie-mcp/internal/store"
)

// littleRoom is below how much free space the disk is told of, in bytes.
const littleRoom = 100 << 20

// stateDir looks whether the directory is there, private, and can be written.
func (p *patient) stateDir() Finding {
	dir := p.s.StateDir
	const set = "set FLEXIE_STATE_DIR to a directory that can be written"
	switch {
	case p.s.Fleeting():
		return skipped("a sandbox that ends with the program keeps nothing")
	case dir == "":
		return wrong("there is no directory for state: this system does not say where programs keep theirs", set)
	}
	at, exists, err := nearest(dir)
	if err != nil {
		return wrong("the state directory can't be made: a file is in its way", "remove the file, or "+set).with(dir)
	}
	if err := p.o.Probe(at); err != nil {
		return unwritable(err, dir)
	}
	free, known := p.o.Room(at)
	room := ""
	if known {
		room = ", " + sizeOf(int64(min(free, 1<<62))) + " free"
	}
	switch {
	case known && free < littleRoom:
		return warning("it can be written, and its disk is nearly full"+room, "free some space: a change that can't be recorded is not made").with(dir)
	case !exists:
		return ok("it is not there yet, and is made when it is needed" + room).with(dir)
	}
	if info, err := os.Stat(dir); err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0 {
		return warning(fmt.Sprintf("others may write to it (mode %04o)%s", info.Mode().Perm(), room), "take that from them: chmod 700").with(dir)
	}
	return ok("it can be written" + room).with(dir)
}

// nearest is the directory itself, or the nearest one above it that there is.
func nearest(dir string) (at string, exists bool, err error) {
	for at = dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir(), errors.Is(err, syscall.ENOTDIR):
			return at, false, errors.New("not a directory")
		case err == nil:
			return at, at == dir, nil
		case at == filepath.Dir(at):
			return at, false, nil
		}
	}
}

func unwritable(err error, dir string) Finding {
	const elsewhere = "or set FLEXIE_STATE_DIR to another directory"
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return wrong("the disk of the state directory is full: changes are not made, since they can't be recorded", "free some space, "+elsewhere).with(dir)
	case errors.Is(err, syscall.EROFS):
		return wrong("the state directory is on a disk that can only be read: changes are not made, since they can't be recorded", "mount it to be written, "+elsewhere).with(dir)
	case errors.Is(err, fs.ErrPermission):
		return wrong("there is no permission to write the state directory: changes are not made, since they can't be recorded", "make it yours, with mode 0700, "+elsewhere).with(dir)
	}
	return wrong("the state directory can't be written: changes are not made, since they can't be recorded", "check it, "+elsewhere).with(dir + ": " + err.Error())
}

// canWrite writes a file that is of a usual size, and removes it.
func canWrite(dir string) (err error) {
	file, err := os.CreateTemp(dir, ".flexie-mcp-doctor-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	_, err = file.Write(make([]byte, 64<<10))
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func sizeOf(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KB", (n+1023)/1024)
}

// journal looks through it, and changes nothing in it: to open it as a server does
// would set a damaged one aside.
func (p *patient) journal(ctx context.Context) Finding {
	switch {
	case p.s.Fleeting():
		return skipped("nothing is recorded of a sandbox that ends with the program")
	case p.s.DatabaseURL != "":
		return p.database(ctx)
	case p.s.StateDir == "":
		return skipped("there is no state directory")
	}
	path := filepath.Join(p.s.StateDir, "journal.db")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p.besides(ok("there is none yet: it is made with the first change"))
	case err != nil || !info.Mode().IsRegular():
		return wrong("the journal can't be read, or is not a file: changes are not made, since they can't be recorded", "check the state directory").with(path)
	}
	if info.Size() == 0 {
		return p.besides(onlyBegun().with(path))
	}
	return p.besides(lookThrough(ctx, path, info.Size()).with(path))
}

// besides adds what was set aside before.
func (p *patient) besides(f Finding) Finding {
	aside := store.Durable(store.Options{Dir: p.s.StateDir}).SetAside(time.Time{})
	if len(aside) == 0 || f.Result == Wrong {
		return f
	}
	f.Found += "; set aside before: " + counted(len(aside), "damaged one")
	if f.Result == OK {
		f.Result, f.Next = Warning, "changes in those can't be undone; delete the files journal.db.corrupt-… once they are of no more use, and check the disk if there are more of them"
	}
	return f
}

// lookThrough reads a journal's file.
func lookThrough(ctx context.Context, path string, size int64) Finding {
	db, err := openToRead(ctx, path)
	if err != nil {
		return badJournal(err)
	}
	defer db.Close()
	var format int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&format); err != nil {
		return badJournal(err)
	}
	if format > store.Format() {
		return wrong(fmt.Sprintf("a newer version of flexie-mcp has written the journal (format %d; this one knows %d)", format, store.Format()), "update flexie-mcp, or set FLEXIE_STATE_DIR to another directory")
	}
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err == nil && tables == 0 && format == 0 {
		return onlyBegun()
	}
	var found string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return badJournal(err)
	}
	if found != "ok" {
		return damaged(errors.New(strings.TrimSpace(found)))
	}
	return countChanges(ctx, db, size)
}

func countChanges(ctx context.Context, db *sql.DB, size int64) Finding {
	var all, open, unknown int
	err := db.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(outcome = 'pending'), 0), coalesce(sum(outcome = 'unknown'), 0) FROM change`).Scan(&all, &open, &unknown)
	if err != nil {
		return badJournal(err)
	}
	text := fmt.Sprintf("whole, %s in %s", counted(all, "change"), sizeOf(size))
	if open+unknown == 0 {
		return ok(text)
	}
	return warning(fmt.Sprintf("%s; %d not ended, and %d of which it is not known whether they happened", text, open, unknown),
		"run flexie-mcp changes, which looks for them in Flexie; those that another process is making end by themselves")
}

func badJournal(err error) Finding {
	if text := err.Error(); strings.Contains(text, "locked") || errors.Is(err, context.DeadlineExceeded) {
		return warning("another process has the journal locked, so that it could not be looked through", "try again when servers are done")
	}
	switch code(err) {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY:
		return wrong("the journal could not be looked through, which need not mean that it is damaged: changes are not made while they can't be recorded",
			"see what is said of the state directory: whether its disk has room, and who may write to it").with(err.Error())
	}
	return damaged(err)
}

// code is SQLite's primary error code; 0 where the error is none of SQLite's.
func code(err error) int {
	if of := new(sqlite.Error); errors.As(err, &of) {
		return of.Code() & 0xff
	}
	return 0
}

// onlyBegun is of a file that was made, and in which nothing was ever written, as when
// the disk was full.
func onlyBegun() Finding {
	return ok("it was only begun, and never held a change: the next one goes on with it")
}

func damaged(err error) Finding {
	return wrong("the journal is damaged: the next start sets it aside and begins a new one, and changes in it can't be undone any more",
		"copy journal.db before that, if they matter; and check the disk").with(err.Error())
}

// openToRead opens a file that nobody has open as well: its log may then not be made.
func openToRead(ctx context.Context, path string) (*sql.DB, error) {
	at := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path)}
	if filepath.VolumeName(path) != "" {
		at.Path = "/" + at.Path
	}
	var failed error
	for _, how := range []string{"?mode=ro&_pragma=query_only(1)&_pragma=busy_timeout(2000)", "?immutable=1&mode=ro"} {
		db, err := sql.Open("sqlite", at.String()+how)
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		var n int
		if err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&n); err == nil {
			return db, nil
		}
		failed = err
		_ = db.Close()
		if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
			break // what is in its log would be passed over
		}
	}
	return nil, failed
}

// database looks whether the Postgres answers that servers share.
func (p *patient) database(ctx context.Context) Finding {
	state := store.Open(store.Options{Database: p.s.DatabaseURL})
	defer state.Close()
	var all int
	err := state.Durable.Look(ctx, func(t *store.Tx) error {
		return t.QueryRow(`SELECT count(*) FROM change`).Scan(&all)
	})
	if err == nil {
		return ok(fmt.Sprintf("in Postgres, %s", counted(all, "change")))
	}
	next := "check that Postgres runs, and that database_url is right"
	if errors.Is(state.Durable.Kind(err), store.ErrNewer) {
		next = "update flexie-mcp"
	}
	return wrong("the Postgres of database_url can't be used: changes are not made, since they can't be recorded", next).with(err.Error())
}
