package setup

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"flexie-mcp/internal/files"
)

// maxFile is how much of a file is read, in bytes.
const maxFile = 1 << 20

// File is a file of settings as it was read, if it was there.
type File struct {
	Path   string
	Exists bool

	target string // behind all links
	mode   fs.FileMode
	text   []byte
}

// Open reads a file of settings. There may be none.
func Open(path string) (File, error) {
	f := File{Path: path, target: path, mode: 0o600}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(path); err == nil {
			return f, fmt.Errorf("%s is a link to something that does not exist: mend or remove the link", path)
		}
		return f, nil
	}
	if err != nil {
		return f, files.Cannot("read", path, err)
	}
	f.Exists, f.target = true, target
	info, err := os.Stat(target)
	if err != nil {
		return f, files.Cannot("read", path, err)
	}
	if !info.Mode().IsRegular() {
		return f, fmt.Errorf("%s is not a file that can be changed", path)
	}
	f.mode = info.Mode().Perm()
	f.text, err = readAll(target)
	return f, err
}

func readAll(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, files.Cannot("read", path, err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, files.Cannot("read", path, err)
	case len(text) > maxFile:
		return nil, fmt.Errorf("%s is too large to be a file of settings", path)
	}
	return text, nil
}

// Write puts a changed text in place of what was read: whole, or not at all. It
// refuses where somebody else has written meanwhile. A new file, and one that holds a
// secret, only its owner can read.
func (f File) Write(c Changed) error {
	now, err := Open(f.Path)
	if err != nil {
		return err
	}
	if now.Exists != f.Exists || !bytes.Equal(now.text, f.text) {
		return fmt.Errorf("%s was changed by another program just now, and is left alone: try again", f.Path)
	}
	if f.mode&0o200 == 0 {
		return fmt.Errorf("%s is read-only, and is left alone: chmod u+w it first", f.Path)
	}
	if err := os.MkdirAll(filepath.Dir(f.target), 0o700); err != nil {
		return files.Cannot("make the directory of", f.Path, err)
	}
	mode := f.mode
	if c.Secret {
		mode &= 0o600
	}
	if err := files.Replace(f.target, c.text, mode, nil); err != nil {
		return files.Cannot("write", f.Path, err)
	}
	return nil
}
