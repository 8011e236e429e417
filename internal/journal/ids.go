package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Whoever remembers "change 5" must not be given another one, also when the
// file that it was in has been set aside or removed. So each file has a million
// ids of its own, and beside it stands where those of the next begin.

const idsOfFile = 1_000_000

func (j *sqliteFile) nextPath() string { return filepath.Join(j.o.Dir, "journal.next") }

// keepAhead moves the next file's ids on before this one's come near. It is
// done each time that a file is opened, so before a new one gives any.
func (j *sqliteFile) keepAhead() error {
	var last int64
	err := j.db.QueryRow(`SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change'`).Scan(&last)
	if err != nil {
		return err
	}
	if next, err := j.readNext(); err != nil || next > last+idsOfFile/2 {
		return err
	}
	return j.writeNext(((last+idsOfFile/2)/idsOfFile + 1) * idsOfFile)
}

// readNext is 0 where no file has been, as far as can be seen.
func (j *sqliteFile) readNext() (int64, error) {
	text, err := os.ReadFile(j.nextPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
		return n, nil
	}
	aside, _ := filepath.Glob(escapeGlob(j.path) + ".corrupt-*")
	return int64(len(aside)) * idsOfFile, nil // at most three files for each
}

// writeNext replaces the number at once, and on disk.
func (j *sqliteFile) writeNext(next int64) error {
	temp, err := os.CreateTemp(j.o.Dir, "journal.next.*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // if it was not renamed
	_, err = fmt.Fprintln(temp, next)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), j.nextPath())
}
