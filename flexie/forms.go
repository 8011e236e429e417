package flexie

import "context"

// SearchForms finds forms. The query takes no filters and no order: the API
// page has no POST for forms.
func (c *Client) SearchForms(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "forms", nil, q, nil, "forms")
}

// Form reads one form.
func (c *Client) Form(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "forms.get", path: idParam(id)}, "form")
}
