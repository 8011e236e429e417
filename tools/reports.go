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
	return define(Tool{
		Name: "get_report", Title: "Get report", Act: Read, Toolset: "reports", Endpoints: []string{"reports.get"},
		Description: "Run one saved report by id and return its rows.",
	}, func(ctx context.Context, c *flexie.Client, a idArg) (resources.Answer, error) {
		report, err := c.Report(ctx, a.ID)
		return resources.ReportAnswer(report), err
	})
}
