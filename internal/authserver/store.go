package authserver

import (
	"database/sql"
	"errors"
	"time"

	"flexie-mcp/internal/store"
)

// Times are kept in milliseconds since 1970; 0 is never. Wherever two may be at
// the same row, on whichever replica, it is changed by one UPDATE that says how
// it must have been: of two such, one changes nothing.

// changed runs an UPDATE or DELETE, and reports whether it changed a row.
func changed(t *store.Tx, query string, args ...any) (bool, error) {
	result, err := t.Exec(query, args...)
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows > 0, err
}

// found reads one row, and reports whether there is one.
func found(row *sql.Row, into ...any) (bool, error) {
	err := row.Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func timeOf(milliseconds int64) time.Time { return time.UnixMilli(milliseconds).UTC() }

// clock is the time as it is kept.
func (s *Server) clock() int64 { return s.o.Now().UnixMilli() }

// in is the time after a while, as it is kept.
func (s *Server) in(d time.Duration) int64 { return s.o.Now().Add(d).UnixMilli() }
