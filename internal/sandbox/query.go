package sandbox

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// The sizes of a page.
const (
	defaultLimit = 30
	largestLimit = 1000
)

// listRequest is the body of POST on a list.
type listRequest struct {
	Filters    []filter    `json:"filters"`
	Start      json.Number `json:"start"`
	Limit      json.Number `json:"limit"`
	OrderBy    string      `json:"orderBy"`
	OrderByDir string      `json:"orderByDir"`
}

func (c *call) listRequest() (r listRequest, err error) {
	if len(bytes.TrimSpace(c.raw)) == 0 {
		return r, nil
	}
	return r, c.decode(&r)
}

// query is which items are meant, in which order, and which page of them.
type query struct {
	where        []string
	args         []any
	order        string
	start, limit int
}

// and narrows a query down.
func (q *query) and(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// sql is the condition of a query for a kind.
func (q *query) sql(k *kind) (where string, args []any) {
	return strings.Join(append([]string{"kind = ?"}, q.where...), " AND "), append([]any{k.table}, q.args...)
}

// newest is the default order: what was touched last comes first.
const newest = `coalesce(modified, created) DESC, id DESC`

// query reads a request for a list of a kind. The URL's search holds for POST as well.
func (c *call) query(k *kind, r listRequest) (*query, error) {
	in := c.request.URL.Query()
	if r.Start == "" {
		r.Start = json.Number(in.Get("start"))
	}
	if r.Limit == "" {
		r.Limit = json.Number(in.Get("limit"))
	}
	q := &query{}
	if text := in.Get("search"); text != "" {
		q.and("instr(words, ?) > 0", fold(text))
	}
	bad := problems{}
	q.start = paging(bad, "start", r.Start, 0)
	q.limit = c.cap(paging(bad, "limit", r.Limit, defaultLimit))
	q.order = ordering(bad, k, r)
	for _, f := range r.Filters {
		q.filter(bad, k, f)
	}
	return q, bad.err()
}

func (c *call) cap(limit int) int {
	most := c.options.MaxLimit
	if most == 0 {
		most = largestLimit
	}
	if limit == 0 {
		limit = defaultLimit
	}
	return min(limit, most)
}

func paging(bad problems, name string, given json.Number, otherwise int) int {
	if given == "" {
		return otherwise
	}
	n, err := strconv.Atoi(given.String())
	if err != nil || n < 0 || n > math.MaxInt32 {
		bad.add(name, "%q is not a whole number from 0.", given)
	}
	return n
}

// ordering is what comes after ORDER BY. Equal values are ordered by id.
func ordering(bad problems, k *kind, r listRequest) string {
	direction := strings.ToUpper(r.OrderByDir)
	switch direction {
	case "":
		direction = "ASC"
	case "ASC", "DESC":
	default:
		bad.add("orderByDir", "%q is neither ASC nor DESC.", r.OrderByDir)
	}
	if r.OrderBy == "" {
		return newest
	}
	col, ok := k.column(r.OrderBy)
	if !ok {
		bad.add("orderBy", "Unknown field %q.", r.OrderBy)
		return newest
	}
	return col.order + " " + direction + ", id " + direction
}
