package flexie

import (
	"context"
	"testing"
)

var pageCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchPages(ctx, Query{Search: "acme", Limit: 30})
		return err
	}, "GET", "/pages", "limit=30&search=acme", "", ""},
	{"search with filters", func(ctx context.Context, c *Client) error {
		_, err := c.SearchPages(ctx, Query{Filters: []Filter{{"name", "starts_with", "A"}}, Limit: 5})
		return err
	}, "POST", "/pages", "", `{"filters":[{"type":"text","alias":"name","value":{"operator":"like","input":"A"},"strict":false,"starts":true,"ends":false}],"start":0,"limit":5}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Page(ctx, 42)
		return err
	}, "GET", "/pages/42", "", "", `{"id":42}`},
}

func TestPageRequests(t *testing.T) { testSent(t, pageCalls) }
