package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

const undoName = "undo_change"

// undoChange takes changes back, by running the tool that does the opposite:
// that is confirmed, recorded and looked for like any other call of it.
func undoChange(allowed []Tool) Tool {
	type args struct {
		ChangeID int64  `json:"change_id" jsonschema:"required,minimum=1" doc:"From the write's answer."`
		DryRun   bool   `json:"dry_run"`
		Confirm  string `json:"confirm"`
	}
	t := Tool{
		Name: undoName, Title: "Undo change", Act: AnyWrite, Toolset: "core", Core: true,
		Description: "Take back one write made through this server: an update puts the old values back, a create is deleted, a delete is made again. What others did since is shown first.",
		runs:        keep(allowed, func(t Tool) bool { return !t.Act.ReadOnly }),
	}
	return defineCall(strings.NewReplacer(), t, func(ctx context.Context, who Caller, a args) (resources.Answer, error) {
		e, err := who.change(ctx, a.ChangeID)
		if err != nil {
			return resources.Answer{}, err
		}
		back, err := inverse(e, timesIn(ctx, who.Client, e))
		if err != nil {
			return resources.Answer{}, err
		}
		i := slices.IndexFunc(t.runs, func(other Tool) bool { return other.Name == back.tool })
		if i < 0 {
			return resources.Answer{}, who.whyNot(back.tool, allowed)
		}
		now, err := conflicts(ctx, who.Client, e)
		if err != nil {
			return resources.Answer{}, err
		}
		who.undoing = &undoing{entry: e, missing: back.missing, now: now, client: who.Client}
		return t.runs[i].Run(ctx, who, back.call(a.DryRun, a.Confirm))
	})
}

// undoing is a change that is being taken back.
type undoing struct {
	entry   journal.Entry
	missing []string // what can't come back
	now     conflict // what has been changed since
	client  *flexie.Client
}

// prepare makes the write that does the opposite say so.
func (u *undoing) prepare(w *Write) {
	w.does = fmt.Sprintf("take back change %d (%s), that is: %s", u.entry.ID, u.entry.Tool, w.does)
	if len(u.missing) > 0 {
		w.cautions = []string{"What can't come back: " + strings.Join(u.missing, ", ")}
		w.noticed = "What did not come back: " + strings.Join(u.missing, ", ") + "."
	}
	if act(u.entry.Act) == deletes && w.values != nil {
		u.remakes(w)
	}
	if len(u.now.fields) == 0 {
		return
	}
	lost := "overwritten"
	if act(u.entry.Act) == creates {
		lost = "lost"
	}
	w.surely = true
	w.cautions = append(w.cautions, "Somebody has changed it since: "+strings.Join(u.now.fields, ", ")+" would be "+lost)
	shows := w.shows
	w.shows = func(ctx context.Context) []resources.Part {
		var parts []resources.Part
		if shows != nil {
			parts = shows(ctx)
		}
		return append(parts, u.now.part)
	}
}

func isNoEntry(err error) bool { return errors.Is(err, journal.ErrNotFound) }
