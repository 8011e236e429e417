package journal

import (
	"context"

	"flexie-mcp/internal/store"
)

// LostNote is what there is to say of a change whose program has ended.
const LostNote = "the program ended before it knew whether this was done"

// Orphans are a caller's changes in a workspace of which it is unknown whether
// they were done, and which nobody has looked into: their process is gone, or
// did not find out. They are this process's to look into, and no other is given
// them while it runs: End each, as Unknown if that is all there is to say, and
// it is not given again.
func (j *Journal) Orphans(ctx context.Context, workspace, caller string) (found []Entry, err error) {
	err = j.do(ctx, func(t *store.Tx) error {
		if err := j.sweep(t); err != nil {
			return err
		}
		lookers, err := t.Texts(`SELECT DISTINCT looker FROM change WHERE outcome = 'unknown' AND looked = 0 AND looker <> ''`)
		if err != nil {
			return err
		}
		for _, looker := range lookers { // who is gone, looks no more
			if j.s.Gone(t, looker) {
				if _, err := t.Exec(`UPDATE change SET looker = '' WHERE outcome = 'unknown' AND looked = 0 AND looker = ?`, looker); err != nil {
					return err
				}
			}
		}
		if err := j.s.Live(t); err != nil {
			return err
		}
		found, err = query(t, ` WHERE outcome = 'unknown' AND looked = 0 AND looker = '' AND workspace = ? AND caller = ?
			ORDER BY id`+t.Lock, workspace, caller)
		for _, e := range found {
			if _, err := t.Exec(`UPDATE change SET looker = ? WHERE id = ?`, t.Process, e.ID); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		return nil, j.problem(unreadable, "", err)
	}
	return found, nil
}

// Owners are the callers who have Orphans.
func (j *Journal) Owners(ctx context.Context) (callers []string, err error) {
	err = j.do(ctx, func(t *store.Tx) error {
		if err := j.sweep(t); err != nil {
			return err
		}
		callers, err = t.Texts(`SELECT DISTINCT caller FROM change WHERE outcome = 'unknown' AND looked = 0`)
		return err
	})
	if err != nil {
		return nil, j.problem(unreadable, "", err)
	}
	return callers, nil
}

// sweep marks the pending entries whose process is gone as unknown.
func (j *Journal) sweep(t *store.Tx) error {
	processes, err := t.Texts(`SELECT DISTINCT process FROM change WHERE outcome = 'pending'`)
	if err != nil {
		return err
	}
	for _, process := range processes {
		if !j.s.Gone(t, process) {
			continue
		}
		_, err := t.Exec(`UPDATE change SET outcome = 'unknown', ended = ?, note = ? WHERE outcome = 'pending' AND process = ?`,
			store.FormatTime(j.now()), LostNote, process)
		if err != nil {
			return err
		}
	}
	return nil
}

// mark sweeps before a look at the journal, which is of use also without.
func (j *Journal) mark(ctx context.Context) {
	if j.s.Place() == "" {
		return
	}
	if err := j.do(ctx, j.sweep); err != nil {
		j.o.Log.Debug("changes whose program has ended could not be marked", "reason", err)
	}
}
