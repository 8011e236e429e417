package journal

import (
	"path/filepath"
	"strings"
	"time"
)

// asideMark stands before the time at which a damaged file was set aside.
const asideMark = ".corrupt-"

// SetAside are the names of the journals that were damaged and set aside since a
// time: what is in them is not listed.
func (j *Journal) SetAside(since time.Time) (names []string) {
	if j.o.Dir == "" || j.o.Memory || j.o.Database != nil {
		return nil
	}
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(j.o.Dir), "journal.db"+asideMark+"*"))
	for _, path := range paths {
		name := filepath.Base(path)
		_, at, _ := strings.Cut(name, asideMark)
		if t, err := time.Parse("20060102T150405Z", at[:min(len(at), 16)]); err == nil && !t.Before(since) && !strings.HasSuffix(name, "-wal") && !strings.HasSuffix(name, "-shm") {
			names = append(names, name)
		}
	}
	return names
}
