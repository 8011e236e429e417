package flexie

import "context"

// Workflow is what can be changed of a workflow; nil is left alone.
type Workflow struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Category    *ID     `json:"category,omitempty"`
	IsPublished *bool   `json:"isPublished,omitempty"`
	Runtime     *string `json:"runtime,omitempty"`
}

// SearchWorkflows finds workflows.
func (c *Client) SearchWorkflows(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "workflows", nil, q, nil, "workflows")
}

// Workflow reads one workflow.
func (c *Client) Workflow(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "workflows.get", path: idParam(id)}, "workflow")
}

// UpdateWorkflow changes what is given of a workflow.
func (c *Client) UpdateWorkflow(ctx context.Context, id ID, w Workflow) (Record, error) {
	return c.written(ctx, call{endpoint: "workflows.update", path: idParam(id), body: w}, "workflow")
}

// DeleteWorkflow deletes a workflow.
func (c *Client) DeleteWorkflow(ctx context.Context, id ID) error {
	return c.deleted(ctx, call{endpoint: "workflows.delete", path: idParam(id)})
}

// WorkflowCategories lists the categories a workflow can be in.
func (c *Client) WorkflowCategories(ctx context.Context) ([]Record, error) {
	return c.list(ctx, "workflows.categories", nil, "categories")
}
