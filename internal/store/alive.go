package store

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// A process that uses durable files holds a lock on a file of its own, which the
// system takes from it when it ends, however that is. Its name is made up, as
// systems give the number of a process to another one later.

const aliveSuffix = ".live"

func (s *SQLite) alivePath(process string) string {
	return filepath.Join(s.o.Dir, "journal-"+process+aliveSuffix)
}

// lockName makes sure that others can tell that this process is alive.
func (s *SQLite) lockName() error {
	if s.alive != nil {
		if _, err := os.Lstat(s.alive.Path()); err == nil {
			return nil
		}
		s.die() // somebody has removed the file
	}
	for range 10 {
		var id [8]byte
		rand.Read(id[:])
		process := hex.EncodeToString(id[:])
		lock := flock.New(s.alivePath(process))
		got, err := lock.TryLock()
		if err != nil {
			return err
		}
		if got && isAt(lock) {
			s.process, s.alive = process, lock
			s.were[process] = true
			return nil
		}
		lock.Unlock() // another has taken it for one that is left over
	}
	return errors.New("no lock could be had")
}

// isAt tells whether the file that is locked is still the one at its path.
func isAt(lock *flock.Flock) bool {
	locked, err := lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(lock.Path())
	return err == nil && os.SameFile(locked, there)
}

// die says that this process is gone. Removing goes first: between the two,
// another could make the file its own.
func (s *SQLite) die() {
	if s.alive != nil {
		os.Remove(s.alive.Path())
		s.alive.Unlock()
		os.Remove(s.alive.Path()) // for systems that don't remove what is open
		s.alive = nil
	}
}

// hasEnded tells whether a process has. If in doubt, it has not.
func (s *SQLite) hasEnded(process string) bool {
	if s.path == "" || s.were[process] {
		return false
	}
	if _, err := hex.DecodeString(process); err != nil || process == "" {
		return true // none of ours
	}
	path := s.alivePath(process)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return true
	}
	lock := flock.New(path, flock.SetFlag(os.O_RDONLY))
	got, err := lock.TryRLock() // shared, so that two who ask don't see each other
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	if got {
		os.Remove(path)
		lock.Unlock()
		os.Remove(path)
	}
	return got
}

// clean removes what ended processes have left.
func (s *SQLite) clean() {
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(s.o.Dir), "journal-*"+aliveSuffix))
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "journal-"), aliveSuffix)
		if _, err := hex.DecodeString(name); err == nil && name != "" {
			s.hasEnded(name)
		}
	}
}

// escapeGlob makes a path stand for itself.
func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path // there is no escaping: brackets in it are of no use
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
