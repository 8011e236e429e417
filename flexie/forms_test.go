package flexie

import (
	"context"
	"testing"
)

var formCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchForms(ctx, Query{Search: "acme", Limit: 30})
		return err
	}, "GET", "/forms", "limit=30&search=acme", "", ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Form(ctx, 42)
		return err
	}, "GET", "/forms/42", "", "", `{"id":42}`},
}

func TestFormRequests(t *testing.T) { testSent(t, formCalls) }
