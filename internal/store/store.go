// Package store keeps the state of the program: what must not be lost, such as
// the journal, and what can be learnt or made again. It is kept in SQLite files,
// or in a Postgres that several machines share; its users, such as the journal
// and the codes of confirmations, know Store only. docs/journal.md describes what
// it holds.
package store

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// Store is a database with the tables of tables.go. It makes and opens nothing
// before it is needed, and is safe for concurrent use.
type Store interface {
	// Do runs f in a transaction that is durable when it returns, opening what
	// is not open. It may run f again. The context ends the waiting only: what
	// has begun is finished.
	Do(ctx context.Context, f func(*Tx) error) error

	// Look runs f, which only reads, and asks for one thing: it need not be a
	// transaction.
	Look(ctx context.Context, f func(*Tx) error) error

	// Version tells whether anything has changed, much quicker than reading; ok is
	// false where it can't.
	Version() (v Version, ok bool)

	// OnOpen has f run each time that a database was opened, before it is used
	// by others. Call it before the first use.
	OnOpen(f func(Run))

	// Live makes sure that others can tell that this process is alive.
	Live(t *Tx) error

	// Gone tells whether a process has ended. If in doubt, it has not.
	Gone(t *Tx, process string) bool

	// Ours tells whether this process has, or had, that name.
	Ours(process string) bool

	// Secret is a secret that all share who use the same store: the fresh one for
	// the first to ask by that name, and the same for all others. One of another
	// length is an error. The error says what to do.
	Secret(ctx context.Context, name string, fresh []byte) ([]byte, error)

	// Kind is why a transaction failed: one of Err…, or nil for a reason of its own.
	Kind(err error) error

	// Place is what people know it by: a path, or a host and a name. It holds
	// no password, and is "" for memory.
	Place() string

	Close() error
}

// Run runs f in a transaction of its own.
type Run func(f func(*Tx) error) error

// Options say where state is kept.
type Options struct {
	Dir      string           // the state directory; without it, files can't be made
	Memory   bool             // in memory only, for a sandbox that ends with the program
	Database string           // the address of a Postgres; "" is files
	Now      func() time.Time // time.Now unless set
	Log      *slog.Logger     // says nothing unless set

	// Patience is how long to wait for a lock that another has, unless 0.
	Patience time.Duration
}

// whole fills in what is not given.
func (o Options) whole() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// State is all that the program keeps.
type State struct {
	// Durable keeps what must not be lost.
	Durable Store

	// Cache keeps what can be learnt or made again. It is quicker, and gives up
	// earlier.
	Cache Store

	// Postgres is both, where there is one; else nil.
	Postgres *Postgres
}

// Open gives the stores that the options name. It makes and opens nothing yet.
func Open(o Options) *State {
	switch {
	case o.Memory:
		m := Memory()
		return &State{Durable: m, Cache: m}
	case o.Database != "":
		p := NewPostgres(o.Database)
		return &State{Durable: p, Cache: hasty{p}, Postgres: p}
	}
	return &State{Durable: Durable(o), Cache: Cache(o)}
}

// Close ends both.
func (s *State) Close() error { return errors.Join(s.Cache.Close(), s.Durable.Close()) }
