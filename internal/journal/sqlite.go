package journal

import (
	"database/sql"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// sqliteFile keeps a journal in an SQLite file, or in memory. Several processes
// of one machine use one file at once; within a process, one goroutine.
type sqliteFile struct {
	o        Options
	opened   func(run)
	path     string        // "" in memory
	patience time.Duration // how long to wait for a lock

	turn  chan struct{} // holds one token: who has it may use what follows
	db    *sql.DB       // nil until it is open
	info  os.FileInfo   // the file that db has open
	sound bool          // it was inspected
	lock  *flock.Flock  // shared while db is used, exclusive while the file is replaced
	shut  bool
	// The process is told apart by this name, which a lock proves to be alive.
	process string
	alive   *flock.Flock
	were    map[string]bool // all names that this process has had
	renames int             // how many files this process has set aside
}

func newSQLiteFile(o Options, opened func(run)) *sqliteFile {
	j := &sqliteFile{
		o: o, opened: opened, patience: 5 * time.Second,
		turn: make(chan struct{}, 1), were: map[string]bool{},
	}
	if o.Dir != "" && !o.Memory {
		j.path = filepath.Join(o.Dir, "journal.db")
		j.lock = flock.New(filepath.Join(o.Dir, "journal.lock"))
	}
	return j
}

func (j *sqliteFile) close() error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.shut {
		return nil
	}
	j.shut = true
	err := j.letGo()
	j.die()
	return err
}

// letGo closes the database.
func (j *sqliteFile) letGo() error {
	if j.db == nil {
		return nil
	}
	err := j.db.Close()
	j.db, j.info, j.sound = nil, nil, false
	return err
}

func (j *sqliteFile) place() string { return j.path }

// live has been done when the file was opened, or looked for.
func (j *sqliteFile) live(*tx) error { return nil }

func (j *sqliteFile) ours(process string) bool { return process == j.process || j.were[process] }

func (j *sqliteFile) gone(_ *tx, process string) bool { return j.hasEnded(process) }
