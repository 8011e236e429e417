package journal

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

// A process that uses the journal holds a lock on a file of its own, which the
// system takes from it when it ends, however that is. Its name is made up, as
// systems give the number of a process to another one later.

const aliveSuffix = ".live"

func (j *sqliteFile) alivePath(process string) string {
	return filepath.Join(j.o.Dir, "journal-"+process+aliveSuffix)
}

// lockName makes sure that others can tell that this process is alive.
func (j *sqliteFile) lockName() error {
	if j.alive != nil {
		if _, err := os.Lstat(j.alive.Path()); err == nil {
			return nil
		}
		j.die() // somebody has removed the file
	}
	for range 10 {
		var id [8]byte
		rand.Read(id[:])
		process := hex.EncodeToString(id[:])
		lock := flock.New(j.alivePath(process))
		got, err := lock.TryLock()
		if err != nil {
			return err
		}
		if got && isAt(lock) {
			j.process, j.alive = process, lock
			j.were[process] = true
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
func (j *sqliteFile) die() {
	if j.alive != nil {
		os.Remove(j.alive.Path())
		j.alive.Unlock()
		os.Remove(j.alive.Path()) // for systems that don't remove what is open
		j.alive = nil
	}
}

// hasEnded tells whether a process has. If in doubt, it has not.
func (j *sqliteFile) hasEnded(process string) bool {
	if j.path == "" || j.were[process] {
		return false
	}
	if _, err := hex.DecodeString(process); err != nil || process == "" {
		return true // none of ours
	}
	path := j.alivePath(process)
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
func (j *sqliteFile) clean() {
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(j.o.Dir), "journal-*"+aliveSuffix))
	for _, path := range paths {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "journal-"), aliveSuffix)
		if _, err := hex.DecodeString(name); err == nil && name != "" {
			j.hasEnded(name)
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
