package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// SQLite is a Store in a file or in memory. Several processes of one machine use
// one file at once; within a process, one goroutine.
type SQLite struct {
	o      Options
	part   *part // nil in memory, which has all
	opened []func(Run)
	name   string // of its files, without what tells them apart
	path   string // "" in memory

	turn  chan struct{} // holds one token: who has it may use what follows
	db    *sql.DB       // nil until it is open
	info  os.FileInfo   // the file that db has open
	sound bool          // it was inspected
	lock  *flock.Flock  // shared while db is used, exclusive while the file is replaced
	shut  bool
	watch watch
	// The process is told apart by this name, which a lock proves to be alive.
	process string
	alive   *flock.Flock
	were    map[string]bool // all names that this process has had
	renames int             // how many files this process has set aside

	mu      sync.Mutex
	secrets map[string][]byte // in memory
}

// Durable keeps in journal.db what must not be lost.
func Durable(o Options) *SQLite { return newSQLite(o, durable, "journal", 5*time.Second) }

// Cache keeps in cache.db what can be learnt or made again: it is quick, and what
// is damaged is thrown away.
func Cache(o Options) *SQLite { return newSQLite(o, cached, "cache", time.Second) }

// Memory keeps everything for as long as the process lives.
func Memory() *SQLite {
	s := newSQLite(Options{}, nil, "", 5*time.Second)
	s.o.Memory = true
	return s
}

func newSQLite(o Options, of *part, name string, patience time.Duration) *SQLite {
	s := &SQLite{o: o.whole(), part: of, name: name, turn: make(chan struct{}, 1), were: map[string]bool{}, secrets: map[string][]byte{}}
	if s.o.Patience == 0 {
		s.o.Patience = patience
	}
	if o.Dir != "" {
		s.path = filepath.Join(o.Dir, name+".db")
		s.lock = flock.New(filepath.Join(o.Dir, name+".lock"))
	}
	return s
}

// isCache tells whether what it keeps can be made again.
func (s *SQLite) isCache() bool { return s.part == cached }

func (s *SQLite) OnOpen(f func(Run)) { s.opened = append(s.opened, f) }

func (s *SQLite) Close() error {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	if s.shut {
		return nil
	}
	s.shut = true
	err := s.letGo()
	s.die()
	return err
}

// letGo closes the database.
func (s *SQLite) letGo() error {
	s.watch.close()
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db, s.info, s.sound = nil, nil, false
	return err
}

func (s *SQLite) Place() string { return s.path }

// Empty reports whether nothing can have been kept yet, since there is no file. It
// opens and makes nothing; in memory, and where it can't be told, it is false.
func (s *SQLite) Empty() bool {
	if s.path == "" {
		return false
	}
	_, err := os.Stat(s.path)
	return errors.Is(err, fs.ErrNotExist)
}

// Live has been done when the file was opened, or looked for.
func (s *SQLite) Live(*Tx) error { return nil }

func (s *SQLite) Ours(process string) bool { return process == s.process || s.were[process] }

func (s *SQLite) Gone(_ *Tx, process string) bool { return s.hasEnded(process) }

// Secret has a file of its own, NAME.key, since the database is shown to people
// and copied.
func (s *SQLite) Secret(_ context.Context, name string, fresh []byte) ([]byte, error) {
	switch {
	case s.path != "":
		return secretIn(filepath.Join(s.o.Dir, name+".key"), fresh)
	case !s.o.Memory:
		return nil, errNoKeyPlace
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.secrets[name] == nil {
		s.secrets[name] = fresh
	}
	return s.secrets[name], nil
}
