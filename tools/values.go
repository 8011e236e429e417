package tools

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// valueOf is the value of a record by the name that Flexie takes it under. What
// it answers may be called otherwise: is_published, for isPublished.
func valueOf(r flexie.Record, name string) any {
	if !r.Values.Has(name) {
		name = snake(name)
	}
	return plainID(r.Values.Get(name))
}

// plainID is the id of what Flexie answers, or a client shows, with its name: a
// role, a category. It is taken by its id.
func plainID(v any) any {
	if o, ok := v.(*flexie.Object); ok && o.Has("id") {
		return o.Get("id")
	}
	return v
}

// has reports whether a record says anything of a value, by the name that Flexie
// takes it under.
func has(r flexie.Record, name string) bool { return r.Values.Has(name) || r.Values.Has(snake(name)) }

// snake is a name of Flexie's as arguments here are called: first_name, for
// firstName.
func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// same reports whether two values mean the same: a text is the same with its
// HTML or without.
func same(a, b any) bool {
	return flexie.Same(a, b) || resources.Text(a) == resources.Text(b)
}

// changesOf are what becomes of a record that is given new values.
func changesOf(before flexie.Record, values *flexie.Object) []journal.Change {
	var all []journal.Change
	for name, to := range values.All() {
		all = append(all, journal.Change{Field: name, From: valueOf(before, name), To: to})
	}
	return all
}

// wireValues are the values of a request's body, by Flexie's names.
func wireValues(body any) *flexie.Object {
	data, err := json.Marshal(body)
	if err != nil {
		return flexie.NewObject()
	}
	v, _ := flexie.DecodeJSON(data)
	o, _ := v.(*flexie.Object)
	for name, value := range o.All() {
		if text, ok := value.(string); ok && (name == "due_date" || name == "datetime") {
			if at, isMoment := flexie.Moment(text); isMoment {
				o.Set(name, at.UTC().Format("2006-01-02 15:04:05")) // as it is answered
			}
		}
	}
	return o
}

// like finds what has the same distinguishing values as what is to be made. The
// error is that they can't be looked for.
func (s subject) like(ctx context.Context, c *flexie.Client, changes []journal.Change, there *flexie.Object) ([]flexie.Record, error) {
	switch {
	case s.isRecord():
		return s.recordsLike(ctx, c.Records(s.kind, s.table), changes)
	case s.name == "note":
		return notesLike(ctx, c, changes, there)
	case s.name == "task":
		return searchLike(ctx, c, (*flexie.Client).SearchTasks, changes, "task")
	case s.name == "user":
		return searchLike(ctx, c, (*flexie.Client).SearchUsers, changes, "username", "email")
	}
	return nil, errNotLooked
}

var errNotLooked = wrong("what would tell it from others is not known")

func (s subject) recordsLike(ctx context.Context, all flexie.Records, changes []journal.Change) ([]flexie.Record, error) {
	fields, err := all.KnownFields(ctx)
	if err != nil {
		return nil, err
	}
	by := distinguishing(fields, changes)
	if len(by) == 0 {
		return nil, errNotLooked
	}
	q := flexie.Query{Limit: mostLike, OrderBy: "date_added", OrderDesc: true}
	for _, c := range by {
		q.Filters = append(q.Filters, flexie.Filter{Field: c.Field, Op: "is", Value: c.To})
	}
	page, err := all.Search(ctx, q)
	return matching(page.Records, by), err
}

// mostLike is how many of those that look the same are looked at.
const mostLike = 50

// distinguishing are the values that tell a record from others: one that is
// unique, or else up to three texts, the longest first.
func distinguishing(fields []flexie.Field, changes []journal.Change) []journal.Change {
	var texts []journal.Change
	for _, c := range changes {
		if textOf(c.To) == "" || c.To == hidden {
			continue
		}
		if slices.ContainsFunc(fields, func(f flexie.Field) bool { return f.Unique && f.Alias == c.Field }) {
			return []journal.Change{c}
		}
		text, _ := c.To.(string)
		if n := utf8.RuneCountInString(text); n >= 2 && n <= 200 && !strings.ContainsAny(text, "\n<") && isPlain(fields, c.Field) {
			texts = append(texts, c)
		}
	}
	slices.SortStableFunc(texts, func(a, b journal.Change) int { return len(b.To.(string)) - len(a.To.(string)) })
	return texts[:min(3, len(texts))]
}

// plainTypes are the types of fields whose values are kept as they are given.
var plainTypes = []string{"", "text", "email"}

func isPlain(fields []flexie.Field, alias string) bool {
	i := slices.IndexFunc(fields, func(f flexie.Field) bool { return f.Alias == alias })
	return i >= 0 && slices.Contains(plainTypes, strings.ToLower(fields[i].Type)) || len(fields) == 0
}

// matching are the records that have the values: Flexie may compare loosely, or
// not at all.
func matching(records []flexie.Record, by []journal.Change) []flexie.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r flexie.Record) bool {
		return slices.ContainsFunc(by, func(c journal.Change) bool { return !likeText(valueOf(r, c.Field), c.To) })
	})
}

func likeText(a, b any) bool {
	return same(a, b) || strings.EqualFold(resources.Text(a), resources.Text(b))
}

func searchLike(ctx context.Context, c *flexie.Client, find find, changes []journal.Change, names ...string) ([]flexie.Record, error) {
	for _, name := range names {
		for _, change := range changes {
			if change.Field != name || change.To == nil {
				continue
			}
			by := []journal.Change{change}
			q := flexie.Query{Filters: []flexie.Filter{{Field: name, Op: "is", Value: change.To}}, Limit: mostLike, OrderBy: "date_added", OrderDesc: true}
			page, err := find(c, ctx, q)
			return alikeInAll(matching(page.Records, by), changes), err
		}
	}
	return nil, errNotLooked
}

// alikeInAll are those that have no other value where one was given: a task of the
// same text for somebody else is another task.
func alikeInAll(found []flexie.Record, changes []journal.Change) []flexie.Record {
	return slices.DeleteFunc(found, func(r flexie.Record) bool {
		return slices.ContainsFunc(changes, func(c journal.Change) bool {
			value := valueOf(r, c.Field)
			return c.To != nil && c.To != hidden && !isEmptyValue(value) && !likeText(value, c.To)
		})
	})
}

func notesLike(ctx context.Context, c *flexie.Client, changes []journal.Change, there *flexie.Object) ([]flexie.Record, error) {
	id, ok := flexie.ParseID(textOf(there.Get("entity_id")))
	if !ok {
		return nil, errNotLooked
	}
	kind, table := recordKind(textOf(there.Get("entity_type")))
	notes, err := wholly(c.Records(kind, table).NotesOf(ctx, id))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(notes.Records, func(n flexie.Record) bool {
		return slices.ContainsFunc(changes, func(c journal.Change) bool {
			return c.Field == "text" && !likeText(n.Values.Get("text"), c.To)
		})
	}), nil
}

func textOf(v any) string { return resources.Cell(v) }

// isOnList reports whether a record is on a list.
func isOnList(ctx context.Context, all flexie.Records, id flexie.ID, list string) (bool, error) {
	on, err := all.ListsOf(ctx, id)
	if slices.ContainsFunc(on.Records, func(l flexie.Record) bool { return l.ID == list }) {
		return true, err
	}
	_, err = wholly(on, err)
	return false, err
}

// wholly is a list that must have been read to its end: what is not in it may be
// on a page that could not be read.
func wholly(p flexie.Page, err error) (flexie.Page, error) {
	if err == nil && p.More() > 0 {
		err = &flexie.Error{Kind: flexie.Unreadable, Message: fmt.Sprintf("there are more than the %d that could be read", len(p.Records))}
	}
	return p, err
}

// idsOf are the ids of records, as the journal keeps them.
func idsOf(records []flexie.Record) []any {
	ids := []any{}
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	return ids
}
