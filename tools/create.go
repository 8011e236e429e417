package tools

import (
	"context"
	"errors"
	"fmt"
	"strconv"
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
	return defineFor(r.words, t, func(ctx context.Context, c *flexie.Client, a createArgs) (resources.Answer, error) {
		if a.Fields.Len() == 0 {
			return resources.Answer{}, wrong("fields is empty: give at least one value, like {\"name\":\"…\"}")
		}
		return creation{r, c, c.Records(r.kind, a.Table), a}.run(ctx)
	})
}

// creation is a call of a create tool under way.
type creation struct {
	records
	client *flexie.Client
	all    flexie.Records
	args   createArgs
}

func (n creation) run(ctx context.Context) (resources.Answer, error) {
	values, err := n.all.Check(ctx, n.args.Fields, n.args.IfExists != "update")
	switch {
	case err != nil:
		return resources.Answer{}, err
	case n.args.IfExists == "create_anyway":
		return n.create(ctx, values)
	}
	there, err := n.all.Existing(ctx, values)
	switch {
	case err != nil:
		return resources.Answer{}, n.notLooked(err)
	case n.args.IfExists == "update":
		return n.updateOr(ctx, there, values)
	case len(there.Records) > 0:
		return resources.Answer{}, n.isThere(ctx, there)
	}
	answer, err := n.create(ctx, values)
	if there.Untold {
		answer.Summary += " Duplicates were not looked for, as Flexie does not say which fields are unique."
	}
	return answer, err
}

func (n creation) create(ctx context.Context, values *flexie.Object) (resources.Answer, error) {
	record, err := n.all.Create(ctx, values)
	return wrote("Created", n.noun.In(n.args.Table), record), err
}

// updateOr changes the one record that is there, or creates one, which wants
// its required fields.
func (n creation) updateOr(ctx context.Context, there flexie.Existing, values *flexie.Object) (resources.Answer, error) {
	switch {
	case there.Untold:
		return resources.Answer{}, wrong("if_exists can't be update, as Flexie does not say which fields are unique: find it with search_%s, then update_%s by id", n.kind.Plural, n.kind.Name)
	case len(there.Records) > 1:
		return resources.Answer{}, n.isThere(ctx, there)
	case len(there.Records) == 0:
		values, err := n.all.Check(ctx, values, true)
		if err != nil {
			return resources.Answer{}, err
		}
		return n.create(ctx, values)
	}
	id, err := strconv.ParseInt(there.Records[0].ID, 10, 64)
	if err != nil {
		return resources.Answer{}, n.isThere(ctx, there)
	}
	record, err := n.all.Update(ctx, flexie.ID(id), values)
	verb := fmt.Sprintf("Updated the %s which was there already", n.noun.One)
	return wrote(verb, n.noun.In(n.args.Table), record), err
}

// isThere shows what is there already, and says what can be done with it.
func (n creation) isThere(ctx context.Context, there flexie.Existing) error {
	var by []string
	for _, f := range there.By {
		by = append(by, f.Alias)
	}
	a := resources.Answer{
		Summary: fmt.Sprintf("Nothing was created: there is a %s with this %s already.", n.noun.One, strings.Join(by, " and ")),
		Parts:   []resources.Part{resources.ListPart("Already there", n.noun, there.Records)},
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
	a.Parts = append(a.Parts, resources.Part{Text: next.String()})
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
