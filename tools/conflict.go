package tools

import (
	"context"
	"encoding/json"
	"slices"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// conflict is what has been changed since a change was made.
type conflict struct {
	fields []string
	part   resources.Part
}

// conflicts looks whether what a change has made is still so. What is gone the
// tool that takes it back will find.
func conflicts(ctx context.Context, c *flexie.Client, e journal.Entry) (conflict, error) {
	of, ok := subjectNamed(e.Kind, e.Table)
	id, hasID := flexie.ParseID(e.Record)
	if !ok || !hasID || !slices.Contains([]act{updates, finishes, reopens, creates}, act(e.Act)) {
		return conflict{}, nil
	}
	now, err := of.read(ctx, c, id)
	switch {
	case flexie.KindOf(err) == flexie.NotFound:
		return conflict{}, nil
	case err != nil:
		return conflict{}, beforehand(err)
	}
	found := conflict{part: resources.Part{Title: "Changed since", Table: resources.Table{Columns: []string{"field", "after the change", "now"}}}}
	for _, was := range afterwards(e) {
		value := valueOf(now, was.Field)
		if isBack := act(e.Act) != creates && same(value, was.From); was.To != hidden && !isBack && !same(value, was.To) {
			found.fields = append(found.fields, resources.Named(was.Field))
			found.part.Table.Add(was.Field, was.To, value)
		}
	}
	return found, nil
}

// afterwards are the values that a change left behind: those that Flexie
// answered with, as it may have written them in its own way.
func afterwards(e journal.Entry) []journal.Change {
	after := recordOf(e.After)
	changes := slices.Clone(e.Changes)
	for i, c := range changes {
		if c.To != hidden && has(after, c.Field) {
			changes[i].To = valueOf(after, c.Field)
		}
	}
	if act(e.Act) != creates || after.Values.Len() == 0 {
		return changes
	}
	for name, value := range after.Values.All() { // all of it would be lost
		given := slices.ContainsFunc(changes, func(c journal.Change) bool { return c.Field == name || snake(c.Field) == name })
		if !given && !flexie.IsOwn(name) {
			changes = append(changes, journal.Change{Field: name, To: plainID(value)})
		}
	}
	return changes
}

// recordOf is a record that the journal keeps.
func recordOf(data json.RawMessage) flexie.Record {
	v, _ := flexie.DecodeJSON(data)
	o, _ := v.(*flexie.Object)
	return flexie.Record{ID: resources.Cell(o.Get("id")), Values: o}
}
