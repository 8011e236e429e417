package journal

import (
	"fmt"
	"strings"

	"flexie-mcp/internal/store"
)

// bodySize is how many bytes an entry has in its large columns.
const bodySize = `coalesce(length(record_before), 0) + coalesce(length(record_after), 0)
	+ coalesce(length(arguments), 0) + coalesce(length(changes), 0) + coalesce(length(data), 0)`

// usedOf is the query for the bytes in use. What the tables of Postgres take on
// disk does not become less when rows are deleted, so there rows are counted.
func usedOf(t *store.Tx) string {
	if t.Shared {
		return `SELECT coalesce(sum(300 + coalesce(octet_length(record_before), 0) + coalesce(octet_length(record_after), 0)
			+ coalesce(octet_length(arguments), 0) + coalesce(octet_length(changes), 0)
			+ coalesce(octet_length(data), 0)), 0)::bigint FROM change`
	}
	return `SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`
}

// smallBody is the size in bytes from which on a body is worth dropping by itself.
const smallBody = 4 << 10

// shed drops the bodies of what did not happen, the oldest first, until what is
// in use is small enough: they can't be taken back anyway, and must not push out
// what can.
func (j *Journal) shed(do store.Run) (err error) {
	for n := 1; n > 0 && err == nil; {
		n = 0
		err = do(func(t *store.Tx) error {
			var used int64
			if err := t.QueryRow(usedOf(t)).Scan(&used); err != nil || used <= j.o.KeepBytes {
				return err
			}
			ids, err := unmade(t, used-j.o.KeepBytes)
			if err != nil || len(ids) == 0 {
				return err
			}
			n = len(ids)
			_, err = t.Exec(`UPDATE change SET arguments = NULL, changes = NULL, data = NULL, record_before = NULL, record_after = NULL
				WHERE id IN (?`+strings.Repeat(", ?", n-1)+`)`, ids...)
			return err
		})
	}
	return err
}

// unmade are the oldest entries that did not happen and have a body, which
// together has so many bytes, if there are so many.
func unmade(t *store.Tx, bytes int64) (ids []any, err error) {
	rows, err := t.Query(fmt.Sprintf(`SELECT id, %s FROM change
		WHERE outcome = 'not_done' AND %[1]s > %d ORDER BY id LIMIT 500`, bodySize, smallBody))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() && bytes > 0 {
		var id, size int64
		if err := rows.Scan(&id, &size); err != nil {
			return nil, err
		}
		ids, bytes = append(ids, id), bytes-size
	}
	return ids, rows.Err()
}
