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
// connection was lost: then it goes on from the last that it took, but those sent
// more than a minute ago may have been missed.
func (r *Relay) Follow(ctx context.Context, joined func(), take func(message []byte)) {
	told, f := false, &follower{take: take, seen: map[int64]time.Time{}}
	for {
		err := r.follow(ctx, func() {
			if told {
				r.log.Warn("other servers at the same database are heard again")
			}
			told = false
			joined()
		}, f)
		if ctx.Err() != nil || errors.Is(err, ErrClosed) {
			return
		}
		if !told {
			told = true
			r.log.Warn("other servers at the same database can't be heard: what they are told of sessions and answers comes late or not at all", "reason", err)
		}
		if !passed(ctx, relayAgain) {
			return
		}
	}
}

// follow does it on one connection.
func (r *Relay) follow(ctx context.Context, joined func(), f *follower) error {
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
		f.conn = driver.(*stdlib.Conn).Conn()
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

// follower is one who listens, on one connection after the other.
type follower struct {
	conn *pgx.Conn
	take func([]byte)
	from bool                // low is known
	low  int64               // what has a lower id was taken, or is not for us
	seen map[int64]time.Time // what was taken of the rest, and when
	tidy time.Time
}

func (f *follower) begin(ctx context.Context) error {
	if _, err := f.conn.Exec(ctx, `LISTEN flexie_relay`); err != nil {
		return err
	}
	var last int64
	if err := f.conn.QueryRow(ctx, `SELECT coalesce(max(id), 0) FROM relay`).Scan(&last); err != nil {
		return err
	}
	switch {
	case !f.from:
		f.low, f.from = last, true
	case last < f.low: // the table is empty, or begins anew after a crash of the database
		f.low = 0
		clear(f.seen)
	}
	return nil
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
	begun, taken := time.Now(), make([]int64, 0, len(f.seen))
	for id := range f.seen {
		taken = append(taken, id)
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
	if err == nil {
		f.forget(begun)
	}
	return err
}

// forget forgets what can't have been overtaken any more by what was there to be
// read at that time.
func (f *follower) forget(read time.Time) {
	for id, at := range f.seen {
		if read.Sub(at) > relayOverlap {
			f.low = max(f.low, id)
		}
	}
	for id := range f.seen {
		if id <= f.low {
			delete(f.seen, id)
		}
	}
}
