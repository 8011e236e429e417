package flexie

import (
	"context"
	"testing"
)

var emailCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchEmails(ctx, Query{Limit: 5})
		return err
	}, "GET", "/emails", "limit=5", "", ""},
	{"search in order", func(ctx context.Context, c *Client) error {
		_, err := c.SearchEmails(ctx, Query{OrderBy: "date_modified", OrderDesc: true})
		return err
	}, "POST", "/emails", "", `{"start":0,"orderBy":"date_modified","orderByDir":"DESC"}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Email(ctx, 42)
		return err
	}, "GET", "/emails/42", "", "", `{"id":42}`},
	{"send", func(ctx context.Context, c *Client) error {
		_, err := c.SendEmail(ctx, 42, 0)
		return err
	}, "POST", "/emails/42/send", "", `{}`, ""},
	{"send to some", func(ctx context.Context, c *Client) error {
		_, err := c.SendEmail(ctx, 42, 100)
		return err
	}, "POST", "/emails/42/send", "", `{"limit":100}`, ""},
}

func TestEmailRequests(t *testing.T) { testSent(t, emailCalls) }
