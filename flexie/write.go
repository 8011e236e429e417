package flexie

import "context"

// written makes a write that is answered with the record as it now is. An
// answer that can't be read does not undo the write: the record is then empty
// but for what was sent, and the caller is told by its missing id.
func (c *Client) written(ctx context.Context, r call, names ...string) (Record, error) {
	answer, err := c.do(ctx, r)
	if err != nil {
		return Record{}, err
	}
	o, err := readOne(answer, names...)
	if err != nil {
		return Record{Values: NewObject()}, nil
	}
	return readRecord(o), nil
}

// succeed makes a write that is answered with {"success":1}, or true, or
// nothing. Assumption: success-shape.
func (c *Client) succeed(ctx context.Context, r call) error {
	answer, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	o, _ := answer.(*Object)
	if o.Has("success") && !truthy(o.Get("success")) {
		return &Error{Kind: Invalid, Message: firstNonEmpty(stringOf(o.Get("message")), "Flexie answered that it did not succeed, and not why")}
	}
	return nil
}
