package oauth

import (
	"errors"
	"os"
	"path/filepath"

	"flexie-mcp/internal/files"
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
	files.SyncDirectory(filepath.Dir(path))
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

func cannotWrite(path string, err error) error { return files.Cannot("write", path, err) }

// step is told how far a renewal has come, for tests that end the process there.
var step = func(string) {}
