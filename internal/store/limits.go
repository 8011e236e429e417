package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"sync"
	"time"
)

// Pace keeps all processes at a database together within the limits of one
// workspace. There is a row for it, which says when the next request may go, by
// the database's clock (GCRA: a leaky bucket as a single time), and which requests
// are under way. Each of those has a lease, so that the places of a process that
// was killed come back.
type Pace struct {
	postgres  *Postgres
	workspace string // the key of its row
	log       *slog.Logger

	mu    sync.Mutex
	until time.Time // when the database is asked again that could not be; zero: it can
}

const (
	// leaseTime is for how long a request has its place unless that is renewed.
	leaseTime = 10 * time.Second

	// paceTimeout is how long the database may take to give a place, and paceRest
	// how long it is left alone when it did not.
	paceTimeout = time.Second
	paceRest    = 5 * time.Second

	// tidyPaces is how often a process forgets workspaces that nobody uses.
	tidyPaces = time.Hour

	// A request that there is no place for asks again after this time, and each
	// time after up to twice as long. longestWait is how far ahead of its time one
	// may take a place.
	firstAsk, longestAsk = 10 * time.Millisecond, 160 * time.Millisecond
	longestWait          = time.Second
)

// Pace is that of a workspace, by the root of its API.
func (p *Postgres) Pace(root string, log *slog.Logger) *Pace {
	sum := sha256.Sum256([]byte(root))
	return &Pace{postgres: p, workspace: hex.EncodeToString(sum[:16]), log: log}
}

// takePlace gives a request a place, if one is free and its time is near, and says
// how long it still has to wait then. It is one statement, which locks the row.
// $1 workspace, $2 id of the request, $3 seconds a request, 0 for no limit,
// $4 burst, $5 at once, 0 for no limit, $6 lease and $7 longest wait in seconds.
const takePlace = `INSERT INTO pace AS p (workspace, next, held)
	VALUES ($1, clock_timestamp() + make_interval(secs => $3::float8),
		jsonb_build_object($2::text, extract(epoch FROM clock_timestamp()) + $6::float8))
ON CONFLICT (workspace) DO UPDATE SET
	next = greatest(p.next, clock_timestamp()) + make_interval(secs => $3::float8),
	held = excluded.held || coalesce((SELECT jsonb_object_agg(key, value) FROM jsonb_each(p.held)
		WHERE value::float8 > extract(epoch FROM clock_timestamp())), '{}')
WHERE p.next <= clock_timestamp() + make_interval(secs => $3::float8 * ($4::float8 - 1) + $7::float8)
	AND ($5::int = 0 OR $5::int > (SELECT count(*) FROM jsonb_each(p.held)
		WHERE value::float8 > extract(epoch FROM clock_timestamp())))
RETURNING extract(epoch FROM p.next - make_interval(secs => $3::float8 * $4::float8) - clock_timestamp())::float8`

const (
	renewPlace  = `UPDATE pace SET held = held || jsonb_build_object($2::text, extract(epoch FROM clock_timestamp()) + $3::float8) WHERE workspace = $1`
	forgetPaces = `DELETE FROM pace WHERE next < clock_timestamp() - interval '1 day'
		AND NOT EXISTS (SELECT FROM jsonb_each(held) WHERE value::float8 > extract(epoch FROM clock_timestamp()))`
	givePlace = `UPDATE pace SET held = held - $2::text WHERE workspace = $1`
)

// Take waits until one more request may be sent: so many a second, so many without
// a pause after a quiet time, and so many at the same time; 0 is no limit. give
// gives the place back, and does not wait for that. The error is that of the
// context. While the database can't be asked, there is nothing to wait for.
func (p *Pace) Take(ctx context.Context, perSecond, burst float64, atOnce int) (give func(), err error) {
	id := rand.Text()[:16]
	var apart float64
	if perSecond > 0 {
		apart = 1 / perSecond
	}
	for pause := firstAsk; ; pause = min(2*pause, longestAsk) {
		wait, ok := p.ask(ctx, id, apart, burst, atOnce)
		switch {
		case ctx.Err() != nil:
			if ok {
				p.give(id)
			}
			return nil, ctx.Err()
		case ok && wait < 0: // nobody could be asked
			return func() {}, nil
		case ok:
			held := p.hold(id)
			if !passed(ctx, wait) {
				held.give()
				return nil, ctx.Err()
			}
			return held.give, nil
		}
		if !passed(ctx, pause/2+mathrand.N(pause/2)) {
			return nil, ctx.Err()
		}
	}
}

// unasked is the wait of a request for which the database could not be asked.
const unasked = time.Duration(-1)

// ask asks once for a place, and for how long to wait then.
func (p *Pace) ask(ctx context.Context, id string, apart, burst float64, atOnce int) (wait time.Duration, ok bool) {
	if p.rests() {
		return unasked, true
	}
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), paceTimeout) // or a place could be lost
	defer cancel()
	var seconds float64
	db, err := p.postgres.DB(asking)
	if err == nil {
		err = db.QueryRowContext(asking, takePlace, p.workspace, id, apart, burst, atOnce, leaseTime.Seconds(), longestWait.Seconds()).Scan(&seconds)
	}
	if errors.Is(err, sql.ErrNoRows) {
		p.heard(nil)
		return 0, false
	}
	p.heard(err)
	if err != nil {
		return unasked, true
	}
	return max(0, time.Duration(seconds*float64(time.Second))), true
}

func (p *Pace) rests() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().Before(p.until)
}

// heard says once that the database can't be asked, and once that it can again.
func (p *Pace) heard(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case err != nil && p.until.IsZero():
		p.log.Warn("the database can't be asked for the limits to the workspace: until it can, each server keeps to them by itself", "reason", err)
	case err == nil && !p.until.IsZero():
		p.log.Info("the database can be asked for the limits to the workspace again")
	}
	p.until = time.Time{}
	if err != nil {
		p.until = time.Now().Add(paceRest)
	}
}

// place is that of one request, renewed until it is given back.
type place struct {
	pace *Pace
	id   string

	mu    sync.Mutex
	given bool
	timer *time.Timer
}

func (p *Pace) hold(id string) *place {
	held := &place{pace: p, id: id}
	held.mu.Lock()
	defer held.mu.Unlock()
	held.timer = time.AfterFunc(leaseTime/3, held.renew)
	return held
}

func (h *place) renew() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.given {
		h.pace.exec(renewPlace, h.pace.workspace, h.id, leaseTime.Seconds())
		h.timer.Reset(leaseTime / 3)
	}
}

// give gives it back in the background: whoever has an answer does not wait.
func (h *place) give() {
	go func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.given = true
		h.timer.Stop()
		h.pace.give(h.id)
	}()
}

// give gives a place back. If that fails, it comes back by itself. Now and then it
// forgets workspaces that nobody has asked for a day.
func (p *Pace) give(id string) {
	p.exec(givePlace, p.workspace, id)
	now, last := time.Now().Unix(), p.postgres.pacesTidied.Load()
	if now-last > int64(tidyPaces/time.Second) && p.postgres.pacesTidied.CompareAndSwap(last, now) {
		p.exec(forgetPaces)
	}
}

func (p *Pace) exec(query string, args ...any) {
	ctx, cancel := context.WithTimeout(context.Background(), paceTimeout)
	defer cancel()
	if db, err := p.postgres.DB(ctx); err == nil {
		_, _ = db.ExecContext(ctx, query, args...)
	}
}

// passed reports whether the time has passed before the context ended.
func passed(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
