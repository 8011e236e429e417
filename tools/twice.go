package tools

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// againWithin is for how long the same write is taken for a repetition that
// nobody wants: a client that gave up waiting tries again.
const againWithin = 10 * time.Minute

// beware makes a write that has just been made, and would be made a second
// time, one to be confirmed.
func (a *attempt) beware(ctx context.Context) error {
	if a.mayRepeat() {
		return nil
	}
	like := journal.Entry{Workspace: a.who.Workspace, Caller: a.who.Name, Same: a.same()}
	newest, err := a.who.Journal.Newest(ctx, like, time.Now().Add(-againWithin))
	if err != nil {
		return &Failure{err.Error(), err}
	}
	a.repeated = newest
	a.write.surely = a.write.surely || newest.ID != 0
	return nil
}

// mayRepeat reports whether the write may be made any number of times.
func (a *attempt) mayRepeat() bool {
	return a.who.Confirm == Never || a.who.undoing != nil || a.same() == ""
}

// begin records a write before it is sent: unless the same was begun meanwhile,
// which is then journal.ErrRepeats.
func (a *attempt) begin(ctx context.Context, e journal.Entry) (int64, error) {
	if a.mayRepeat() {
		return a.who.Journal.Begin(ctx, e)
	}
	return a.who.Journal.BeginUnless(ctx, e, time.Now().Add(-againWithin), a.repeated.ID)
}

// same is a sign of what would be made a second time: the same values for the
// same record, however they were written in the call; "" for writes that leave
// things as they are when made again. How many an email is sent to makes no other
// write of it, as they may be the same people.
func (a *attempt) same() string {
	w := a.write
	if w.act != creates && w.act != replies && w.act != sends {
		return ""
	}
	sign := []any{string(w.act), w.of.name, w.of.table, w.id}
	for _, name := range []string{"entity_type", "entity_id", "template"} {
		sign = append(sign, textOf(w.there.Get(name)))
	}
	if w.id == "" {
		sign = append(sign, textOf(w.there.Get("identifier")))
	}
	for _, c := range maskedChanges(w.changes) {
		if text := strings.TrimSpace(resources.Text(plainID(c.To))); text != "" {
			sign = append(sign, c.Field, text)
		}
	}
	return hashed(sign)
}

func (a *attempt) repeats() string {
	e := a.repeated
	ago := time.Since(e.Began).Round(time.Second)
	how := map[journal.Outcome]string{
		journal.Pending: "has been under way for %s", journal.Done: "was done %s ago", journal.Unknown: "may have been done %s ago",
	}[e.Outcome]
	how = fmt.Sprintf(how, ago)
	about := ""
	if e.Record != "" && a.write.act == creates {
		about = fmt.Sprintf(", %s %s", a.write.of.noun.One, resources.Named(e.Record))
	}
	return fmt.Sprintf("The very same %s (change %d%s): it would be done twice", how, e.ID, about)
}
