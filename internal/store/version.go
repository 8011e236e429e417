package store

import (
	"context"
	"database/sql/driver"
	"os"
	"sync"

	"modernc.org/sqlite"
)

// Version tells two states of a store apart: whatever anybody commits, in whichever
// process, gives it another one. What was read at a version, or after it was asked
// for, holds as long as it is the same.
type Version struct{ opened, changed int64 }

// watch tells the version of a file, without waiting for who writes to it. Its
// connection is its own: SQLite counts for each the commits of all others. It is one
// of the driver, since database/sql would take longer than SQLite.
type watch struct {
	mu     sync.Mutex
	info   os.FileInfo // the file that is open
	conn   driver.Conn // nil if none is
	ask    driver.Stmt
	opened int64 // how many were
}

// open has it watch a file, which is there. Where that fails there is no version,
// and so nothing to go by but the file.
func (w *watch) open(path string, info os.FileInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letGo()
	// A writer is not waited for: who asks can as well read.
	conn, err := new(sqlite.Driver).Open(nameOf(path, 0, "query_only(1)"))
	if err != nil {
		return
	}
	w.conn, w.info = conn, info
	w.opened++
	if w.ask, err = conn.Prepare(`PRAGMA data_version`); err != nil {
		w.letGo()
	}
}

func (w *watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letGo()
}

func (w *watch) letGo() {
	if w.ask != nil {
		w.ask.Close()
	}
	if w.conn != nil {
		w.conn.Close()
	}
	w.conn, w.ask, w.info = nil, nil, nil
}

// changed is what SQLite counts; ok is false where it can't be told.
func (w *watch) changed() (n int64, ok bool) {
	ask, ok := w.ask.(driver.StmtQueryContext)
	if !ok {
		return 0, false
	}
	rows, err := ask.QueryContext(context.Background(), nil)
	if err != nil {
		return 0, false
	}
	defer rows.Close()
	var row [1]driver.Value
	if rows.Next(row[:]) != nil {
		return 0, false
	}
	n, ok = row[0].(int64)
	return n, ok
}

// Version is not known before the file was first used, and where another file has
// taken its place.
func (s *SQLite) Version() (v Version, ok bool) {
	w := &s.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ask == nil || !s.inPlace(w.info) {
		return v, false
	}
	v.opened = w.opened
	v.changed, ok = w.changed()
	return v, ok
}

// Version is not known: to ask for it would take as long as to read.
func (p *Postgres) Version() (Version, bool) { return Version{}, false }

// Look is Do.
func (s *SQLite) Look(ctx context.Context, f func(*Tx) error) error { return s.Do(ctx, f) }

// Look saves the beginning and the end of a transaction, each of which goes to the
// database and back.
func (p *Postgres) Look(ctx context.Context, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, err := p.open(ctx, p.patience)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.patience)
	defer cancel()
	err = f(&Tx{statements: db, Dialect: inPostgres, ctx: bounded, Process: p.process})
	if err != nil && bounded.Err() != nil {
		return late(err)
	}
	return err
}
