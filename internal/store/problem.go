package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Why a store can't be used, for errors.Is.
var (
	ErrNoPlace   = errors.New("there is no directory for the journal")
	ErrFull      = errors.New("the disk is full")
	ErrForbidden = errors.New("there is no permission to write it")
	ErrLocked    = errors.New("another process has locked it")
	ErrNewer     = errors.New("a newer version of flexie-mcp has written it")
	ErrClosed    = errors.New("the journal is closed")

	ErrUnreachable = errors.New("its database can't be reached")

	// ErrUnsure is a transaction of which it is not known whether it happened.
	ErrUnsure = errors.New("the connection was lost before Postgres said whether it is recorded")
)

// Problem is a store that can't be used, which people know as the journal. Its text is made for the user of an
// assistant.
type Problem struct {
	What string // what does not happen therefore
	Kind error  // one of the above, or nil
	Path string // of the file, or the host and name of the database; "" if there is none
	Err  error  // the cause

	shared bool   // it is in a database
	more   string // what comes after the advice
}

func (p *Problem) Error() string {
	why, next := p.inFile()
	if p.shared {
		why, next = p.inDatabase()
	}
	where := ""
	if p.Path != "" {
		where = " (journal: " + p.Path + ")"
	}
	return fmt.Sprintf("%s: %s%s. %s%s.", p.What, why, where, next, p.more)
}

// Public is the text for those who don't run the program: of a database it says
// neither where it is nor what it said.
func (p *Problem) Public() string {
	if !p.shared {
		return p.Error()
	}
	why := "its database can't be used"
	if p.Kind != nil && p.Kind != ErrForbidden && p.Kind != ErrNewer {
		why = p.Kind.Error()
	}
	return fmt.Sprintf("%s: %s. Try again later, or tell whoever runs this server: the reason is in its log%s.", p.What, why, p.more)
}

func (p *Problem) inFile() (why, next string) {
	why, next = p.Err.Error(), "Check the disk and the directory, and try again"
	switch p.Kind {
	case ErrNoPlace:
		why, next = p.Kind.Error(), "Set state_dir to a directory that can be written"
		if p.Path != "" {
			why = "its directory can't be made, since a file is in the way"
		}
	case ErrFull:
		why, next = p.Kind.Error(), "Free some space and try again"
	case ErrForbidden:
		why, next = p.Kind.Error(), "Check who may write to the file and its directory, and whether the disk is read-only, or set state_dir to another directory"
	case ErrLocked:
		why, next = p.Kind.Error(), "Wait, or close what has it open, and try again"
	case ErrNewer:
		next = "Update flexie-mcp, or set state_dir to another directory"
	case ErrClosed:
		next = "The program is ending: try again when it has started"
	}
	if errors.Is(p.Err, syscall.EISDIR) {
		why, next = "a directory is in the place of one of its files", "Remove it (journal.db or journal.lock), or set state_dir to another directory"
	}
	return why, next
}

// inDatabase says as the cause what Postgres does.
func (p *Problem) inDatabase() (why, next string) {
	why = strings.Join(strings.Fields(p.Err.Error()), " ") // it has a line for each address that was tried
	next = "Check the database and database_url, and try again"
	if p.Kind != nil && p.Kind != ErrNewer && p.Kind != ErrForbidden && !errors.Is(p.Err, p.Kind) {
		why = p.Kind.Error() + ": " + why
	}
	switch p.Kind {
	case ErrUnreachable:
		next = "Check that Postgres runs and that database_url is right, and try again"
	case ErrFull:
		next = "Free some space and try again"
	case ErrForbidden:
		next = "Check the user of database_url, what they may do, and whether the database is read-only"
	case ErrLocked:
		next = "Wait, or end what holds the lock, and try again"
	case ErrNewer:
		next = "Update flexie-mcp"
	case ErrClosed:
		next = "The program is ending: try again when it has started"
	}
	return why, next
}

func (p *Problem) Unwrap() []error { return []error{p.Kind, p.Err} }

// NewProblem makes the error that a user sees of one of Do: what does not happen
// therefore, and what is to be said after the advice.
func NewProblem(s Store, what, more string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w", what, err)
	}
	_, inFile := s.(*SQLite)
	return &Problem{What: what, Kind: s.Kind(err), Path: s.Place(), Err: err, more: more, shared: !inFile}
}

// kindOf is the kind that an error says itself.
func kindOf(err error) error {
	for _, kind := range []error{ErrNoPlace, ErrFull, ErrForbidden, ErrLocked, ErrNewer, ErrClosed, ErrUnreachable} {
		if errors.Is(err, kind) {
			return kind
		}
	}
	return nil
}

// Kind goes by the codes of SQLite and of the system.
func (s *SQLite) Kind(err error) error {
	if kind := kindOf(err); kind != nil {
		return kind
	}
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return ErrNoPlace
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ErrFull
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return ErrForbidden
	}
	switch code(err) {
	case sqlite3.SQLITE_FULL:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH:
		return ErrForbidden
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return ErrLocked
	}
	return nil
}

// code is SQLite's primary error code; 0 where the error is none of SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// isDamage tells a file that is broken from one that can't be used just now.
func isDamage(err error) bool {
	c := code(err)
	return errors.Is(err, errDamaged) || c == sqlite3.SQLITE_CORRUPT || c == sqlite3.SQLITE_NOTADB
}

// isPassing is a failure after which the connection is as good as before.
func isPassing(err error) bool {
	switch c := code(err); c {
	case 0, sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CONSTRAINT:
		return true
	}
	return false
}
