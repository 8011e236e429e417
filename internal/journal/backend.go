package journal

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// backend is where the tables are: in a file or in memory (sqliteFile), or in
// a database that several machines share (postgres).
type backend interface {
	// do runs f in a transaction that is durable when it returns, opening what
	// is not open. It may run f again. The context ends the waiting only: what
	// has begun is finished.
	do(ctx context.Context, f func(*tx) error) error

	// live makes sure that others can tell that this process is alive.
	live(t *tx) error

	// gone tells whether a process has ended. If in doubt, it has not.
	gone(t *tx, process string) bool

	// ours tells whether this process has, or had, that name.
	ours(process string) bool

	// place is what people know it by: a path, or a host and a name. It holds
	// no password, and is "" for memory.
	place() string

	close() error
}

// run runs f in a transaction of its own.
type run func(f func(*tx) error) error

// dialect is what the two databases say differently.
type dialect struct {
	numbered bool   // placeholders are $1, $2, … rather than ?
	lock     string // after a SELECT, keeps its rows as they are until the end
	wait     string // waits until nobody else is at what the argument names; "" where one writes at a time
	used     string // the query for the bytes in use
	shrink   string // gives free space back; "" if that happens by itself
}

var inSQLite = dialect{
	used: `SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
	shrink: `PRAGMA incremental_vacuum`,
}

var inPostgres = dialect{
	numbered: true,
	lock:     ` FOR UPDATE`,
	wait:     `SELECT pg_advisory_xact_lock(hashtextextended(?, 0))`,
	// What its tables take on disk does not become less when rows are deleted.
	used: `SELECT coalesce(sum(300 + coalesce(octet_length(record_before), 0) + coalesce(octet_length(record_after), 0)
		+ coalesce(octet_length(arguments), 0) + coalesce(octet_length(changes), 0)
		+ coalesce(octet_length(data), 0)), 0)::bigint FROM change`,
}

// tx is a transaction. Its placeholders are ?, of which SQL has no others here.
type tx struct {
	*sql.Tx
	dialect
	ctx     context.Context
	process string // the name of this process
}

func (t *tx) Exec(query string, args ...any) (sql.Result, error) {
	return t.ExecContext(t.ctx, t.text(query), t.clean(args)...)
}

func (t *tx) Query(query string, args ...any) (*sql.Rows, error) {
	return t.QueryContext(t.ctx, t.text(query), t.clean(args)...)
}

func (t *tx) QueryRow(query string, args ...any) *sql.Row {
	return t.QueryRowContext(t.ctx, t.text(query), t.clean(args)...)
}

// wait keeps others from looking at what is named until this one has ended.
func (t *tx) wait(name string) (err error) {
	if t.dialect.wait != "" {
		_, err = t.Exec(t.dialect.wait, name)
	}
	return err
}

// text numbers the placeholders.
func (t *tx) text(query string) string {
	if !t.numbered {
		return query
	}
	parts := strings.Split(query, "?")
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteString("$" + strconv.Itoa(i))
		}
		b.WriteString(part)
	}
	return b.String()
}

// clean replaces what a text of Postgres can't hold.
func (t *tx) clean(args []any) []any {
	if !t.numbered {
		return args
	}
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = cleanText(text)
		}
	}
	return args
}

func cleanText(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\x00", "\ufffd")
}
