package store

import (
	"path/filepath"
	"strings"
	"time"
)

// asideMark stands before the time at which a damaged file was set aside.
const asideMark = ".corrupt-"

// SetAside are the names of the files that were damaged and set aside since a
// time.
func (s *SQLite) SetAside(since time.Time) (names []string) {
	if s.path == "" {
		return nil
	}
	paths, _ := filepath.Glob(escapeGlob(s.path) + asideMark + "*")
	for _, path := range paths {
		name := filepath.Base(path)
		_, at, _ := strings.Cut(name, asideMark)
		if t, err := time.Parse("20060102T150405Z", at[:min(len(at), 16)]); err == nil && !t.Before(since) && !strings.HasSuffix(name, "-wal") && !strings.HasSuffix(name, "-shm") {
			names = append(names, name)
		}
	}
	return names
}
