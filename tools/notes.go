package tools

import (
	"context"
	"fmt"
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
		getTool(n, "Read one note by id; get_contact and its siblings include a record's notes.", (*flexie.Client).Note),
		updateNote(),
		deleteTool(noteSubject, "Delete a note for good.", (*flexie.Client).DeleteNote),
	)
}

func addNote() Tool {
	type args struct {
		EntityType string    `json:"entity_type" jsonschema:"required" doc:"contact, lead, account, deal, case, or a custom table's name."`
		EntityID   flexie.ID `json:"entity_id" jsonschema:"required" doc:"The record's id."`
		Text       string    `json:"text" jsonschema:"required" doc:"Plain text or HTML."`
		noteArgs
	}
	return defineWrite(Tool{
		Name: "add_note", Title: "Add note", Act: Create, Toolset: "notes", Endpoints: []string{"notes.create"},
		Description: "Write an internal note on a record, e.g. about a call. Customers don't see it; to answer one use add_case_reply.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		if strings.TrimSpace(a.Text) == "" {
			return Write{}, wrong("text is empty: give what the note says")
		}
		note, err := a.note(&a.Text).Ready(ctx, c)
		if err != nil {
			return Write{}, err
		}
		about := recordType(a.EntityType)
		there := flexie.NewObject()
		there.Set("entity_type", about)
		there.Set("entity_id", a.EntityID.String())
		w := Write{
			act: creates, of: noteSubject, does: fmt.Sprintf("add a note to %s %d", about, a.EntityID), endpoint: "notes.create",
			changes: changesOf(flexie.Record{}, wireValues(note)),
			send:    func(ctx context.Context) (flexie.Record, error) { return c.AddNote(ctx, about, a.EntityID, note) },
			answer:  func(r flexie.Record) resources.Answer { return wrote("Added", resources.Note, r) },
		}
		return w.lookingAround(ctx, c, there), nil
	})
}

func updateNote() Tool {
	type args struct {
		idArg
		Text *string `json:"text" doc:"Plain text or HTML."`
		noteArgs
	}
	return defineWrite(Tool{
		Name: "update_note", Title: "Update note", Act: Change, Toolset: "notes", Endpoints: []string{"notes.update"},
		Description: "Change what is given of a note; the rest stays.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		if a.note(a.Text) == (flexie.Note{}) {
			return Write{}, wrong("nothing to change: give text, type or datetime")
		}
		note, err := a.note(a.Text).Ready(ctx, c)
		if err != nil {
			return Write{}, err
		}
		return planUpdate(ctx, c, noteSubject, a.ID, note, func(ctx context.Context) (flexie.Record, error) {
			return c.UpdateNote(ctx, a.ID, note)
		})
	})
}
