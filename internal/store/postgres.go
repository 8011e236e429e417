package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Postgres is a database in which several processes, also on several machines,
// keep what they share. It is safe for concurrent use.
type Postgres struct {
	config *pgx.ConnConfig // nil if the address can't be read

	mu    sync.Mutex
	db    *sql.DB
	ready bool // the tables are up to date
	shut  bool
}

const (
	// connectTimeout is how long a connection may take, unless the address says.
	connectTimeout = 5 * time.Second

	// mostConnections is how many one process has.
	mostConnections = 8
)

var (
	errAddress = errors.New("database_url can't be used: it is not like postgres://user:password@host:5432/name, or names a file that can't be read")
	errShut    = errors.New("the program is ending")
)

// NewPostgres connects to nothing before it is needed. The address is as libpq
// has it. It may hold a password, which no error and no log shows: not even that
// of an address that can't be read, since a part of it may be the password.
func NewPostgres(address string) *Postgres {
	p := &Postgres{}
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

// Open gives the connections once the tables are up to date; the error of one
// that a newer program has changed beyond use is a NewerError.
func (p *Postgres) Open(ctx context.Context) (*sql.DB, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.config == nil:
		return nil, errAddress
	case p.shut:
		return nil, errShut
	case p.ready:
		return p.db, nil
	}
	if p.db == nil {
		p.db = stdlib.OpenDB(*p.config)
		p.db.SetMaxOpenConns(mostConnections)
		p.db.SetMaxIdleConns(mostConnections)
		p.db.SetConnMaxIdleTime(time.Minute)
	}
	if err := migrate(ctx, p.db); err != nil {
		return nil, err
	}
	p.ready = true
	return p.db, nil
}

// Close ends the connections.
func (p *Postgres) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	if p.db == nil {
		return nil
	}
	return p.db.Close()
}

// Secret is a secret that all processes share: the fresh one for the first to
// ask, and the same for all others.
func (p *Postgres) Secret(ctx context.Context, name string, fresh []byte) (value []byte, err error) {
	db, err := p.Open(ctx)
	if err != nil {
		return nil, err
	}
	const get = `SELECT value FROM secret WHERE name = $1`
	if err = db.QueryRowContext(ctx, get, name).Scan(&value); !errors.Is(err, sql.ErrNoRows) {
		return value, err
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, name, fresh); err != nil {
		return nil, err
	}
	err = db.QueryRowContext(ctx, get, name).Scan(&value) // which is another's, if that was quicker
	return value, err
}
