package flexie

import "context"

// SearchPages finds landing pages.
func (c *Client) SearchPages(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "pages", nil, q, nil, "pages")
}

// Page reads one landing page.
func (c *Client) Page(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "pages.get", path: idParam(id)}, "page")
}
