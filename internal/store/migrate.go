package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migrationLock is the advisory lock of those who bring tables up to date.
const migrationLock = 7235419028105517

// parts are all that is in a Postgres.
func parts() []*part { return []*part{durable, cached, shared} }

// errNewer are tables that this program doesn't know how to use.
func errNewer(needs, known int) error {
	return fmt.Errorf("%w (it needs format %d; this one knows formats up to %d)", ErrNewer, needs, known)
}

// migrate brings the tables up to date. Where they are, nothing is written, so
// that a database that can only be read can be read.
func migrate(ctx context.Context, db *sql.DB) error {
	versions, err := versionsOf(ctx, db)
	if err != nil || upToDate(versions) {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	t := &Tx{statements: tx, Dialect: inPostgres, ctx: ctx}
	if _, err := t.Exec(`SELECT pg_advisory_xact_lock(?)`, int64(migrationLock)); err != nil {
		return err
	}
	if versions, err = versionsOf(ctx, tx); err != nil || upToDate(versions) { // another may have been quicker
		return err
	}
	if versions == nil {
		if _, err := t.Exec(`CREATE TABLE flexie_format (part TEXT PRIMARY KEY, version BIGINT NOT NULL, needs BIGINT NOT NULL)`); err != nil {
			return err
		}
	}
	for _, p := range parts() {
		if err := p.bring(t, versions[p.name]); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func upToDate(versions map[string]int) bool {
	for _, p := range parts() {
		if versions[p.name] < len(p.migrations) {
			return false
		}
	}
	return true
}

// versionsOf are those of the parts, nil where there are no tables.
func versionsOf(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}) (map[string]int, error) {
	var there bool
	// Not to_regclass, which may remember that there was none before the lock.
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT FROM pg_class WHERE relname = 'flexie_format' AND pg_table_is_visible(oid))`).Scan(&there)
	if err != nil || !there {
		return nil, err
	}
	rows, err := db.QueryContext(ctx, `SELECT part, version, needs FROM flexie_format`)
	if err != nil {
		return nil, fmt.Errorf("its table flexie_format can't be read: %w", err)
	}
	defer rows.Close()
	known := map[string]int{} // a part that is not known is none of ours to use
	for _, p := range parts() {
		known[p.name] = len(p.migrations)
	}
	versions := map[string]int{}
	for rows.Next() {
		var name string
		var version, needs int
		if err := rows.Scan(&name, &version, &needs); err != nil {
			return nil, fmt.Errorf("its table flexie_format can't be read: %w", err)
		}
		if most, ok := known[name]; ok && needs > most {
			return nil, errNewer(needs, most)
		}
		versions[name] = version
	}
	return versions, rows.Err()
}

// bring brings the tables of a part in Postgres, which have version v, up to date.
func (p *part) bring(t *Tx, v int) error {
	if v == 0 {
		if _, err := t.Exec(`INSERT INTO flexie_format VALUES (?, 0, 0)`, p.name); err != nil {
			return err
		}
	}
	for ; v < len(p.migrations); v++ {
		if _, err := t.ExecContext(t.ctx, t.types.Replace(p.migrations[v].sql)); err != nil {
			return fmt.Errorf("its tables can't be brought to format %d: %w", v+1, err)
		}
		if _, err := t.Exec(`UPDATE flexie_format SET version = ?, needs = greatest(needs, ?) WHERE part = ?`, v+1, p.migrations[v].needs, p.name); err != nil {
			return err
		}
	}
	return nil
}

// fileVersion is that of an SQLite file; 0 is a new one.
func fileVersion(t *Tx) (v int, err error) {
	err = t.QueryRow(`PRAGMA user_version`).Scan(&v)
	return v, err
}

// upgrade brings the tables of a part in an SQLite file, which have version v, up
// to date.
func (p *part) upgrade(t *Tx, v int) error {
	for ; v < len(p.migrations); v++ {
		if _, err := t.Exec(t.types.Replace(p.migrations[v].sql)); err != nil {
			return err
		}
	}
	_, err := t.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, v))
	return err
}

// beginAfter has the ids of changes in a new SQLite file come after a given one.
func beginAfter(t *Tx, id int64) error {
	_, err := t.Exec(`INSERT INTO sqlite_sequence (name, seq) VALUES ('change', ?)`, id)
	return err
}
