package sandbox

import (
	"net/http"
	"strconv"
)

// dialect is one of the shapes in which Flexie may answer: its page shows none,
// so each carries the same data in another of the shapes Mautic has had.
type dialect struct {
	name string

	textTotals bool // "95" rather than 95
	keyed      bool // lists are objects keyed by id, empty ones []
	nested     bool // values stand under fields.GROUP.ALIAS, names in camelCase
	complete   bool // nested values carry their definition, and fields.all repeats them
	outer      bool // answers have an outer name, lists a total
	pipes      bool // a select's options are "a|b|c" rather than labels and values
	misspelt   bool // isUniqueIdentifer, as Mautic once had it
	gone       bool // a delete answers 204 rather than the deleted record
	oneError   bool // {"error":{…}} rather than {"errors":[{…}]}
	oauth401   bool // 401 in OAuth's own shape
	success    any  // what says that an act succeeded
}

// Dialects are the names of the dialects.
var Dialects = []string{"classic", "listed", "flat", "bare"}

var dialects = []dialect{
	{name: "classic", textTotals: true, keyed: true, nested: true, complete: true, outer: true, pipes: true, gone: true, oneError: true, success: 1},
	{name: "listed", nested: true, outer: true, misspelt: true, success: true},
	{name: "flat", textTotals: true, outer: true, pipes: true, gone: true, success: 1},
	{name: "bare", oauth401: true, success: true},
}

// entry is one thing of a list, with the id that may key it.
type entry struct {
	id   int64
	body any
}

// total is a count as this dialect writes it.
func (d *dialect) total(n int) any {
	if d.textTotals {
		return strconv.Itoa(n)
	}
	return n
}

// list is a page of things under an outer name.
func (d *dialect) list(outer string, total int, entries []entry) any {
	if !d.outer {
		return array(entries)
	}
	return object{{"total", d.total(total)}, {outer, d.keyedOr(entries)}}
}

// plainList is a list that is an array in every dialect, as notes and replies are.
func (d *dialect) plainList(outer string, total int, entries []entry) any {
	if !d.outer {
		return array(entries)
	}
	return object{{"total", d.total(total)}, {outer, array(entries)}}
}

// keyedOr is an object keyed by id where the dialect has those, else an array.
func (d *dialect) keyedOr(entries []entry) any {
	if !d.keyed || len(entries) == 0 {
		return array(entries)
	}
	o := make(object, len(entries))
	for i, e := range entries {
		o[i] = member{strconv.FormatInt(e.id, 10), e.body}
	}
	return o
}

func array(entries []entry) []any {
	all := make([]any, len(entries))
	for i, e := range entries {
		all[i] = e.body
	}
	return all
}

// one is a single thing under its outer name.
func (d *dialect) one(outer string, body any) any {
	if !d.outer {
		return body
	}
	return object{{outer, body}}
}

// done says that an act with no answer of its own succeeded.
func (d *dialect) done() any { return object{{"success", d.success}} }

// failure is an error's body.
func (d *dialect) failure(f *failure) any {
	if d.oauth401 && f.status == http.StatusUnauthorized {
		return object{{"error", "invalid_request"}, {"error_description", f.message}}
	}
	e := object{{"message", f.message}, {"code", f.status}}
	if len(f.details) > 0 {
		e = e.with("details", f.details.answer())
	}
	if d.oneError {
		return object{{"error", e}}
	}
	return object{{"errors", []any{e}}}
}
