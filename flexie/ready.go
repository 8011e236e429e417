package flexie

import (
	"context"
	"strconv"
	"time"
)

// Ready is the task as it is to be sent, its due date with a zone: whoever says
// beforehand what will change must mean the moment that is then sent.
func (t Task) Ready(ctx context.Context, c *Client) (Task, error) {
	t, err := t.wire(ctx, c)
	if t.DueDate != nil && *t.DueDate != "" {
		due := *t.DueDate + "Z"
		t.DueDate = &due
	}
	return t, err
}

// Ready is the note as it is to be sent.
func (n Note) Ready(ctx context.Context, c *Client) (Note, error) { return n.wire(ctx, c) }

// Moment reads a moment in any of the forms that Flexie writes or takes; one
// without a zone is UTC.
func Moment(s string) (time.Time, bool) { return parseAny(s, timeLayouts, time.UTC) }

// ParseID reads the id of a Record.
func ParseID(s string) (ID, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return ID(n), err == nil && n > 0
}
