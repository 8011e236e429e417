package tools

import (
	"context"
	"fmt"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chart"
	"flexie-mcp/internal/progress"
	"flexie-mcp/resources"
)

// charts are the kinds whose search can sum up instead, and what it says of that.
var charts = map[string]string{
	"deal": "Sum up by stage, with picture.",
	"case": "Sum up open ones by age, with picture.",
}

// mostSummed is how many records are read for a summary.
const mostSummed = 2_000

// chart sums up all records that a search finds, in numbers and in a picture.
func (r records) chart(ctx context.Context, c *flexie.Client, q flexie.Query) (resources.Answer, error) {
	all := c.Records(r.kind, "")
	page, err := r.readAll(ctx, all, q)
	if err != nil {
		return resources.Answer{}, err
	}
	if r.kind == flexie.Case {
		answer, bars := resources.CasesByAge(page, c.Now())
		return drawn(answer, bars, nil), nil
	}
	fields, err := all.KnownFields(ctx)
	if needed(err) != nil {
		return resources.Answer{}, err
	}
	answer, bars := resources.DealsByStage(page, fields)
	return drawn(answer, bars, nil), nil
}

// readAll reads what a search finds, page by page from the first, up to mostSummed.
// Between two pages a record may come to stand in both: it is counted once.
func (r records) readAll(ctx context.Context, all flexie.Records, q flexie.Query) (flexie.Page, error) {
	const most = 200 // that Flexie is asked for at once
	q.Start, q.Limit = 0, most
	var read flexie.Page
	seen := map[string]bool{}
	for {
		page, err := all.Search(ctx, q)
		if err != nil {
			return read, err
		}
		for _, record := range page.Records {
			if !seen[record.ID] {
				seen[record.ID] = true
				read.Records = append(read.Records, record)
			}
		}
		read.Total = page.Total
		progress.Tell(ctx, progress.Step{Done: len(read.Records), Total: max(0, int(page.Total)), Message: "Reading " + r.noun.Many})
		if page.More() == 0 {
			read.Total = int64(len(read.Records))
			return read, nil
		}
		if page.More() >= mostSummed {
			return read, nil
		}
		q.Start = page.More()
	}
}

// drawn adds the picture to an answer that has the numbers, or says why there is
// none.
func drawn(a resources.Answer, b chart.Bars, why error) resources.Answer {
	if len(b.Labels) == 0 && why == nil {
		return a // which says that there is nothing
	}
	if why == nil {
		a.Picture, why = b.PNG()
	}
	switch {
	case why != nil:
		a.Summary += fmt.Sprintf(" No chart: %v.", why)
		return a
	case len(b.Labels) > chart.MostRows:
		a.Summary += fmt.Sprintf(" The chart has the first %d rows.", chart.MostRows)
	case len(b.Series) > chart.MostSeries:
		a.Summary += fmt.Sprintf(" The chart has the first %d columns of numbers.", chart.MostSeries)
	}
	for _, label := range b.Labels[:min(len(b.Labels), chart.MostRows)] {
		if !chart.Writable(label) {
			a.Summary += " Names that the chart's font lacks are the number of their row there: #3."
			break
		}
	}
	return a
}
