package flexie

import (
	"context"
	"slices"
)

// Report is a saved report and the rows it gave.
type Report struct {
	Record           // the report itself: its name, description, …
	Rows    Page     // its data
	Columns []string // the columns, in order, as the rows name them
}

// SearchReports finds reports.
func (c *Client) SearchReports(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "reports", nil, q, nil, "reports")
}

// Report runs one report. Assumption: report-shape.
func (c *Client) Report(ctx context.Context, id ID) (Report, error) {
	answer, err := c.do(ctx, call{endpoint: "reports.get", path: idParam(id)})
	if err != nil {
		return Report{}, err
	}
	o := only(answer)
	if o == nil {
		return Report{}, noRecord()
	}
	rowsIn := c.assumed.ReportNames["rows"]
	about, data := o, firstOf(o, rowsIn)
	if inner, ok := firstOf(o, c.assumed.ReportNames["report"]).(*Object); ok {
		about = inner
		if data == nil {
			data = firstOf(inner, rowsIn)
		}
	}
	r := Report{Record: c.assumed.readReport(about)}
	if r.Rows.Records, err = readRows(data); err != nil {
		return Report{}, err
	}
	r.Rows.Total = max(c.assumed.readTotal(o), int64(len(r.Rows.Records)))
	r.Columns = columnsOf(r.Rows.Records)
	return r, nil
}

// readRows reads the rows as they are: a number that they are keyed by is a
// place in the report, not an id.
func readRows(data any) ([]Record, error) {
	if o, ok := data.(*Object); ok {
		var items []any
		for _, row := range o.All() {
			items = append(items, row)
		}
		data = items
	}
	items, err := readItems(data)
	var rows []Record
	for _, row := range items {
		rows = append(rows, Record{Values: row})
	}
	return rows, err
}

// readReport leaves the rows out of what describes the report.
func (a *assumed) readReport(o *Object) Record {
	r := a.readRecord(o)
	about := NewObject()
	for key, value := range r.Values.All() {
		if key != "dataColumns" && !slices.Contains(a.ReportNames["rows"], key) {
			about.Set(key, value)
		}
	}
	r.Values = about
	return r
}

func columnsOf(rows []Record) []string {
	seen := NewObject()
	for _, row := range rows {
		for key := range row.Values.All() {
			seen.Set(key, nil)
		}
	}
	var columns []string
	for key := range seen.All() {
		columns = append(columns, key)
	}
	return columns
}
