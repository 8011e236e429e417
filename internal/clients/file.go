package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"flexie-mcp/internal/files"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 10 << 20

// BackupEnd is what the copy of a file is called behind its name: how it was before
// this server was put in.
const BackupEnd = ".flexie-backup"

// snapshot is a file as it was read. There may be none.
type snapshot struct {
	path   string // behind all links
	exists bool
	text   []byte
	info   fs.FileInfo
}

// look reads a client's file, if there is one. Links are followed.
func look(path string) (snapshot, error) {
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if exists(path) {
			return snapshot{}, fmt.Errorf("%s is a link to something that does not exist: mend or remove the link", path)
		}
		return snapshot{path: path}, nil
	}
	if err != nil && isLink(path) {
		return snapshot{}, fmt.Errorf("%s is a link that can't be followed: it may lead back to itself", path)
	}
	if err != nil {
		return snapshot{}, files.Cannot("read", path, err)
	}
	return read(target)
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

func read(path string) (s snapshot, err error) {
	s = snapshot{path: path, exists: true}
	if s.info, err = os.Stat(path); err != nil {
		return s, files.Cannot("read", path, err)
	}
	switch {
	case s.info.IsDir():
		return s, fmt.Errorf("%s is a directory, where a file is expected", path)
	case !s.info.Mode().IsRegular():
		return s, fmt.Errorf("%s is not a file that can be changed", path)
	case s.info.Size() > maxFile:
		return s, tooLarge(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return s, files.Cannot("read", path, err)
	}
	defer file.Close()
	if s.text, err = io.ReadAll(io.LimitReader(file, maxFile+1)); err != nil {
		return s, files.Cannot("read", path, err)
	}
	if len(s.text) > maxFile {
		return s, tooLarge(path)
	}
	return s, checkText(path, s.text)
}

func tooLarge(path string) error {
	return fmt.Errorf("%s is larger than %d MB, and is left alone: change it by hand; --print shows what to paste", path, maxFile>>20)
}

func checkText(path string, text []byte) error {
	wide := bytes.HasPrefix(text, []byte{0xff, 0xfe}) || bytes.HasPrefix(text, []byte{0xfe, 0xff}) || bytes.IndexByte(text, 0) >= 0
	switch {
	case wide:
		return fmt.Errorf("%s is not in UTF-8, but seems to be in UTF-16: save it as UTF-8 first", path)
	case !utf8.Valid(text):
		at := 0
		for at < len(text) {
			r, size := utf8.DecodeRune(text[at:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return fmt.Errorf("%s is not in UTF-8, in line %d: save it as UTF-8 first", path, lineOf(text, at))
	}
	return nil
}

// write puts another text in place of what was read: whole, or not at all. It keeps
// the mode and the owner, and refuses where somebody else has written meanwhile.
func (s snapshot) write(text []byte) error {
	if err := s.mayChange(); err != nil {
		return err
	}
	if !s.exists {
		if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
			return files.Cannot("make the directory of", s.path, err)
		}
	}
	return replace(s.path, text, s.info)
}

// remove removes what was read, unless somebody else has written meanwhile.
func (s snapshot) remove() error {
	if err := s.mayChange(); err != nil {
		return err
	}
	return files.Remove(s.path)
}

func (s snapshot) isAs(now snapshot) bool {
	return now.exists == s.exists && bytes.Equal(now.text, s.text)
}

func changedMeanwhile(path string) error {
	return fmt.Errorf("%s was changed by another program just now, and is left alone: close that, and try again", path)
}

func (s snapshot) mayChange() error {
	now, err := look(s.path)
	if err != nil {
		return err
	}
	if !s.isAs(now) {
		return changedMeanwhile(s.path)
	}
	if s.exists && s.info.Mode().Perm()&0o200 == 0 {
		return fmt.Errorf("%s is read-only, and is left alone: chmod u+w it first", s.path)
	}
	return nil
}

// replaceFile is files.Replace, but for tests of a disk that is full.
var replaceFile = files.Replace

// replace writes a file anew, with the mode and owner of another one, if any.
func replace(path string, text []byte, like fs.FileInfo) error {
	mode := fs.FileMode(0o600)
	if like != nil {
		mode = like.Mode().Perm()
	}
	if err := replaceFile(path, text, mode, like); err != nil {
		return files.Cannot("write", path, err)
	}
	return nil
}
