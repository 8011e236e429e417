package store

import (
	"context"
	"time"
)

// Lease is how long a process is taken for alive that says nothing.
const Lease = lease

// WithMigration has the tables that must not be lost one format more, as a newer
// program does, until it is undone.
func WithMigration(sql string, needs int) (undo func()) {
	was := durable.migrations
	durable.migrations = append(was[:len(was):len(was)], migration{sql: sql, needs: needs})
	return func() { durable.migrations = was }
}

// Formats is how many formats this program knows of what must not be lost.
func Formats() int { return len(durable.migrations) }

// Renew says that the process is alive, as it does by itself every few seconds.
func (p *Postgres) Renew() { p.renew(context.Background(), p.db) }

// Beaten sets when that was last said, and until when others may be alive that
// could not say so.
func (p *Postgres) Beaten(at, doubtful time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beaten, p.doubtful = at, doubtful
}

// SetAsideOnce sets aside the file that is open, as one that has found it to be
// damaged and then waited for the lock; before has others do so meanwhile.
func (s *SQLite) SetAsideOnce(before func()) error {
	old := s.info
	before()
	return s.setAside(old, errDamaged)
}

// CopyKey is for file systems without links.
var CopyKey = copyKey
