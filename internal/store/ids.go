package store

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

func (s *SQLite) nextPath() string { return filepath.Join(s.o.Dir, "journal.next") }

// keepAhead moves the next file's ids on before this one's come near. It is
// done each time that a file is opened, so before a new one gives any.
func (s *SQLite) keepAhead() error {
	var last int64
	err := s.db.QueryRow(`SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change'`).Scan(&last)
	if err != nil {
		return err
	}
	if next, err := s.readNext(); err != nil || next > last+idsOfFile/2 {
		return err
	}
	return s.writeNext(((last+idsOfFile/2)/idsOfFile + 1) * idsOfFile)
}

// readNext is 0 where no file has been, as far as can be seen.
func (s *SQLite) readNext() (int64, error) {
	text, err := os.ReadFile(s.nextPath())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil && n > 0 {
		return n, nil
	}
	aside, _ := filepath.Glob(escapeGlob(s.path) + asideMark + "*")
	return int64(len(aside)) * idsOfFile, nil // at most three files for each
}

// writeNext replaces the number at once, and on disk.
func (s *SQLite) writeNext(next int64) error {
	temp, err := writeBeside(s.nextPath(), fmt.Appendln(nil, next))
	if err != nil {
		return err
	}
	defer os.Remove(temp) // if it was not renamed
	return os.Rename(temp, s.nextPath())
}
