package tools

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// include names what can be read together with a record.
type include string

// JSONSchema implements jsonschema's own hook.
func (include) JSONSchema() *schema.Schema { return choice("notes", "lists", "workflows") }

// related is how each of them is read and shown.
var related = map[include]struct {
	title string
	noun  resources.Noun
	read  func(flexie.Records, context.Context, flexie.ID) (flexie.Page, error)
}{
	"notes":     {"Notes", resources.Note, flexie.Records.NotesOf},
	"lists":     {"Lists", resources.List, flexie.Records.ListsOf},
	"workflows": {"Workflows", resources.Workflow, flexie.Records.WorkflowsOf},
}

// withIncluded shows a record, and what is to be read with it. All is read side
// by side. If a part can't be read, the rest is given, and the part says why it
// is missing; fields that can't be read are no loss but for their arrangement.
func withIncluded(ctx context.Context, all flexie.Records, n resources.Noun, id flexie.ID, names []include) (resources.Answer, error) {
	slices.Sort(names)
	names = slices.Compact(names)
	parts := make([]resources.Part, len(names))
	var reads sync.WaitGroup
	for i, name := range names {
		reads.Go(func() { parts[i] = included(ctx, all, id, name) })
	}
	fields, ok := all.FieldsAtHand()
	if !ok {
		reads.Go(func() { fields, _ = all.KnownFields(ctx) })
	}
	record, err := all.Get(ctx, id)
	reads.Wait()
	answer := resources.GroupedAnswer(n, record, fields)
	answer.Parts = append(answer.Parts, parts...)
	return answer, err
}

func included(ctx context.Context, all flexie.Records, id flexie.ID, name include) resources.Part {
	r := related[name]
	page, err := r.read(all, ctx, id)
	if err != nil {
		return resources.Part{Title: fmt.Sprintf("%s could not be read", r.title), Text: sentence(err.Error())}
	}
	return resources.ListPart(r.title, r.noun, page)
}
