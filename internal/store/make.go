package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// errDamaged is a file that can't be read as what it should be.
var errDamaged = errors.New("the file is damaged")

// make makes a new file, or brings an old one up to date. No other process is
// at it; one may have done it before.
func (s *SQLite) make() error {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		if err := s.create(err == nil); err != nil {
			return err
		}
		if info, err = os.Stat(s.path); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	err = s.upgrade()
	if isDamage(err) {
		return s.setAside(info, err)
	}
	return err
}

// create makes an empty file that only its owner can read. A log that is left
// of one that is gone would be deleted by SQLite, and so is set aside.
func (s *SQLite) create(exists bool) error {
	if log, err := os.Stat(s.path + "-wal"); err == nil && log.Size() > 0 {
		if err := s.rename(errors.New("its file is missing or empty, its log is not")); err != nil {
			return err
		}
		exists = false
	}
	if exists {
		return nil
	}
	file, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if s.isCache() {
		return file.Close()
	}
	err = errors.Join(file.Sync(), file.Close())
	syncDir(filepath.Dir(s.path))
	return err
}

// syncDir puts the names in a directory on disk, where the system knows that.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		d.Sync()
		d.Close()
	}
}

// upgrade brings a file up to date.
func (s *SQLite) upgrade() error {
	db, err := connect(s.path, s.o.Patience, append(s.pragmas(), s.making()...)...)
	if err != nil {
		return err
	}
	err = s.inTx(db, func(t *Tx) error {
		v, err := fileVersion(t)
		switch {
		case err != nil:
			return err
		case v > len(s.part.migrations):
			return s.newer(v)
		}
		if err := s.part.upgrade(t, v); err != nil || v > 0 || s.isCache() {
			return err
		}
		after, err := s.readNext()
		if err == nil && after > 0 {
			err = beginAfter(t, after)
		}
		return err
	})
	return errors.Join(asDamage(err), db.Close())
}

// setAside renames the damaged file, unless another process has done so. It
// stays open until then, so that SQLite does not write to it once more.
func (s *SQLite) setAside(info os.FileInfo, why error) error {
	if windows {
		s.letGo() // what is open can't be renamed there
	}
	defer s.letGo()
	if !s.inPlace(info) {
		return nil
	}
	return s.rename(why)
}

// rename gives the file and what belongs to it names that are not taken. What can
// be made again is removed instead.
func (s *SQLite) rename(why error) error {
	s.renames++
	if s.isCache() {
		s.o.Log.Info("what was kept for quicker starts is damaged: it is made anew", "reason", why, "file", s.path)
		return s.remove()
	}
	aside := s.asideName()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(s.path+suffix, aside+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("it is damaged, and can't be set aside: %w", err)
		}
	}
	syncDir(filepath.Dir(s.path))
	s.o.Log.Warn("the journal is damaged: it was set aside and a new one begun; changes in the old one can't be undone",
		"reason", why, "file", aside)
	return nil
}

// remove removes the file and what belongs to it.
func (s *SQLite) remove() (err error) {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if e := os.Remove(s.path + suffix); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = fmt.Errorf("it is damaged, and can't be removed: %w", e)
		}
	}
	return err
}

func (s *SQLite) asideName() string {
	base := s.path + asideMark + s.o.Now().UTC().Format("20060102T150405Z")
	name := base
	for n := 2; taken(name); n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	return name
}

func taken(name string) bool {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if _, err := os.Lstat(name + suffix); err == nil {
			return true
		}
	}
	return false
}
