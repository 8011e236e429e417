package sandbox

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
)

// Everything in the workspace is an item: a record, a task, a user, a list.
// Its fields are one JSON object, so that any kind has any fields.
const tables = `
CREATE TABLE item (
	kind TEXT NOT NULL, id INTEGER NOT NULL,
	created TEXT NOT NULL, created_by INTEGER,
	modified TEXT, modified_by INTEGER,
	data TEXT NOT NULL, -- the fields, as JSON
	words TEXT NOT NULL, -- their texts in lower case, for search
	PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX item_recent ON item (kind, coalesce(modified, created), id);
CREATE TABLE link ( -- who is in which list, and in which workflow
	relation TEXT NOT NULL, parent INTEGER NOT NULL, child INTEGER NOT NULL,
	PRIMARY KEY (relation, parent, child)) WITHOUT ROWID;
CREATE INDEX link_child ON link (relation, child);
CREATE TABLE counter ( -- the last id of each kind, and the clock
	name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;`

// clock is the counter of the seconds since Today: one for each write.
const clock = "clock"

// How times are kept, in UTC: they sort as text.
const (
	dateLayout = "2006-01-02"
	timeLayout = "2006-01-02 15:04:05"
)

// store is the database.
type store struct{ *sql.DB }

// tx is a transaction, with the statements of the workspace.
type tx struct{ *sql.Tx }

// item is one row.
type item struct {
	kind       *kind
	id         int64
	created    string
	createdBy  int64 // 0 is nobody: a customer's reply
	modified   string
	modifiedBy int64
	data       values
}

// registerFold gives SQLite a lower case that knows more than ASCII.
var registerFold = sync.OnceValue(func() error {
	return sqlite.RegisterDeterministicScalarFunction("sandbox_fold", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		if args[0] == nil {
			return nil, nil
		}
		return fold(fmt.Sprint(args[0])), nil
	})
})

func fold(s string) string { return strings.ToLower(s) }

// openStore opens the file, or memory, and seeds it if it is new.
func openStore(file string) (*store, error) {
	if err := registerFold(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	if file == "" {
		return openMemory()
	}
	db, err := openDatabase(file)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	st := &store{db}
	if err := st.prepare(); err != nil {
		db.Close()
		return nil, fmt.Errorf("sandbox: %s", fileProblem(file, err))
	}
	return st, nil
}

// inMemory is the name of a database that is no file.
const inMemory = ":memory:"

// openDatabase opens one with one connection: one in memory lives and dies
// with it. Two programs may have the same file open: each waits for its turn.
func openDatabase(name string) (*sql.DB, error) {
	if name != inMemory {
		// As a URI, since in a plain name a ? begins the options, and file: a URI.
		name = (&url.URL{Scheme: "file", OmitHost: true, Path: name}).String()
	}
	db, err := sql.Open("sqlite", name+"?_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// fileProblem says what is wrong with the file in words a user can act on.
func fileProblem(file string, err error) string {
	if info, statErr := os.Stat(file); statErr == nil && info.IsDir() {
		return fmt.Sprintf("%s is a directory, not a sandbox file", file)
	}
	return fmt.Sprintf("%s can't be used as a sandbox file: %v", file, err)
}

// prepare makes and seeds a new database, and recognises an old one.
func (st *store) prepare() error {
	return st.do(func(t *tx) error {
		var version, others int
		if err := t.QueryRow(`PRAGMA user_version`).Scan(&version); err != nil {
			return err
		}
		if version == 1 {
			return t.QueryRow(`SELECT count(*) FROM item`).Scan(&others)
		}
		if err := t.QueryRow(`SELECT count(*) FROM sqlite_schema`).Scan(&others); err != nil {
			return err
		}
		if others > 0 || version != 0 {
			return errors.New("it is a database of something else")
		}
		if _, err := t.Exec(tables); err != nil {
			return err
		}
		return seed(t)
	})
}

// do runs f in a transaction that is kept if f succeeds. It takes no context:
// a canceled statement could cost an in-memory database its only connection.
func (st *store) do(f func(*tx) error) error {
	t, err := st.Begin()
	if err != nil {
		return err
	}
	if err := f(&tx{t}); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit()
}

// next counts one on and says where it stands.
func (t *tx) next(counter string) (n int64, err error) {
	err = t.QueryRow(`INSERT INTO counter VALUES (?, 1) ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value`, counter).Scan(&n)
	return n, err
}

// tick moves the clock on and says what time it is.
func (t *tx) tick() (string, error) {
	n, err := t.next(clock)
	return Today.Add(time.Duration(n) * time.Second).Format(timeLayout), err
}

// now is the time of the last write.
func (t *tx) now() (string, error) {
	last, err := lastWrite(t)
	return last.Format(timeLayout), err
}

// lastWrite is the time of the last write; before the first, it is Today.
func lastWrite(db interface {
	QueryRow(string, ...any) *sql.Row
}) (time.Time, error) {
	var n int64
	err := db.QueryRow(`SELECT coalesce((SELECT value FROM counter WHERE name = ?), 0)`, clock).Scan(&n)
	return Today.Add(time.Duration(n) * time.Second), err
}

const columns = `id, created, coalesce(created_by, 0), coalesce(modified, ''), coalesce(modified_by, 0), data`

// find is the item of a kind with an id, or a failure that says there is none.
func (t *tx) find(k *kind, id int64) (*item, error) {
	it, err := scan(k, t.QueryRow(`SELECT `+columns+` FROM item WHERE kind = ? AND id = ?`, k.table, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("No %s has the id %d.", k.name, id)
	}
	return it, err
}

// exists reports whether there is such an item.
func (t *tx) exists(table string, id int64) (bool, error) {
	var n int
	err := t.QueryRow(`SELECT count(*) FROM item WHERE kind = ? AND id = ?`, table, id).Scan(&n)
	return n > 0, err
}

// page reads a page of items, and how many there are in all.
func (t *tx) page(k *kind, q *query) (items []*item, total int, err error) {
	where, args := q.sql(k)
	if err := t.QueryRow(`SELECT count(*) FROM item WHERE `+where, args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := t.Query(`SELECT `+columns+` FROM item WHERE `+where+` ORDER BY `+q.order+` LIMIT ? OFFSET ?`,
		append(args, q.limit, q.start)...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		it, err := scan(k, rows)
		if err != nil {
			return nil, 0, err
		}
		items = append(items, it)
	}
	return items, total, rows.Err()
}

func scan(k *kind, row interface{ Scan(...any) error }) (*item, error) {
	it := &item{kind: k}
	var data string
	if err := row.Scan(&it.id, &it.created, &it.createdBy, &it.modified, &it.modifiedBy, &data); err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(data))
	d.UseNumber()
	return it, d.Decode(&it.data)
}

// put writes an item, new or changed.
func (t *tx) put(it *item) error {
	data, err := json.Marshal(it.data)
	if err != nil {
		return err
	}
	_, err = t.Exec(`INSERT OR REPLACE INTO item VALUES (?, ?, ?, nullif(?, 0), nullif(?, ''), nullif(?, 0), ?, ?)`,
		it.kind.table, it.id, it.created, it.createdBy, it.modified, it.modifiedBy, string(data), words(it.data))
	return err
}

// remove deletes an item and what is only about it. What merely pointed at it
// points at nothing afterwards.
func (t *tx) remove(it *item) error {
	statements := []statement{
		{`DELETE FROM item WHERE kind = ? AND id = ?`, []any{it.kind.table, it.id}},
		{`DELETE FROM link WHERE relation IN (?, ?) AND child = ?`, []any{inList(it.kind), inWorkflow(it.kind), it.id}},
		{`DELETE FROM link WHERE relation LIKE ? AND parent = ?`, []any{it.kind.table + ":%", it.id}},
		{`DELETE FROM item WHERE kind = 'note' AND data ->> 'entity_type' = ? AND data ->> 'entity_id' = ?`, []any{it.kind.table, it.id}},
		{`DELETE FROM item WHERE kind = 'reply' AND ? = 'case' AND data ->> 'case_id' = ?`, []any{it.kind.table, it.id}},
		{`UPDATE item SET data = json_set(data, '$.association_type', NULL, '$.association_id', NULL)
			WHERE kind = 'task' AND data ->> 'association_type' = ? AND data ->> 'association_id' = ?`, []any{it.kind.table, it.id}},
	}
	for _, s := range append(statements, unlink(it)...) {
		if _, err := t.Exec(s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

type statement struct {
	sql  string
	args []any
}

// unlink empties the lookups that point at an item.
func unlink(it *item) []statement {
	var all []statement
	for _, k := range kinds {
		for _, f := range k.fields {
			if f.target == it.kind.table {
				path := "$." + f.alias
				all = append(all, statement{
					`UPDATE item SET data = json_set(data, ?, NULL) WHERE kind = ? AND json_extract(data, ?) = ?`,
					[]any{path, k.table, path, it.id}})
			}
		}
	}
	return all
}

// words are the texts of a record in lower case, a line each.
func words(data values) string {
	var lines []string
	for _, alias := range slices.Sorted(maps.Keys(data)) {
		lines = append(lines, texts(data[alias])...)
	}
	return fold(strings.Join(lines, "\n"))
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var all []string
		for _, e := range v {
			all = append(all, texts(e)...)
		}
		return all
	}
	return nil
}

// integer reads a whole number that was validated when it was written; 0 is none.
func integer(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	case json.Number:
		n, _ := strconv.ParseInt(v.String(), 10, 64)
		return n
	}
	return 0
}

// number64 is a whole number as values hold it.
func number64(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }
