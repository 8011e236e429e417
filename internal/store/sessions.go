package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"time"
)

// Sessions are those of clients over HTTP, as all processes at a database know
// them.
type Sessions struct {
	postgres   *Postgres
	idle, keep time.Duration
}

// ErrNoSession is a session that has ended, or that there never was.
var ErrNoSession = errors.New("there is no such session")

// Sessions are those of the database. One that was not used for the time of idle
// does not count any more, and one that was not for the time of keep has ended.
func (p *Postgres) Sessions(idle, keep time.Duration) *Sessions { return &Sessions{p, idle, keep} }

// Save keeps what is to be known of a session, and that it is in use.
func (s *Sessions) Save(ctx context.Context, id, caller string, facts []byte) error {
	return s.exec(ctx, `INSERT INTO http_session (id, caller, facts, used) VALUES ($1, $2, $3, now())
		ON CONFLICT (id) DO UPDATE SET facts = excluded.facts, used = now()`, hashed(id), caller, cleanText(string(facts)))
}

// Load is what was saved, or ErrNoSession.
func (s *Sessions) Load(ctx context.Context, id, caller string) (facts []byte, err error) {
	db, err := s.postgres.DB(ctx)
	if err != nil {
		return nil, err
	}
	err = db.QueryRowContext(ctx, `UPDATE http_session SET used = now() WHERE id = $1 AND caller = $2 AND used > now() - make_interval(secs => $3) RETURNING facts`,
		hashed(id), caller, s.keep.Seconds()).Scan(&facts)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoSession
	}
	return facts, err
}

// Use says that a session is in use.
func (s *Sessions) Use(ctx context.Context, id string) error {
	return s.exec(ctx, `UPDATE http_session SET used = now() WHERE id = $1`, hashed(id))
}

// End forgets a session.
func (s *Sessions) End(ctx context.Context, id string) error {
	return s.exec(ctx, `DELETE FROM http_session WHERE id = $1`, hashed(id))
}

const (
	forgetSessions = `DELETE FROM http_session WHERE id IN
		(SELECT id FROM http_session WHERE used < now() - make_interval(secs => $1) LIMIT 100 FOR UPDATE SKIP LOCKED)`

	reserveSession = `INSERT INTO http_session (id, caller, facts, used) SELECT ?, ?, '', now()
		WHERE ? > (SELECT count(*) FROM http_session WHERE caller = ? AND used > now() - make_interval(secs => ?))`
)

// Reserve keeps a place for a session of which nothing is known yet, and reports
// false if the caller uses as many as they may have, at all servers together. It
// forgets sessions that have ended since nobody used them.
func (s *Sessions) Reserve(ctx context.Context, id, caller string, most int) (ok bool, err error) {
	db, err := s.postgres.DB(ctx)
	if err != nil {
		return false, err
	}
	if _, err := db.ExecContext(ctx, forgetSessions, s.keep.Seconds()); err != nil {
		return false, err
	}
	err = s.postgres.run(ctx, s.postgres.patience, db, func(t *Tx) error {
		// By itself, since the next statement sees what was there when it began.
		if err := t.Wait("sessions of " + caller); err != nil {
			return err
		}
		done, err := t.Exec(reserveSession, hashed(id), caller, most, caller, s.idle.Seconds())
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		ok = n > 0
		return err
	})
	return ok && err == nil, err
}

func (s *Sessions) exec(ctx context.Context, query string, args ...any) error {
	db, err := s.postgres.DB(ctx)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, query, args...)
	return err
}

// hashed keeps what can be used to go on with a session out of the database.
func hashed(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}
