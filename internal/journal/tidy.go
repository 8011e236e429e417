package journal

import (
	"context"
	"database/sql"
	"time"
)

// It is tidied again after so many changes, or so much time.
const (
	tidyAfter = 100
	tidyEvery = time.Hour
)

// tidyNowAndThen needs the turn.
func (j *Journal) tidyNowAndThen(ctx context.Context) {
	j.since++
	if j.since < tidyAfter && j.now().Sub(j.tidied) < tidyEvery {
		return
	}
	if release, err := j.hold(ctx, j.newLimit()); err == nil {
		j.tidy()
		release()
	}
}

// tidy drops what is older, and more, than is to be kept. Pending changes stay.
// The journal is of use without.
func (j *Journal) tidy() {
	j.tidied, j.since = j.now(), 0
	if j.o.KeepFor <= 0 && j.o.KeepBytes <= 0 {
		return
	}
	dropped, err := j.dropOld()
	if err == nil && j.o.KeepBytes > 0 {
		var n int64
		n, err = j.dropMost()
		dropped += n
	}
	if err == nil && dropped > 0 {
		j.o.Log.Info("old changes were dropped from the journal", "changes", dropped)
		_, err = j.db.Exec(`PRAGMA incremental_vacuum`)
	}
	if err != nil {
		j.o.Log.Warn("old changes could not be dropped from the journal", "reason", err)
	}
}

func (j *Journal) dropOld() (int64, error) {
	if j.o.KeepFor <= 0 {
		return 0, nil
	}
	return j.exec(`DELETE FROM change WHERE ended <> '' AND ended < ?`, formatTime(j.now().Add(-j.o.KeepFor)))
}

// dropMost drops the oldest until what is in use is small enough, some at a
// time so that other processes get their turn.
func (j *Journal) dropMost() (dropped int64, err error) {
	for {
		excess, err := j.excess()
		if err != nil || excess <= 0 {
			return dropped, err
		}
		last, err := j.oldest(excess)
		if err != nil || last == 0 {
			return dropped, err
		}
		n, err := j.exec(`DELETE FROM change WHERE ended <> '' AND id <= ?`, last)
		dropped += n
		if err != nil || n == 0 {
			return dropped, err
		}
	}
}

// excess is how many bytes are in use above what may be.
func (j *Journal) excess() (int64, error) {
	var pages, free, size int64
	err := j.db.QueryRow(`SELECT * FROM pragma_page_count, pragma_freelist_count, pragma_page_size`).Scan(&pages, &free, &size)
	return (pages-free)*size - j.o.KeepBytes, err
}

// oldest is the last of the oldest ended entries that together have so many
// bytes; 0 if there are none.
func (j *Journal) oldest(bytes int64) (last int64, err error) {
	rows, err := j.db.Query(`SELECT id, coalesce(length(record_before), 0) + coalesce(length(record_after), 0)
		+ coalesce(length(arguments), 0) + coalesce(length(changes), 0) + coalesce(length(data), 0)
		FROM change WHERE ended <> '' ORDER BY id LIMIT 500`)
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

func (j *Journal) exec(query string, args ...any) (n int64, err error) {
	err = inTx(j.db, func(tx *sql.Tx) error {
		result, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	return n, err
}
