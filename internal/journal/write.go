package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"flexie-mcp/internal/store"
)

// Ending is what came of a change. What is empty leaves the entry as it is.
type Ending struct {
	Outcome      Outcome // Done, NotDone or Unknown
	Record, Name string
	After        json.RawMessage
	NoUndo       string // why it can't be undone after all
	Note         string
}

// Begin records a change that is about to be made, and gives its id. It sets
// Began and Outcome; ID, Ended and UndoneBy are the journal's as well. When it
// returns, the entry is on disk. An error says to the user that the change was
// not made and why: make it only without one. ErrUndone is an undo of a change
// that is undone, or whose undoing is pending or unknown.
func (j *Journal) Begin(ctx context.Context, e Entry) (int64, error) {
	return j.BeginUnless(ctx, e, time.Time{}, 0)
}

// BeginUnless is Begin, and ErrRepeats where the newest of the changes that do
// the same (see Newest) is another one than known, which is 0 where none is. To
// look and to begin are one: of two at once, the second finds the first.
func (j *Journal) BeginUnless(ctx context.Context, e Entry, since time.Time, known int64) (int64, error) {
	const notMade = "the change was not made, since it can't be recorded"
	if err := e.check(); err != nil {
		return 0, fmt.Errorf("%s: %w", notMade, err)
	}
	id, err := j.begin(ctx, e, func(t *store.Tx) error { return mayRepeat(t, e, since, known) })
	if err != nil {
		err = j.problem(notMade, "; reading goes on", err)
	}
	return id, err
}

func (j *Journal) begin(ctx context.Context, e Entry, may func(*store.Tx) error) (int64, error) {
	e.Began, e.Outcome = j.now(), Pending
	e.ID, e.Ended, e.UndoneBy = 0, time.Time{}, 0
	err := j.do(ctx, func(t *store.Tx) error {
		if err := errors.Join(mayUndo(t, e.Undoes), may(t)); err != nil {
			return err
		}
		e.ID = 0 // it may have been given one of a file that was damaged
		return j.insert(t, &e)
	})
	j.mu.Lock()
	switch {
	case err == nil:
		j.begun[e.ID] = e
	case errors.Is(err, store.ErrUnsure): // if it is there, then not to stay pending
		j.unsaved[e.ID] = Ending{Outcome: NotDone, Note: "it was not made, since it could not be recorded"}
	}
	j.mu.Unlock()
	if err != nil {
		return 0, err
	}
	j.tidyNowAndThen(ctx)
	return e.ID, nil
}

// mayUndo keeps a change from being taken back twice, also where it is not known
// whether it was.
func mayUndo(t *store.Tx, id int64) error {
	if id == 0 {
		return nil
	}
	if err := t.Wait(fmt.Sprint("undo ", id)); err != nil {
		return err
	}
	var n int
	err := t.QueryRow(`SELECT count(*) FROM change WHERE (id = ? AND undone_by <> 0)
		OR (undoes = ? AND outcome IN ('pending', 'unknown'))`, id, id).Scan(&n)
	if err == nil && n > 0 {
		return ErrUndone
	}
	return err
}

// insert writes an entry as one of this process. Without an id it gets one.
func (j *Journal) insert(t *store.Tx, e *Entry) error {
	values, err := e.values()
	if err != nil {
		return err
	}
	if err := j.s.Live(t); err != nil {
		return err
	}
	if e.ID != 0 {
		_, err := t.Exec(`INSERT INTO change (id, process, same, looker, looked, `+columns+`)
			VALUES (?, ?, ?, '', 0, `+marks+`)`, append([]any{e.ID, t.Process, e.Same}, values...)...)
		return err
	}
	return t.QueryRow(`INSERT INTO change (process, same, looker, looked, `+columns+`)
		VALUES (?, ?, '', 0, `+marks+`) RETURNING id`, append([]any{t.Process, e.Same}, values...)...).Scan(&e.ID)
}

// marks are those of the columns.
const marks = `?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?`

// End records what came of a change that this process has begun, or of one that
// is Unknown. It does so also when the context is over, since the change is a
// fact by then. What can't be recorded now is recorded as soon as it can be. An
// entry that was lost with a damaged file is written to the new one.
//
// Errors are ErrNotFound, ErrEnded for an entry that is Done or NotDone,
// ErrOthers for one that is pending elsewhere, and those of Begin.
func (j *Journal) End(ctx context.Context, id int64, ending Ending) error {
	switch ending.Outcome {
	case Done, NotDone, Unknown:
	default:
		return fmt.Errorf("a change can't end as %q", ending.Outcome)
	}
	if len(ending.After) > 0 && !json.Valid(ending.After) {
		ending.After = nil // better an entry without than none
	}
	err := j.do(context.WithoutCancel(ctx), func(t *store.Tx) error { return j.end(t, id, ending) })
	if err == nil || isAnswer(err) {
		j.forget(map[int64]Ending{id: ending})
		return err
	}
	j.mu.Lock()
	j.unsaved[id] = ending
	j.mu.Unlock()
	return j.problem(fmt.Sprintf("what came of change %d can't be recorded yet", id), "", err)
}

func (j *Journal) end(t *store.Tx, id int64, ending Ending) error {
	undoes, err := j.mayEnd(t, id)
	if err != nil {
		return err
	}
	// One that was looked into, and still is unknown, is not looked into again.
	_, err = t.Exec(`UPDATE change SET outcome = ?, ended = ?, note = `+unlessEmpty("note")+`,
		record = `+unlessEmpty("record")+`, name = `+unlessEmpty("name")+`, no_undo = `+unlessEmpty("no_undo")+`,
		record_after = coalesce(?, record_after), looked = CASE WHEN looker <> '' THEN 1 ELSE looked END
		WHERE id = ?`,
		string(ending.Outcome), store.FormatTime(j.now()), ending.Note, ending.Note,
		ending.Record, ending.Record, ending.Name, ending.Name, ending.NoUndo, ending.NoUndo, jsonText(ending.After), id)
	if err == nil && undoes != 0 && ending.Outcome == Done {
		_, err = t.Exec(`UPDATE change SET undone_by = ? WHERE id = ?`, id, undoes)
	}
	return err
}

// mayEnd also says which change it undoes.
func (j *Journal) mayEnd(t *store.Tx, id int64) (undoes int64, err error) {
	var outcome, process, undone cell
	err = t.QueryRow(`SELECT outcome, process, undoes FROM change WHERE id = ?`+t.Lock, id).Scan(&outcome, &process, &undone)
	if errors.Is(err, sql.ErrNoRows) {
		return j.insertAgain(t, id)
	}
	if err != nil {
		return 0, err
	}
	switch Outcome(outcome) {
	case Done, NotDone:
		return 0, fmt.Errorf("change %d: %w", id, ErrEnded)
	case Pending:
		if !j.s.Ours(string(process)) {
			return 0, fmt.Errorf("change %d: %w", id, ErrOthers)
		}
	}
	scanID(undone, &undoes)
	return undoes, nil
}

// unlessEmpty takes the same argument twice.
func unlessEmpty(column string) string {
	return `CASE WHEN ? <> '' THEN ? ELSE ` + column + ` END`
}

// insertAgain writes an entry of this process that is not there any more.
func (j *Journal) insertAgain(t *store.Tx, id int64) (undoes int64, err error) {
	j.mu.Lock()
	e, ok := j.begun[id]
	j.mu.Unlock()
	if !ok {
		return 0, fmt.Errorf("change %d: %w", id, ErrNotFound)
	}
	e.ID = id
	return e.Undoes, j.insert(t, &e)
}

func (j *Journal) unsavedNow() map[int64]Ending {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.unsaved)
}

// forget drops from memory what is on disk.
func (j *Journal) forget(saved map[int64]Ending) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for id := range saved {
		delete(j.unsaved, id)
		delete(j.begun, id)
	}
}
