// Package journal keeps what was written to a workspace. An entry is on disk
// before the change is sent, so that whatever happens to the program, nothing
// is changed without a trace, and what was changed can be taken back. It knows
// nothing of Flexie and of MCP: its callers say what a change is.
//
// Several processes use one file at once. docs/journal.md describes it.
package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Outcome is what came of a change.
type Outcome string

// A change is pending until it ends in one of the others. Unknown is a change
// of which it was lost whether it happened; it may still become Done or NotDone.
const (
	Pending Outcome = "pending"
	Done    Outcome = "done"
	NotDone Outcome = "not_done"
	Unknown Outcome = "unknown"
)

// Entry is one change: what was asked, and what came of it. The JSON in it is
// valid, or nil where there is none.
type Entry struct {
	ID        int64
	Workspace string          // the API root, https://acme.flexie.io/api
	Caller    string          // tells callers apart; never a key
	User      string          // the caller's name for people, may be ""
	Client    string          // the MCP client, "claude-ai 1.2"
	Tool      string          // "update_contact"
	Endpoint  string          // "contacts.update"
	Arguments json.RawMessage // secrets already masked
	Act       string          // create, update, delete, …: the caller's words
	Kind      string          // contact, task, …
	Table     string          // of a custom record
	Record    string          // its id; "" until it is known
	Name      string          // what the record is called
	Before    json.RawMessage // the record before, nil if there was none
	After     json.RawMessage // the record after, nil if unknown
	Changes   []Change        // field by field, where that is known
	Data      json.RawMessage // whatever else the writer needs to find out or undo
	NoUndo    string          // why it can't be undone; "" if it can
	Undoes    int64           // the change that this one takes back; 0 if none
	UndoneBy  int64           // the change that took this one back; 0 if none
	Began     time.Time       // UTC, whole microseconds, as Ended
	Ended     time.Time       // zero while pending
	Outcome   Outcome
	Note      string // what there is to say about the outcome, e.g. the error
}

// Change is what became of one field. Its values are JSON values as Go has
// them; numbers come back as json.Number.
type Change struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

// Options say where a journal is and how much it keeps.
type Options struct {
	Dir       string           // the state directory; without it, and without Memory, nothing can be recorded
	Memory    bool             // keeps it in memory only, for a sandbox
	KeepFor   time.Duration    // how long an ended change is kept; 0 is for ever
	KeepBytes int64            // how large the file may grow before the oldest go; 0 is no limit
	Now       func() time.Time // time.Now unless set
	Log       *slog.Logger     // says nothing unless set
}

// Journal is the journal of one process. It is safe for concurrent use.
type Journal struct {
	o        Options
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
	// When it was last tidied, and how many changes ago.
	tidied time.Time
	since  int

	mu      sync.Mutex
	begun   map[int64]Entry  // pending ones of this process
	unsaved map[int64]Ending // what could not be recorded yet
}

// New is a journal that makes and opens nothing before it is needed.
func New(o Options) *Journal {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	j := &Journal{
		o: o, patience: 5 * time.Second,
		turn:  make(chan struct{}, 1),
		were:  map[string]bool{},
		begun: map[int64]Entry{}, unsaved: map[int64]Ending{},
	}
	if o.Dir != "" && !o.Memory {
		j.path = filepath.Join(o.Dir, "journal.db")
		j.lock = flock.New(filepath.Join(o.Dir, "journal.lock"))
	}
	return j
}

// Close lets go of the file. What is pending then is for other processes to
// find out about.
func (j *Journal) Close() error {
	j.turn <- struct{}{}
	defer func() { <-j.turn }()
	if j.shut {
		return nil
	}
	if len(j.unsavedNow()) > 0 {
		err := j.attempt(context.Background(), func(*sql.Tx) error { return nil })
		if n := len(j.unsavedNow()); n > 0 {
			j.o.Log.Warn("what came of the last changes could not be recorded", "changes", n, "reason", err)
		}
	}
	j.shut = true
	err := j.letGo()
	j.die()
	return err
}

// letGo closes the database.
func (j *Journal) letGo() error {
	if j.db == nil {
		return nil
	}
	err := j.db.Close()
	j.db, j.info, j.sound = nil, nil, false
	return err
}

func (j *Journal) now() time.Time { return j.o.Now().UTC().Truncate(time.Microsecond) }
