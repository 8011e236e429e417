package tools

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// taskArgs are what a task can be given beside its text. The names are
// Flexie's own.
type taskArgs struct {
	OwnerID         ref        `json:"owner_id" doc:"Who is to do it: id, name or me."`
	DueDate         *string    `json:"due_date" doc:"E.g. 2026-06-25 14:00."`
	AssociationType *string    `json:"association_type" doc:"Kind of record, e.g. contact, deal, case."`
	AssociationID   *flexie.ID `json:"association_id" doc:"That record's id."`
	ReminderType    *string    `json:"reminder_type" doc:"E.g. email."`
	RemindMinutes   *int64     `json:"remind_minutes" jsonschema:"minimum=0" doc:"Minutes before it is due."`
}

func (a taskArgs) task(ctx context.Context, c *flexie.Client) (flexie.Task, error) {
	owner, err := a.OwnerID.optional(ctx, "owner_id", c.UserID)
	if err != nil {
		return flexie.Task{}, err
	}
	if a.AssociationType != nil {
		kind := recordType(*a.AssociationType)
		a.AssociationType = &kind
	}
	task := flexie.Task{
		OwnerID: owner, DueDate: a.DueDate, AssociationType: a.AssociationType,
		AssociationID: a.AssociationID, ReminderType: a.ReminderType, RemindMinutes: a.RemindMinutes,
	}
	return task.Ready(ctx, c)
}

func taskTools() []Tool {
	n := resources.Task
	return inCore("search_tasks create_task update_task complete_task",
		searchTool(n, "Find tasks (to-dos), e.g. due_date lt 2026-06-22 and is_completed is false.", searchTasks),
		getTool(n, "Read one task fully, e.g. its reminder.", task),
		createTask(),
		updateTask(),
		deleteTool(taskSubject, "Delete a task for good. If it is done, use complete_task instead.", (*flexie.Client).DeleteTask),
		completeTask("complete_task", "Complete task", "Mark a task as done; its record stays.", "tasks.complete", true),
		completeTask("reopen_task", "Reopen task", "Mark a completed task as not done.", "tasks.incomplete", false),
		categoriesTool(n, "List task categories, for filters.", (*flexie.Client).TaskCategories),
	)
}

func searchTasks(c *flexie.Client, ctx context.Context, q flexie.Query) (flexie.Page, error) {
	page, err := c.SearchTasks(ctx, q)
	for _, r := range page.Records {
		tellOverdue(r, c.Now())
	}
	return page, err
}

func task(c *flexie.Client, ctx context.Context, id flexie.ID) (flexie.Record, error) {
	record, err := c.Task(ctx, id)
	tellOverdue(record, c.Now())
	return record, err
}

// tellOverdue adds to a task that is late by how much it is: models are bad at
// telling one date from another.
func tellOverdue(r flexie.Record, now time.Time) {
	due, _ := r.Values.Get("due_date").(string)
	at, err := time.Parse(time.DateTime, due)
	done := resources.Cell(r.Values.Get("is_completed"))
	if err != nil || !at.Before(now) || done == "true" || done == "1" {
		return
	}
	r.Values.Set("overdue", ago(now.Sub(at)))
}

// ago is a time span in the largest unit that it has at least one of.
func ago(span time.Duration) string {
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := int(span / unit.long); n > 1 {
			return fmt.Sprintf("%d %ss", n, unit.name)
		} else if n == 1 {
			return "1 " + unit.name
		}
	}
	return "now"
}

func createTask() Tool {
	type args struct {
		Task string `json:"task" jsonschema:"required" doc:"What is to be done."`
		taskArgs
	}
	return defineWrite(Tool{
		Name: "create_task", Title: "Create task", Act: Create, Toolset: "tasks", Endpoints: []string{"tasks.create"},
		Description: "Create a task (to-do), if wanted about a record. Returns the task with its id.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		switch {
		case strings.TrimSpace(a.Task) == "":
			return Write{}, wrong("task is empty: say what is to be done")
		case (a.AssociationType == nil) != (a.AssociationID == nil):
			return Write{}, wrong("association_type and association_id go together: the kind of record and its id")
		}
		task, err := a.task(ctx, c)
		if err != nil {
			return Write{}, err
		}
		task.Task = &a.Task
		w := Write{
			act: creates, of: taskSubject, does: "create a task", endpoint: "tasks.create",
			changes: changesOf(flexie.Record{}, wireValues(task)),
			send:    func(ctx context.Context) (flexie.Record, error) { return c.CreateTask(ctx, task) },
			answer:  func(r flexie.Record) resources.Answer { return wrote("Created", resources.Task, r) },
		}
		return w.lookingAround(ctx, c, flexie.NewObject()), nil
	})
}

func updateTask() Tool {
	type args struct {
		idArg
		Task *string `json:"task" doc:"What is to be done."`
		taskArgs
		IsCompleted *bool `json:"is_completed" doc:"complete_task does this alone."`
	}
	return defineWrite(Tool{
		Name: "update_task", Title: "Update task", Act: Change, Toolset: "tasks", Endpoints: []string{"tasks.update"},
		Description: "Change what is given of a task, e.g. when it is due or who does it; the rest stays.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		if a.Task == nil && a.IsCompleted == nil && a.taskArgs == (taskArgs{}) {
			return Write{}, wrong("nothing to change: give task, due_date, owner_id or another value")
		}
		task, err := a.task(ctx, c)
		if err != nil {
			return Write{}, err
		}
		task.Task, task.IsCompleted = a.Task, a.IsCompleted
		return planUpdate(ctx, c, taskSubject, a.ID, task, func(ctx context.Context) (flexie.Record, error) {
			return c.UpdateTask(ctx, a.ID, task)
		})
	})
}

func completeTask(name, title, description, endpoint string, completed bool) Tool {
	does, verb := reopens, "Reopened"
	if completed {
		does, verb = finishes, "Completed"
	}
	return defineWrite(Tool{
		Name: name, Title: title, Description: description, Act: Mark, Toolset: "tasks", Endpoints: []string{endpoint},
	}, func(ctx context.Context, c *flexie.Client, a idArg) (Write, error) {
		before, err := c.Task(ctx, a.ID)
		if err != nil {
			return Write{}, beforehand(err)
		}
		was := before.Values.Get("is_completed")
		return Write{
			act: does, of: taskSubject, id: a.ID.String(), endpoint: endpoint,
			does: string(does) + " " + taskSubject.title(before), before: before,
			changes: []journal.Change{{Field: "is_completed", From: was, To: completed}},
			send:    func(ctx context.Context) (flexie.Record, error) { return c.CompleteTask(ctx, a.ID, completed) },
			answer: func(task flexie.Record) resources.Answer {
				if task.ID == "" {
					return done("%s task %d.", verb, a.ID)
				}
				return wrote(verb, resources.Task, task)
			},
		}, nil
	})
}
