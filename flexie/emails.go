package flexie

import "context"

// SearchEmails finds emails.
func (c *Client) SearchEmails(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "emails", nil, q, nil, "emails")
}

// Email reads one email.
func (c *Client) Email(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "emails.get", path: idParam(id)}, "email")
}

// SendEmail sends an email to those it is addressed to, at most limit of them
// if limit is above 0. The answer says how many were sent and failed, as
// sentCount and failedCount. Assumption: send-shape.
func (c *Client) SendEmail(ctx context.Context, id ID, limit int64) (Record, error) {
	body := map[string]int64{}
	if limit > 0 {
		body["limit"] = limit
	}
	answer, err := c.do(ctx, call{endpoint: "emails.send", path: idParam(id), body: body})
	if err != nil {
		return Record{}, err
	}
	o, _ := answer.(*Object)
	if o != nil {
		c.assumed.renamed("emails.send", o)
	}
	if !o.Has("sentCount") {
		err = c.assumed.confirmed(answer)
	}
	if o == nil {
		o = NewObject()
	}
	return Record{Values: o}, err
}
