package store

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
func (s *SQLite) ready() error {
	if s.db != nil && s.sound && s.inPlace(s.info) {
		return s.beAlive()
	}
	s.letGo()
	if err := s.beAlive(); err != nil {
		return err
	}
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		return &unready{s.make}
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("it is not a file")
	}
	keepPrivate(s.path, info)
	db, err := connect(s.path, s.o.Patience, s.pragmas()...)
	if err != nil {
		return err
	}
	s.db, s.info = db, info
	if err := s.inspect(); err != nil {
		var todo *unready
		if !isDamage(err) || errors.As(err, &todo) {
			s.letGo()
			return err
		}
		return &unready{func() error { return s.setAside(info, err) }}
	}
	s.sound = true
	s.start()
	return nil
}

// start is done once for each file that is opened, which is of use without.
func (s *SQLite) start() {
	if !s.isCache() {
		s.clean()
		if err := s.keepAhead(); err != nil {
			s.o.Log.Warn("the ids of a next journal could not be reserved", "reason", err)
		}
	}
	if !s.isCache() {
		s.watch.open(s.path, s.info)
	}
	for _, f := range s.opened {
		f(func(f func(*Tx) error) error { return s.inTx(s.db, f) })
	}
}

// beAlive makes sure that others can tell so, where that matters to them.
func (s *SQLite) beAlive() error {
	if s.isCache() {
		return nil
	}
	return s.lockName()
}

// inPlace tells whether a file is the one at the path of this.
func (s *SQLite) inPlace(info os.FileInfo) bool {
	there, err := os.Stat(s.path)
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

// pragmas are those of each connection. A transaction on what must not be lost is
// on disk when its commit returns; that on a cache is when the system likes.
func (s *SQLite) pragmas() []string {
	if s.isCache() {
		return []string{"synchronous(OFF)"}
	}
	return []string{"synchronous(FULL)", "journal_size_limit(" + strconv.Itoa(keptLog) + ")"}
}

// making are those of a connection that may make the file. A log of a cache would
// cost more at each start than it saves later.
func (s *SQLite) making() []string {
	if s.isCache() {
		return []string{"auto_vacuum(FULL)"}
	}
	return []string{"auto_vacuum(INCREMENTAL)", "journal_mode(WAL)"}
}

// connect opens a database with one connection, that waits so long for a lock.
func connect(path string, wait time.Duration, pragmas ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", nameOf(path, wait, pragmas...))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// nameOf is how the driver knows a database. It runs the pragmas in the order of the
// alphabet.
func nameOf(path string, wait time.Duration, pragmas ...string) string {
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
		fmt.Sprintf("busy_timeout(%d)", wait.Milliseconds()), "secure_delete(FAST)",
	}, pragmas...) {
		name += "&_pragma=" + url.QueryEscape(p)
	}
	return name
}

// memory is the name of a database that is no file.
const memory = ":memory:"

// openMemory opens one that lives as long as its connection.
func (s *SQLite) openMemory() error {
	if s.db != nil {
		return nil
	}
	if !s.o.Memory {
		return ErrNoPlace
	}
	db, err := connect(memory, s.o.Patience)
	if err != nil {
		return err
	}
	s.db, s.process = db, "here"
	err = s.inTx(s.db, func(t *Tx) error { return errors.Join(durable.upgrade(t, 0), cached.upgrade(t, 0)) })
	if err != nil {
		s.letGo()
	}
	return err
}

// inspect tells whether the open file is one of ours, up to date and whole.
func (s *SQLite) inspect() error {
	var v, tables int
	err := s.inTx(s.db, func(t *Tx) (err error) {
		if v, err = fileVersion(t); err != nil || v > 0 {
			return err
		}
		return t.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&tables)
	})
	switch {
	case err != nil:
		return s.diagnose(err)
	case v < 0, v == 0 && tables > 0:
		return fmt.Errorf("%w: its version is %d", errDamaged, v)
	case v > len(s.part.migrations):
		return s.newer(v)
	case v < len(s.part.migrations):
		return &unready{s.make}
	case s.isCache():
		return nil
	}
	if err := s.part.wholeness(s.db); err != nil {
		return err
	}
	// Only a statement that writes finds out that the file is read-only.
	err = s.inTx(s.db, func(t *Tx) error {
		_, err := t.Exec(`DELETE FROM used WHERE token = ''`)
		return err
	})
	if err == nil {
		s.db.Exec(`PRAGMA journal_mode = WAL`) // a file that was put there by hand may be in another
	}
	return s.diagnose(err)
}

func (s *SQLite) newer(v int) error {
	return fmt.Errorf("%w (format %d; this one knows formats up to %d)", ErrNewer, v, len(s.part.migrations))
}

// wholeness looks through the file. It takes some milliseconds for each MB.
func (p *part) wholeness(db *sql.DB) error {
	var found string
	if err := db.QueryRow(`PRAGMA quick_check(1)`).Scan(&found); err != nil {
		return asDamage(err)
	}
	if found != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, strings.TrimSpace(found))
	}
	for _, query := range p.probes {
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
func (s *SQLite) diagnose(err error) error {
	if code(err) == sqlite3.SQLITE_READONLY {
		file, openErr := os.OpenFile(s.path, os.O_RDWR, 0)
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
