package journal

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
func (j *sqliteFile) make() error {
	info, err := os.Stat(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.Size() == 0:
		if err := j.create(err == nil); err != nil {
			return err
		}
		if info, err = os.Stat(j.path); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	err = j.upgrade()
	if isDamage(err) {
		return j.setAside(info, err)
	}
	return err
}

// create makes an empty file that only its owner can read. A log that is left
// of one that is gone would be deleted by SQLite, and so is set aside.
func (j *sqliteFile) create(exists bool) error {
	if log, err := os.Stat(j.path + "-wal"); err == nil && log.Size() > 0 {
		if err := j.rename(errors.New("its file is missing or empty, its log is not")); err != nil {
			return err
		}
		exists = false
	}
	if exists {
		return nil
	}
	file, err := os.OpenFile(j.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(file.Sync(), file.Close())
	syncDir(filepath.Dir(j.path))
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
func (j *sqliteFile) upgrade() error {
	db, err := connect(j.path, j.patience, "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)")
	if err != nil {
		return err
	}
	err = j.inTx(db, func(t *tx) error {
		v, err := version(t)
		switch {
		case err != nil:
			return err
		case v > len(migrations):
			return newer(v)
		}
		var after int64
		if v == 0 {
			if after, err = j.readNext(); err != nil {
				return err
			}
		}
		return migrate(t, v, after)
	})
	return errors.Join(asDamage(err), db.Close())
}

// setAside renames the damaged file, unless another process has done so. It
// stays open until then, so that SQLite does not write to it once more.
func (j *sqliteFile) setAside(info os.FileInfo, why error) error {
	if windows {
		j.letGo() // what is open can't be renamed there
	}
	defer j.letGo()
	if !j.inPlace(info) {
		return nil
	}
	return j.rename(why)
}

// rename gives the file and what belongs to it names that are not taken.
func (j *sqliteFile) rename(why error) error {
	aside := j.asideName()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(j.path+suffix, aside+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("it is damaged, and can't be set aside: %w", err)
		}
	}
	syncDir(filepath.Dir(j.path))
	j.renames++
	j.o.Log.Warn("the journal is damaged: it was set aside and a new one begun; changes in the old one can't be undone",
		"reason", why, "file", aside)
	return nil
}

func (j *sqliteFile) asideName() string {
	base := j.path + ".corrupt-" + j.o.now().Format("20060102T150405Z")
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
