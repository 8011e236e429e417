package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// pollEvery is how often a lock is tried that another process has.
const pollEvery = 5 * time.Millisecond

// Do runs f in a transaction on the file that is in place, opening it if need
// be. If that turns out to be damaged, it is set aside and f runs on a new one.
// The context ends the waiting only: what has begun is finished.
func (s *SQLite) Do(ctx context.Context, f func(*Tx) error) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return s.attempt(ctx, f)
}

// enter waits for this goroutine's turn, not longer than for a lock.
func (s *SQLite) enter(ctx context.Context) (leave func(), err error) {
	late := time.NewTimer(2 * s.o.Patience)
	defer late.Stop()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-late.C:
		return nil, ErrLocked
	}
	if s.shut {
		<-s.turn
		return nil, ErrClosed
	}
	return func() { <-s.turn }, nil
}

// attempt needs the turn.
func (s *SQLite) attempt(ctx context.Context, f func(*Tx) error) error {
	for limit := s.newLimit(); ; {
		release, err := s.hold(ctx, limit)
		if err != nil {
			return err
		}
		err = s.inTx(s.db, f)
		info := s.info
		if err != nil && !isPassing(err) && !isDamage(err) && s.path != "" {
			s.letGo() // it is opened again, and looked at, the next time
		}
		release()
		if err == nil || !isDamage(err) || s.path == "" {
			return err
		}
		if err := s.alone(ctx, limit, func() error { return s.setAside(info, err) }); err != nil {
			return err
		}
	}
}

// inTx runs f in a transaction of an SQLite database.
func (s *SQLite) inTx(db *sql.DB, f func(*Tx) error) error {
	in, err := db.Begin()
	if err != nil {
		return err
	}
	if err := f(&Tx{statements: in, Dialect: inSQLite, ctx: context.Background(), Process: s.process}); err != nil {
		in.Rollback() // the error of f says more
		return err
	}
	return in.Commit()
}

// hold opens the file that is in place and keeps it there until release.
func (s *SQLite) hold(ctx context.Context, l *limit) (release func(), err error) {
	if s.path == "" {
		return func() {}, s.openMemory()
	}
	for {
		release, err = s.share(ctx, l)
		var todo *unready
		if !errors.As(err, &todo) {
			return release, err
		}
		if err := s.alone(ctx, l, todo.mend); err != nil {
			return nil, err
		}
	}
}

// unready is a file that has to be seen to, with no other process at it.
type unready struct{ mend func() error }

func (*unready) Error() string { return "the file has to be made ready" }

// share locks the file against being replaced, and opens it unless it is.
func (s *SQLite) share(ctx context.Context, l *limit) (release func(), err error) {
	if err := makeDir(s.o.Dir); err != nil {
		return nil, err
	}
	for {
		got, err := s.lock.TryRLock()
		if err != nil {
			return nil, err
		}
		if got {
			break
		}
		if err := l.pause(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.ready(); err != nil {
		s.lock.Unlock()
		return nil, err
	}
	return func() { s.lock.Unlock() }, nil
}

// alone runs mend if no other process uses the file. Otherwise it waits a
// moment and returns: the other may do the same, so look again.
func (s *SQLite) alone(ctx context.Context, l *limit, mend func() error) error {
	got, err := s.lock.TryLock()
	if err != nil {
		return err
	}
	if !got {
		return l.pause(ctx)
	}
	defer s.lock.Unlock()
	if s.renames-l.renames > mostRenames {
		return errors.New("it is damaged as soon as it is made")
	}
	return mend()
}

// mostRenames is how many files one change may find damaged. On a broken disk
// each new one is.
const mostRenames = 3

// limit ends what could go on for ever.
type limit struct {
	until   time.Time
	renames int // as there had been before
}

func (s *SQLite) newLimit() *limit { return &limit{time.Now().Add(2 * s.o.Patience), s.renames} }

// pause waits until it is worth trying a lock again.
func (l *limit) pause(ctx context.Context) error {
	if time.Now().After(l.until) {
		return ErrLocked
	}
	t := time.NewTimer(pollEvery)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
