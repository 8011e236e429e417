package tools

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// opposite is the call that takes a change back.
type opposite struct {
	tool      string
	arguments *flexie.Object
	missing   []string // what does not come back
}

func (o opposite) call(dryRun bool, confirm string) json.RawMessage {
	if dryRun {
		o.arguments.Set("dry_run", true)
	}
	if confirm != "" {
		o.arguments.Set("confirm", confirm)
	}
	return encoded(o.arguments)
}

// times tells which values are moments.
type times func(name string) bool

// timesIn are those of what a change is about: a text that only reads like a
// moment must come back as it was. Where the workspace does not tell its fields,
// no value is taken for a moment on the way out either.
func timesIn(ctx context.Context, c *flexie.Client, e journal.Entry) times {
	of, _ := subjectNamed(e.Kind, e.Table)
	if !of.isRecord() {
		return func(name string) bool { return name == "due_date" || name == "datetime" }
	}
	fields, _ := c.Records(of.kind, of.table).KnownFields(ctx)
	return func(name string) bool {
		return slices.ContainsFunc(fields, func(f flexie.Field) bool {
			return f.Alias == name && strings.EqualFold(f.Type, "datetime")
		})
	}
}

// noTimes takes no value for a moment.
func noTimes(string) bool { return false }

// inverse is the call that takes a change back, or why there is none.
func inverse(e journal.Entry, at times) (opposite, error) {
	switch {
	case e.Outcome == journal.Pending:
		return opposite{}, wrong("change %d is still under way", e.ID)
	case e.Outcome == journal.NotDone:
		return opposite{}, wrong("change %d did not happen, so there is nothing to take back", e.ID)
	case e.Outcome == journal.Unknown:
		return opposite{}, wrong("it is not known whether change %d happened: read the %s first, and put back by hand what is wrong", e.ID, e.Kind)
	case e.NoUndo != "":
		return opposite{}, wrong("change %d can't be taken back: %s", e.ID, e.NoUndo)
	}
	of, ok := subjectNamed(e.Kind, e.Table)
	if !ok {
		return opposite{}, wrong("change %d is about a %s, which this version does not know", e.ID, e.Kind)
	}
	o, err := inverting{e, of, at}.opposite()
	if err == nil && of.table != "" {
		o.arguments.Set("table", of.table)
	}
	return o, err
}

// inverting makes an opposite of an entry.
type inverting struct {
	e  journal.Entry
	of subject
	at times
}

func (x inverting) opposite() (opposite, error) {
	id, ok := flexie.ParseID(x.e.Record)
	if !ok {
		return opposite{}, wrong("change %d can't be taken back: the id of the %s is not known", x.e.ID, x.of.noun.One)
	}
	o := opposite{arguments: flexie.NewObject()}
	if act(x.e.Act) != deletes {
		o.arguments.Set("id", int64(id))
	}
	switch act(x.e.Act) {
	case creates:
		o.tool = "delete_" + x.of.name
	case finishes, reopens:
		return x.mark(o)
	case lists, unlists:
		return x.relist(o)
	case updates:
		return x.putBack(o)
	case deletes:
		return x.remake(o)
	default:
		return opposite{}, wrong("change %d can't be taken back", x.e.ID)
	}
	return o, nil
}

// unmoved is the error of a change that set a state that was set already: it
// stays, since something else has set it.
func (x inverting) unmoved() error {
	if len(x.e.Changes) == 0 || same(x.e.Changes[0].From, x.e.Changes[0].To) {
		return wrong("change %d changed nothing: it was so already", x.e.ID)
	}
	return nil
}

// movedNothing reports whether a change of what was there made no value another.
func movedNothing(e journal.Entry) bool {
	return slices.Contains([]act{updates, finishes, reopens, lists, unlists}, act(e.Act)) && len(e.Changes) > 0 && !slices.ContainsFunc(e.Changes, func(c journal.Change) bool {
		return c.To == hidden || !flexie.Same(c.From, c.To)
	})
}

// mark makes a task that was completed one to do, or the other way round.
func (x inverting) mark(o opposite) (opposite, error) {
	o.tool = "reopen_task"
	if act(x.e.Act) == reopens {
		o.tool, o.missing = "complete_task", []string{"when it had been done"}
	}
	return o, x.unmoved()
}

// relist takes a record off a list that it was put on, or the other way round.
func (x inverting) relist(o opposite) (opposite, error) {
	if err := x.unmoved(); err != nil {
		return o, err
	}
	o.tool = "remove_" + x.of.name + "_from_list"
	if act(x.e.Act) == unlists {
		o.tool = "add_" + x.of.name + "_to_list"
	}
	o.arguments.Set("list_id", thereOf(x.e).Get("list"))
	return o, nil
}

// unrecorded says of a secret why it does not come back.
const unrecorded = " (it is not recorded)"

// putBack gives a record the values that it had.
func (x inverting) putBack(o opposite) (opposite, error) {
	values := flexie.NewObject()
	for _, c := range x.e.Changes {
		switch {
		case c.To == hidden || c.From == hidden:
			o.missing = append(o.missing, resources.Named(c.Field)+unrecorded)
		case !x.of.isRecord() && isEmptyValue(c.From) && slices.Contains(unemptied, c.Field):
			if !isEmptyValue(c.To) {
				o.missing = append(o.missing, resources.Named(c.Field)+" (it was empty, and can't be emptied here)")
			}
		case !flexie.Same(c.From, c.To):
			values.Set(c.Field, x.value(c.Field, c.From))
		}
	}
	switch {
	case values.Len() == 0 && len(o.missing) == 0:
		return o, wrong("change %d changed nothing: it was so already", x.e.ID)
	case values.Len() == 0:
		return o, wrong("change %d left nothing to put back: no value became another but %s", x.e.ID, strings.Join(o.missing, ", "))
	}
	o.tool = "update_" + x.of.name
	o.setValues(x.of, values)
	return o, nil
}

// setValues gives values as the tool of a subject takes them: records in fields,
// others flat and in snake case.
func (o *opposite) setValues(of subject, values *flexie.Object) {
	if of.isRecord() {
		o.arguments.Set("fields", values)
		return
	}
	for name, value := range values.All() {
		if isEmptyValue(value) {
			value = ""
		}
		o.arguments.Set(snake(name), value)
	}
}

// unemptied are the values of what is no record that can be given, and not be
// taken away again.
var unemptied = []string{"owner_id", "association_type", "association_id", "remind_minutes", "category", "role", "isPublished", "is_completed"}

// value is one as it is to be given: a moment with its zone, so that it is not
// taken for the user's.
func (x inverting) value(name string, v any) any {
	text, ok := v.(string)
	if at, isMoment := flexie.Moment(text); ok && isMoment && x.at(name) {
		return at.UTC().Format("2006-01-02T15:04:05Z")
	}
	return v
}

func isEmptyValue(v any) bool { return resources.Text(v) == "" }
