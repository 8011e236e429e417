package flexie

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
)

var noteCalls = []sent{
	{"add", func(ctx context.Context, c *Client) error {
		_, err := c.AddNote(ctx, "contact", 17, Note{Text: new("Discussed <b>renewal</b>"), Type: new("call"), Datetime: new("2026-06-23 14:00")})
		return err
	}, "POST", "/notes/contact/17", "", `{"text":"Discussed <b>renewal</b>","type":"call","datetime":"2026-06-23T14:00:00+00:00"}`, ""},
	{"add to a custom record", func(ctx context.Context, c *Client) error {
		_, err := c.AddNote(ctx, "my table", 17, Note{Text: new("Seen")})
		return err
	}, "POST", "/notes/my%20table/17", "", `{"text":"Seen"}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.Note(ctx, 42)
		return err
	}, "GET", "/notes/42", "", "", `{"id":42}`},
	{"update", func(ctx context.Context, c *Client) error {
		_, err := c.UpdateNote(ctx, 42, Note{Type: new("meeting")})
		return err
	}, "PUT", "/notes/42", "", `{"type":"meeting"}`, ""},
	{"delete", func(ctx context.Context, c *Client) error { return c.DeleteNote(ctx, 42) }, "DELETE", "/notes/42", "", "", ""},
}

func TestNoteRequests(t *testing.T) { testSent(t, noteCalls) }

func TestBadNotesAreNotSent(t *testing.T) {
	c := record(t, unasked(t)).client(t)
	_, err := c.AddNote(t.Context(), "contact", 1, Note{Datetime: new("yesterday")})
	require.EqualError(t, err, `datetime: "yesterday" is not a date and time; write it like 2026-06-23 14:00 or 2026-06-23T14:00:00+02:00`)
	_, err = c.UpdateNote(t.Context(), 1, Note{Datetime: new("2026-06-23")})
	require.Equal(t, Invalid, KindOf(err))
	_, err = c.AddNote(t.Context(), "contact/1/..", 1, Note{})
	require.ErrorContains(t, err, `entity_type can't be "contact/1/.."`)
}
