package oauth

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// newEnd is what a file's name ends in until it is whole.
const newEnd = ".new"

// writeFile puts a file in the place of what was there, if anything: whole and on
// disk, or not at all. Only its owner can read it.
func writeFile(path string, content []byte) error {
	temporary := path + newEnd // one at a time writes: there is a lock
	if err := writeNew(temporary, content); err != nil {
		_ = os.Remove(temporary)
		return cannotWrite(path, err)
	}
	step("written " + filepath.Base(path))
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary)
		return cannotWrite(path, err)
	}
	syncDirectory(filepath.Dir(path))
	return nil
}

func writeNew(path string, content []byte) error {
	_ = os.Remove(path) // of a process that was killed
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDirectory has a rename outlast a power cut, where the system can do that.
func syncDirectory(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove %s: %w", path, plain(err))
	}
	return nil
}

func cannotWrite(path string, err error) error {
	return fmt.Errorf("cannot write %s: %w", path, plain(err))
}

// plain is an error without the name of the system call.
func plain(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return of.Err
	}
	if of := new(os.LinkError); errors.As(err, &of) {
		return of.Err
	}
	return err
}

// step is told how far a renewal has come, for tests that end the process there.
var step = func(string) {}
