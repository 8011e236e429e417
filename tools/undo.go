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
		if err := who.mayTakeBack(ctx, e, t.lookAfter); err != nil {
			return resources.Answer{}, err
		}
		if _, err := inverse(e, noTimes); err != nil {
			return resources.Answer{}, err
		}
		e, moved, err := who.madeAgain(ctx, e)
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
		now, err := conflicts(ctx, who, e)
		if err != nil {
			return resources.Answer{}, err
		}
		who.undoing = &undoing{entry: e, missing: back.missing, moved: moved, now: now, client: who.Client}
		return t.runs[i].Run(ctx, who, back.call(a.DryRun, a.Confirm))
	})
}

// lookAfter says how to see what one of the tools that it runs has done.
func (t Tool) lookAfter(name string) string {
	if i := slices.IndexFunc(t.runs, func(other Tool) bool { return other.Name == name }); i >= 0 {
		return t.runs[i].look()
	}
	return "read it in Flexie"
}

// undoing is a change that is being taken back.
type undoing struct {
	entry   journal.Entry
	missing []string // what can't come back
	moved   string   // that its record has another id now, "" if it has not
	now     conflict // what has been changed since
	client  *flexie.Client
}

// prepare makes the write that does the opposite say so.
func (u *undoing) prepare(w *Write) {
	if act(u.entry.Act) == deletes {
		u.again(w)
	}
	w.does = fmt.Sprintf("take back change %d (%s), that is: %s", u.entry.ID, u.entry.Tool, w.does)
	if len(u.missing) > 0 {
		w.cautions = []string{"What can't come back: " + strings.Join(u.missing, ", ")}
		w.notice("What did not come back: " + strings.Join(u.missing, ", ") + ".")
	}
	if u.moved != "" {
		w.surely = true
		w.cautions = append(w.cautions, u.moved)
		w.notice(u.moved + ".")
	}
	if len(u.now.fields) > 0 {
		u.overwrites(w)
	}
}

// again says what it is that is made once more.
func (u *undoing) again(w *Write) {
	if w.values != nil {
		u.remakes(w)
	}
	of, _ := subjectNamed(u.entry.Kind, u.entry.Table)
	before := recordOf(u.entry.Before)
	if of.name == noteSubject.name {
		w.does += ", as note " + resources.Named(before.ID) + " was"
		return
	}
	w.does = "make " + of.title(before) + " again, under a new id"
}

// overwrites says and shows what others would lose, and wants a yes to that.
func (u *undoing) overwrites(w *Write) {
	w.surely = true
	w.cautions = append(w.cautions, u.now.said...)
	w.notice("This went over what had been changed since, or at the same time: " + strings.Join(u.now.fields, ", ") + ".")
	if len(u.now.part.Table.Rows) == 0 {
		return
	}
	went := u.now.part
	went.Title, went.Table.Columns = "What this went over", []string{"field", "after the change", "until now"}
	w.also = append(w.also, went)
	shows := w.shows
	w.shows = func(ctx context.Context) []resources.Part {
		var parts []resources.Part
		if shows != nil {
			parts = shows(ctx)
		}
		return append(parts, u.now.part)
	}
}

// notice adds a sentence to what the answer says besides.
func (w *Write) notice(text string) { w.noticed = strings.TrimSpace(w.noticed + " " + text) }

func isNoEntry(err error) bool { return errors.Is(err, journal.ErrNotFound) }
