package flexie

import "context"

// Task is what a task can be given, as on the API page; nil is left alone.
type Task struct {
	Task            *string `json:"task,omitempty"`
	OwnerID         *ID     `json:"owner_id,omitempty"`
	DueDate         *string `json:"due_date,omitempty"` // any form with date and time; without a zone, the user's
	AssociationType *string `json:"association_type,omitempty"`
	AssociationID   *ID     `json:"association_id,omitempty"`
	ReminderType    *string `json:"reminder_type,omitempty"`
	RemindMinutes   *int64  `json:"remind_minutes,omitempty"`
	IsCompleted     *bool   `json:"is_completed,omitempty"`
}

// wire writes the due date as Flexie wants it.
func (t Task) wire(ctx context.Context, c *Client) (Task, error) {
	if t.DueDate == nil || *t.DueDate == "" {
		return t, nil
	}
	due, err := c.dueDate(ctx, *t.DueDate)
	t.DueDate = &due
	return t, err
}

// SearchTasks finds tasks.
func (c *Client) SearchTasks(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "tasks", nil, q, nil, "tasks")
}

// Task reads one task.
func (c *Client) Task(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "tasks.get", path: idParam(id)}, "task")
}

// CreateTask makes a task.
func (c *Client) CreateTask(ctx context.Context, t Task) (Record, error) {
	t, err := t.wire(ctx, c)
	if err != nil {
		return Record{}, err
	}
	return c.written(ctx, call{endpoint: "tasks.create", body: t}, "task")
}

// UpdateTask changes what is given of a task.
func (c *Client) UpdateTask(ctx context.Context, id ID, t Task) (Record, error) {
	t, err := t.wire(ctx, c)
	if err != nil {
		return Record{}, err
	}
	return c.written(ctx, call{endpoint: "tasks.update", path: idParam(id), body: t}, "task")
}

// DeleteTask deletes a task.
func (c *Client) DeleteTask(ctx context.Context, id ID) error {
	return c.deleted(ctx, call{endpoint: "tasks.delete", path: idParam(id)})
}

// CompleteTask marks a task as done, or as not done.
func (c *Client) CompleteTask(ctx context.Context, id ID, done bool) (Record, error) {
	endpoint := "tasks.complete"
	if !done {
		endpoint = "tasks.incomplete"
	}
	return c.written(ctx, call{endpoint: endpoint, path: idParam(id)}, "task")
}

// TaskCategories lists the categories a task can be in.
func (c *Client) TaskCategories(ctx context.Context) ([]Record, error) {
	return c.list(ctx, "tasks.categories", nil, "categories")
}
