package resources

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"

	"flexie-mcp/flexie"
)

// ReportAnswer shows a report's rows, numbers to the right, and above them the
// totals of columns that can be added up.
func ReportAnswer(r flexie.Report) Answer {
	a := Answer{Link: Report.At(r.ID)}
	rows := r.Rows.Records
	a.Summary = fmt.Sprintf("%s. %d %s.", Title(Report, r.Record), len(rows), map[bool]string{true: "row", false: "rows"}[len(rows) == 1])
	if int64(len(rows)) < r.Rows.Total {
		a.Summary += fmt.Sprintf(" Flexie has %d in all.", r.Rows.Total)
	}
	table := tableOf(rows, r.Columns)
	table.numeric = numericColumns(rows, r.Columns)
	if totals := totalsOf(rows, r.Columns, table); len(totals) > 0 { // first, so that a cut answer still has them
		a.Parts = append(a.Parts, Part{Title: fmt.Sprintf("Totals of %d rows", len(rows)), Values: totals})
	}
	a.Parts = append(a.Parts, Part{Table: table})
	return a
}

// numericColumns reports for each column whether all its values are numbers.
func numericColumns(rows []flexie.Record, columns []string) []bool {
	numeric := make([]bool, len(columns))
	for i, column := range columns {
		numeric[i] = len(rows) > 0
		for _, row := range rows {
			numeric[i] = numeric[i] && numberIn(row.Values.Get(column)) != nil
		}
	}
	return numeric
}

// numberIn reads a number, or the text of one, exactly; nil if it is neither.
func numberIn(v any) *big.Rat {
	var text string
	switch v := v.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	}
	if !plainNumber.MatchString(text) {
		return nil
	}
	n, _ := new(big.Rat).SetString(text)
	return n
}

var (
	plainNumber = regexp.MustCompile(`^-?\d{1,30}(\.\d{1,10})?$`)

	// noSum are columns whose sum says nothing.
	noSum = regexp.MustCompile(`(?i)(^|[_ ])(id|no|number|year|month|week|day|age|rate|ratio|percent|percentage|share|probability|average|avg|mean|median|min|max|score|rank|zip|phone|stage|code)s?($|[_ ])|%`)
)

// totalsOf adds up, exactly, what can be added up. One row needs no total.
func totalsOf(rows []flexie.Record, columns []string, t Table) []Value {
	if len(rows) < 2 {
		return nil
	}
	var totals []Value
	for i, column := range columns {
		if !t.numeric[i] || noSum.MatchString(column) {
			continue
		}
		sum := new(big.Rat)
		for _, row := range rows {
			sum.Add(sum, numberIn(row.Values.Get(column)))
		}
		totals = append(totals, Value{Name: new(taken).name(column), Text: decimal(sum)})
	}
	return totals
}

// decimal writes a sum of decimals as one, without trailing zeros.
func decimal(n *big.Rat) string {
	text := n.FloatString(10)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// lines are the lines of a table as text. Columns of numbers are set to the
// right, where the table says so.
func (t Table) lines() []string {
	widths := make([]int, len(t.Columns))
	for i, numeric := range t.numeric {
		for _, row := range append([][]string{t.Columns}, t.Rows...) {
			if numeric {
				widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
			}
		}
	}
	var lines []string
	for _, row := range append([][]string{t.Columns}, t.Rows...) {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell))) + cell
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return lines
}
