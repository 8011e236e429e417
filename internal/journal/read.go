package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"flexie-mcp/internal/store"
)

// Filter says which entries; what is empty is not looked at.
type Filter struct {
	Workspace, Caller, Kind, Table, Record, Tool, Client string

	Or    Through // what is found by Tool is found by this as well
	Notes string  // and what by Record: notes that have this text in their data

	Since, Until time.Time // when it began: from Since on, before Until
	Outcomes     []Outcome
	Start, Limit int // how many to leave out, and to give; 0 gives up to 100

	Undoes int64 // those that take this change back

	Kinds   []string // what is about one of these kinds; nil is any, and none at all is nothing
	Without []OfKind // but none of these

	Brief bool // leaves out what is large of each entry, which may be many MB
}

// Through is a tool, when it was one of its endpoints that it used.
type Through struct{ Tool, Endpoint string }

// OfKind is what is done in one way to one kind.
type OfKind struct{ Kind, Act string }

const (
	unreadable   = "the journal can't be read"
	defaultLimit = 100
)

// Get is one entry; ErrNotFound if there is none.
func (j *Journal) Get(ctx context.Context, id int64) (e Entry, err error) {
	j.mark(ctx)
	err = j.do(ctx, func(t *store.Tx) (err error) {
		e, err = scan(t.QueryRow(`SELECT id, `+columns+` FROM change WHERE id = ?`, id))
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
	err = j.do(ctx, func(t *store.Tx) (err error) {
		if err := t.QueryRow(`SELECT count(*) FROM change`+where, args...).Scan(&total); err != nil {
			return err
		}
		rest, args := where+` ORDER BY id DESC LIMIT ? OFFSET ?`, append(args, limit, max(f.Start, 0))
		if f.Brief {
			found, err = queryOf(t, briefColumns, scanBrief, rest, args...)
		} else {
			found, err = query(t, rest, args...)
		}
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
	and := func(term string, these []any) { terms, args = append(terms, term), append(args, these...) }
	add := func(term string, these ...any) { and(term, these) }
	equal := func(column, value string) {
		if value != "" {
			add(column+" = ?", value)
		}
	}
	equal("workspace", f.Workspace)
	equal("caller", f.Caller)
	if term, these := f.record(); term != "" {
		add(term, these...)
	}
	switch {
	case f.Tool != "" && f.Or != Through{}:
		add("(tool = ? OR tool = ? AND endpoint = ?)", f.Tool, f.Or.Tool, f.Or.Endpoint)
	default:
		equal("tool", f.Tool)
	}
	if f.Client != "" { // a text in its name: people don't know its version
		add("REPLACE(LOWER(client), LOWER(?), '') <> LOWER(client)", f.Client)
	}
	if f.Undoes != 0 {
		add("undoes = ?", f.Undoes)
	}
	if !f.Since.IsZero() {
		add("began >= ?", store.FormatTime(f.Since))
	}
	if !f.Until.IsZero() {
		add("began < ?", store.FormatTime(f.Until))
	}
	if len(f.Outcomes) > 0 {
		and(oneOf("outcome", f.Outcomes))
	}
	if f.Kinds != nil {
		and(oneOf("kind", f.Kinds))
	}
	for _, not := range f.Without {
		add("NOT (kind = ? AND act = ?)", not.Kind, not.Act)
	}
	if len(terms) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// oneOf is the term that a column has one of some values, which of none is never so.
func oneOf[T ~string](column string, values []T) (term string, args []any) {
	for _, v := range values {
		args = append(args, string(v))
	}
	if len(args) == 0 {
		return "1 = 0", nil
	}
	return column + " IN (?" + strings.Repeat(", ?", len(args)-1) + ")", args
}

// record is the term that says which records.
func (f *Filter) record() (term string, args []any) {
	var terms []string
	for _, is := range []struct{ column, value string }{{"kind", f.Kind}, {"table_name", f.Table}, {"record", f.Record}} {
		if is.value != "" {
			terms, args = append(terms, is.column+" = ?"), append(args, is.value)
		}
	}
	term = strings.Join(terms, " AND ")
	if term != "" && f.Notes != "" {
		// A text is in another one if that becomes another without it.
		term = "(" + term + " OR kind = 'note' AND REPLACE(coalesce(data, ''), ?, '') <> coalesce(data, ''))"
		args = append(args, f.Notes)
	}
	return term, args
}

func query(t *store.Tx, rest string, args ...any) ([]Entry, error) {
	return queryOf(t, columns, func(rows *sql.Rows) (Entry, error) { return scan(rows) }, rest, args...)
}

func queryOf(t *store.Tx, columns string, scan func(*sql.Rows) (Entry, error), rest string, args ...any) (found []Entry, err error) {
	rows, err := t.Query(`SELECT id, `+columns+` FROM change`+rest, args...)
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
