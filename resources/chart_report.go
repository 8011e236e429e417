package resources

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strconv"
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
	for _, column := range r.Columns {
		if !drawable(rows, column) || names.MatchString(column) {
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
		v, _ := barNumber(row.Values.Get(column))
		s.Values = append(s.Values, v)
	}
	return s
}

// drawable reports whether all values of a column are numbers.
func drawable(rows []flexie.Record, column string) bool {
	return !slices.ContainsFunc(rows, func(row flexie.Record) bool {
		_, is := barNumber(row.Values.Get(column))
		return !is
	})
}

// barNumber is a number, or the text of a plain one, as it is drawn: a JSON number of
// any form, like 1e-7. One that is too large for a float64 is infinite, which
// chart.Bars refuses to draw.
func barNumber(v any) (float64, bool) {
	if exact := numberIn(v); exact != nil {
		f, _ := exact.Float64()
		return f, true
	}
	number, is := v.(json.Number)
	if !is {
		return 0, false
	}
	f, err := strconv.ParseFloat(number.String(), 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
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
