package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// about says what a kind of record is, for a model that must tell them apart.
var about = map[string]string{
	"contact":       "people you do business with",
	"lead":          "people who may become customers",
	"account":       "companies",
	"deal":          "sales opportunities in a pipeline",
	"case":          "support tickets",
	"custom_record": "rows of the workspace's own tables",
}

// recordTools are the nine tools that every kind of record has.
func recordTools(kind flexie.Kind) []Tool {
	r := records{kind, resources.NounOf(kind), wordsOf(kind)}
	all := []Tool{
		r.search(), r.get(), r.create(), r.update(), r.delete(),
		r.describe(), r.lists(), r.addToList(), r.removeFromList(),
	}
	for i, t := range all {
		all[i].Core = !kind.Custom() && i < 6 && t.Act != Delete
		if !kind.Custom() {
			schema.Without(t.Schema, "table")
		}
		if charts[kind.Name] == "" {
			schema.Without(t.Schema, "chart")
		}
	}
	return all
}

type records struct {
	kind  flexie.Kind
	noun  resources.Noun
	words *strings.Replacer
}

// wordsOf are what stands for the words in braces in declarations.
func wordsOf(kind flexie.Kind) *strings.Replacer {
	one := strings.ReplaceAll(kind.Name, "_", " ")
	article := "a "
	if strings.HasPrefix(one, "a") {
		article = "an "
	}
	return strings.NewReplacer(
		"{a record}", article+one, "{record}", one, "{records}", strings.ReplaceAll(kind.Plural, "_", " "),
		"{one}", kind.Name, "{many}", kind.Plural, "{about}", about[kind.Name], "{chart}", charts[kind.Name],
	)
}

// tool fills in what all tools of the kind share.
func (r records) tool(t Tool, endpoints ...string) Tool {
	t.Toolset = r.kind.Group
	for _, e := range endpoints {
		t.Endpoints = append(t.Endpoints, r.kind.Group+"."+e)
	}
	return t
}

func (r records) search() Tool {
	type args struct {
		tableArg
		searchArgs
		Columns []string `json:"columns" doc:"Field aliases."`
		Chart   bool     `json:"chart" doc:"{chart}"`
	}
	t := r.tool(Tool{
		Name: "search_{many}", Title: "Search {records}", Act: Read,
		Description: "Find {records} ({about}) by text, filters and order. Returns a table and the total. get_{one} reads one in full.",
	}, "list", "filter")
	return defineFor(r.words, t, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		q := a.query()
		if a.Chart {
			return r.chart(ctx, c, q)
		}
		page, err := c.Records(r.kind, a.Table).Search(ctx, q)
		return resources.ListAnswer(r.noun, page, q, a.Columns), err
	})
}

func (r records) get() Tool {
	type args struct {
		tableArg
		idArg
		Include []include `json:"include" doc:"What else to read with it."`
	}
	t := r.tool(Tool{
		Name: "get_{one}", Title: "Get {record}", Act: Read,
		Description: "Read all fields of one {record} by id. Notes, lists and workflows come only with include.",
	}, "get", "notes", "record_lists", "workflows")
	return defineFor(r.words, t, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		return withIncluded(ctx, c.Records(r.kind, a.Table), r.noun.In(a.Table), a.ID, a.Include)
	})
}

type updateArgs struct {
	tableArg
	ID          flexie.ID      `json:"id"`
	UniqueField string         `json:"unique_field" doc:"Instead of id: which unique field in fields names it, e.g. email."`
	Fields      *flexie.Object `json:"fields" jsonschema:"required" doc:"New values by field alias."`
}

func (r records) update() Tool {
	t := r.tool(Tool{
		Name: "update_{one}", Title: "Update {record}", Act: Change,
		Description: "Change the given fields of one {record}, named by id or by a unique field; others stay.",
	}, "update", "edit")
	return defineWriteFor(r.words, t, func(ctx context.Context, c *flexie.Client, a updateArgs) (Write, error) {
		if err := a.check(); err != nil {
			return Write{}, err
		}
		return a.plan(ctx, r, c.Records(r.kind, a.Table))
	})
}

// check refuses what names no record, or two, or changes nothing.
func (a updateArgs) check() error {
	switch {
	case (a.ID == 0) == (a.UniqueField == ""):
		return wrong("give either id or unique_field, to say which one to change")
	case a.Fields.Len() == 0:
		return wrong("nothing to change: give the new values in fields")
	}
	return nil
}

func (a updateArgs) plan(ctx context.Context, r records, all flexie.Records) (Write, error) {
	if a.ID == 0 {
		return a.planEdit(ctx, r, all)
	}
	values, err := all.Check(ctx, a.Fields, false)
	if err != nil {
		return Write{}, err
	}
	before, err := all.Get(ctx, a.ID)
	if err != nil {
		return Write{}, beforehand(err)
	}
	w := r.change(a.Table, before, values, "Updated")
	w.endpoint = r.kind.Group + ".update"
	w.send = func(ctx context.Context) (flexie.Record, error) { return all.Update(ctx, a.ID, values) }
	return w, nil
}

// change is the write that gives a record new values; without what sends it.
func (r records) change(table string, before flexie.Record, values *flexie.Object, verb string) Write {
	of := subjectOfRecords(r.kind, table)
	return Write{
		act: updates, of: of, id: before.ID, does: "update " + of.title(before),
		before: before, changes: changesOf(before, values),
		answer: func(record flexie.Record) resources.Answer { return wrote(verb, of.noun, record) },
	}
}

// beforehand is the error of a read that must come before a write.
func beforehand(err error) error {
	var e *flexie.Error
	if !errors.As(err, &e) || e.Kind == flexie.NotFound {
		return err
	}
	said := *e
	said.Message = "what is there could not be read before changing it: " + e.Message
	return &said
}

// needed is the error of a look before a write that the write must not go without.
// What this key can't see, or this version not read, is done without.
func needed(err error) error {
	if kind := flexie.KindOf(err); kind == flexie.Denied || kind == flexie.Unreadable {
		return nil
	}
	return err
}

func (r records) delete() Tool {
	type args struct {
		tableArg
		idArg
	}
	t := r.tool(Tool{
		Name: "delete_{one}", Title: "Delete {record}", Act: Delete,
		Description: "Delete one {record} for good, by id.",
	}, "delete")
	return defineWriteFor(r.words, t, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		all := c.Records(r.kind, a.Table)
		before, err := all.Get(ctx, a.ID)
		if err != nil {
			return Write{}, beforehand(err)
		}
		of := subjectOfRecords(r.kind, a.Table)
		return Write{
			act: deletes, of: of, id: a.ID.String(), endpoint: r.kind.Group + ".delete",
			does: "delete " + of.title(before), before: before,
			cautions: []string{"undo_change can make it again from what is recorded here, under a new id and " + withoutWhat(of, before)},
			shows:    func(ctx context.Context) []resources.Part { return hanging(ctx, c, of, before, a.ID) },
			send:     func(ctx context.Context) (flexie.Record, error) { return flexie.Record{}, all.Delete(ctx, a.ID) },
			answer: func(flexie.Record) resources.Answer {
				return changing(done("Deleted %s %d.", r.noun.One, a.ID), of.at(a.ID.String()))
			},
		}, nil
	})
}

// hanging are the record and how much hangs on it.
func hanging(ctx context.Context, c *flexie.Client, of subject, before flexie.Record, id flexie.ID) []resources.Part {
	all := c.Records(of.kind, of.table)
	parts := resources.RecordAnswer(of.noun, before).Parts
	on := resources.Part{Title: hangsOnIt}
	for _, more := range []struct {
		name string
		read func(flexie.Records, context.Context, flexie.ID) (flexie.Page, error)
	}{{"notes", flexie.Records.NotesOf}, {"lists", flexie.Records.ListsOf}, {"workflows", flexie.Records.WorkflowsOf}} {
		found, err := more.read(all, ctx, id)
		on.Values = append(on.Values, howManyOf(more.name, found, err))
	}
	switch of.kind {
	case flexie.Case:
		found, err := c.CaseReplies(ctx, flexie.CaseRef{ID: id})
		on.Values = append(on.Values, howManyOf("replies", found, err))
	case flexie.Account:
		on.Values = append(on.Values, resources.Value{Name: "its contacts, deals and cases", Text: "not counted here"})
	}
	return append(parts, on)
}

func howManyOf(name string, found flexie.Page, err error) resources.Value {
	if err != nil {
		return resources.Value{Name: name, Text: "could not be read"}
	}
	return resources.Value{Name: name, Text: resources.HowMany(found)}
}

// withoutWhat is what does not come back of a record that is deleted and made
// again.
func withoutWhat(of subject, before flexie.Record) string {
	if of.kind == flexie.Case {
		return "without its conversation, history, notes and lists, and without " + publicIdentifier(before)
	}
	return "without its history, notes and lists"
}

func (r records) describe() Tool {
	t := r.tool(Tool{
		Name: "describe_{one}_fields", Title: "Describe {record} fields", Act: Read,
		Description: "List the fields of {records} here: alias, label, type, allowed values, what is required or unique. Call it before writing or filtering.",
	}, "fields", "field_categories")
	return defineFor(r.words, t, func(ctx context.Context, c *flexie.Client, a tableArg) (resources.Answer, error) {
		all := c.Records(r.kind, a.Table)
		fields, err := all.Fields(ctx)
		if err != nil {
			return resources.Answer{}, err
		}
		categories, err := all.FieldCategories(ctx)
		return resources.FieldsAnswer(r.noun, fields, categories), err
	})
}

func (r records) lists() Tool {
	type args struct {
		tableArg
		Search string `json:"search" doc:"Text in the name."`
		Start  int    `json:"start" jsonschema:"minimum=0" doc:"How many to skip."`
	}
	t := r.tool(Tool{
		Name: "list_{one}_lists", Title: "List {record} lists", Act: Read,
		Description: "List the lists (segments) that {records} can be on, with their ids; search narrows by name.",
	}, "all_lists", "filter_lists")
	return defineFor(r.words, t, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		all, q := c.Records(r.kind, a.Table), flexie.Query{Search: strings.TrimSpace(a.Search), Start: a.Start}
		if q.Search == "" && q.Start == 0 {
			lists, err := all.Lists(ctx)
			return resources.ListAnswer(resources.List, whole(lists), q, nil), err
		}
		page, err := all.FilterLists(ctx, q)
		return resources.ListAnswer(resources.List, page, q, nil), err
	})
}

type onListArgs struct {
	tableArg
	ListID ref       `json:"list_id" jsonschema:"required" doc:"The list's id or name."`
	ID     flexie.ID `json:"id" jsonschema:"required" doc:"The {record}'s id."`
}

// list is the id of the list that is meant.
func (a onListArgs) list(ctx context.Context, all flexie.Records) (flexie.ID, error) {
	id, err := all.ListID(ctx, string(a.ListID))
	return id, flexie.In("list_id", err)
}

// listName is the list as it was given, with its id.
func (a onListArgs) listName(id flexie.ID) string {
	if given := strings.TrimSpace(string(a.ListID)); given != id.String() {
		return resources.Named(given) + " (" + id.String() + ")"
	}
	return id.String()
}

func (r records) addToList() Tool {
	return r.onList(Tool{
		Name: "add_{one}_to_list", Title: "Add {record} to list", Act: Mark,
		Description: "Put {a record} on a list (segment).",
	}, "add_to_list", lists, flexie.Records.AddToList)
}

func (r records) removeFromList() Tool {
	return r.onList(Tool{
		Name: "remove_{one}_from_list", Title: "Remove {record} from list", Act: Mark,
		Description: "Take {a record} off a list (segment). The {record} itself stays.",
	}, "remove_from_list", unlists, flexie.Records.RemoveFromList)
}

// onList makes a tool that changes whether a record is on a list.
func (r records) onList(t Tool, endpoint string, does act, change func(flexie.Records, context.Context, flexie.ID, flexie.ID) error) Tool {
	put, sentence := "Put %s %d on list %s.", "put %s %d on list %s"
	if does == unlists {
		put, sentence = "Took %s %d off list %s.", "take %s %d off list %s"
	}
	return defineWriteFor(r.words, r.tool(t, endpoint), func(ctx context.Context, c *flexie.Client, a onListArgs) (Write, error) {
		all := c.Records(r.kind, a.Table)
		list, err := a.list(ctx, all)
		if err != nil {
			return Write{}, err
		}
		was, err := isOnList(ctx, all, a.ID, list.String())
		if needed(err) != nil {
			return Write{}, beforehand(err)
		}
		there, of := flexie.NewObject(), subjectOfRecords(r.kind, a.Table)
		there.Set("list", list.String())
		w := Write{
			act: does, of: of, id: a.ID.String(), endpoint: r.kind.Group + "." + endpoint,
			does: fmt.Sprintf(sentence, r.noun.One, a.ID, a.listName(list)) + of.inTable(), there: there, state: fmt.Sprint(was),
			changes: []journal.Change{{Field: "on list " + list.String(), From: was, To: does == lists}},
			send:    func(ctx context.Context) (flexie.Record, error) { return flexie.Record{}, change(all, ctx, list, a.ID) },
			answer: func(flexie.Record) resources.Answer {
				return done(put, r.noun.One, a.ID, a.listName(list))
			},
		}
		if err != nil {
			w.noUndo = "whether it was on the list before could not be read"
		}
		return w, nil
	})
}

// hasTable reports whether a kind of record wants a table.
func hasTable(t Tool) bool { return slices.Contains(t.Schema.Required, "table") }
