package flexie

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

var taskCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchTasks(ctx, Query{Search: "call"})
		return err
	}, "GET", "/tasks", "search=call", "", ""},
	{"search with filters", func(ctx context.Context, c *Client) error {
		_, err := c.SearchTasks(ctx, Query{Filters: []Filter{{"is_completed", "is", false}}})
		return err
	}, "POST", "/tasks", "", `{"filters":[{"type":"boolean","alias":"is_completed","value":{"operator":"=","input":false},"strict":true,"starts":false,"ends":false}],"start":0}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Task(ctx, 42)
		return err
	}, "GET", "/tasks/42", "", "", `{"id":42}`},
	{"create", func(ctx context.Context, c *Client) error {
		_, err := c.CreateTask(ctx, Task{
			Task: new("Call the customer"), OwnerID: new(ID(3)), DueDate: new("2026-06-25T16:00:00+02:00"),
			AssociationType: new("contact"), AssociationID: new(ID(47)), ReminderType: new("email"), RemindMinutes: new(int64(30)),
		})
		return err
	}, "POST", "/tasks/new", "", `{"task":"Call the customer","owner_id":3,"due_date":"2026-06-25 14:00","association_type":"contact","association_id":47,"reminder_type":"email","remind_minutes":30}`, ""},
	{"update of one value", func(ctx context.Context, c *Client) error {
		_, err := c.UpdateTask(ctx, 42, Task{IsCompleted: new(false)})
		return err
	}, "PUT", "/tasks/42", "", `{"is_completed":false}`, ""},
	{"update to nothing", func(ctx context.Context, c *Client) error {
		_, err := c.UpdateTask(ctx, 42, Task{DueDate: new(""), RemindMinutes: new(int64(0))})
		return err
	}, "PUT", "/tasks/42", "", `{"due_date":"","remind_minutes":0}`, ""},
	{"delete", func(ctx context.Context, c *Client) error { return c.DeleteTask(ctx, 42) }, "DELETE", "/tasks/42", "", "", ""},
	{"complete", func(ctx context.Context, c *Client) error {
		_, err := c.CompleteTask(ctx, 42, true)
		return err
	}, "POST", "/tasks/42/complete", "", "", ""},
	{"reopen", func(ctx context.Context, c *Client) error {
		_, err := c.CompleteTask(ctx, 42, false)
		return err
	}, "POST", "/tasks/42/incomplete", "", "", ""},
	{"categories", func(ctx context.Context, c *Client) error {
		_, err := c.TaskCategories(ctx)
		return err
	}, "GET", "/tasks/list/categories", "", "", ""},
}

func TestTaskRequests(t *testing.T) { testSent(t, taskCalls) }

func TestBadDueDatesAreNotSent(t *testing.T) {
	c := record(t, unasked(t)).client(t)
	for _, due := range []string{"Friday", "2026-06-25", "2026-06-31 10:00", "25/06/2026 10:00", "10:00", "2026-06-25 25:00"} {
		_, err := c.CreateTask(t.Context(), Task{DueDate: &due})
		require.Equal(t, Invalid, KindOf(err), due)
		_, err = c.UpdateTask(t.Context(), 1, Task{DueDate: &due})
		require.ErrorContains(t, err, "due_date: \""+due+"\" is not a date and time; write it like 2026-06-25 14:00")
	}
}
