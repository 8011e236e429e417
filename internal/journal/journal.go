// Package journal keeps what was written to a workspace. An entry is on disk
// before the change is sent, so that whatever happens to the program, nothing
// is changed without a trace, and what was changed can be taken back. It knows
// nothing of Flexie and of MCP: its callers say what a change is.
//
// Several processes use one at once, each by a store of its own: docs/journal.md
// describes how. What can't be done since the store can't be used is a
// store.Problem.
package journal

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"flexie-mcp/internal/store"
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
	Brief     bool   // it was listed without some large part of it; Get has all

	// Same is a sign that all changes share that would do the same, "" for one
	// that may be made any number of times. It is written, and not read back.
	Same string
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
	Store     store.Store      // without one nothing can be recorded
	KeepFor   time.Duration    // how long an ended change is kept; 0 is for ever
	KeepBytes int64            // how large the file may grow before the oldest go; 0 is no limit
	Now       func() time.Time // time.Now unless set
	Log       *slog.Logger     // says nothing unless set
}

// Journal is the journal of one process. It is safe for concurrent use.
type Journal struct {
	o Options
	s store.Store

	mu      sync.Mutex
	begun   map[int64]Entry  // pending ones of this process
	unsaved map[int64]Ending // what could not be recorded yet
	tidied  time.Time        // when it was last tidied,
	since   int              // and how many changes ago
}

// New is a journal that makes and opens nothing before it is needed.
func New(o Options) *Journal {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Store == nil {
		o.Store = store.Durable(store.Options{})
	}
	j := &Journal{o: o, s: o.Store, begun: map[int64]Entry{}, unsaved: map[int64]Ending{}}
	j.s.OnOpen(j.opened)
	return j
}

// Close lets go of it, and of its store, which the journal needs longest. What is
// pending then is for other processes to find out about.
func (j *Journal) Close() error {
	if n := len(j.unsavedNow()); n > 0 {
		err := j.save(context.Background())
		if n := len(j.unsavedNow()); n > 0 && !errors.Is(err, store.ErrClosed) {
			j.o.Log.Warn("what came of the last changes could not be recorded", "changes", n, "reason", err)
		}
	}
	return j.s.Close()
}

// do runs f in a transaction, after what could not be recorded before. If that
// still can't be, f may do all the same: to read takes no space.
func (j *Journal) do(ctx context.Context, f func(*store.Tx) error) error {
	if err := j.save(ctx); err != nil {
		switch j.s.Kind(err) {
		case store.ErrLocked, store.ErrUnreachable: // it would only wait once more
			return err
		}
	}
	return j.s.Do(ctx, f)
}

// save records the outcomes that could not be recorded before.
func (j *Journal) save(ctx context.Context) error {
	unsaved := j.unsavedNow()
	if len(unsaved) == 0 {
		return nil
	}
	err := j.s.Do(ctx, func(t *store.Tx) error {
		for id, ending := range unsaved {
			if err := j.end(t, id, ending); err != nil && !isAnswer(err) {
				return err // an answer, in contrast, is final
			}
		}
		return nil
	})
	if err == nil {
		j.forget(unsaved)
	}
	return err
}

// opened is done once for each database that is opened. The journal is of use
// without.
func (j *Journal) opened(do store.Run) {
	if err := do(j.sweep); err != nil {
		j.o.Log.Warn("changes whose program has ended could not be marked", "reason", err)
	}
	j.tidy(do)
}

func (j *Journal) now() time.Time { return j.o.Now().UTC().Truncate(time.Microsecond) }

// SetAside are the names of the journals that were damaged and set aside since a
// time: what is in them is not listed.
func (j *Journal) SetAside(since time.Time) []string {
	if file, ok := j.s.(*store.SQLite); ok {
		return file.SetAside(since)
	}
	return nil
}
