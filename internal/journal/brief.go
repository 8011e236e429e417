package journal

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
)

// briefly is the most that a brief entry has of each part that can be large, in
// characters.
const briefly = 16 << 10

// briefColumns are the columns without what is large in them. Then come whether
// a part was left out, and how long changes begin.
var briefColumns = func() string {
	named, large, _ := strings.Cut(columns, "arguments,")
	cut := named
	var lengths []string
	for _, name := range strings.Split("arguments,"+large, ",") {
		name = strings.TrimSpace(name)
		cut += fmt.Sprintf("CASE WHEN length(%[1]s) > %[2]d THEN NULL ELSE %[1]s END, ", name, briefly)
		lengths = append(lengths, fmt.Sprintf("coalesce(length(%s), 0) > %d", name, briefly))
	}
	return cut + fmt.Sprintf("CASE WHEN %s THEN 1 ELSE 0 END, CASE WHEN length(changes) > %[2]d THEN substr(changes, 1, %[2]d) END",
		strings.Join(lengths, " OR "), briefly)
}()

// scanBrief reads an entry from "id, " and the brief columns.
func scanBrief(rows *sql.Rows) (Entry, error) {
	var isCut, began cell
	e, err := scan(withMore{rows, []any{&isCut, &began}})
	e.Brief = string(isCut) == "1"
	if len(began) > 0 {
		e.Changes = beginning(began)
	}
	return e, err
}

// withMore is a row with more columns than its reader knows.
type withMore struct {
	*sql.Rows
	more []any
}

func (r withMore) Scan(into ...any) error { return r.Rows.Scan(append(into, r.more...)...) }

var (
	lastEscape = regexp.MustCompile(`(\\+)(?:u[0-9a-fA-F]{0,3})?$`)
	fieldOf    = regexp.MustCompile(`"field":"((?:[^"\\]|\\.)*)"`)
)

// beginning are the changes that a text begins with, up to where it was cut.
func beginning(text []byte) (all []Change) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return nil
	}
	at := d.InputOffset()
	for d.More() {
		var c Change
		if d.Decode(&c) != nil {
			break
		}
		all, at = append(all, c), d.InputOffset()
	}
	return append(all, begun(strings.TrimLeft(string(text[at:]), ", \n"))...)
}

// begun is the change that was cut, with what there is of its values. Most often
// it was cut in a long text.
func begun(text string) []Change {
	if m := lastEscape.FindStringSubmatchIndex(text); m != nil && (m[3]-m[2])%2 == 1 {
		text = text[:m[3]-1] // it was cut in the middle of one
	}
	end := `…","to":"…"}`
	if strings.Contains(text, `,"to":`) { // inside a text, its quotes would be escaped
		end = `…"}`
	}
	var c Change
	if json.Unmarshal([]byte(text+end), &c) == nil {
		return []Change{c}
	}
	if m := fieldOf.FindStringSubmatch(text); m != nil {
		return []Change{{Field: m[1], To: "…"}}
	}
	return nil
}
