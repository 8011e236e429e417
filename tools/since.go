package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// This file asks the journal what has become of a change since it was made.

// mayTakeBack is the error of a change that has been taken back, or may have
// been. look says how to see what a tool has done.
func (who Caller) mayTakeBack(ctx context.Context, e journal.Entry, look func(tool string) string) error {
	last, n := e, 0
	for ; last.UndoneBy != 0; n++ {
		next, err := who.Journal.Get(ctx, last.UndoneBy)
		if errors.Is(err, journal.ErrNotFound) {
			return wrong("change %d has been taken back already, by change %d", e.ID, last.UndoneBy)
		} else if err != nil {
			return &Failure{err.Error(), err}
		}
		last = next
	}
	switch {
	case n == 0:
		return who.mayBeTakenBack(ctx, e, look)
	case n%2 == 0:
		return wrong("change %d has been taken back, and that was taken back by change %d: to take it back once more, undo change %[2]d", e.ID, last.ID)
	}
	return wrong("change %d has been taken back already, by change %d", e.ID, last.ID)
}

// mayBeTakenBack is the error of a change of which it is not known whether it has
// been taken back: it must not be twice.
func (who Caller) mayBeTakenBack(ctx context.Context, e journal.Entry, look func(tool string) string) error {
	undos, _, err := who.Journal.List(ctx, journal.Filter{Undoes: e.ID, Outcomes: []journal.Outcome{journal.Pending, journal.Unknown}, Limit: 1})
	switch {
	case err != nil:
		return &Failure{err.Error(), err}
	case len(undos) == 0:
		return nil
	case undos[0].Outcome == journal.Pending:
		return wrong("change %d is being taken back now, by change %d", e.ID, undos[0].ID)
	}
	when := ""
	if over := overAt(who.Client, undos[0].Began); time.Now().Before(over) {
		when = fmt.Sprintf(", from %s UTC on, when Flexie is no longer at it,", over.UTC().Format(time.TimeOnly))
	}
	return wrong("change %d may have been taken back already: it is not known whether change %d did that. list_changes says so once it is known; else%s %s, and put back by hand what is still wrong", e.ID, undos[0].ID, when, look(undos[0].Tool))
}

// madeAgain is a change as if it had been made to the record that there is now in
// place of its own, which was deleted since and made again by an undo; with what
// to say of that.
func (who Caller) madeAgain(ctx context.Context, e journal.Entry) (journal.Entry, string, error) {
	of, ok := subjectNamed(e.Kind, e.Table)
	if !ok || act(e.Act) == deletes || e.Record == "" {
		return e, "", nil
	}
	said := ""
	for range mostRemakes {
		gone, found, err := who.deletion(ctx, e)
		if err != nil || !found || who.isThere(ctx, of, e) {
			return e, said, err
		}
		title := fmt.Sprintf("%s %s", of.noun.One, resources.Named(e.Record))
		if gone.UndoneBy == 0 {
			return e, "", who.deletedSince(e, gone, title)
		}
		again, err := who.Journal.Get(ctx, gone.UndoneBy)
		if err != nil && !isNoEntry(err) {
			return e, "", &Failure{err.Error(), err}
		}
		if again.Record == "" {
			return e, "", wrong("change %d can't be taken back: %s was deleted by change %d and made again by change %d, under an id that is not recorded", e.ID, title, gone.ID, gone.UndoneBy)
		}
		said = fmt.Sprintf("%s is %s now: %s deleted it, and %s made it again", resources.Capital(title), resources.Named(again.Record), who.names(gone), who.names(again))
		e.Record = again.Record
	}
	return e, said, nil
}

// isThere reports whether a change's record is there, whatever was done to it.
func (who Caller) isThere(ctx context.Context, of subject, e journal.Entry) bool {
	id, _ := flexie.ParseID(e.Record)
	_, err := of.read(ctx, who.Client, id)
	return err == nil
}

// mostRemakes is how often a record is followed from one id to the next.
const mostRemakes = 20

// deletion is the change that deleted a change's record since.
func (who Caller) deletion(ctx context.Context, e journal.Entry) (journal.Entry, bool, error) {
	since, err := who.ofItsRecord(ctx, e)
	i := slices.IndexFunc(since, func(o journal.Entry) bool { return o.ID > e.ID && act(o.Act) == deletes })
	if err != nil || i < 0 {
		return journal.Entry{}, false, err
	}
	return since[i], true, nil
}

func (who Caller) deletedSince(e, gone journal.Entry, title string) error {
	next := ""
	switch {
	case act(e.Act) == creates:
		next = ", so there is nothing to take back"
	case who.sees(gone) && gone.NoUndo == "":
		next = fmt.Sprintf(": undo change %d first, which makes it again", gone.ID)
	}
	return wrong("change %d can't be taken back: %s was deleted since, by %s%s", e.ID, title, who.names(gone), next)
}

// ofItsRecord are the changes that were made to the record of a change, the newest
// first.
func (who Caller) ofItsRecord(ctx context.Context, e journal.Entry) ([]journal.Entry, error) {
	found, _, err := who.Journal.List(ctx, journal.Filter{
		Workspace: e.Workspace, Kind: e.Kind, Table: e.Table, Record: e.Record, Outcomes: []journal.Outcome{journal.Done},
	})
	if err != nil {
		return nil, &Failure{err.Error(), err}
	}
	return found, nil
}

// sees reports whether a change is one that the caller may know more of.
func (who Caller) sees(e journal.Entry) bool { return who.Operator || e.Caller == who.Name }

// names calls a change by what its reader may know of it.
func (who Caller) names(e journal.Entry) string {
	switch {
	case e.Caller == who.Name:
		return fmt.Sprintf("change %d (%s, yours)", e.ID, e.Tool)
	case !who.sees(e):
		return "another caller of this server"
	case e.User != "":
		return fmt.Sprintf("change %d (%s, by %s)", e.ID, e.Tool, resources.Named(e.User))
	}
	return fmt.Sprintf("change %d (%s, by another caller)", e.ID, e.Tool)
}

// changedBy is who made a field what it is now, as far as the journal knows: a
// change after the given one.
func (who Caller) changedBy(others []journal.Entry, e journal.Entry, field string, now any) string {
	for _, o := range others {
		if o.ID > e.ID && made(o, field, now) {
			return who.names(o)
		}
	}
	return "somebody"
}

// atOnce is who changed a field at the same time as a change did, so that what
// it found there is older than that; "" if nobody did.
func (who Caller) atOnce(others []journal.Entry, e journal.Entry, c journal.Change) string {
	for _, o := range others {
		overlap := o.Began.Before(e.Ended) && o.Ended.After(e.Began.Add(-planning))
		if o.ID == e.ID || o.UndoneBy != 0 || o.Undoes != 0 || e.Ended.IsZero() || !overlap {
			continue
		}
		to, given := givenBy(o, c.Field)
		if given && !same(to, c.From) && !same(to, hidden) {
			return who.names(o)
		}
	}
	return ""
}

// planning is how long before a change begins its record was read, at most.
const planning = flexie.DefaultTimeout

// made reports whether a change made a field what it is.
func made(o journal.Entry, field string, now any) bool {
	to, given := givenBy(o, field)
	return given && same(to, now)
}

func givenBy(o journal.Entry, field string) (to any, given bool) {
	if act(o.Act) == deletes || act(o.Act) == creates {
		return nil, false
	}
	for _, c := range afterwards(o) {
		if c.Field == field {
			return c.To, true
		}
	}
	return nil, false
}
