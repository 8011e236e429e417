package tools

import (
	"context"
	"errors"
	"strings"
	"time"

	"flexie-mcp/internal/journal"
)

// Settle finds out what came of the caller's writes whose process ended before it
// knew, or that could not be found out at the time, and records that. What can't
// be known stays unknown. Left are those to be looked for later, together with
// what there is by then: Flexie could not be asked, or may still be at it. Those
// of other callers are left to them: another key may not see what they did.
func Settle(ctx context.Context, who Caller, left ...journal.Entry) (later []journal.Entry, err error) {
	orphans, err := who.Journal.Orphans(ctx, who.Workspace, who.Name)
	for _, e := range append(left, orphans...) {
		f := look(ctx, who, e)
		if f.unseen || f.outcome == journal.NotDone && time.Now().Before(overAt(who.Client, e.Began)) {
			later = append(later, e)
			continue
		}
		end := f.ending(act(e.Act), e.Record)
		end.Note = strings.TrimSpace(settledNote(e) + " " + f.why)
		endErr := who.Journal.End(ctx, e.ID, end)
		if errors.Is(endErr, journal.ErrEnded) || errors.Is(endErr, journal.ErrNotFound) {
			continue // meanwhile it was
		}
		err = errors.Join(err, endErr)
		who.changed(string(end.Outcome))
	}
	return later, err
}

// settledNote is what there was to say of a change until it was looked for.
func settledNote(e journal.Entry) string {
	if strings.HasPrefix(e.Note, journal.LostNote) || e.Note == "" {
		return "The program ended before it knew what came of this."
	}
	return e.Note + " It was looked for again later."
}
