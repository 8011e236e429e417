package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Filter says which entries; what is empty is not looked at.
type Filter struct {
	Workspace, Caller, Kind, Table, Record, Tool, Client string

	Since, Until time.Time // when it began: from Since on, before Until
	Outcomes     []Outcome
	Start, Limit int // how many to leave out, and to give; 0 gives up to 100
}

const (
	unreadable   = "the journal can't be read"
	defaultLimit = 100
)

// Get is one entry; ErrNotFound if there is none.
func (j *Journal) Get(ctx context.Context, id int64) (e Entry, err error) {
	j.mark(ctx)
	err = j.do(ctx, func(tx *sql.Tx) (err error) {
		e, err = scan(tx.QueryRow(`SELECT id, `+columns+` FROM change WHERE id = ?`, id))
		return err
	})
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Entry{}, fmt.Errorf("change %d: %w", id, ErrNotFound)
	case err != nil:
		return Entry{}, j.problem(unreadable, "", err)
	}
	return e, nil
}

// List gives entries, the newest first, and the number of all that match.
func (j *Journal) List(ctx context.Context, f Filter) (found []Entry, total int, err error) {
	j.mark(ctx)
	where, args := f.where()
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	err = j.do(ctx, func(tx *sql.Tx) (err error) {
		if err := tx.QueryRow(`SELECT count(*) FROM change`+where, args...).Scan(&total); err != nil {
			return err
		}
		found, err = query(tx, where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, limit, max(f.Start, 0))...)
		return err
	})
	if err != nil {
		return nil, 0, j.problem(unreadable, "", err)
	}
	return found, total, nil
}

func (f *Filter) where() (string, []any) {
	var terms []string
	var args []any
	add := func(term string, arg any) { terms, args = append(terms, term), append(args, arg) }
	for _, is := range []struct{ column, value string }{
		{"workspace", f.Workspace}, {"caller", f.Caller}, {"kind", f.Kind}, {"table_name", f.Table},
		{"record", f.Record}, {"tool", f.Tool},
	} {
		if is.value != "" {
			add(is.column+" = ?", is.value)
		}
	}
	if f.Client != "" { // a text in its name: people don't know its version
		add("INSTR(LOWER(client), LOWER(?)) > 0", f.Client)
	}
	if !f.Since.IsZero() {
		add("began >= ?", formatTime(f.Since))
	}
	if !f.Until.IsZero() {
		add("began < ?", formatTime(f.Until))
	}
	if len(f.Outcomes) > 0 {
		terms = append(terms, "outcome IN (?"+strings.Repeat(", ?", len(f.Outcomes)-1)+")")
		for _, o := range f.Outcomes {
			args = append(args, string(o))
		}
	}
	if len(terms) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

func query(tx *sql.Tx, rest string, args ...any) (found []Entry, err error) {
	rows, err := tx.Query(`SELECT id, `+columns+` FROM change`+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, e)
	}
	return found, rows.Err()
}
