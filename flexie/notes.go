package flexie

import (
	"context"
	"strings"
)

// Note is what a note can be given; nil is left alone.
type Note struct {
	Text     *string `json:"text,omitempty"` // plain or HTML
	Type     *string `json:"type,omitempty"`
	Datetime *string `json:"datetime,omitempty"` // any form with date and time; without a zone, the user's
}

func (n Note) wire(ctx context.Context, c *Client) (Note, error) {
	if n.Datetime == nil || *n.Datetime == "" {
		return n, nil
	}
	at, err := c.noteTime(ctx, *n.Datetime)
	n.Datetime = &at
	return n, err
}

// AddNote writes a note on a record. entityType is the name of a kind
// ("contact"), or of a custom table; that the page's entityType takes the
// latter is a guess. Assumption: note-entity-type.
func (c *Client) AddNote(ctx context.Context, entityType string, entityID ID, n Note) (Record, error) {
	n, err := n.wire(ctx, c)
	if err != nil {
		return Record{}, err
	}
	path := params{"entityType": c.assumed.noteEntity(entityType), "entityId": entityID.String()}
	return c.written(ctx, call{endpoint: "notes.create", path: path, body: n}, "note")
}

// noteEntity is what a note on such a record goes to.
func (a *assumed) noteEntity(entityType string) string {
	for _, k := range Kinds {
		if k.Name == entityType && !k.Custom() {
			return a.NoteEntityTypes[entityType]
		}
	}
	return strings.ReplaceAll(a.NoteEntityTypes[CustomRecord.Name], "{table}", entityType)
}

// Note reads one note.
func (c *Client) Note(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "notes.get", path: idParam(id)}, "note")
}

// UpdateNote changes what is given of a note.
func (c *Client) UpdateNote(ctx context.Context, id ID, n Note) (Record, error) {
	n, err := n.wire(ctx, c)
	if err != nil {
		return Record{}, err
	}
	return c.written(ctx, call{endpoint: "notes.update", path: idParam(id), body: n}, "note")
}

// DeleteNote deletes a note.
func (c *Client) DeleteNote(ctx context.Context, id ID) error {
	return c.deleted(ctx, call{endpoint: "notes.delete", path: idParam(id)})
}
