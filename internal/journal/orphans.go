package journal

import (
	"context"
	"database/sql"
)

// lostNote is what there is to say of a change whose program has ended.
const lostNote = "the program ended before it knew whether this was done"

// Orphans are the changes in a workspace of which it is unknown whether they
// were done, and which nobody has looked into: their process is gone, or did
// not find out. They are this process's to look into, and no other is given
// them while it runs: End each, as Unknown if that is all there is to say, and
// it is not given again.
func (j *Journal) Orphans(ctx context.Context, workspace string) (found []Entry, err error) {
	err = j.do(ctx, func(tx *sql.Tx) error {
		if err := j.sweep(tx); err != nil {
			return err
		}
		lookers, err := texts(tx, `SELECT DISTINCT looker FROM change WHERE outcome = 'unknown' AND looked = 0 AND looker <> ''`)
		if err != nil {
			return err
		}
		for _, looker := range lookers { // who is gone, looks no more
			if j.gone(looker) {
				if _, err := tx.Exec(`UPDATE change SET looker = '' WHERE outcome = 'unknown' AND looked = 0 AND looker = ?`, looker); err != nil {
					return err
				}
			}
		}
		const untouched = ` WHERE outcome = 'unknown' AND looked = 0 AND looker = '' AND workspace = ?`
		if found, err = query(tx, untouched+` ORDER BY id`, workspace); err != nil || len(found) == 0 {
			return err
		}
		_, err = tx.Exec(`UPDATE change SET looker = ?`+untouched, j.process, workspace)
		return err
	})
	if err != nil {
		return nil, j.problem(unreadable, "", err)
	}
	return found, nil
}

// sweep marks the pending entries whose process is gone as unknown.
func (j *Journal) sweep(tx *sql.Tx) error {
	processes, err := texts(tx, `SELECT DISTINCT process FROM change WHERE outcome = 'pending'`)
	if err != nil {
		return err
	}
	for _, process := range processes {
		if !j.gone(process) {
			continue
		}
		_, err := tx.Exec(`UPDATE change SET outcome = 'unknown', ended = ?, note = ? WHERE outcome = 'pending' AND process = ?`,
			formatTime(j.now()), lostNote, process)
		if err != nil {
			return err
		}
	}
	return nil
}

// mark sweeps before a look at the journal, which is of use also without.
func (j *Journal) mark(ctx context.Context) {
	if j.path == "" {
		return
	}
	if err := j.do(ctx, j.sweep); err != nil {
		j.o.Log.Debug("changes whose program has ended could not be marked", "reason", err)
	}
}

func texts(tx *sql.Tx, query string) (found []string, err error) {
	rows, err := tx.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text cell
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		found = append(found, string(text))
	}
	return found, rows.Err()
}
