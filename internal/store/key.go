package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

var errNoKeyPlace = errors.New("there is no directory for the key: set state_dir to a directory that can be written")

// secretIn is the secret in a file, which is made of the fresh one if there is
// none.
func secretIn(path string, fresh []byte) ([]byte, error) {
	key, err := readKey(path, len(fresh))
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path, fresh); err != nil {
		return nil, fmt.Errorf("the key %s can't be made: %w: check the directory, or set state_dir to another", path, err)
	}
	return readKey(path, len(fresh)) // which is another's, if that was quicker
}

func readKey(path string, size int) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("the key %s can't be read: %w", path, err)
	}
	switch {
	case !info.Mode().IsRegular() || info.Size() != int64(size):
		return nil, fmt.Errorf("the key %s is not a file of %d bytes: remove it, and a new one is made; what was signed with it is void then", path, size)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the key %s can be read by others: if nobody has, chmod 600 it; else remove it, and a new one is made", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the key %s can't be read: %w: check who owns it", path, err)
	}
	defer file.Close()
	key := make([]byte, size)
	if _, err := io.ReadFull(file, key); err != nil {
		return nil, fmt.Errorf("the key %s can't be read: %w", path, err)
	}
	return key, nil
}

// makeKey makes a whole key or none, and leaves alone one that is there.
func makeKey(path string, fresh []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := writeBeside(path, fresh)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	err = os.Link(temp, path) // unlike renaming, it never overwrites
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return copyKey(temp, path)
	}
	return nil
}

// writeBeside writes what is to become a file, whole and on disk, into one beside
// it, which only its owner can read.
func writeBeside(path string, content []byte) (name string, err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	_, err = temp.Write(content)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		os.Remove(temp.Name())
		return "", err
	}
	return temp.Name(), nil
}

// copyKey is for file systems without links.
func copyKey(from, to string) error {
	key, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.Write(key)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		os.Remove(to)
	}
	return err
}
