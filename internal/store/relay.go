package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Relay carries short messages between the processes at a database. They stand in
// a table; that there is one is told by NOTIFY, and where that does not come
// through, as with some poolers, it is looked for every two seconds.
type Relay struct {
	postgres *Postgres
	log      *slog.Logger
}

const (
	// relayEvery is how often messages are looked for that nobody was told of.
	relayEvery = 2 * time.Second

	// relayAgain is after what time a lost connection is made anew.
	relayAgain = time.Second

	// relayOverlap is within what time a transaction ends that has begun: rows
	// become visible in another order than that of their ids.
	relayOverlap = 10 * time.Second

	sendRelayed   = `WITH sent AS (INSERT INTO relay (sent, message) VALUES (now(), $1)) SELECT pg_notify('flexie_relay', '')`
	forgetRelayed = `DELETE FROM relay WHERE sent < now() - interval '1 minute'`
)

// Relay is the database's.
func (p *Postgres) Relay(log *slog.Logger) *Relay { return &Relay{p, log} }

// Send gives a message to all that follow, this process included.
func (r *Relay) Send(ctx context.Context, message []byte) error {
	db, err := r.postgres.DB(ctx)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, sendRelayed, string(message))
	return err
}

// Follow takes all that is sent from now on, one at a time, until the context ends
// or the database is closed. joined is called when it begins to, also after the
// connection was lost: then messages may have been missed.
func (r *Relay) Follow(ctx context.Context, joined func(), take func(message []byte)) {
	told := false
	for {
		err := r.follow(ctx, func() { told = false; joined() }, take)
		if ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return
		}
		if !told {
			told = true
			r.log.Warn("other servers at the same database can't be heard: what they are told of sessions and answers comes late or not at all", "reason", err)
		}
		select {
		case <-time.After(relayAgain):
		case <-ctx.Done():
			return
		}
	}
}

// follow does it on one connection.
func (r *Relay) follow(ctx context.Context, joined func(), take func([]byte)) error {
	db, err := r.postgres.DB(ctx)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		f := follower{conn: driver.(*stdlib.Conn).Conn(), take: take, seen: map[int64]time.Time{}}
		if err := f.begin(ctx); err != nil {
			return err
		}
		joined()
		for {
			if _, err := r.postgres.DB(ctx); err != nil {
				return err // it was closed
			}
			if err := f.next(ctx); err != nil {
				return err
			}
		}
	})
}

// follower is one connection that listens.
type follower struct {
	conn *pgx.Conn
	take func([]byte)
	low  int64               // what has a lower id was taken, or is not for us
	seen map[int64]time.Time // what was taken of the rest, and when
	tidy time.Time
}

func (f *follower) begin(ctx context.Context) error {
	if _, err := f.conn.Exec(ctx, `LISTEN flexie_relay`); err != nil {
		return err
	}
	return f.conn.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM relay`).Scan(&f.low)
}

// next waits for messages, and takes them.
func (f *follower) next(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, relayEvery)
	_, err := f.conn.WaitForNotification(waiting)
	cancel()
	if err != nil && (ctx.Err() != nil || f.conn.IsClosed() || !errors.Is(err, context.DeadlineExceeded)) {
		return err
	}
	if err := f.read(ctx); err != nil {
		return err
	}
	if time.Since(f.tidy) < time.Minute {
		return nil
	}
	f.tidy = time.Now()
	_, err = f.conn.Exec(ctx, forgetRelayed)
	return err
}

func (f *follower) read(ctx context.Context) error {
	taken := make([]int64, 0, len(f.seen))
	for id, at := range f.seen {
		if time.Since(at) > relayOverlap {
			f.low = max(f.low, id)
		}
		taken = append(taken, id)
	}
	for id := range f.seen {
		if id <= f.low {
			delete(f.seen, id)
		}
	}
	rows, err := f.conn.Query(ctx, `SELECT id, message FROM relay WHERE id > $1 AND NOT id = ANY($2) ORDER BY id`, f.low, taken)
	if err != nil {
		return err
	}
	var id int64
	var message string
	_, err = pgx.ForEachRow(rows, []any{&id, &message}, func() error {
		f.seen[id] = time.Now()
		f.take([]byte(message))
		return nil
	})
	return err
}
