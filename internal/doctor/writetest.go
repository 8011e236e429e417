package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"flexie-mcp/flexie"
)

// writeTime is how long the write test may take, and cleaningTime what it has to
// clean up, also if it was interrupted.
const (
	writeTime    = 25 * time.Second
	cleaningTime = 15 * time.Second
)

// writing is the write test under way: one contact that is made, changed and
// deleted, and one note on it.
type writing struct {
	p    *patient
	c    *flexie.Client
	of   flexie.Records
	name string

	id     flexie.ID // 0 until it is known
	values *flexie.Object
	text   string // the alias of the field that has the name
	made   flexie.Record
	theirs time.Time // Flexie's clock when it was made; zero if it did not say
	found  []Finding
}

// writeTest makes it. Its client is the usual one, so no write is sent again of which
// it is not known whether it was done.
func (p *patient) writeTest(ctx context.Context, checks []Finding) []Finding {
	if why := p.mayNotWrite(checks); why != "" {
		f := skipped("nothing was written: " + why + ", see above")
		f.Name = "write test"
		return []Finding{f}
	}
	c := p.newClient(p.auth, min(p.s.Timeout, callTime), p.s.Retries)
	w := &writing{p: p, c: c, of: c.Records(flexie.Contact, ""), name: p.o.WriteName}
	cleaning, end := context.WithTimeout(context.WithoutCancel(ctx), writeTime+cleaningTime)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if w.create(ctx, cleaning) {
		w.compare(ctx)
		w.change(ctx)
		w.note(ctx, cleaning)
	}
	w.remove(cleaning)
	return w.found
}

// mayNotWrite is why nothing is written, by what the checks found; "" if it may be. As
// of a server, a change that could not be recorded is not made.
func (p *patient) mayNotWrite(checks []Finding) string {
	results := map[string]Result{}
	for _, f := range checks {
		results[f.Name] = f.Result
	}
	key := results["key"]
	switch {
	case p.client == nil || key != OK && key != Warning:
		return "the key does not work"
	case results["state directory"] == Wrong, results["journal"] == Wrong:
		return "changes can't be recorded on this machine, and are not made then"
	}
	return ""
}

func (w *writing) tell(name string, f Finding) {
	f.Name = name
	w.found = append(w.found, f)
}

// create makes the contact; done is false if there is none to go on with.
func (w *writing) create(ctx, cleaning context.Context) (done bool) {
	fields, err := w.of.KnownFields(ctx)
	if err != nil || len(fields) == 0 {
		w.tell("create", skipped("nothing was written: the fields of contacts can't be read"))
		return false
	}
	var lack string
	if w.values, w.text, lack = valuesFor(fields, w.name, w.p.o.Now()); lack != "" {
		w.tell("create", skipped("nothing was written: "+lack))
		return false
	}
	ctx, heard := listening(ctx)
	w.made, err = w.of.Create(ctx, w.values)
	e := heard.last("contacts.create")
	w.theirs, _ = e.date()
	w.id, _ = flexie.ParseID(w.made.ID)
	w.judgeSuccess(err, e)
	switch {
	case err == nil && w.id == 0:
		w.id = w.lookFor(cleaning)
	case isLost(err):
		w.id = w.lookFor(cleaning)
		w.tell("create", w.p.failure(err, e))
		return false
	case err != nil:
		w.tell("create", w.p.failure(err, e))
		return false
	}
	if w.id == 0 {
		w.tell("create", wrong("Flexie took it, and it is not to be found", fmt.Sprintf("look for a contact named %q in Flexie, and delete it", w.name)))
		return false
	}
	w.tell("create", ok(fmt.Sprintf("the contact was made, after %s", roughly(e.took))).with("id "+w.id.String()))
	return true
}

// isLost reports whether a write may have happened all the same.
func isLost(err error) bool {
	e, is := err.(*flexie.Error)
	return is && e.Uncertain
}

// lookFor finds the contact by its name; 0 if it is not there.
func (w *writing) lookFor(ctx context.Context) flexie.ID {
	q := by(w.text, "is", w.name)
	page, err := w.of.Search(ctx, q)
	if err != nil {
		return 0
	}
	for _, record := range page.Records {
		if record.Values.Get(w.text) == w.name {
			id, _ := flexie.ParseID(record.ID)
			return id
		}
	}
	return 0
}

func (w *writing) judgeSuccess(err error, e exchange) {
	switch {
	case err == nil && e.endpoint != "":
		w.p.judge("success-shape", yes("creating was answered as known"))
	case isOddAnswer(err, e):
		w.p.judge("success-shape", no("creating was answered by something that can't be read"))
	}
}

// valuesFor are the fewest values that a contact can be made with, its name among
// them: under which alias, text says. lack is why there are none.
func valuesFor(fields []flexie.Field, name string, now time.Time) (values *flexie.Object, text, lack string) {
	values = flexie.NewObject()
	for _, alias := range []string{"last_name", "lastname", "name", "first_name", "firstname"} {
		if slices.ContainsFunc(fields, func(f flexie.Field) bool { return f.Alias == alias }) {
			text = alias
			break
		}
	}
	if text == "" {
		return nil, "", "contacts have no field that is called like a name"
	}
	values.Set(text, name)
	for _, f := range fields {
		if !f.Required || f.Alias == text {
			continue
		}
		value := valueFor(f, name, now)
		if value == nil {
			return nil, "", "contacts have a required field of type " + typeWord(f.Type) + ", for which no value is known"
		}
		values.Set(f.Alias, value)
	}
	return values, text, ""
}

// valueFor is a value for a required field; nil if none is known.
func valueFor(f flexie.Field, name string, now time.Time) any {
	switch strings.ToLower(f.Type) {
	case "text", "textarea":
		return name
	case "email":
		return strings.NewReplacer(" ", "-", ":", "").Replace(name) + "@example.invalid"
	case "number", "integer", "currency":
		return json.Number("1")
	case "boolean":
		return false
	case "date":
		return now.UTC().Format(time.DateOnly)
	case "datetime":
		return now.UTC().Format(time.DateTime)
	case "select", "radio", "dropdown":
		if len(f.Options) > 0 {
			return f.Options[0].Value
		}
	}
	return nil
}

// compare reads it back: whose it is, when it was made, and what it holds.
func (w *writing) compare(ctx context.Context) {
	record, err := w.of.Get(ctx, w.id)
	if err != nil {
		w.tell("read back", w.p.failure(err, exchange{}))
		return
	}
	w.made = record
	w.judgeOwner(record)
	w.judgeClock(record)
	for alias, sent := range w.values.All() {
		if got := record.Values.Get(alias); !isSame(sent, got) {
			w.tell("read back", warning("a value came back as another one than was sent", "please open an issue with this report").with(fmt.Sprintf("%s: %v became %v", alias, sent, got)))
			return
		}
	}
	w.tell("read back", ok("the contact was read back with what was sent"))
}

func isSame(sent, got any) bool {
	return fmt.Sprint(sent) == fmt.Sprint(got) || isYes(sent) == isYes(got) && fmt.Sprint(sent) == "false"
}

func (w *writing) judgeOwner(record flexie.Record) {
	by, isNumber := numberOf(record.Values.Get("created_by"))
	switch {
	case w.p.self.ID == "":
	case !isNumber:
		w.p.judge("created-by-key", no("what was made does not say by whom"))
	case by != w.p.self.ID:
		w.p.judge("created-by-key", no("what was made has another user than that of the key"))
	default:
		w.p.judge("created-by-key", yes("what was made has the key's user"))
	}
}

// judgeClock compares when it was made with Flexie's clock, both as they are said.
func (w *writing) judgeClock(record flexie.Record) {
	text, _ := record.Values.Get("date_added").(string)
	at, isTime := flexie.Moment(text)
	if !isTime || w.theirs.IsZero() {
		return
	}
	if off := at.Sub(w.theirs); off.Abs() > 10*time.Minute {
		w.p.judge("times-are-utc", no("what was made just now has a time that is off by %s", off.Round(time.Minute)))
		return
	}
	w.p.judge("times-are-utc", yes("what was made just now has the time of now, in UTC"))
}

// tick is longer than what Flexie's times are told apart by.
const tick = 1100 * time.Millisecond

// change changes it, and looks whether that shows in its time of change.
func (w *writing) change(ctx context.Context) {
	before, _ := w.made.Values.Get("date_modified").(string)
	w.p.o.Pause(ctx, tick)
	changed := flexie.NewObject()
	changed.Set(w.text, w.name+" changed")
	ctx, heard := listening(ctx)
	if _, err := w.of.Update(ctx, w.id, changed); err != nil {
		e := heard.last("contacts.update")
		w.judgeSuccess(err, e)
		w.tell("change", w.p.failure(err, e))
		return
	}
	record, err := w.of.Get(ctx, w.id)
	switch {
	case err != nil:
		w.tell("change", w.p.failure(err, heard.last("contacts.get")))
		return
	case record.Values.Get(w.text) != w.name+" changed":
		w.tell("change", wrong("Flexie took the change, and it did not happen", "please open an issue with this report"))
		return
	}
	after, _ := record.Values.Get("date_modified").(string)
	if after == "" || after == before {
		w.p.judge("modified-time", no("a change does not show in date_modified"))
	} else {
		w.p.judge("modified-time", yes("a change shows in date_modified"))
	}
	w.tell("change", ok("the contact was changed"))
}

// note writes one on it, looks what it says it is on, and deletes it.
func (w *writing) note(ctx, cleaning context.Context) {
	text := w.name
	ctx, heard := listening(ctx)
	note, err := w.c.AddNote(ctx, "contact", w.id, flexie.Note{Text: &text})
	if err != nil {
		if flexie.KindOf(err) == flexie.NotFound || isRefused(err) {
			w.p.judge("note-entity-type", no("a note on a contact by that word is refused"))
		}
		w.tell("note", w.p.failure(err, heard.last("notes.create")))
		return
	}
	w.p.judge("note-entity-type", yes("a note on a contact takes the word contact; custom tables were not tried"))
	id, isID := flexie.ParseID(note.ID)
	if !isID {
		w.tell("note", warning("the note was made, and its id not told", "nothing: it goes with the contact"))
		return
	}
	if read, err := w.c.Note(ctx, id); err == nil {
		w.p.judge("note-entity", noteIsOn(read, "contact", w.id.String()))
	}
	if err := w.c.DeleteNote(cleaning, id); err != nil {
		w.tell("note", warning("a note was made on the contact, and could not be deleted", "nothing, if the contact is deleted below; else delete it in Flexie").with("note "+id.String()+": "+err.Error()))
		return
	}
	w.tell("note", ok("a note on the contact was made and deleted"))
}

// remove deletes the contact, and looks whether it is gone.
func (w *writing) remove(ctx context.Context) {
	if w.id == 0 {
		w.mayBeLeft(ctx)
		return
	}
	ctx, heard := listening(ctx)
	err := w.of.Delete(ctx, w.id)
	w.judgeDeletion(err, heard.last("contacts.delete"))
	_, after := w.of.Get(ctx, w.id)
	switch {
	case flexie.KindOf(after) == flexie.NotFound:
		w.tell("delete", ok("the contact was deleted: nothing is left"))
	case after == nil:
		w.tell("delete", w.left("could not be deleted, and is still there", err))
	default:
		w.tell("delete", w.left("may still be there: it could not be looked", err))
	}
}

func (w *writing) judgeDeletion(err error, e exchange) {
	if isOddAnswer(err, e) {
		w.p.judge("success-shape", no("deleting was answered by something that can't be read"))
	}
}

// left says exactly what is left behind, and how to remove it.
func (w *writing) left(what string, err error) Finding {
	f := wrong(fmt.Sprintf("the contact of the test, with the id %s, %s", w.id, what),
		fmt.Sprintf("delete the contact whose name begins with %q in Flexie, or run: flexie-mcp call delete_contact '{\"id\":%s}' --yes", w.name, w.id))
	if err != nil {
		f.Detail = err.Error()
	}
	return f
}

// mayBeLeft looks once more for a contact whose making was not answered.
func (w *writing) mayBeLeft(context.Context) {
	last := w.found[len(w.found)-1]
	if last.Result == Skipped || !strings.HasPrefix(last.Name, "create") {
		return
	}
	w.tell("delete", skipped(fmt.Sprintf("no contact named %q was found: there is nothing to delete, as far as can be told", w.name)))
}
