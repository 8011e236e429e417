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

func deleteTool(n resources.Noun, description string, remove remove) Tool {
	t := Tool{
		Name: "delete_" + n.One, Title: "Delete " + n.One, Description: description,
		Act: Delete, Toolset: n.Many, Endpoints: []string{n.Many + ".delete"},
	}
	return define(t, func(ctx context.Context, c *flexie.Client, a idArg) (resources.Answer, error) {
		err := remove(c, ctx, a.ID)
		return done("Deleted %s %d.", n.One, a.ID), err
	})
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
