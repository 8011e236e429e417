package tools

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// Shown is what a caller has been shown of records lately: a change is checked
// against it, so that what somebody else has changed meanwhile is not
// overwritten unseen. It is safe for concurrent use.
type Shown struct {
	shelf *ShownShelf
	mine  *shownRecords
}

// longestBy is the most of a user's name that is shown, in runes.
const longestBy = 100

// NewShown remembers nothing yet, for a caller who is alone.
func NewShown() *Shown { return NewShownShelf().Shown() }

// Keep remembers records that an answer, or a resource, shows.
func (s *Shown) Keep(all []resources.Shown) {
	if s == nil {
		return
	}
	for _, shown := range all {
		if values, err := flexie.EncodeJSON(shown.Record.Values); err == nil {
			s.shelf.keep(s.mine, shown.Address, string(values))
		}
	}
}

// Forget is for what is known to be gone, or another now, also by what the same
// caller did at another server.
func (s *Shown) Forget(address string) {
	if s != nil {
		s.shelf.forget(s.mine, address)
	}
}

func (s *Shown) of(address string) (flexie.Record, bool) {
	if s == nil || address == "" {
		return flexie.Record{}, false
	}
	values, ok := s.shelf.get(s.mine, address)
	return recordOf([]byte(values)), ok
}

// modified is when a record was last changed, "" where it does not say.
// Assumption: modified-time.
func modified(r flexie.Record) string { return resources.Cell(r.Values.Get("date_modified")) }

// forgetCase is for one that is named by its public identifier.
func (s *Shown) forgetCase(identifier string) {
	if s == nil || identifier == "" {
		return
	}
	for address, values := range s.shelf.all(s.mine) {
		if strings.Contains(values, `"identifier"`) && textOf(recordOf([]byte(values)).Values.Get("identifier")) == identifier {
			s.shelf.forget(s.mine, address)
		}
	}
}

// unchangedSinceShown refuses an update of what somebody else has changed since
// the caller last saw it, if it is about the same fields, and shows what it is
// now. Where it is about others it goes ahead, and says so.
func (a *attempt) unchangedSinceShown(ctx context.Context) error {
	w := &a.write
	address := w.of.at(w.id)
	shown, ok := a.who.Shown.of(address)
	if !ok || w.act != updates || a.who.undoing != nil || modified(shown) == modified(w.before) {
		return nil
	}
	table, overwritten := w.changedSince(shown)
	if len(table.Rows) == 0 && modified(shown) == "" {
		return nil // a list that does not say when: what it has is as it was
	}
	a.who.Shown.Keep([]resources.Shown{{Address: address, Record: w.before}})
	parts := []resources.Part{{Title: "Since you last read it", Values: []resources.Value{
		resources.ValueOf("changed by", cmp.Or(resources.Plain(w.before.Values.Get("modified_by_user"), longestBy), "somebody")),
		resources.ValueOf("at", w.before.Values.Get("date_modified")),
	}, Table: table}}
	if len(overwritten) == 0 {
		w.noticed, w.also = "It had been changed since you last read it, but none of the fields given.", parts
		return nil
	}
	summary := resources.Capital(w.of.title(w.before)) + " was changed since you last read it. Nothing was changed now."
	parts = append(parts, ours(fmt.Sprintf("Ask the user whether the new values are still right. If they are, make the same call again: it will overwrite %s.", strings.Join(overwritten, ", "))))
	answer := resources.Answer{Summary: summary, Parts: parts}
	if answer.HasTimes() {
		answer = answer.In(a.who.Client.ZoneShown(ctx))
	}
	return &Failure{answer.Text(), &flexie.Error{Kind: flexie.Conflict, Message: summary}}
}

// changedSince are the values that were others when they were shown, and of
// these the fields that would be overwritten.
func (w Write) changedSince(shown flexie.Record) (table resources.Table, overwritten []string) {
	table.Columns = []string{"field", "was", "is now"}
	for name, now := range w.before.Values.All() {
		given := slices.ContainsFunc(w.changes, func(c journal.Change) bool { return snake(c.Field) == name || c.Field == name })
		was := shown.Values.Get(name)
		if !shown.Values.Has(name) || flexie.IsOwn(name) && !given || same(plainID(was), plainID(now)) {
			continue
		}
		table.Add(name, was, now)
		if given {
			overwritten = append(overwritten, resources.Named(name))
		}
	}
	table.Narrow(longestChange)
	return table, overwritten
}
