// Package files puts files in the place of others, and says what could not be done
// with one.
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace puts a file in the place of what was there, if anything: whole and on disk,
// or not at all. It gets that mode, and the owner of like unless that is nil. The error
// is of what failed, without the path: see Cannot.
func Replace(path string, text []byte, mode fs.FileMode, like fs.FileInfo) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".flexie-mcp-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil && like != nil {
		err = own(file, like)
	}
	if err == nil && mode != 0o600 {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return err
	}
	SyncDirectory(filepath.Dir(path))
	return nil
}

// SyncDirectory has a rename outlast a power cut, where the system can do that.
func SyncDirectory(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// Remove removes a file, if there is one.
func Remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Cannot("remove", path, err)
	}
	return nil
}

// Cannot says what could not be done with a file, without the name of the system call.
func Cannot(do, path string, err error) error {
	return fmt.Errorf("cannot %s %s: %w", do, path, Plain(err))
}

// Plain is an error without the name of the system call, and the path.
func Plain(err error) error {
	if of := new(fs.PathError); errors.As(err, &of) {
		return of.Err
	}
	if of := new(os.LinkError); errors.As(err, &of) {
		return of.Err
	}
	return err
}
