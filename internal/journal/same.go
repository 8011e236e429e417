package journal

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"flexie-mcp/internal/store"
)

// Newest is the newest change that does the same as e: of the same caller in the
// same workspace, with the same sign, begun since a moment; one that is or may
// have been done, and was not taken back. Its ID is 0 if there is none.
func (j *Journal) Newest(ctx context.Context, e Entry, since time.Time) (found Entry, err error) {
	j.mark(ctx)
	err = j.do(ctx, func(t *store.Tx) error {
		id, err := newest(t, e, since)
		if err != nil || id == 0 {
			return err
		}
		found, err = scan(t.QueryRow(`SELECT id, `+columns+` FROM change WHERE id = ?`, id))
		return err
	})
	if err != nil {
		return Entry{}, j.problem(unreadable, "", err)
	}
	return found, nil
}

func newest(t *store.Tx, e Entry, since time.Time) (id int64, err error) {
	if e.Same == "" {
		return 0, nil
	}
	err = t.QueryRow(`SELECT id FROM change WHERE same = ? AND workspace = ? AND caller = ? AND began >= ?
		AND outcome <> 'not_done' AND undone_by = 0 ORDER BY id DESC LIMIT 1`,
		e.Same, e.Workspace, e.Caller, store.FormatTime(since)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return id, err
}

// mayRepeat keeps a change from being made once more unknown to who asked for it.
// Without a moment it may be made any number of times.
func mayRepeat(t *store.Tx, e Entry, since time.Time, known int64) error {
	if since.IsZero() {
		return nil
	}
	if err := t.Wait("same " + e.Same); err != nil {
		return err
	}
	id, err := newest(t, e, since)
	if err == nil && id != known {
		return ErrRepeats
	}
	return err
}
