package flexie

import (
	"context"
	"testing"
)

var reportCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchReports(ctx, Query{Search: "acme", Limit: 30})
		return err
	}, "GET", "/reports", "limit=30&search=acme", "", ""},
	{"search with filters", func(ctx context.Context, c *Client) error {
		_, err := c.SearchReports(ctx, Query{Filters: []Filter{{"name", "starts_with", "A"}}, Limit: 5})
		return err
	}, "POST", "/reports", "", `{"filters":[{"type":"text","alias":"name","value":{"operator":"like","input":"A"},"strict":false,"starts":true,"ends":false}],"start":0,"limit":5}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Report(ctx, 42)
		return err
	}, "GET", "/reports/42", "", "", `{"id":42}`},
}

func TestReportRequests(t *testing.T) { testSent(t, reportCalls) }
