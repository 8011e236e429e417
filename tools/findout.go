package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// This file finds out whether a write happened whose answer was lost. It goes by
// the journal entry alone, so that another process can do it as well.

// finding is what came of a write.
type finding struct {
	outcome journal.Outcome
	record  flexie.Record // as it is after it, where that is known
	why     string        // what the outcome is told from, a whole sentence

	err     error // what the write itself ended with
	unseen  bool  // looking for it failed
	refused bool  // it was answered, or never sent: nothing was looked up
	lost    bool  // its answer was lost, and the outcome looked up
}

// findOut looks for what a write should have done. What is not there at first is
// looked for again, after longer and longer pauses: Flexie may still be at it.
func findOut(ctx context.Context, who Caller, e journal.Entry) finding {
	f := look(ctx, who, e)
	pause, left := who.LookAgain/8+1, who.LookAgain
	for f.outcome == journal.NotDone && left > 0 {
		select {
		case <-time.After(min(pause, left)):
			f = look(ctx, who, e)
		case <-ctx.Done():
			return f
		}
		pause, left = 2*pause, left-pause
	}
	return f
}

// mayBeAtIt reports whether Flexie may still be carrying out a write whose answer
// was lost: it was sent, and it was not Flexie that answered, or nobody.
func mayBeAtIt(e *flexie.Error) bool {
	switch e.Status {
	case 0:
		return true
	case 499, http.StatusBadGateway, http.StatusGatewayTimeout, 520, 522, 524: // a proxy's, which got no answer from it
		return true
	}
	return e.Kind == flexie.Timeout
}

// overAt is when a write is no longer being carried out that began at a time.
// Assumption: acts-in-time.
func overAt(c *flexie.Client, began time.Time) time.Time { return began.Add(2 * c.Timeout()) }

// notYet is the finding of a look that found nothing, where that may yet come.
func (f finding) notYet(until time.Time) finding {
	f.outcome = journal.Unknown
	f.why += fmt.Sprintf(" But Flexie had not answered by then, %s UTC, and may still be at it: after %s UTC it will have ended.",
		time.Now().UTC().Format(time.TimeOnly), until.UTC().Format(time.TimeOnly))
	return f
}

func look(ctx context.Context, who Caller, e journal.Entry) finding {
	of, ok := subjectNamed(e.Kind, e.Table)
	if !ok {
		return notKnown("It is about something that this version does not know.")
	}
	s := search{who, who.Client, e, of, thereOf(e)}
	switch act(e.Act) {
	case updates, finishes, reopens:
		return s.changed(ctx)
	case deletes:
		return s.deleted(ctx)
	case creates:
		return s.created(ctx)
	case lists, unlists:
		return s.listed(ctx)
	case replies:
		return s.replied(ctx)
	case sends:
		return s.sent(ctx)
	}
	return notKnown("")
}

// search is a look for what a write should have done.
type search struct {
	who   Caller
	c     *flexie.Client
	e     journal.Entry
	of    subject
	there *flexie.Object
}

func thereOf(e journal.Entry) *flexie.Object {
	v, _ := flexie.DecodeJSON(e.Data)
	o, _ := v.(*flexie.Object)
	return o
}

func notKnown(why string) finding { return finding{outcome: journal.Unknown, why: why} }

// unread is the finding of a look that could not be taken.
func unread(err error) finding {
	f := notKnown(fmt.Sprintf("Looking for it failed as well: %s.", strings.TrimSuffix(err.Error(), ".")))
	f.unseen = true
	return f
}

func (s search) id() flexie.ID {
	id, _ := flexie.ParseID(s.e.Record)
	return id
}

// changed compares the record with what it was to become. What it was already
// says nothing, unless there is nothing else.
func (s search) changed(ctx context.Context) finding {
	told := s.telling()
	if len(told) == 0 {
		return notKnown("What it was given can't be read back.")
	}
	now, err := s.of.read(ctx, s.c, s.id())
	if err != nil {
		return unread(err)
	}
	as, were := 0, 0
	var differ []string
	for _, c := range told {
		switch value := valueOf(now, c.Field); {
		case same(value, c.To), likeText(value, c.To) && !same(value, c.From): // an address in small letters
			as++
			continue
		case same(value, c.From):
			were++
		}
		differ = append(differ, resources.Named(c.Field))
	}
	switch {
	case as == len(told):
		return finding{outcome: journal.Done, record: now, why: "It is now as it was to become."}
	case were == len(told) && s.movedOn(now):
		return finding{outcome: journal.Unknown, record: now, why: "It is as it was before, but has been changed meanwhile: it may have been done, and put back."}
	case were == len(told) && s.renamed(now):
		return finding{outcome: journal.Unknown, record: now, why: "It is no longer the one that the unique field names, so another may have been changed."}
	case were == len(told):
		return finding{outcome: journal.NotDone, record: now, why: "It is as it was before."}
	}
	return finding{outcome: journal.Unknown, record: now, why: fmt.Sprintf("It is neither as it was nor as it was to become: see %s.", strings.Join(differ, ", "))}
}

// telling are the changes by which it can be told whether it was done: those to
// another value, if there are any.
func (s search) telling() []journal.Change {
	told := slices.DeleteFunc(slices.Clone(s.e.Changes), func(c journal.Change) bool { return c.To == hidden })
	moved := slices.DeleteFunc(slices.Clone(told), func(c journal.Change) bool { return same(c.From, c.To) })
	if len(moved) > 0 {
		return moved
	}
	return told
}

// movedOn reports whether something was changed since the write was planned.
func (s search) movedOn(now flexie.Record) bool {
	before := recordOf(s.e.Before)
	return before.Values.Len() > 0 && modified(now) != "" && modified(now) != modified(before)
}

// renamed reports whether a record that was named by a unique field has lost the
// value that named it. Flexie changes the one that has it then.
func (s search) renamed(now flexie.Record) bool {
	return strings.HasSuffix(s.e.Endpoint, ".edit") && slices.ContainsFunc(s.e.Changes, func(c journal.Change) bool {
		return likeText(c.From, c.To) && !likeText(valueOf(now, c.Field), c.To)
	})
}

func (s search) deleted(ctx context.Context) finding {
	now, err := s.of.read(ctx, s.c, s.id())
	switch {
	case flexie.IsGone(err):
		return finding{outcome: journal.Done, why: "It is no longer there."}
	case err != nil:
		return unread(err)
	}
	return finding{outcome: journal.NotDone, record: now, why: "It is still there."}
}

// created looks for what was not there before, and is as it was to be made.
func (s search) created(ctx context.Context) finding {
	candidates, err := s.of.like(ctx, s.c, s.e.Changes, s.there)
	if err != nil {
		return unread(err)
	}
	return s.oneOf(ctx, s.fresh(candidates))
}

// fresh are those that were not there before. Where not all could be noted that
// were, the later ones are those with a higher id.
func (s search) fresh(found []flexie.Record) []flexie.Record {
	before, _ := s.there.Get("there").([]any)
	highest := flexie.ID(0)
	for _, id := range before {
		if n, ok := flexie.ParseID(textOf(id)); ok && len(before) >= mostLike {
			highest = max(highest, n)
		}
	}
	return slices.DeleteFunc(found, func(r flexie.Record) bool {
		id, _ := flexie.ParseID(r.ID)
		return id < highest || slices.ContainsFunc(before, func(was any) bool { return textOf(was) == r.ID })
	})
}

// oneOf is the finding of a look for what was made: what there is of it now. What
// was there before must be known, to tell it from that.
func (s search) oneOf(ctx context.Context, fresh []flexie.Record) finding {
	all := len(fresh)
	fresh, err := s.unclaimed(ctx, fresh)
	switch {
	case err != nil:
		return unread(err)
	case len(fresh) == 0 && all > 0:
		return finding{outcome: journal.NotDone, why: "What is like it was made by another change."}
	case len(fresh) == 0:
		return finding{outcome: journal.NotDone, why: "There is none that was not there before."}
	case !s.there.Has("there"):
		return notKnown(fmt.Sprintf("There is one like it, %s, which may have been there before.", fresh[0].ID))
	}
	own := s.own(ctx, fresh)
	rival, err := s.rival(ctx)
	switch {
	case err != nil:
		return unread(err)
	case len(own) == 1 && rival != 0:
		return notKnown(fmt.Sprintf("There is one like it, %s, which change %d may have made.", own[0].ID, rival))
	case len(own) == 1:
		return finding{outcome: journal.Done, record: own[0], why: "It was found."}
	case len(own) == 0:
		return notKnown(fmt.Sprintf("There is one like it, %s, which somebody else made.", fresh[0].ID))
	}
	var ids []string
	for _, r := range own {
		ids = append(ids, r.ID)
	}
	return notKnown(fmt.Sprintf("There are %d like it that were not there before, and any may be the one: %s.", len(own), strings.Join(ids, ", ")))
}

// own are those that this key's user may have made. Assumption: created-by-key.
func (s search) own(ctx context.Context, fresh []flexie.Record) []flexie.Record {
	if !slices.ContainsFunc(fresh, func(r flexie.Record) bool { return count(r.Values.Get("created_by")) > 0 }) {
		return fresh
	}
	self, err := s.c.Self(ctx)
	if err != nil {
		return fresh
	}
	return slices.DeleteFunc(slices.Clone(fresh), func(r flexie.Record) bool {
		by := count(r.Values.Get("created_by"))
		return by > 0 && fmt.Sprint(by) != self.ID
	})
}

func (s search) listed(ctx context.Context) finding {
	on, err := isOnList(ctx, s.c.Records(s.of.kind, s.of.table), s.id(), fmt.Sprint(s.there.Get("list")))
	switch {
	case err != nil:
		return unread(err)
	case on == (act(s.e.Act) == lists):
		return finding{outcome: journal.Done, why: "The record's lists say so."}
	}
	return finding{outcome: journal.NotDone, why: "The record's lists say so."}
}

func (s search) replied(ctx context.Context) finding {
	ref := flexie.CaseRef{ID: s.id()}
	if ref.ID == 0 {
		ref.Identifier = fmt.Sprint(s.there.Get("identifier"))
	}
	page, err := wholly(s.c.CaseReplies(ctx, ref))
	if err != nil {
		return unread(err)
	}
	f := s.oneOf(ctx, slices.DeleteFunc(s.fresh(page.Records), func(r flexie.Record) bool {
		return len(s.e.Changes) > 0 && !same(r.Values.Get("text"), s.e.Changes[0].To)
	}))
	if f.outcome == journal.Done && len(s.e.Changes) == 0 && count(f.record.Values.Get("created_by")) <= 0 {
		return notKnown(fmt.Sprintf("There is a new reply, %s, which may be somebody else's: what a template says is not known here.", f.record.ID))
	}
	return f
}

// sent compares how often an email has been sent. Flexie may send it later than
// it answers, so one that is not counted may still go out.
// Assumption: email-sent-count.
func (s search) sent(ctx context.Context) finding {
	now, err := s.of.read(ctx, s.c, s.id())
	if err != nil {
		return unread(err)
	}
	before, after := count(s.there.Get("sent")), count(now.Values.Get("sentCount"))
	if before >= 0 && after > before {
		return finding{outcome: journal.Done, record: now, why: fmt.Sprintf("It has been sent to %d more than before.", after-before)}
	}
	return notKnown("Flexie has not counted anybody more that it was sent to, but may do so later.")
}

func count(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return -1
	}
	i, err := n.Int64()
	if err != nil {
		return -1
	}
	return i
}
