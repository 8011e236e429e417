package flexie

import (
	"context"
	"testing"
)

var roleCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchRoles(ctx, Query{Search: "acme", Limit: 30})
		return err
	}, "GET", "/roles", "limit=30&search=acme", "", ""},
	{"search with filters", func(ctx context.Context, c *Client) error {
		_, err := c.SearchRoles(ctx, Query{Filters: []Filter{{"name", "starts_with", "A"}}, Limit: 5})
		return err
	}, "POST", "/roles", "", `{"filters":[{"type":"text","alias":"name","value":{"operator":"like","input":"A"},"strict":false,"starts":true,"ends":false}],"start":0,"limit":5}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Role(ctx, 42)
		return err
	}, "GET", "/roles/42", "", "", `{"id":42}`},
}

func TestRoleRequests(t *testing.T) { testSent(t, roleCalls) }
