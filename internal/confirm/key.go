package confirm

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const keySize = 32

func newKey() []byte {
	key := make([]byte, keySize)
	rand.Read(key)
	return key
}

func sharedKey(share func([]byte) ([]byte, error)) ([]byte, error) {
	key, err := share(newKey())
	if err == nil && len(key) != keySize {
		err = fmt.Errorf("it has %d bytes instead of %d", len(key), keySize)
	}
	if err != nil {
		return nil, fmt.Errorf("the key in the database can't be used: %w: check the database and database_url, and try again", err)
	}
	return key, nil
}

// keyOf is the key in a file, which is made if there is none.
func keyOf(path string) ([]byte, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path); err != nil {
		return nil, fmt.Errorf("the key %s can't be made: %w: check the directory, or set state_dir to another", path, err)
	}
	return readKey(path) // which is another's, if that was quicker
}

func readKey(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("the key %s can't be read: %w", path, err)
	}
	switch {
	case !info.Mode().IsRegular() || info.Size() != keySize:
		return nil, fmt.Errorf("the key %s is not a file of %d bytes: remove it, and a new one is made; codes given before are void then", path, keySize)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("the key %s can be read by others: if nobody has, chmod 600 it; else remove it, and a new one is made", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the key %s can't be read: %w: check who owns it", path, err)
	}
	defer file.Close()
	key := make([]byte, keySize)
	if _, err := io.ReadFull(file, key); err != nil {
		return nil, fmt.Errorf("the key %s can't be read: %w", path, err)
	}
	return key, nil
}

// makeKey makes a whole key or none, and leaves alone one that is there.
func makeKey(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, filepath.Base(path)+".*.tmp") // only its owner can read it
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(newKey())
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	err = os.Link(temp.Name(), path) // unlike renaming, it never overwrites
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return copyKey(temp.Name(), path)
	}
	return nil
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
