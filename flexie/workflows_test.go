package flexie

import (
	"context"
	"testing"
)

var workflowCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchWorkflows(ctx, Query{})
		return err
	}, "GET", "/workflows", "", "", ""},
	{"search with filters", func(ctx context.Context, c *Client) error {
		_, err := c.SearchWorkflows(ctx, Query{Filters: []Filter{{"name", "empty", nil}}})
		return err
	}, "POST", "/workflows", "", `{"filters":[{"type":"text","alias":"name","value":{"operator":"empty","input":""},"strict":false,"starts":false,"ends":false}],"start":0}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Workflow(ctx, 42)
		return err
	}, "GET", "/workflows/42", "", "", `{"id":42}`},
	{"update", func(ctx context.Context, c *Client) error {
		_, err := c.UpdateWorkflow(ctx, 42, Workflow{Name: new("VIP"), Description: new(""), Category: new(ID(12)), IsPublished: new(false), Runtime: new("async")})
		return err
	}, "PUT", "/workflows/42", "", `{"name":"VIP","description":"","category":12,"isPublished":false,"runtime":"async"}`, ""},
	{"update of one value", func(ctx context.Context, c *Client) error {
		_, err := c.UpdateWorkflow(ctx, 42, Workflow{IsPublished: new(true)})
		return err
	}, "PUT", "/workflows/42", "", `{"isPublished":true}`, ""},
	{"delete", func(ctx context.Context, c *Client) error { return c.DeleteWorkflow(ctx, 42) }, "DELETE", "/workflows/42", "", "", ""},
	{"categories", func(ctx context.Context, c *Client) error {
		_, err := c.WorkflowCategories(ctx)
		return err
	}, "GET", "/workflows/list/categories", "", "", ""},
}

func TestWorkflowRequests(t *testing.T) { testSent(t, workflowCalls) }
