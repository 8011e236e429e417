package flexie

import (
	"context"
	"testing"
)

var caseCalls = []sent{
	{"replies", func(ctx context.Context, c *Client) error {
		_, err := c.CaseReplies(ctx, CaseRef{ID: 42})
		return err
	}, "GET", "/cases/42/replies", "", "", ""},
	{"replies by identifier", func(ctx context.Context, c *Client) error {
		_, err := c.CaseReplies(ctx, CaseRef{Identifier: "REF 1042?"})
		return err
	}, "GET", "/cases/replies/REF%201042%3F", "", "", ""},
	{"reply", func(ctx context.Context, c *Client) error {
		_, err := c.AddCaseReply(ctx, CaseRef{ID: 42}, Reply{Text: "<p>On its way</p>"})
		return err
	}, "POST", "/cases/42/replies", "", `{"text":"<p>On its way</p>"}`, ""},
	{"reply by identifier, from a template", func(ctx context.Context, c *Client) error {
		_, err := c.AddCaseReply(ctx, CaseRef{Identifier: "REF-1042"}, Reply{TemplateID: 9007199254740993})
		return err
	}, "POST", "/cases/replies/REF-1042", "", `{"template_id":9007199254740993}`, ""},
}

func TestCaseRequests(t *testing.T) { testSent(t, caseCalls) }
