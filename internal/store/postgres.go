package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Postgres is a Store in which several processes, also on several machines, keep
// what they share.
type Postgres struct {
	config   *pgx.ConnConfig // nil if the address can't be read
	opened   []func(Run)
	process  string
	patience time.Duration // how long a transaction may take

	turn chan struct{} // holds one token: who has it opens
	pool *sql.DB       // nil until it is first tried to open it
	stop context.CancelFunc
	done chan struct{} // closed when the heart has stopped

	pacesTidied atomic.Int64 // when limits.go last did, in seconds since 1970

	mu       sync.Mutex
	db       *sql.DB // nil until it is open, with its tables up to date
	shut     bool
	beaten   time.Time // when it was last said that this process is alive
	doubtful time.Time // until then others may be alive that did not say so
}

const (
	// connectTimeout is how long a connection may take, unless the address says.
	connectTimeout = 5 * time.Second

	// mostConnections is how many one process has.
	mostConnections = 8

	// mostTries is how often a transaction is begun that others got in the way of.
	mostTries = 5

	// cachePatience is how long a look at what can be made again may hold up a call.
	cachePatience = 3 * time.Second
)

var errAddress = errors.New("database_url can't be used: it is not like postgres://user:password@host:5432/name, or names a file that can't be read")

// NewPostgres connects to nothing before it is needed. The address is as libpq
// has it. It may hold a password, which no error and no log shows: not even that
// of an address that can't be read, since a part of it may be the password.
func NewPostgres(address string) *Postgres {
	var id [8]byte
	rand.Read(id[:])
	p := &Postgres{process: hex.EncodeToString(id[:]), patience: 10 * time.Second, turn: make(chan struct{}, 1)}
	if !strings.HasPrefix(address, "postgres://") && !strings.HasPrefix(address, "postgresql://") {
		return p
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return p
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "flexie-mcp"
	}
	p.config = config
	return p
}

// Place is the host and the name, as people may see it.
func (p *Postgres) Place() string {
	if p.config == nil {
		return "database_url"
	}
	if strings.HasPrefix(p.config.Host, "/") {
		return p.config.Host + ":" + p.config.Database
	}
	return net.JoinHostPort(p.config.Host, fmt.Sprint(p.config.Port)) + "/" + p.config.Database
}

func (p *Postgres) OnOpen(f func(Run)) { p.opened = append(p.opened, f) }

func (p *Postgres) Ours(process string) bool { return process == p.process }

func (p *Postgres) Do(ctx context.Context, f func(*Tx) error) error { return p.do(ctx, p.patience, f) }

// hasty is a Postgres as a cache: it gives up early.
type hasty struct{ *Postgres }

func (p hasty) Do(ctx context.Context, f func(*Tx) error) error {
	return p.do(ctx, min(cachePatience, p.patience), f)
}

func (p *Postgres) do(ctx context.Context, most time.Duration, f func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	db, err := p.open(ctx, most)
	if err != nil {
		return err
	}
	return p.run(context.WithoutCancel(ctx), most, db, f)
}

// run tries again what others got in the way of.
func (p *Postgres) run(ctx context.Context, most time.Duration, db *sql.DB, f func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for try := 1; ; try++ {
		err := p.once(ctx, db, f)
		switch {
		case ctx.Err() != nil && err != nil, isTimeout(err):
			return late(err)
		case !isCollision(err) || try == mostTries:
			return err
		}
	}
}

func (p *Postgres) once(ctx context.Context, db *sql.DB, f func(*Tx) error) error {
	in, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(&Tx{statements: in, Dialect: inPostgres, ctx: ctx, Process: p.process}); err != nil {
		in.Rollback() // the error of f says more
		return err
	}
	err = in.Commit()
	var refused *pgconn.PgError
	if err != nil && !errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", ErrUnsure, err)
	}
	return err
}

func isTimeout(err error) bool { return errors.Is(err, context.DeadlineExceeded) }

// late is no deadline of the caller, and so must not be taken for one.
func late(err error) error {
	switch {
	case errors.Is(err, ErrUnsure):
		return fmt.Errorf("%w: %w", ErrUnreachable, ErrUnsure)
	case isTimeout(err) || errors.Is(err, context.Canceled) || errors.Is(err, sql.ErrTxDone) || pgconn.Timeout(err):
		return fmt.Errorf("%w: it did not answer in time", ErrUnreachable)
	}
	return err
}

// DB gives the connections once the tables are up to date.
func (p *Postgres) DB(ctx context.Context) (*sql.DB, error) { return p.open(ctx, p.patience) }

// open opens the database the first time that it is there.
func (p *Postgres) open(ctx context.Context, most time.Duration) (*sql.DB, error) {
	if db, err := p.isOpen(); db != nil || err != nil {
		return db, err
	}
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-bounded.Done():
		return nil, p.tooLate(ctx, bounded.Err())
	}
	if db, err := p.isOpen(); db != nil || err != nil {
		return db, err
	}
	if p.config == nil {
		return nil, errAddress
	}
	if p.pool == nil {
		p.pool = stdlib.OpenDB(*p.config)
		p.pool.SetMaxOpenConns(mostConnections)
		p.pool.SetMaxIdleConns(mostConnections)
		p.pool.SetConnMaxIdleTime(time.Minute)
	}
	if err := migrate(bounded, p.pool); err != nil {
		return nil, p.tooLate(ctx, err)
	}
	p.start(ctx, p.pool)
	return p.pool, nil
}

func (p *Postgres) isOpen() (*sql.DB, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return nil, ErrClosed
	}
	return p.db, nil
}

// tooLate is an error of opening: the end of the caller's time is the caller's.
func (p *Postgres) tooLate(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case isTimeout(err):
		return late(err)
	}
	return err
}

// start is done once, before the database is used.
func (p *Postgres) start(ctx context.Context, db *sql.DB) {
	p.renew(context.WithoutCancel(ctx), db)
	beating, stop := context.WithCancel(context.Background())
	p.stop, p.done = stop, make(chan struct{})
	go func() {
		defer close(p.done)
		p.keepAlive(beating, db)
	}()
	for _, f := range p.opened {
		f(func(f func(*Tx) error) error { return p.run(context.WithoutCancel(ctx), p.patience, db, f) })
	}
	p.mu.Lock()
	p.db = db
	p.mu.Unlock()
}

// Close ends the connections.
func (p *Postgres) Close() error {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	p.mu.Lock()
	shut, db := p.shut, p.db
	p.shut = true
	p.mu.Unlock()
	if shut || p.pool == nil {
		return nil
	}
	if db != nil {
		p.stop()
		<-p.done
		p.leave(db)
	}
	return p.pool.Close()
}

// Secret is in a table.
func (p *Postgres) Secret(ctx context.Context, name string, fresh []byte) (value []byte, err error) {
	const get = `SELECT value FROM secret WHERE name = ?`
	err = p.Do(ctx, func(t *Tx) error {
		if err := t.QueryRow(get, name).Scan(&value); !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if _, err := t.Exec(`INSERT INTO secret (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING`, name, fresh); err != nil {
			return err
		}
		return t.QueryRow(get, name).Scan(&value) // which is another's, if that was quicker
	})
	if err == nil && len(value) != len(fresh) {
		err = fmt.Errorf("it has %d bytes instead of %d", len(value), len(fresh))
	}
	if err != nil {
		return nil, fmt.Errorf("the key in the database can't be used: %w: check the database and database_url, and try again", err)
	}
	return value, nil
}
