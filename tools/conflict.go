package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// conflict is what has been changed since a change was made, or at the same time.
type conflict struct {
	fields []string // all of them
	said   []string // by whom which were changed
	part   resources.Part
}

// byWhom sorts fields by who changed them.
type byWhom struct {
	who    []string
	fields map[string][]string
}

func (b *byWhom) add(who, field string) {
	if b.fields == nil {
		b.fields = map[string][]string{}
	}
	if b.fields[who] == nil {
		b.who = append(b.who, who)
	}
	b.fields[who] = append(b.fields[who], resources.Named(field))
}

// say makes a sentence for each of who there is, of who and what they changed.
func (b *byWhom) say(sentence string) (said []string) {
	for _, who := range b.who {
		said = append(said, fmt.Sprintf(sentence, resources.Capital(who), strings.Join(b.fields[who], ", ")))
	}
	return said
}

// conflicts looks whether what a change has made is still so. What is gone the
// tool that takes it back will find.
func conflicts(ctx context.Context, who Caller, e journal.Entry) (conflict, error) {
	of, ok := subjectNamed(e.Kind, e.Table)
	id, hasID := flexie.ParseID(e.Record)
	if !ok || !hasID || !slices.Contains([]act{updates, finishes, reopens, creates}, act(e.Act)) {
		return conflict{}, nil
	}
	now, err := of.read(ctx, who.Client, id)
	switch {
	case flexie.KindOf(err) == flexie.NotFound:
		return conflict{}, nil
	case err != nil:
		return conflict{}, beforehand(err)
	}
	found := conflict{part: resources.Part{Title: "Changed since", Table: resources.Table{Columns: []string{"field", "after the change", "now"}}}}
	others, err := who.ofItsRecord(ctx, e)
	if err != nil {
		return conflict{}, err
	}
	var since, meanwhile byWhom
	for _, was := range afterwards(e) {
		value := valueOf(now, was.Field)
		isBack := act(e.Act) != creates && same(value, was.From)
		switch {
		case was.To == hidden || isBack:
		case !same(value, was.To):
			since.add(who.changedBy(others, e, was.Field, value), was.Field)
			found.part.Table.Add(was.Field, was.To, value)
		case act(e.Act) != creates:
			if other := who.atOnce(others, e, was); other != "" {
				meanwhile.add(other, was.Field)
			}
		}
	}
	lost := "overwritten"
	if act(e.Act) == creates {
		lost = "lost"
	}
	found.fields = slices.Concat(since.all(), meanwhile.all())
	found.said = append(since.say("%s has changed it since: %s would be "+lost), meanwhile.say("%s changed it at the same time: of %s an older value would be put back")...)
	return found, nil
}

func (b *byWhom) all() (fields []string) {
	for _, who := range b.who {
		fields = append(fields, b.fields[who]...)
	}
	return fields
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

// recordOf is a record of which the values were kept, as JSON.
func recordOf(data json.RawMessage) flexie.Record {
	v, _ := flexie.DecodeJSON(data)
	o, _ := v.(*flexie.Object)
	return flexie.Record{ID: resources.Cell(o.Get("id")), Values: o}
}
