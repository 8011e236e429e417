package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// remake makes a record again that was deleted, of what it was.
func (x inverting) remake(o opposite) (opposite, error) {
	before := recordOf(x.e.Before)
	if before.Values.Len() == 0 {
		return o, wrong("change %d can't be taken back: what was deleted is not recorded", x.e.ID)
	}
	o.missing = []string{"its id", "its history", "its notes and lists", "links to it from elsewhere"}
	values := flexie.NewObject()
	switch x.of.name {
	case "note":
		return x.remakeNote(o, before)
	case "task":
		o.tool, o.missing = "create_task", lostOfTask(before)
		x.pick(values, before, "task", "owner_id", "due_date", "association_type", "association_id", "reminder_type", "remind_minutes")
	default:
		o.tool = "create_" + x.of.name
		if x.of.kind == flexie.Case {
			o.missing = append(o.missing, "its conversation", publicIdentifier(before))
		}
		o.arguments.Set("if_exists", "create_anyway")
		if flexie.Same(before.Values.Get("is_published"), false) {
			o.missing = append(o.missing, "that it was not published")
		}
		for name, value := range before.Values.All() {
			switch {
			case flexie.IsOwn(name) || isEmptyValue(value):
			case value == hidden:
				o.missing = append(o.missing, resources.Named(name)+unrecorded)
			default:
				values.Set(name, x.value(name, value))
			}
		}
	}
	o.setValues(x.of, values)
	return o, nil
}

// publicIdentifier calls a case's, by which customers know it.
func publicIdentifier(r flexie.Record) string {
	if id := textOf(r.Values.Get("identifier")); id != "" {
		return "its public identifier " + resources.Quote(id)
	}
	return "its public identifier"
}

// lostOfTask is what a task can't be made again with.
func lostOfTask(before flexie.Record) []string {
	lost := []string{"its id", "its history"}
	if !isEmptyValue(before.Values.Get("category")) {
		lost = append(lost, "its category")
	}
	if flexie.Same(before.Values.Get("is_completed"), true) {
		lost = append(lost, "that it was done (is_completed: complete_task does that)")
	}
	return lost
}

// remakeNote writes a note again, on the record that it was on.
// Assumption: note-entity.
func (x inverting) remakeNote(o opposite, before flexie.Record) (opposite, error) {
	entity, id := before.Values.Get("entityType"), before.Values.Get("entityId")
	if isEmptyValue(entity) || isEmptyValue(id) {
		a := resources.Answer{
			Summary: fmt.Sprintf("Change %d can't be taken back here, as Flexie did not say which record the note was on. add_note writes it again, where that is known.", x.e.ID),
			Parts:   []resources.Part{{Title: "What it said", Text: resources.Text(before.Values.Get("text"))}},
		}
		return o, &Failure{a.Text(), nil}
	}
	o.tool, o.missing = "add_note", []string{"its id", "who wrote it"}
	o.arguments.Set("entity_type", entity)
	o.arguments.Set("entity_id", id)
	x.pick(o.arguments, before, "text", "type", "datetime")
	return o, nil
}

// pick copies the values that there are.
func (x inverting) pick(to *flexie.Object, from flexie.Record, names ...string) {
	for _, name := range names {
		if v := from.Values.Get(name); !isEmptyValue(v) && v != hidden {
			to.Set(name, x.value(name, v))
		}
	}
}

// remakes has a record made again without the values that Flexie does not take:
// those that it reckons itself, and ids of what is gone. What it refuses it has not
// done, so it can be sent once more.
func (u *undoing) remakes(w *Write) {
	send := w.send
	w.send = func(ctx context.Context) (flexie.Record, error) {
		record, err := send(ctx)
		refused := u.refused(ctx, w, err)
		if len(refused) == 0 {
			return record, err
		}
		taken := flexie.NewObject()
		for name, value := range w.values.All() {
			if !slices.Contains(refused, name) {
				taken.Set(name, value)
			}
		}
		if record, err = w.makes(ctx, taken); err == nil {
			var names []string
			for _, name := range refused {
				names = append(names, resources.Named(name))
			}
			w.notice("Flexie did not take back " + strings.Join(names, ", ") + ".")
		}
		return record, err
	}
}

// refused are the values that Flexie did not take, if it can do without all of
// them.
func (u *undoing) refused(ctx context.Context, w *Write, err error) []string {
	var e *flexie.Error
	if !errors.As(err, &e) || e.Kind != flexie.Invalid || e.Uncertain {
		return nil
	}
	fields, _ := u.client.Records(w.of.kind, w.of.table).KnownFields(ctx)
	var names []string
	for _, said := range e.Fields {
		vital := slices.ContainsFunc(fields, func(f flexie.Field) bool { return f.Alias == said.Field && (f.Required || f.Unique) })
		if vital || !w.values.Has(said.Field) {
			return nil
		}
		names = append(names, said.Field)
	}
	return names
}
