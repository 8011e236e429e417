package journal

import "fmt"

// migrations bring an SQLite file from each version, counted from 0 (a new file), to
// the next. They are never changed, only added to; docs/journal.md describes
// what they lead to. What can be large stands last in a row, since what stands
// before is then read without it.
var migrations = []string{`
CREATE TABLE change (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	began TEXT NOT NULL, ended TEXT NOT NULL,
	outcome TEXT NOT NULL, note TEXT NOT NULL,
	workspace TEXT NOT NULL, caller TEXT NOT NULL, user_name TEXT NOT NULL, client TEXT NOT NULL,
	tool TEXT NOT NULL, endpoint TEXT NOT NULL, act TEXT NOT NULL,
	kind TEXT NOT NULL, table_name TEXT NOT NULL, record TEXT NOT NULL, name TEXT NOT NULL,
	no_undo TEXT NOT NULL, undoes INTEGER NOT NULL, undone_by INTEGER NOT NULL,
	process TEXT NOT NULL, looker TEXT NOT NULL, looked INTEGER NOT NULL,
	arguments TEXT, changes TEXT, data TEXT, record_before TEXT, record_after TEXT);
CREATE INDEX change_record ON change (workspace, kind, record, id);
CREATE INDEX change_ended ON change (ended);
CREATE INDEX change_undoes ON change (undoes) WHERE undoes <> 0;
CREATE INDEX change_open ON change (outcome) WHERE outcome IN ('pending', 'unknown');
CREATE TABLE used (token TEXT PRIMARY KEY, until TEXT NOT NULL);
`, `
ALTER TABLE change ADD COLUMN same TEXT NOT NULL DEFAULT '';
CREATE INDEX change_same ON change (same, id) WHERE same <> '';
`}

// columns are those of an entry, as entry.go reads and writes them.
const columns = `began, ended, outcome, note, workspace, caller, user_name, client, tool, endpoint, act,
	kind, table_name, record, name, no_undo, undoes, undone_by,
	arguments, changes, data, record_before, record_after`

// version is that of a file; 0 is a new one.
func version(t *tx) (v int, err error) {
	err = t.QueryRow(`PRAGMA user_version`).Scan(&v)
	return v, err
}

// migrate brings a file of version v up to date. Ids of a new one come after
// the given one.
func migrate(t *tx, v int, after int64) error {
	fresh := v == 0
	for ; v < len(migrations); v++ {
		if _, err := t.Exec(migrations[v]); err != nil {
			return err
		}
	}
	if _, err := t.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, v)); err != nil {
		return err
	}
	if !fresh || after == 0 {
		return nil
	}
	_, err := t.Exec(`INSERT INTO sqlite_sequence (name, seq) VALUES ('change', ?)`, after)
	return err
}
