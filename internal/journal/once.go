package journal

import (
	"context"
	"time"
)

// Once is true the first time that it is asked about a token, in any process
// that uses the file, and false from then on. After until the token may be
// forgotten. An error says that it can't be known, and so must not be taken
// for true.
func (j *Journal) Once(ctx context.Context, token string, until time.Time) (first bool, err error) {
	err = j.do(ctx, func(t *tx) error {
		if _, err := t.Exec(`DELETE FROM used WHERE until < ?`, formatTime(j.now())); err != nil {
			return err
		}
		result, err := t.Exec(`INSERT INTO used (token, until) VALUES (?, ?) ON CONFLICT DO NOTHING`, token, formatTime(until))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		first = n == 1
		return err
	})
	if err != nil {
		return false, j.problem("the change was not made, since it can't be recorded that it is confirmed", "; reading goes on", err)
	}
	return first, nil
}
