package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"
)

// Results keep texts of pages for a while, each for the caller who asked. They
// are bounded in number, size and time: the oldest of a caller go first.
type Results struct {
	Store  Store
	Number int           // of a caller
	Bytes  int64         // of a caller; a larger one is kept by itself
	InAll  int64         // bytes of all callers
	Last   time.Duration // how long one is kept
	Now    func() time.Time
}

// NewResults also drops what is over each time that the store is opened: after a
// program has ended, nobody else may come for long.
func NewResults(r Results) *Results {
	r.Store.OnOpen(func(run Run) {
		_ = run(func(t *Tx) error { return r.dropOver(t, r.Now()) }) // or it is dropped with the next
	})
	return &r
}

// Keep keeps the pages of a result under an id that nobody can guess.
func (r *Results) Keep(ctx context.Context, id, caller string, pages []string) error {
	bytes := 0
	for _, page := range pages {
		bytes += len(page)
	}
	now := r.Now()
	return r.Store.Do(ctx, func(t *Tx) error {
		if _, err := t.Exec(`INSERT INTO result (id, caller, until, pages, bytes) VALUES (?, ?, ?, ?, ?)`,
			id, caller, FormatTime(now.Add(r.Last)), len(pages), bytes); err != nil {
			return err
		}
		for i, page := range pages {
			if _, err := t.Exec(`INSERT INTO result_page (result, page, body) VALUES (?, ?, ?)`, id, i+1, page); err != nil {
				return err
			}
		}
		if err := r.dropOver(t, now); err != nil {
			return err
		}
		return r.dropMost(t, id, caller)
	})
}

// dropOver drops those whose time is over.
func (r *Results) dropOver(t *Tx, now time.Time) error {
	over, err := t.Texts(`SELECT id FROM result WHERE until < ?`, FormatTime(now))
	if err != nil {
		return err
	}
	return drop(t, over)
}

// dropMost drops the oldest of what is too much, but not the one that was just
// kept.
func (r *Results) dropMost(t *Tx, id, caller string) error {
	// Counted and added up are each one and all that are newer.
	more, err := t.Texts(`SELECT id FROM (SELECT id, row_number() OVER newest AS n, sum(bytes) OVER newest AS together
		FROM result WHERE caller = ? WINDOW newest AS (ORDER BY number DESC)) AS r WHERE id <> ? AND (n > ? OR together > ?)`,
		caller, id, r.Number, r.Bytes)
	if err != nil {
		return err
	}
	most, err := t.Texts(`SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY number DESC) AS together FROM result) AS r
		WHERE id <> ? AND together > ?`, id, r.InAll)
	if err != nil {
		return err
	}
	return drop(t, slices.Concat(more, most))
}

func drop(t *Tx, results []string) error {
	for _, id := range results {
		if _, err := t.Exec(`DELETE FROM result_page WHERE result = ?`, id); err != nil {
			return err
		}
		if _, err := t.Exec(`DELETE FROM result WHERE id = ?`, id); err != nil {
			return err
		}
	}
	return nil
}

// Page gives a page of a result of the caller, from 1 on, and how many it has; 0
// pages where the caller has no such result, or has none any more. A page that it
// does not have is "".
func (r *Results) Page(ctx context.Context, id, caller string, page int) (text string, pages int, err error) {
	err = r.Store.Do(ctx, func(t *Tx) error {
		err := t.QueryRow(`SELECT pages FROM result WHERE id = ? AND caller = ? AND until >= ?`, id, caller, FormatTime(r.Now())).Scan(&pages)
		if err != nil || page > pages {
			return err
		}
		return t.QueryRow(`SELECT body FROM result_page WHERE result = ? AND page = ?`, id, page).Scan(&text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", 0, nil
	}
	return text, pages, err
}
