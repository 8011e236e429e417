package resources

import (
	"errors"
	"regexp"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chart"
)

// names are columns whose numbers are names: of a year, of a record.
var names = regexp.MustCompile(`(?i)(^|[_ ])(id|no|number|year|quarter|month|week|day|date|zip|phone|code)s?($|[_ ])`)

// ReportBars are the rows of a report as bars: a row's label is of its columns of
// words, or of what numbers only name, such as years; each column of other numbers
// is a series. The error says in a few words why they make no chart.
func ReportBars(r flexie.Report) (chart.Bars, error) {
	rows := r.Rows.Records
	b := chart.Bars{Title: barLabel(nameOf(r.Record.Values))}
	if len(rows) == 0 {
		return b, errors.New("the report has no rows")
	}
	var labels []string
	for i, numeric := range numericColumns(rows, r.Columns) {
		column := r.Columns[i]
		if !numeric || names.MatchString(column) {
			labels = append(labels, column)
			continue
		}
		b.Series = append(b.Series, seriesOf(rows, column))
	}
	switch {
	case len(b.Series) == 0:
		return b, errors.New("no column of the report has only numbers")
	case len(labels) == 0:
		return b, errors.New("no column of the report says what its numbers are of")
	}
	for _, row := range rows {
		b.Labels = append(b.Labels, labelOf(row, labels))
	}
	return b, nil
}

func seriesOf(rows []flexie.Record, column string) chart.Series {
	s := chart.Series{Name: barLabel(column)}
	for _, row := range rows {
		v, _ := numberIn(row.Values.Get(column)).Float64()
		s.Values = append(s.Values, v)
	}
	return s
}

// labelOf is what the columns say of a row.
func labelOf(row flexie.Record, columns []string) string {
	var words []string
	for _, column := range columns {
		if word := barLabel(row.Values.Get(column)); word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// barLabel is a value as a picture has it, where nothing has to be escaped.
func barLabel(v any) string {
	const most = 40 // runes
	return cut(strings.ReplaceAll(Cell(v), `\|`, "|"), most)
}
