package tools

import (
	"context"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// noteArgs are what a note can be given beside its text.
type noteArgs struct {
	Type     *string `json:"type" doc:"E.g. general, call, meeting."`
	Datetime *string `json:"datetime" doc:"When it happened, e.g. 2026-06-23 14:00."`
}

func (a noteArgs) note(text *string) flexie.Note {
	return flexie.Note{Text: text, Type: a.Type, Datetime: a.Datetime}
}

func noteTools() []Tool {
	n := resources.Note
	return inCore("add_note",
		addNote(),
		getTool(n, "Read one note by id. The notes of a record come with get_contact and its siblings, include notes.", (*flexie.Client).Note),
		updateNote(),
		deleteTool(n, "Delete a note for good.", (*flexie.Client).DeleteNote),
	)
}

func addNote() Tool {
	type args struct {
		EntityType string    `json:"entity_type" jsonschema:"required" doc:"contact, lead, account, deal, case, or a custom table's name."`
		EntityID   flexie.ID `json:"entity_id" jsonschema:"required" doc:"The record's id."`
		Text       string    `json:"text" jsonschema:"required" doc:"Plain text or HTML."`
		noteArgs
	}
	return define(Tool{
		Name: "add_note", Title: "Add note", Act: Create, Toolset: "notes", Endpoints: []string{"notes.create"},
		Description: "Write an internal note on a record, e.g. about a call. Customers don't see it; to answer one use add_case_reply.",
	}, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		if strings.TrimSpace(a.Text) == "" {
			return resources.Answer{}, wrong("text is empty: give what the note says")
		}
		note, err := c.AddNote(ctx, recordType(a.EntityType), a.EntityID, a.note(&a.Text))
		return wrote("Added", resources.Note, note), err
	})
}

func updateNote() Tool {
	type args struct {
		idArg
		Text *string `json:"text" doc:"Plain text or HTML."`
		noteArgs
	}
	return define(Tool{
		Name: "update_note", Title: "Update note", Act: Change, Toolset: "notes", Endpoints: []string{"notes.update"},
		Description: "Change what is given of a note; the rest stays.",
	}, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		if a.note(a.Text) == (flexie.Note{}) {
			return resources.Answer{}, wrong("nothing to change: give text, type or datetime")
		}
		note, err := c.UpdateNote(ctx, a.ID, a.note(a.Text))
		return wrote("Updated", resources.Note, note), err
	})
}
