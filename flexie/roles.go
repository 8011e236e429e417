package flexie

import "context"

// SearchRoles finds roles.
func (c *Client) SearchRoles(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "roles", nil, q, nil, "roles")
}

// Role reads one role.
func (c *Client) Role(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "roles.get", path: idParam(id)}, "role")
}
