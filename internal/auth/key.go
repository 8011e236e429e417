package auth

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// keyOf reads the Flexie key that a token names, from environ or a file, which
// is relative to dir. Its error names the token and the place, and no key.
func (t Token) keyOf(environ []string, dir string) (Secret, error) {
	key, place := "", "the environment variable "+t.KeyEnv
	if t.KeyEnv != "" {
		key = variable(environ, t.KeyEnv)
	} else {
		place = t.KeyFile
		if !filepath.IsAbs(place) {
			place = filepath.Join(dir, place)
		}
		content, _, err := readFile(place, maxHeader)
		if err != nil {
			return Secret{}, fmt.Errorf("token %q can't be used: its key: %w", t.Name, err)
		}
		key = string(content)
	}
	key = strings.TrimSpace(key)
	switch {
	case key == "":
		return Secret{}, fmt.Errorf("token %q can't be used: its key is not there: %s is not set or empty", t.Name, place)
	case strings.ContainsFunc(key, unprintable) || strings.ContainsAny(key, " \t"):
		return Secret{}, fmt.Errorf("token %q can't be used: its key in %s holds spaces, line breaks or other characters that no key has", t.Name, place)
	}
	return NewSecret(key), nil
}

// variable is the last value of an environment variable, which is the one that
// counts.
func variable(environ []string, name string) (value string) {
	for _, v := range environ {
		if rest, ok := strings.CutPrefix(v, name+"="); ok {
			value = rest
		}
	}
	return value
}

// readFile reads a regular file of at most so many bytes. What is no file might
// never end, or never begin.
func readFile(path string, most int64) (content []byte, mode fs.FileMode, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, unreadable(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is not a file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, unreadable(path, err)
	}
	defer file.Close()
	if content, err = io.ReadAll(io.LimitReader(file, most+1)); err != nil {
		return nil, 0, unreadable(path, err)
	}
	if int64(len(content)) > most {
		return nil, 0, fmt.Errorf("%s is too large to be what goes here", path)
	}
	return content, info.Mode().Perm(), nil
}

// unreadable says why a file can't be read, without the name of the system call.
func unreadable(path string, err error) error {
	if pathErr := new(fs.PathError); errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return fmt.Errorf("cannot read %s: %w", path, err)
}
