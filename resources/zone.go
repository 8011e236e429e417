package resources

import (
	"regexp"
	"slices"
	"time"
)

// moment is a time as the client writes it, in UTC.
var moment = regexp.MustCompile(`\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b`)

// isMoment reports whether a text is a time and nothing else. One that stands in
// a longer text may be anybody's.
func isMoment(text string) bool {
	return len(text) == len(time.DateTime) && text[4] == '-' && moment.MatchString(text)
}

// HasTimes reports whether there is a time in the answer that is still in UTC.
func (a Answer) HasTimes() bool {
	return !a.local && slices.ContainsFunc(a.Parts, Part.hasTimes)
}

func (p Part) hasTimes() bool {
	return isReplyTitle(p.Title) && moment.MatchString(p.Title) ||
		slices.ContainsFunc(p.Values, func(v Value) bool { return isMoment(v.Text) }) ||
		slices.ContainsFunc(p.Table.Rows, func(row []string) bool { return slices.ContainsFunc(row, isMoment) })
}

// In writes the times of the answer as they are in a zone, and says which once.
func (a Answer) In(zone *time.Location) Answer {
	if !a.HasTimes() {
		return a
	}
	a.Parts = a.eachTime(func(text string) string {
		t, err := time.Parse(time.DateTime, text)
		if err != nil {
			return text
		}
		return t.In(zone).Format("2006-01-02 15:04")
	})
	says := " Times: " + zone.String() + "."
	a.Summary += says
	if reword := a.reword; reword != nil {
		a.reword = func(rows int) string { return reword(rows) + says }
	}
	a.local = true
	return a
}

// eachTime is the parts with each time replaced: in values, in cells, and in the
// titles of replies.
func (a Answer) eachTime(replace func(string) string) []Part {
	whole := func(text string) string {
		if isMoment(text) {
			return replace(text)
		}
		return text
	}
	parts := make([]Part, len(a.Parts))
	for i, p := range a.Parts {
		if isReplyTitle(p.Title) {
			p.Title = moment.ReplaceAllStringFunc(p.Title, replace)
		}
		if p.hasTimes() { // most parts have none, and stay as they are
			p.Values, p.Table.Rows = p.valuesWith(whole), p.Table.rowsWith(whole)
		}
		parts[i] = p
	}
	return parts
}

func (p Part) valuesWith(replace func(string) string) []Value {
	values := slices.Clone(p.Values)
	for i := range values {
		values[i].Text = replace(values[i].Text)
	}
	return values
}

func (t Table) rowsWith(replace func(string) string) [][]string {
	rows := make([][]string, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = make([]string, len(row))
		for j, cell := range row {
			rows[i][j] = replace(cell)
		}
	}
	return rows
}
