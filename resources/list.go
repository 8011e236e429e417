package resources

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// mostColumns is how many columns a list shows unless told which.
const mostColumns = 10

// ListAnswer shows a page of a list. columns are those asked for, and the id in
// any case; without any, the columns that matter of the noun, those searched
// and ordered by, and, if the workspace has few of these, what else the records
// hold.
func ListAnswer(n Noun, p flexie.Page, q flexie.Query, columns []string) Answer {
	a := Answer{Summary: pageSummary(n, p, q)}
	if len(p.Records) > 0 {
		a.Shown = shownOf(n, p.Records...)
		problems := unknownColumns(p.Records, columns)
		a.Summary += problems
		a.reword = func(rows int) string {
			return pageSummary(n, p.First(rows), q) + problems
		}
		a.Parts = []Part{{Table: tableOf(p.Records, chooseColumns(n, p.Records, q, columns))}}
	}
	return a
}

// mostListed is how many records a list has that is a part of another answer.
const mostListed = 30

// ListPart is a list as a part of another answer.
func ListPart(title string, n Noun, p flexie.Page) Part {
	shown := p.First(mostListed)
	part := Part{Title: fmt.Sprintf("%s (%s)", title, howMany(len(shown.Records), p))}
	if records := shown.Records; len(records) > 0 {
		part.Table = tableOf(records, chooseColumns(n, records, flexie.Query{}, nil))
		if part.Table.Narrow(narrowCell) && n.Address != "" {
			part.Title += fmt.Sprintf(", long ones cut: get_%s has all of one", n.One)
		}
	}
	return part
}

// HowMany says how many records a list that was read has.
func HowMany(p flexie.Page) string {
	if p.More() > 0 {
		return fmt.Sprintf("more than %d", len(p.Records))
	}
	return fmt.Sprint(len(p.Records))
}

// howMany says how many records of a list are shown, and how many there are.
func howMany(shown int, p flexie.Page) string {
	all := len(p.Records)
	switch {
	case p.More() > 0:
		return fmt.Sprintf("%d; there are more than %d", shown, all)
	case shown < all:
		return fmt.Sprintf("%d of %d", shown, all)
	}
	return fmt.Sprint(all)
}

// narrowCell is the most of a value, in runes, in a table that is only a part of
// an answer.
const narrowCell = 140

// Narrow cuts the cells of a table to so many runes, and reports whether one was
// longer.
func (t Table) Narrow(most int) (cutAny bool) {
	for _, row := range t.Rows {
		for i, cell := range row {
			row[i] = cut(cell, most)
			cutAny = cutAny || row[i] != cell
		}
	}
	return cutAny
}

func pageSummary(n Noun, p flexie.Page, q flexie.Query) string {
	count := len(p.Records)
	var b strings.Builder
	switch {
	case count == 0 && p.Start == 0 && p.Total > 0:
		return fmt.Sprintf("Flexie says that there are %d %s, and showed none: ask again, or for a smaller limit.", p.Total, n.Many)
	case count == 0 && p.Total > 0:
		return fmt.Sprintf("No %s from start=%d on: there are %d.", n.Many, p.Start, p.Total)
	case count == 0 && q.Search != "" && n.Belongs:
		return fmt.Sprintf("No %s found with that text in them. It is not looked for in the contact or account that they belong to: filter by the field that names it.", n.Many)
	case count == 0 && strings.Contains(strings.TrimSpace(q.Search), " "):
		return fmt.Sprintf("No %s found with that whole text in one field: try one word of it, such as a last name.", n.Many)
	case count == 0:
		return fmt.Sprintf("No %s found.", n.Many)
	case p.Total < 0:
		fmt.Fprintf(&b, "%d %s; Flexie does not say of how many", count, n.Many)
	case p.Start == 0 && int64(count) == p.Total:
		fmt.Fprintf(&b, "%d %s", count, n.count(count))
	default:
		fmt.Fprintf(&b, "%d–%d of %d %s", p.Start+1, p.Start+count, p.Total, n.Many)
	}
	if q.OrderBy != "" {
		fmt.Fprintf(&b, ", by %s, %s first", Named(q.OrderBy), map[bool]string{false: "lowest", true: "highest"}[q.OrderDesc])
	}
	b.WriteByte('.')
	if more := p.More(); more > 0 {
		fmt.Fprintf(&b, " More: start=%d.", more)
	}
	return b.String()
}

func (n Noun) count(i int) string {
	if i == 1 {
		return n.One
	}
	return n.Many
}

func chooseColumns(n Noun, records []flexie.Record, q flexie.Query, asked []string) []string {
	if len(asked) > 0 {
		return among(slices.Concat([]string{"id"}, asked), knownColumns(records))
	}
	filled := filledColumns(records)
	wanted := slices.Clone(n.Columns)
	for _, f := range q.Filters {
		wanted = append(wanted, f.Field)
	}
	wanted = append(wanted, q.OrderBy)
	if chosen := among(wanted, filled); len(chosen) > 2 {
		return chosen
	}
	return among(append([]string{"id"}, filled...), filled)[:min(mostColumns, len(filled))]
}

// among returns the names that are in filled, each once.
func among(names, filled []string) []string {
	var chosen []string
	for _, name := range names {
		if slices.Contains(filled, name) && !slices.Contains(chosen, name) {
			chosen = append(chosen, name)
		}
	}
	return chosen
}

// unknownColumns names the columns asked for that no record has. They are not
// shown: a column of nothing would look like empty fields.
func unknownColumns(records []flexie.Record, asked []string) string {
	if len(asked) == 0 {
		return ""
	}
	var problems strings.Builder
	known := knownColumns(records)
	for _, name := range asked {
		if !slices.Contains(known, name) {
			fmt.Fprintf(&problems, " There is no column %s%s", Named(name), meant(name, known))
		}
	}
	return problems.String()
}

// meant asks after the columns that a name is like. Names that are no names are
// passed over: anybody may have made them up.
func meant(name string, known []string) string {
	known = slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !IsIdentifier(k) })
	if len(known) == 0 {
		return "."
	}
	return "; did you mean " + flexie.Closest(name, known) + "?"
}

// knownColumns are the columns that at least one record has, empty or not.
func knownColumns(records []flexie.Record) []string {
	seen := flexie.NewObject()
	for _, r := range records {
		for name := range r.Values.All() {
			seen.Set(name, true)
		}
	}
	return keys(seen)
}

func keys(o *flexie.Object) (names []string) {
	for name := range o.All() {
		names = append(names, name)
	}
	return names
}

// filledColumns are the columns in which at least one record has a value.
func filledColumns(records []flexie.Record) []string {
	seen := flexie.NewObject()
	for _, r := range records {
		for name, value := range r.Values.All() {
			if !seen.Has(name) && !isEmpty(value) {
				seen.Set(name, true)
			}
		}
	}
	return keys(seen)
}

// isEmpty reports whether a value shows as nothing, without writing it out.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case *flexie.Object:
		return v.Len() == 0
	}
	return false
}

func tableOf(records []flexie.Record, columns []string) Table {
	var t Table
	for _, c := range columns {
		t.Columns = append(t.Columns, t.header.cell(c))
	}
	for _, r := range records {
		var n taken
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = n.cell(r.Values.Get(c))
		}
		t.add(row, n)
	}
	return t
}

// Add adds a row of values, and counts what was hidden in them.
func (t *Table) Add(values ...any) {
	var n taken
	var row []string
	for _, v := range values {
		row = append(row, n.cell(v))
	}
	t.add(row, n)
}

// add adds a row, out of which so much was taken.
func (t *Table) add(row []string, hidden taken) {
	t.Rows = append(t.Rows, row)
	if hidden > 0 || t.hidden != nil {
		t.hidden = append(t.hidden, make([]taken, len(t.Rows)-len(t.hidden))...)
		t.hidden[len(t.hidden)-1] = hidden
	}
}
