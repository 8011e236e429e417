package tools

import (
	"context"
	"fmt"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// This file changes the record that a unique field names.

// planEdit plans a change of the record that a unique field names. It is looked
// up first: what is not found is not changed, and of two nobody knows which.
func (a updateArgs) planEdit(ctx context.Context, r records, all flexie.Records) (Write, error) {
	values, err := all.CheckEdit(ctx, a.UniqueField, a.Fields)
	if err != nil {
		return Write{}, err
	}
	named, err := r.named(ctx, all, a.UniqueField, values)
	switch {
	case err != nil:
		return Write{}, beforehand(err)
	case len(named) == 0:
		return Write{}, &flexie.Error{Kind: flexie.NotFound, Message: fmt.Sprintf("no %s has this %s", r.noun.One, a.UniqueField)}
	case len(named) > 1:
		return Write{}, wrong("%s have this %s: give the id of the one that is meant (search_%s shows them)", r.noun.Many, a.UniqueField, r.kind.Plural)
	}
	before, err := r.whole(ctx, all, named[0])
	if err != nil {
		return Write{}, beforehand(err)
	}
	w := r.change(a.Table, before, values, "Updated")
	w.endpoint = r.kind.Group + ".edit"
	w.send = func(ctx context.Context) (flexie.Record, error) { return all.Edit(ctx, values) }
	w.answer = a.tellingAnother(r.noun, before, w.answer)
	return w, nil
}

// tellingAnother is an answer that says first if Flexie has changed another
// record: the value that names it may have moved since the look.
func (a updateArgs) tellingAnother(n resources.Noun, before flexie.Record, answer func(flexie.Record) resources.Answer) func(flexie.Record) resources.Answer {
	return func(record flexie.Record) resources.Answer {
		said := answer(record)
		if isAnother(record, before) {
			said.Summary = fmt.Sprintf("ANOTHER %[1]s was changed than was looked at: %[1]s %[2]s, not %[1]s %[3]s. The %[4]s had moved to it just before. Read both, and put back by hand what is wrong. ",
				n.One, resources.Named(record.ID), before.ID, a.UniqueField) + said.Summary
		}
		return said
	}
}

// isAnother reports whether Flexie changed another record than the one that was
// read before.
func isAnother(changed, before flexie.Record) bool {
	return changed.ID != "" && before.ID != "" && changed.ID != before.ID
}

// named are the records that the value of a unique field names; two are enough
// to know that it names no one.
func (r records) named(ctx context.Context, all flexie.Records, unique string, values *flexie.Object) ([]flexie.Record, error) {
	there, err := all.Existing(ctx, values)
	if err != nil || !there.Untold {
		return there.Records, err
	}
	q := flexie.Query{Filters: []flexie.Filter{{Field: unique, Op: "is", Value: values.Get(unique)}}, Limit: 2}
	page, err := all.Search(ctx, q)
	return matching(page.Records, []journal.Change{{Field: unique, To: values.Get(unique)}}), err
}

// whole is all of a record that a list has shown: it may have left fields out.
func (r records) whole(ctx context.Context, all flexie.Records, listed flexie.Record) (flexie.Record, error) {
	id, ok := flexie.ParseID(listed.ID)
	if !ok {
		return flexie.Record{}, &flexie.Error{Kind: flexie.Unreadable, Message: fmt.Sprintf("Flexie found a %s whose id can't be read", r.noun.One)}
	}
	return all.Get(ctx, id)
}
