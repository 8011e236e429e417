package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/progress"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// Every write goes one way: planned, which only reads; previewed or confirmed
// where that is due; recorded; sent; and, should its answer be lost, looked for.

// Write is a write that is ready to be made.
type Write struct {
	act      act     // as the journal names it
	of       subject // what it is about
	id       string  // which one; "" for what is yet to be made
	does     string  // "update contact 42", to come after "this would"
	endpoint string

	before  flexie.Record    // as it is; the zero one for what is yet to be made
	changes []journal.Change // what becomes of it, by the names that Flexie takes
	values  *flexie.Object   // of a record that is to be made; nil elsewhere
	there   *flexie.Object   // what else to know for finding out and for taking back

	shows    func(context.Context) []resources.Part // what else a preview shows
	own      string                                 // a text that goes out, as a preview shows it
	cautions []string                               // what to know before it is done
	state    string                                 // what a preview is of, where that is not the record before
	noUndo   string                                 // why it can't be taken back
	surely   bool                                   // to be confirmed, whatever the tool
	noticed  string                                 // what the answer is to say besides
	also     []resources.Part                       // and to show
	as       *Tool                                  // the tool whose work it is, where that is another's

	send   func(context.Context) (flexie.Record, error)
	makes  func(context.Context, *flexie.Object) (flexie.Record, error) // send, with other values
	answer func(flexie.Record) resources.Answer
}

// act is what a write does to its subject.
type act string

const (
	creates  act = "create"
	updates  act = "update"
	deletes  act = "delete"
	lists    act = "add to list"
	unlists  act = "remove from list"
	replies  act = "reply"
	sends    act = "send"
	finishes act = "complete"
	reopens  act = "reopen"
)

// guard are the arguments that every write takes beside its own.
type guard struct {
	DryRun  bool   `json:"dry_run"`
	Confirm string `json:"confirm"`
}

var guardSchema = schema.Of(reflect.TypeFor[guard](), strings.NewReplacer())

// defineWrite makes a tool of its declaration and a function that plans what it
// writes, and changes nothing.
func defineWrite[A any](t Tool, plan func(context.Context, *flexie.Client, A) (Write, error)) Tool {
	return defineWriteFor(strings.NewReplacer(), t, plan)
}

// defineWriteFor does the same with words that stand in braces in the declaration.
func defineWriteFor[A any](words *strings.Replacer, t Tool, plan func(context.Context, *flexie.Client, A) (Write, error)) Tool {
	t = t.worded(words)
	t.Schema = schema.Of(reflect.TypeFor[A](), words)
	schema.Add(t.Schema, guardSchema, t.guards()...)
	t.run = func(ctx context.Context, who Caller, raw json.RawMessage) (resources.Answer, error) {
		given, rest, err := splitGuard(raw)
		if err != nil {
			return resources.Answer{}, err
		}
		var args A
		if err := schema.Decode(t.Schema, rest, &args); err != nil {
			return resources.Answer{}, err
		}
		answer, err := planned(ctx, attempt{tool: t, who: who, arguments: rest, guard: given}, args, plan)
		if journal.Unusable(err) {
			who.changed(NotBegun)
		}
		return answer, err
	}
	return t
}

// planned makes an attempt, unless the user has said no to it.
func planned[A any](ctx context.Context, a attempt, args A, plan func(context.Context, *flexie.Client, A) (Write, error)) (resources.Answer, error) {
	err := a.who.refused(ctx, a.tool, a.arguments, a.guard)
	if err != nil {
		return resources.Answer{}, err
	}
	if a.write, err = plan(ctx, a.who.Client, args); err != nil {
		return resources.Answer{}, err
	}
	return a.run(ctx)
}

// guards are the names of those that the tool's schema shows.
func (t Tool) guards() []string {
	if t.risky() {
		return []string{"dry_run", "confirm"}
	}
	return []string{"dry_run"}
}

// splitGuard takes the arguments of every write out of a call's.
func splitGuard(raw json.RawMessage) (guard, json.RawMessage, error) {
	var given guard
	if len(raw) == 0 {
		return given, raw, nil
	}
	v, err := flexie.DecodeJSON(raw)
	if text, isText := v.(string); isText { // JSON inside a string, which schema.Decode takes
		v, err = flexie.DecodeJSON([]byte(text))
	}
	o, ok := v.(*flexie.Object)
	if err != nil || !ok {
		return given, raw, nil // for the tool's own schema to refuse
	}
	guards, rest := flexie.NewObject(), flexie.NewObject()
	for name, value := range o.All() {
		if _, ok := schema.Meant(guardSchema, name); ok {
			guards.Set(name, value)
		} else {
			rest.Set(name, value)
		}
	}
	if err := schema.Decode(guardSchema, encoded(guards), &given); err != nil {
		return given, nil, err
	}
	return given, encoded(rest), nil
}

// encoded writes what can't fail to be written.
func encoded(v any) json.RawMessage {
	data, err := flexie.EncodeJSON(v)
	if err != nil {
		panic(err)
	}
	return data
}

// attempt is one call of a writing tool.
type attempt struct {
	tool      Tool
	who       Caller
	write     Write
	arguments json.RawMessage // without the guards
	guard     guard

	parts    []resources.Part // what else the preview shows, once that is read
	repeated journal.Entry    // the newest that did the same just before, if its ID is not 0
}

func (a *attempt) run(ctx context.Context) (resources.Answer, error) {
	if err := a.mayAs(); err != nil {
		return resources.Answer{}, err
	}
	if u := a.who.undoing; u != nil {
		u.prepare(&a.write)
	}
	if a.guard.DryRun {
		return a.preview(ctx, "Dry run: nothing was changed."), nil
	}
	if err := a.unchangedSinceShown(ctx); err != nil {
		return resources.Answer{}, err
	}
	if answer, agreed, err := a.agreed(ctx); !agreed {
		return answer, err
	}
	answer, err := a.make(ctx)
	if !errors.Is(err, journal.ErrRepeats) {
		return answer, err
	}
	if err := a.beware(ctx); err != nil {
		return resources.Answer{}, err
	}
	return a.askAgain(ctx, "Another call was quicker")
}

// mostWriting is how many times as long as a request may take a whole write may:
// it is sent, and where its answer is lost it is looked for.
const mostWriting = 3

// make records the write, sends it, and records what came of it.
func (a *attempt) make(ctx context.Context) (resources.Answer, error) {
	writing, done, ok := a.who.Writes.begin(ctx, mostWriting*a.who.Client.Timeout())
	if !ok {
		return resources.Answer{}, &Failure{"This server is ending, so nothing was begun and nothing was changed.", nil}
	}
	defer done()
	if ctx.Err() != nil {
		return resources.Answer{}, &Failure{"The call was cancelled before anything was sent. Nothing was changed.", ctx.Err()}
	}
	entry := a.entry()
	id, err := a.begin(writing, entry)
	if errors.Is(err, journal.ErrRepeats) {
		return resources.Answer{}, err
	}
	if err != nil {
		return resources.Answer{}, &Failure{err.Error(), err}
	}
	a.who.changed(Begun)
	entry.ID, entry.Began = id, time.Now()
	record, err := a.write.send(writing)
	found := a.outcome(writing, entry, record, err)
	unrecorded := a.record(writing, entry, found)
	return a.tell(entry, found, unrecorded)
}

// outcome is what came of a write that was sent.
func (a *attempt) outcome(ctx context.Context, e journal.Entry, record flexie.Record, err error) finding {
	var call *flexie.Error
	switch {
	case err == nil:
		return finding{outcome: journal.Done, record: a.made(ctx, e, record)}
	case !errors.As(err, &call) || !call.Uncertain:
		return finding{outcome: journal.NotDone, err: err, refused: true}
	}
	// Whoever asked may be gone, and must still find it in the journal.
	progress.Tell(ctx, progress.Step{Message: "Finding out whether it was done: Flexie's answer was lost"})
	f := findOut(flexie.EndUnsentWith(ctx, context.Background()), a.who, e)
	f.err, f.lost = err, true
	switch {
	case f.outcome == journal.Unknown && a.who.Writes.isEnding():
		f.why = "This program was ended before Flexie answered: its next start looks for it."
	case f.outcome == journal.NotDone && mayBeAtIt(call):
		return f.notYet(overAt(a.who.Client, e.Began))
	}
	return f
}

// made is what a write has made: without its id, where Flexie does not say it, it
// could not be taken back, so it is looked up.
func (a *attempt) made(ctx context.Context, e journal.Entry, record flexie.Record) flexie.Record {
	if a.write.act != creates || record.ID != "" {
		return record
	}
	if f := look(flexie.EndUnsentWith(ctx, context.Background()), a.who, e); f.outcome == journal.Done {
		return f.record
	}
	return record
}

// record ends the entry of a write, also when the time for it is over.
func (a *attempt) record(ctx context.Context, e journal.Entry, f finding) error {
	a.who.changed(string(f.outcome))
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return a.who.Journal.End(ctx, e.ID, a.ending(f))
}

// recordTime bounds the recording of what came of a write.
const recordTime = 5 * time.Second

func (a *attempt) ending(f finding) journal.Ending {
	end := f.ending(a.write.act, a.write.id)
	if w := a.write; w.act == updates && isAnother(f.record, w.before) { // it was named by a unique field, which has moved
		end.Record = f.record.ID
		end.NoUndo = fmt.Sprintf("it changed %[1]s %[2]s, and what is recorded is how %[1]s %[3]s was before", w.of.noun.One, resources.Named(f.record.ID), w.id)
	}
	if f.record.Complaint != "" {
		end.Note = "Flexie complained: " + sentence(f.record.Complaint)
	}
	if f.err != nil {
		end.Note = strings.TrimSpace(sentence(f.err.Error()) + " " + f.why)
	}
	return end
}

// ending is what came of a write of a record, whose id may have been known before.
func (f finding) ending(does act, id string) journal.Ending {
	end := journal.Ending{Outcome: f.outcome, Record: cmp.Or(id, f.record.ID)}
	if f.record.Values.Len() == 0 {
		return end
	}
	end.After = maskedRecord(f.record.Values)
	if does == replies {
		end.Record = id // what Flexie answers with is the reply, and no case
	} else {
		end.Name = resources.Name(f.record)
	}
	return end
}

// entry is the write as the journal keeps it.
func (a *attempt) entry() journal.Entry {
	w := a.write
	e := journal.Entry{
		Workspace: a.who.Workspace, Caller: a.who.Name, User: a.who.userName(), Client: a.who.Via,
		Tool: a.tool.Name, Endpoint: w.endpoint, Arguments: masked(a.arguments),
		Act: string(w.act), Kind: w.of.name, Table: w.of.table, Record: w.id,
		Name: cmp.Or(resources.Name(w.before), textOf(w.there.Get("identifier"))), Changes: maskedChanges(w.changes), NoUndo: w.noUndo,
		Same: a.same(),
	}
	if w.before.Values.Len() > 0 {
		e.Before = maskedRecord(w.before.Values)
	}
	if there := w.data(); there != nil {
		e.Data = encoded(there)
	}
	if a.who.undoing != nil {
		e.Undoes = a.who.undoing.entry.ID
	}
	return e
}

// tell is the answer of a write by what came of it.
func (a *attempt) tell(e journal.Entry, f finding, unrecorded error) (resources.Answer, error) {
	if f.outcome != journal.Done {
		return resources.Answer{}, a.failure(e, f, unrecorded)
	}
	a.who.Shown.Forget(a.write.of.at(a.write.id))
	a.who.Shown.forgetCase(textOf(a.write.there.Get("identifier")))
	answer := a.write.answer(f.record)
	if f.lost {
		answer.Summary = "Flexie's answer was lost, but it was done: it was looked up. " + answer.Summary
	}
	if f.record.Complaint != "" {
		answer.Summary = "It was done, but Flexie complained: " + sentence(f.record.Complaint) + " " + answer.Summary
	}
	answer.Summary += a.changeNote(e, f)
	if a.write.noticed != "" {
		answer.Summary += " " + a.write.noticed
		answer.Parts = append(answer.Parts, a.write.also...)
	}
	if unrecorded != nil {
		answer.Summary += " The journal could not record that: " + unrecorded.Error() + "."
	}
	return answer, nil
}

// changeNote names the change, for whoever wants to take it back.
func (a *attempt) changeNote(e journal.Entry, f finding) string {
	if e.Undoes != 0 {
		return fmt.Sprintf(" Change %d, which took back change %d.", e.ID, e.Undoes)
	}
	end := a.ending(f)
	e.Outcome, e.Record, e.NoUndo = journal.Done, cmp.Or(end.Record, e.Record), cmp.Or(end.NoUndo, e.NoUndo)
	_, err := inverse(e, noTimes)
	switch {
	case err == nil:
		return fmt.Sprintf(" Change %d; undo_change takes it back.", e.ID)
	case movedNothing(e):
		return fmt.Sprintf(" Change %d. It was so already: nothing changed.", e.ID)
	case e.NoUndo != "":
		return fmt.Sprintf(" Change %d.", e.ID)
	}
	return fmt.Sprintf(" Change %d, which undo_change can't take back.", e.ID)
}
