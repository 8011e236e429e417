package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Database is a Postgres that has the journal's tables.
type Database interface {
	// Open gives the connections, once the tables are up to date. A schema that
	// this version can't use is an error with the method Newer.
	Open(ctx context.Context) (*sql.DB, error)
	Place() string // "db.example:5432/flexie", without a password
}

// A process says in a row of its own that it is alive, again and again. Who has
// not done so for the time of a lease has ended. Unlike a lock that a connection
// holds, this outlives a restart of Postgres, works where connections are
// pooled between, and also ends with a machine that loses its network. Only
// Postgres's clock counts.
const (
	lease     = 20 * time.Second
	beatEvery = lease / 4
	beat      = `INSERT INTO process (id, seen) VALUES (?, now()) ON CONFLICT (id) DO UPDATE SET seen = now()`
)

// mostTries is how often a transaction is begun that others got in the way of.
const mostTries = 5

// errUnsure is a transaction of which it is not known whether it happened.
var errUnsure = errors.New("the connection was lost before Postgres said whether it is recorded")

// postgres keeps a journal in a database that several machines share.
type postgres struct {
	database Database
	opened   func(run)
	process  string
	patience time.Duration // how long a transaction may take

	turn chan struct{} // holds one token: who has it opens
	stop context.CancelFunc
	done chan struct{} // closed when the heart has stopped

	mu       sync.Mutex
	db       *sql.DB // nil until it is open
	shut     bool
	beaten   time.Time // when it was last said that this process is alive
	doubtful time.Time // until then others may be alive that did not say so
}

func newPostgres(o Options, opened func(run)) *postgres {
	var id [8]byte
	rand.Read(id[:])
	return &postgres{
		database: o.Database, opened: opened, process: hex.EncodeToString(id[:]),
		patience: 10 * time.Second, turn: make(chan struct{}, 1),
	}
}

func (p *postgres) place() string { return p.database.Place() }

func (p *postgres) ours(process string) bool { return process == p.process }

func (p *postgres) do(ctx context.Context, f func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, err := p.open(ctx)
	if err != nil {
		return err
	}
	return p.run(context.WithoutCancel(ctx), p.patience, db, f)
}

// run tries again what others got in the way of.
func (p *postgres) run(ctx context.Context, most time.Duration, db *sql.DB, f func(*tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for try := 1; ; try++ {
		err := p.once(ctx, db, f)
		switch {
		case ctx.Err() != nil, isTimeout(err):
			return late(err)
		case !isCollision(err) || try == mostTries:
			return err
		}
	}
}

func isTimeout(err error) bool { return errors.Is(err, context.DeadlineExceeded) }

// late is no deadline of the caller, and so must not be taken for one.
func late(err error) error {
	switch {
	case err == nil || isAnswer(err):
		return err
	case errors.Is(err, errUnsure):
		return fmt.Errorf("%w: %w", ErrUnreachable, errUnsure)
	}
	return fmt.Errorf("%w: it did not answer in time", ErrUnreachable)
}

func (p *postgres) once(ctx context.Context, db *sql.DB, f func(*tx) error) error {
	in, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(&tx{Tx: in, dialect: inPostgres, ctx: ctx, process: p.process}); err != nil {
		in.Rollback() // the error of f says more
		return err
	}
	err = in.Commit()
	var refused *pgconn.PgError
	if err != nil && !errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", errUnsure, err)
	}
	return err
}

// open opens the database the first time that it is there.
func (p *postgres) open(ctx context.Context) (*sql.DB, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	db, shut := p.db, p.shut
	p.mu.Unlock()
	switch {
	case shut:
		return nil, ErrClosed
	case db != nil:
		return db, nil
	}
	bounded, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	db, err := p.database.Open(bounded)
	if err != nil {
		if isTimeout(err) && ctx.Err() == nil {
			err = late(err)
		}
		return nil, err
	}
	p.start(ctx, db)
	return db, nil
}

func (p *postgres) start(ctx context.Context, db *sql.DB) {
	p.renew(context.WithoutCancel(ctx), db)
	beating, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	p.mu.Lock()
	p.db, p.stop, p.done = db, stop, done
	p.mu.Unlock()
	go func() {
		defer close(done)
		p.keepAlive(beating, db)
	}()
	p.opened(func(f func(*tx) error) error { return p.run(context.WithoutCancel(ctx), p.patience, db, f) })
}

// keepAlive says that this process is alive, until the context is over.
func (p *postgres) keepAlive(ctx context.Context, db *sql.DB) {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			p.renew(ctx, db)
		}
	}
}

// renew says it once. When that fails, others may fail as well: they get the
// time of a lease before one of them is taken for ended.
func (p *postgres) renew(ctx context.Context, db *sql.DB) {
	asked := time.Now()
	err := p.run(ctx, beatEvery, db, func(t *tx) error {
		_, err := t.Exec(beat, p.process)
		return err
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil || !p.beaten.IsZero() && asked.Sub(p.beaten) > lease/2 {
		p.doubtful = time.Now().Add(lease)
	}
	if err == nil {
		p.beaten = asked
	}
}

func (p *postgres) live(t *tx) error {
	p.mu.Lock()
	beaten := p.beaten
	p.mu.Unlock()
	if !beaten.IsZero() && time.Since(beaten) < lease/2 {
		return nil
	}
	_, err := t.Exec(beat, p.process)
	return err
}

func (p *postgres) gone(t *tx, process string) bool {
	p.mu.Lock()
	doubtful := time.Now().Before(p.doubtful)
	p.mu.Unlock()
	if p.ours(process) || doubtful {
		return false
	}
	var alive bool
	err := t.QueryRow(`SELECT count(*) > 0 FROM process WHERE id = ? AND seen > now() - make_interval(secs => ?)`,
		process, lease.Seconds()).Scan(&alive)
	return err == nil && !alive
}

func (p *postgres) close() error {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	p.mu.Lock()
	shut, db := p.shut, p.db
	p.shut = true
	p.mu.Unlock()
	if shut || db == nil {
		return nil
	}
	p.stop()
	<-p.done
	// That it is gone can be told also without.
	p.run(context.Background(), time.Second, db, func(t *tx) error {
		_, err := t.Exec(`DELETE FROM process WHERE id = ? OR seen < now() - interval '1 day'`, p.process)
		return err
	})
	return nil
}
