package tools

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

type createArgs struct {
	tableArg
	Fields   *flexie.Object `json:"fields" jsonschema:"required" doc:"Values by field alias; describe_{one}_fields lists them."`
	IfExists ifExists       `json:"if_exists"`
}

// ifExists says what to do where a record has the same unique field already.
type ifExists string

// JSONSchema implements jsonschema's own hook.
func (ifExists) JSONSchema() *schema.Schema { return choice("error", "update", "create_anyway") }

func (r records) create() Tool {
	t := r.tool(Tool{
		Name: "create_{one}", Title: "Create {record}", Act: Upsert,
		Description: "Create {a record}. If one with the same unique field exists, fails and shows it, unless if_exists says otherwise.",
	}, "create")
	return defineWriteFor(r.words, t, func(ctx context.Context, c *flexie.Client, a createArgs) (Write, error) {
		if a.Fields.Len() == 0 {
			return Write{}, wrong("fields is empty: give at least one value, like {\"name\":\"…\"}")
		}
		return creation{r, c, c.Records(r.kind, a.Table), a}.plan(ctx)
	})
}

// creation is a call of a create tool under way.
type creation struct {
	records
	client *flexie.Client
	all    flexie.Records
	args   createArgs
}

func (n creation) plan(ctx context.Context) (Write, error) {
	values, err := n.all.Check(ctx, n.args.Fields, n.args.IfExists != "update")
	switch {
	case err != nil:
		return Write{}, err
	case n.args.IfExists == "create_anyway":
		return n.create(values).lookingAround(ctx, n.client, flexie.NewObject()), nil
	}
	there, err := n.all.Existing(ctx, values)
	switch {
	case err != nil:
		return Write{}, n.notLooked(err)
	case n.args.IfExists == "update":
		return n.updateOr(ctx, there, values)
	case len(there.Records) > 0:
		return Write{}, n.isThere(ctx, there)
	}
	w := n.createAfter(ctx, there, values)
	if there.Untold {
		answer := w.answer
		w.answer = func(r flexie.Record) resources.Answer {
			a := answer(r)
			a.Summary += " Duplicates were not looked for, as Flexie does not say which fields are unique."
			return a
		}
	}
	return w, nil
}

func (n creation) create(values *flexie.Object) Write {
	of := subjectOfRecords(n.kind, n.args.Table)
	return Write{
		act: creates, of: of, does: "create a new " + n.noun.One + of.inTable(), endpoint: n.kind.Group + ".create",
		changes: changesOf(flexie.Record{}, values), values: values, makes: n.all.Create,
		send:   func(ctx context.Context) (flexie.Record, error) { return n.all.Create(ctx, values) },
		answer: func(r flexie.Record) resources.Answer { return wrote("Created", of.noun, r) },
	}
}

// createAfter is create after a look for those with the same unique values: if
// it had any to look for, there is no other to be taken for the new one.
func (n creation) createAfter(ctx context.Context, looked flexie.Existing, values *flexie.Object) Write {
	w, there := n.create(values), flexie.NewObject()
	if len(looked.Sought) == 0 {
		return w.lookingAround(ctx, n.client, there)
	}
	there.Set("there", idsOf(looked.Records))
	w.there = there
	return w
}

// lookingAround notes what is there already and looks like what is to be made,
// so that it is not taken for that later. What can't be looked for is not noted.
func (w Write) lookingAround(ctx context.Context, c *flexie.Client, there *flexie.Object) Write {
	if alike, err := w.of.like(ctx, c, w.changes, there); err == nil {
		there.Set("there", idsOf(alike))
	}
	w.there = there
	return w
}

// updateOr changes the one record that is there, or creates one, which wants
// its required fields.
func (n creation) updateOr(ctx context.Context, there flexie.Existing, values *flexie.Object) (Write, error) {
	switch {
	case there.Untold:
		return Write{}, wrong("if_exists can't be update, as Flexie does not say which fields are unique: find it with search_%s, then update_%s by id", n.kind.Plural, n.kind.Name)
	case len(there.Records) > 1:
		return Write{}, n.isThere(ctx, there)
	case len(there.Records) == 0:
		values, err := n.all.Check(ctx, values, true)
		if err != nil {
			return Write{}, err
		}
		return n.createAfter(ctx, there, values), nil
	}
	before, err := n.whole(ctx, n.all, there.Records[0])
	if err != nil {
		return Write{}, beforehand(err)
	}
	id, _ := flexie.ParseID(before.ID)
	w := n.change(n.args.Table, before, values, fmt.Sprintf("Updated the %s which was there already", n.noun.One))
	update := n.update()
	w.endpoint, w.as = n.kind.Group+".update", &update
	w.send = func(ctx context.Context) (flexie.Record, error) { return n.all.Update(ctx, id, values) }
	return w, nil
}

// isThere shows what is there already, and says what can be done with it.
func (n creation) isThere(ctx context.Context, there flexie.Existing) error {
	var by []string
	for _, f := range there.By {
		by = append(by, f.Alias)
	}
	a := resources.Answer{
		Summary: fmt.Sprintf("Nothing was created: there is a %s with this %s already.", n.noun.One, strings.Join(by, " and ")),
		Parts:   []resources.Part{resources.ListPart("Already there", n.noun, whole(there.Records))},
	}
	var next strings.Builder
	for _, r := range there.Records {
		address := n.noun.In(n.args.Table).At(r.ID)
		fmt.Fprintf(&next, "%s %s is %s. To change it: update_%s with id %s.\n", resources.Capital(n.noun.One), r.ID, address, n.kind.Name, r.ID)
	}
	if len(there.Records) == 1 && n.args.IfExists != "update" {
		next.WriteString("if_exists update does that in one call; ")
	}
	next.WriteString("if_exists create_anyway makes another.")
	a.Parts = append(a.Parts, ours(next.String()))
	if a.HasTimes() {
		a = a.In(n.client.ZoneShown(ctx))
	}
	return &Failure{a.Text(), &flexie.Error{Kind: flexie.Conflict, Message: a.Summary}}
}

// notLooked is the failure of a look that must come before the creation.
func (n creation) notLooked(err error) error {
	var e *flexie.Error
	if !errors.As(err, &e) {
		return err
	}
	said := *e
	said.Message = fmt.Sprintf("whether the %s is there already could not be looked up (if_exists create_anyway does not look): %s", n.noun.One, e.Message)
	return &said
}
