package flexie

import "context"

// written makes a write that is answered with the record as it now is. One that
// is answered with {"success":1}, or nothing, was done all the same: the record
// is then empty, and so is its ID.
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
// nothing; do finds those that say otherwise. Assumption: success-shape.
func (c *Client) succeed(ctx context.Context, r call) error {
	_, err := c.do(ctx, r)
	return err
}
