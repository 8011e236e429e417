package tools

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/resources"
)

// call tells a call from others, however its record stands.
func (who Caller) call(t Tool, arguments json.RawMessage) confirm.Binding {
	return confirm.Binding{
		Caller:    who.Workspace + "\n" + who.Name,
		Tool:      t.Name,
		Arguments: confirm.Canonical(arguments),
	}
}

// binding is all that a yes is a yes to.
func (a *attempt) binding(ctx context.Context, purpose string) confirm.Binding {
	b := a.who.call(a.tool, a.arguments)
	b.Purpose = purpose
	b.State = fmt.Sprintf("%s\n%d", a.write.fingerprint(a.shown(ctx)), a.repeated.ID)
	return b
}

// shown are the further parts of the preview, read once.
func (a *attempt) shown(ctx context.Context) []resources.Part {
	if a.parts == nil && a.write.shows != nil {
		a.parts = a.write.shows(ctx)
	}
	return a.parts
}

// fingerprint is what a preview was made of, apart from how it was put: what is
// there, what would become of it, by ids, and what hangs on it. Names beside ids
// are not of it, nor times as a zone has them: they may not be known the next time.
func (w Write) fingerprint(shown []resources.Part) string {
	state := []any{w.endpoint, w.of.name, w.of.table, w.id, w.does, w.state, w.own}
	for _, c := range w.changes {
		state = append(state, c.Field, plainID(c.From), plainID(c.To))
	}
	if w.state == "" && w.before.Values != nil {
		state = append(state, steady(w.before))
	}
	for _, p := range shown {
		if p.Title == hangsOnIt {
			for _, v := range p.Values {
				state = append(state, v.Name, v.Text)
			}
		}
	}
	return hashed(state)
}

// steady is what of a record does not depend on what could be looked up.
func steady(r flexie.Record) *flexie.Object {
	values := flexie.NewObject()
	for name, value := range r.Values.All() {
		if name != "owner" && name != "created_by_user" && name != "modified_by_user" {
			values.Set(name, plainID(value))
		}
	}
	return values
}

// hangsOnIt is the title of what a record takes with it when it is deleted.
const hangsOnIt = "What hangs on it"

func hashed(values []any) string {
	sum := sha256.Sum256(encoded(values))
	return hex.EncodeToString(sum[:])
}
