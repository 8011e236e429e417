package store

// part is the tables that are kept in one place: a file each, or all in Postgres.
type part struct {
	name       string // of its row in flexie_format of Postgres
	migrations []migration
	probes     []string // queries that fail where a table is not as it should be
}

// migration brings the tables of a part from one version to the next.
type migration struct {
	sql string // its $types and $long are those of the dialect

	// needs is the least version that a program must know to use the tables of a
	// Postgres afterwards. Raise it only where an older one would do harm: while it
	// stays, old and new programs run side by side during a rollout. So add tables,
	// and columns that have a default; take away nothing, and rename nothing.
	needs int
}

// The migrations of each part are counted from 0, nothing. Once they are released
// they are never changed, only added to; docs/journal.md describes what they lead
// to. What can be large stands last in a row, since what stands before is then
// read without it.
var (
	// durable must not be lost.
	durable = &part{name: "durable", migrations: []migration{{needs: 1, sql: changeTable + onceTables}, {needs: 1, sql: oauthTables}}, probes: []string{
		`SELECT id, began, ended, outcome, note, workspace, caller, user_name, client, tool, endpoint, act,
			kind, table_name, record, name, no_undo, undoes, undone_by, process, looker, looked, same,
			arguments, changes, data, record_before, record_after FROM change LIMIT 0`,
		`SELECT token, until FROM used LIMIT 0`,
		`SELECT call, at FROM refused LIMIT 0`,
	}}

	// cached can be learnt or made again.
	cached = &part{name: "cached", migrations: []migration{{needs: 1, sql: fieldTable + resultTables}}}

	// shared is in Postgres only. Further tables of servers that share one are
	// constants in tables_replicas.go, added to its migrations here.
	shared = &part{name: "shared", migrations: []migration{{needs: 1, sql: processTable + replicaTables}}}
)

const changeTable = `
CREATE TABLE change (
	id $id,
	began $time NOT NULL, ended $time NOT NULL,
	outcome TEXT NOT NULL, note TEXT NOT NULL,
	workspace TEXT NOT NULL, caller TEXT NOT NULL, user_name TEXT NOT NULL, client TEXT NOT NULL,
	tool TEXT NOT NULL, endpoint TEXT NOT NULL, act TEXT NOT NULL,
	kind TEXT NOT NULL, table_name TEXT NOT NULL, record TEXT NOT NULL, name TEXT NOT NULL,
	no_undo TEXT NOT NULL, undoes BIGINT NOT NULL, undone_by BIGINT NOT NULL,
	process TEXT NOT NULL, looker TEXT NOT NULL, looked BIGINT NOT NULL, same TEXT NOT NULL,
	arguments TEXT, changes TEXT, data TEXT, record_before TEXT, record_after TEXT);
CREATE INDEX change_workspace ON change (workspace, caller, id);
CREATE INDEX change_record ON change (workspace, kind, $long, id);
CREATE INDEX change_ended ON change (ended);
CREATE INDEX change_undoes ON change (undoes) WHERE undoes <> 0;
CREATE INDEX change_same ON change (same, id) WHERE same <> '';
CREATE INDEX change_open ON change (outcome) WHERE outcome IN ('pending', 'unknown');
`

// onceTables are what codes were used, and what people said no to.
const onceTables = `
CREATE TABLE used (token TEXT PRIMARY KEY, until $time NOT NULL);
CREATE TABLE refused (call TEXT PRIMARY KEY, at $time NOT NULL);
`

const fieldTable = `
CREATE TABLE field (
	owner TEXT NOT NULL, key TEXT NOT NULL, format BIGINT NOT NULL, saved $time NOT NULL, value TEXT NOT NULL,
	PRIMARY KEY (owner, key));
`

// resultTables are answers that were cut, by pages.
const resultTables = `
CREATE TABLE result (
	number $id, id TEXT NOT NULL UNIQUE, caller TEXT NOT NULL, until $time NOT NULL,
	pages BIGINT NOT NULL, bytes BIGINT NOT NULL);
CREATE INDEX result_caller ON result (caller);
CREATE INDEX result_until ON result (until);
CREATE TABLE result_page (result TEXT NOT NULL, page BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (result, page));
`

// processTable is who is alive; secret has no file of its own here.
const processTable = `
CREATE TABLE process (id TEXT PRIMARY KEY, seen TIMESTAMPTZ NOT NULL);
CREATE TABLE secret (name TEXT PRIMARY KEY, value $bytes NOT NULL);
`
