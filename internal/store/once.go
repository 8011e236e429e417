package store

import (
	"context"
	"time"
)

// Once is true the first time that it is asked about a token, by any process that
// uses the store, and false from then on. After until the token may be forgotten.
// An error says that it can't be known, and so must not be taken for true.
func Once(ctx context.Context, s Store, token string, now, until time.Time) (first bool, err error) {
	err = s.Do(ctx, func(t *Tx) error {
		if _, err := t.Exec(`DELETE FROM used WHERE until < ?`, FormatTime(now)); err != nil {
			return err
		}
		result, err := t.Exec(`INSERT INTO used (token, until) VALUES (?, ?) ON CONFLICT DO NOTHING`, token, FormatTime(until))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		first = n == 1
		return err
	})
	return first && err == nil, err
}
