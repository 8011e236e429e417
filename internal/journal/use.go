package journal

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// pollEvery is how often a lock is tried that another process has.
const pollEvery = 5 * time.Millisecond

// do runs f in a transaction on the file that is in place, opening it if need
// be. If that turns out to be damaged, it is set aside and f runs on a new one.
// The context ends the waiting only: what has begun is finished.
func (j *sqliteFile) do(ctx context.Context, f func(*tx) error) error {
	leave, err := j.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return j.attempt(ctx, f)
}

// enter waits for this goroutine's turn, not longer than for a lock.
func (j *sqliteFile) enter(ctx context.Context) (leave func(), err error) {
	late := time.NewTimer(2 * j.patience)
	defer late.Stop()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case j.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-late.C:
		return nil, ErrLocked
	}
	if j.shut {
		<-j.turn
		return nil, ErrClosed
	}
	return func() { <-j.turn }, nil
}

// attempt needs the turn.
func (j *sqliteFile) attempt(ctx context.Context, f func(*tx) error) error {
	for limit := j.newLimit(); ; {
		release, err := j.hold(ctx, limit)
		if err != nil {
			return err
		}
		err = j.inTx(j.db, f)
		info := j.info
		if err != nil && !isPassing(err) && !isDamage(err) && j.path != "" {
			j.letGo() // it is opened again, and looked at, the next time
		}
		release()
		if err == nil || !isDamage(err) || j.path == "" {
			return err
		}
		if err := j.alone(ctx, limit, func() error { return j.setAside(info, err) }); err != nil {
			return err
		}
	}
}

// inTx runs f in a transaction of an SQLite database.
func (j *sqliteFile) inTx(db *sql.DB, f func(*tx) error) error {
	in, err := db.Begin()
	if err != nil {
		return err
	}
	if err := f(&tx{Tx: in, dialect: inSQLite, ctx: context.Background(), process: j.process}); err != nil {
		in.Rollback() // the error of f says more
		return err
	}
	return in.Commit()
}

// hold opens the file that is in place and keeps it there until release.
func (j *sqliteFile) hold(ctx context.Context, l *limit) (release func(), err error) {
	if j.path == "" {
		return func() {}, j.openMemory()
	}
	for {
		release, err = j.share(ctx, l)
		var todo *unready
		if !errors.As(err, &todo) {
			return release, err
		}
		if err := j.alone(ctx, l, todo.mend); err != nil {
			return nil, err
		}
	}
}

// unready is a file that has to be seen to, with no other process at it.
type unready struct{ mend func() error }

func (*unready) Error() string { return "the journal has to be made ready" }

// share locks the file against being replaced, and opens it unless it is.
func (j *sqliteFile) share(ctx context.Context, l *limit) (release func(), err error) {
	if err := makeDir(j.o.Dir); err != nil {
		return nil, err
	}
	for {
		got, err := j.lock.TryRLock()
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
	if err := j.ready(); err != nil {
		j.lock.Unlock()
		return nil, err
	}
	return func() { j.lock.Unlock() }, nil
}

// alone runs mend if no other process uses the file. Otherwise it waits a
// moment and returns: the other may do the same, so look again.
func (j *sqliteFile) alone(ctx context.Context, l *limit, mend func() error) error {
	got, err := j.lock.TryLock()
	if err != nil {
		return err
	}
	if !got {
		return l.pause(ctx)
	}
	defer j.lock.Unlock()
	if j.renames-l.renames > mostRenames {
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

func (j *sqliteFile) newLimit() *limit { return &limit{time.Now().Add(2 * j.patience), j.renames} }

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
