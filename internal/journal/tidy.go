package journal

import (
	"context"
	"time"

	"flexie-mcp/internal/store"
)

// It is tidied again after so many changes, or so much time.
const (
	tidyAfter = 100
	tidyEvery = time.Hour
)

func (j *Journal) tidyNowAndThen(ctx context.Context) {
	j.mu.Lock()
	j.since++
	due := j.since >= tidyAfter || j.now().Sub(j.tidied) >= tidyEvery
	j.mu.Unlock()
	if due {
		j.tidy(func(f func(*store.Tx) error) error { return j.s.Do(ctx, f) })
	}
}

// tidy drops what is older, and more, than is to be kept. Pending changes stay.
// The journal is of use without.
func (j *Journal) tidy(do store.Run) {
	j.mu.Lock()
	j.tidied, j.since = j.now(), 0
	j.mu.Unlock()
	dropped, err := j.dropOld(do)
	if err == nil {
		var n int64
		if err = j.shed(do); err == nil {
			n, err = j.dropMost(do)
		}
		dropped += n
	}
	if err == nil && dropped > 0 {
		j.o.Log.Info("old changes were dropped from the journal", "changes", dropped)
		err = do((*store.Tx).Shrink)
	}
	if err != nil {
		j.o.Log.Warn("old changes could not be dropped from the journal", "reason", err)
	}
}

func (j *Journal) dropOld(do store.Run) (n int64, err error) {
	if j.o.KeepFor <= 0 {
		return 0, nil
	}
	err = do(func(t *store.Tx) (err error) {
		n, err = drop(t, `ended < ?`, store.FormatTime(j.now().Add(-j.o.KeepFor)))
		return err
	})
	return n, err
}

// dropMost drops the oldest until what is in use is small enough, some at a
// time so that other processes get their turn.
func (j *Journal) dropMost(do store.Run) (dropped int64, err error) {
	for n := int64(1); n > 0 && err == nil && j.o.KeepBytes > 0; dropped += n {
		n = 0
		err = do(func(t *store.Tx) error {
			var used int64
			if err := t.QueryRow(usedOf(t)).Scan(&used); err != nil || used <= j.o.KeepBytes {
				return err
			}
			last, err := oldest(t, used-j.o.KeepBytes)
			if err == nil && last != 0 {
				n, err = drop(t, `id <= ?`, last)
			}
			return err
		})
	}
	return dropped, err
}

// oldest is the last of the oldest ended entries that together have so many
// bytes; 0 if there are none.
func oldest(t *store.Tx, bytes int64) (last int64, err error) {
	rows, err := t.Query(`SELECT id, ` + bodySize + ` FROM change WHERE ended <> '' ORDER BY id LIMIT 500`)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() && bytes > 0 {
		var size int64
		if err := rows.Scan(&last, &size); err != nil {
			return 0, err
		}
		bytes -= size + 300 // the rest of a row, and its place in the indexes
	}
	return last, rows.Err()
}

// drop deletes ended changes.
func drop(t *store.Tx, which string, arg any) (int64, error) {
	result, err := t.Exec(`DELETE FROM change WHERE ended <> '' AND `+which, arg)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
