package sandbox

import (
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
)

var reportFields = []field{
	{alias: "name", typ: "text", required: true},
	{alias: "description", typ: "textarea"},
	{alias: "source", typ: "text"},
	published,
}

// report is what stands behind a saved report: it is computed from the
// workspace each time, so that it follows what is done there.
type report struct {
	columns []string // labels, in the order of the query's columns
	sql     string   // :now is the time of the last write
}

// getReport answers a report with a page of its rows.
// Guess: rows are paged by ?page= and ?limit=, as Mautic's are.
func getReport(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	bad := problems{}
	in := c.request.URL.Query()
	page := max(1, paging(bad, "page", json.Number(in.Get("page")), 1))
	limit := c.cap(paging(bad, "limit", json.Number(in.Get("limit")), c.cap(largestLimit)))
	if err := bad.err(); err != nil {
		return nil, err
	}
	names, rows, err := c.rows(reportQueries[it.id])
	if err != nil {
		return nil, err
	}
	about, err := c.render(it)
	if err != nil {
		return nil, err
	}
	from := min((page-1)*limit, len(rows))
	return object{
		{"totalResults", c.dialect.total(len(rows))},
		{"data", rows[from:min(from+limit, len(rows))]},
		{"dataColumns", labels(names, reportQueries[it.id].columns)},
		{"limit", limit},
		{"page", page},
		{"report", about},
	}, nil
}

func labels(names, columns []string) object {
	o := object{}
	for i, name := range names {
		o = o.with(name, columns[i])
	}
	return o
}

// rows computes a report.
func (c *call) rows(r report) (names []string, all []any, err error) {
	now, err := c.now()
	if err != nil {
		return nil, nil, err
	}
	rows, err := c.Query(stageTable()+r.sql, sql.Named("now", now))
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	if names, err = rows.Columns(); err != nil {
		return nil, nil, err
	}
	all = []any{}
	for rows.Next() {
		row := make([]any, len(names))
		into := make([]any, len(names))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, nil, err
		}
		o := object{}
		for i, name := range names {
			o = o.with(name, row[i])
		}
		all = append(all, o)
	}
	return names, all, rows.Err()
}

// stageTable gives the queries the pipelines' stages, which are no items.
func stageTable() string {
	var rows []string
	for _, s := range stages {
		rows = append(rows, "("+strconv.FormatInt(s.id, 10)+", '"+s.name+"')")
	}
	return "WITH stage(id, name) AS (VALUES " + strings.Join(rows, ", ") + ") "
}
