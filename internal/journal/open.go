package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

const windows = runtime.GOOS == "windows"

// keptLog is how much of the write-ahead log stays on disk between uses.
const keptLog = 4 << 20

// ready opens the file that is in place, unless it is open. The lock is shared:
// what needs it alone comes back as an unready error.
func (j *sqliteFile) ready() error {
	if j.db != nil && j.sound && j.inPlace(j.info) {
		return j.lockName()
	}
	j.letGo()
	if err := j.lockName(); err != nil {
		return err
	}
	info, err := os.Stat(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		return &unready{j.make}
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	}
	keepPrivate(j.path, info)
	db, err := connect(j.path, j.patience)
	if err != nil {
		return err
	}
	j.db, j.info = db, info
	if err := j.inspect(); err != nil {
		var todo *unready
		if !isDamage(err) || errors.As(err, &todo) {
			j.letGo()
			return err
		}
		return &unready{func() error { return j.setAside(info, err) }}
	}
	j.sound = true
	j.start()
	return nil
}

// start is done once for each file that is opened. The journal is of use
// without.
func (j *sqliteFile) start() {
	j.clean()
	if err := j.keepAhead(); err != nil {
		j.o.Log.Warn("the ids of a next journal could not be reserved", "reason", err)
	}
	j.opened(func(f func(*tx) error) error { return j.inTx(j.db, f) })
}

// inPlace tells whether a file is the one at the journal's path.
func (j *sqliteFile) inPlace(info os.FileInfo) bool {
	there, err := os.Stat(j.path)
	return err == nil && os.SameFile(info, there)
}

func makeDir(dir string) error {
	if dir == "" {
		return ErrNoPlace
	}
	return os.MkdirAll(dir, 0o700)
}

// keepPrivate takes a file from others who may read it. SQLite gives the
// rights of its files to those that it makes beside them.
func keepPrivate(path string, info os.FileInfo) {
	if !windows && info.Mode().Perm()&0o077 != 0 {
		os.Chmod(path, 0o600)
	}
}

// connect opens a database with one connection, that waits so long for a lock.
// A transaction is on disk when its commit returns. The driver runs the pragmas
// in the order of the alphabet.
func connect(path string, wait time.Duration, pragmas ...string) (*sql.DB, error) {
	name := path
	if path != memory {
		path = filepath.ToSlash(path)
		if filepath.VolumeName(path) != "" {
			path = "/" + path
		}
		// As a URI, since in a plain name a ? begins the options.
		name = (&url.URL{Scheme: "file", OmitHost: true, Path: path}).String()
	}
	name += "?_txlock=immediate"
	for _, p := range append([]string{
		fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()), "synchronous(FULL)", "secure_delete(FAST)",
		"journal_size_limit(" + strconv.Itoa(keptLog) + ")",
	}, pragmas...) {
		name += "&_pragma=" + url.QueryEscape(p)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// memory is the name of a database that is no file.
const memory = ":memory:"

// openMemory opens one that lives as long as its connection.
func (j *sqliteFile) openMemory() error {
	if j.db != nil {
		return nil
	}
	if !j.o.Memory {
		return ErrNoPlace
	}
	db, err := connect(memory, j.patience)
	if err != nil {
		return err
	}
	j.db, j.process = db, "here"
	err = j.inTx(j.db, func(t *tx) error { return migrate(t, 0, 0) })
	if err != nil {
		j.letGo()
	}
	return err
}

// inspect tells whether the open file is one of ours, up to date and whole.
func (j *sqliteFile) inspect() error {
	var v, tables int
	err := j.inTx(j.db, func(t *tx) (err error) {
		if v, err = version(t); err != nil {
			return err
		}
		return t.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&tables)
	})
	switch {
	case err != nil:
		return j.diagnose(err)
	case v < 0, v == 0 && tables > 0:
		return fmt.Errorf("%w: its version is %d", errDamaged, v)
	case v > len(migrations):
		return newer(v)
	case v < len(migrations):
		return &unready{j.make}
	}
	if err := wholeness(j.db); err != nil {
		return err
	}
	// Only a statement that writes finds out that the file is read-only.
	err = j.inTx(j.db, func(t *tx) error {
		_, err := t.Exec(`DELETE FROM used WHERE until < ?`, formatTime(j.o.now()))
		return err
	})
	if err == nil {
		j.db.Exec(`PRAGMA journal_mode = WAL`) // a file that was put there by hand may be in another
	}
	return j.diagnose(err)
}

func newer(v int) error {
	return fmt.Errorf("%w (format %d; this one knows formats up to %d)", ErrNewer, v, len(migrations))
}

// wholeness looks through the file. It takes some milliseconds for each MB.
func wholeness(db *sql.DB) error {
	var found string
	if err := db.QueryRow(`PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return asDamage(err)
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, strings.TrimSpace(found))
	}
	for _, query := range []string{
		`SELECT id, process, looker, looked, same, ` + columns + ` FROM change LIMIT 0`,
		`SELECT token, until FROM used LIMIT 0`,
	} {
		rows, err := db.Query(query)
		if err != nil {
			return asDamage(err)
		}
		rows.Close()
	}
	return nil
}

// asDamage takes also what SQLite can't make sense of for damage.
func asDamage(err error) error {
	if code(err) == sqlite3.SQLITE_ERROR {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return err
}

// diagnose tells a file that says that it is read-only, which ours never do,
// from one that may not be written.
func (j *sqliteFile) diagnose(err error) error {
	if code(err) == sqlite3.SQLITE_READONLY {
		file, openErr := os.OpenFile(j.path, os.O_RDWR, 0)
		if openErr != nil {
			return err
		}
		defer file.Close()
		var header [20]byte
		if _, readErr := file.ReadAt(header[:], 0); readErr == nil && header[18] > 2 {
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	return asDamage(err)
}
