package tools

import (
	"context"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func reportTools() []Tool {
	return []Tool{
		searchTool(resources.Report, "Find saved reports by text, filters and order. get_report has the rows.", (*flexie.Client).SearchReports),
		getReport(),
	}
}

func getReport() Tool {
	type args struct {
		idArg
		Chart bool `json:"chart" doc:"Draw it too."`
	}
	return define(Tool{
		Name: "get_report", Title: "Get report", Act: Read, Toolset: "reports", Endpoints: []string{"reports.get"},
		Description: "Run one saved report by id and return its rows.",
	}, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		report, err := c.Report(ctx, a.ID)
		answer := resources.ReportAnswer(report)
		if err == nil && a.Chart {
			bars, why := resources.ReportBars(report)
			answer = drawn(answer, bars, why)
		}
		return answer, err
	})
}
