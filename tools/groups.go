package tools

import (
	"context"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// What tools of different groups have in common: a search, a read and a delete
// differ in names and in the client's method alone.

type (
	find    = func(*flexie.Client, context.Context, flexie.Query) (flexie.Page, error)
	read    = func(*flexie.Client, context.Context, flexie.ID) (flexie.Record, error)
	remove  = func(*flexie.Client, context.Context, flexie.ID) error
	readAll = func(*flexie.Client, context.Context) ([]flexie.Record, error)
)

func searchTool(n resources.Noun, description string, find find) Tool {
	t := Tool{
		Name: "search_" + n.Many, Title: "Search " + n.Many, Description: description,
		Act: Read, Toolset: n.Many, Endpoints: []string{n.Many + ".list", n.Many + ".filter"},
	}
	return define(t, func(ctx context.Context, c *flexie.Client, a searchArgs) (resources.Answer, error) {
		q := a.query()
		page, err := find(c, ctx, q)
		return resources.ListAnswer(n, page, q, nil), err
	})
}

func getTool(n resources.Noun, description string, read read) Tool {
	t := Tool{
		Name: "get_" + n.One, Title: "Get " + n.One, Description: description,
		Act: Read, Toolset: n.Many, Endpoints: []string{n.Many + ".get"},
	}
	return define(t, func(ctx context.Context, c *flexie.Client, a idArg) (resources.Answer, error) {
		record, err := read(c, ctx, a.ID)
		return resources.RecordAnswer(n, record), err
	})
}

func deleteTool(of subject, description string, remove remove) Tool {
	n := of.noun
	t := Tool{
		Name: "delete_" + n.One, Title: "Delete " + n.One, Description: description,
		Act: Delete, Toolset: n.Many, Endpoints: []string{n.Many + ".delete"},
	}
	return defineWrite(t, func(ctx context.Context, c *flexie.Client, a idArg) (Write, error) {
		before, err := of.read(ctx, c, a.ID)
		if err != nil {
			return Write{}, beforehand(err)
		}
		w := Write{
			act: deletes, of: of, id: a.ID.String(), endpoint: n.Many + ".delete",
			does: "delete " + of.title(before), before: before, noUndo: remakes[of.name],
			shows: func(context.Context) []resources.Part { return resources.RecordAnswer(n, before).Parts },
			send:  func(ctx context.Context) (flexie.Record, error) { return flexie.Record{}, remove(c, ctx, a.ID) },
			answer: func(flexie.Record) resources.Answer {
				return changing(done("Deleted %s %d.", n.One, a.ID), of.at(a.ID.String()))
			},
		}
		if w.noUndo == "" {
			w.cautions = []string{"undo_change can make it again from what is recorded here, under a new id and without its history"}
		}
		return w, nil
	})
}

// remakes are what can't be made again once it is deleted, and why.
var remakes = map[string]string{
	"workflow": "the API makes no workflows",
	"user":     "a user needs a password, which is not known",
}

// planUpdate plans a change of what has no fields of the workspace's own. body
// is what is sent.
func planUpdate(ctx context.Context, c *flexie.Client, of subject, id flexie.ID, body any, send func(context.Context) (flexie.Record, error)) (Write, error) {
	before, err := of.read(ctx, c, id)
	if err != nil {
		return Write{}, beforehand(err)
	}
	before = withoutSecrets(before)
	return Write{
		act: updates, of: of, id: id.String(), endpoint: of.noun.Many + ".update",
		does: "update " + of.title(before), before: before, changes: changesOf(before, wireValues(body)), send: send,
		answer: func(r flexie.Record) resources.Answer { return wrote("Updated", of.noun, withoutSecrets(r)) },
	}, nil
}

func categoriesTool(n resources.Noun, description string, read readAll) Tool {
	t := Tool{
		Name: "list_" + n.One + "_categories", Title: "List " + n.One + " categories", Description: description,
		Act: Read, Toolset: n.Many, Endpoints: []string{n.Many + ".categories"},
	}
	return define(t, func(ctx context.Context, c *flexie.Client, _ struct{}) (resources.Answer, error) {
		records, err := read(c, ctx)
		return resources.ListAnswer(resources.Category, whole(records), flexie.Query{}, nil), err
	})
}

// whole is a list that came in one piece.
func whole(records []flexie.Record) flexie.Page {
	return flexie.Page{Records: records, Total: int64(len(records))}
}

// inCore puts the named tools into the toolset core.
func inCore(names string, all ...Tool) []Tool {
	for i, t := range all {
		for _, name := range strings.Fields(names) {
			all[i].Core = all[i].Core || t.Name == name
		}
	}
	return all
}
