package tools

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// findTools finds among the tools allowed, most of which need not be offered.
func findTools(allowed []Tool) Tool {
	type args struct {
		Query string `json:"query" doc:"In plain words, e.g. close a ticket. Without it: the names of all."`
		Limit int    `json:"limit" jsonschema:"minimum=1,maximum=10" doc:"Default 5."`
	}
	indexed := sync.OnceValue(func() index { return newIndex(allowed) }) // most sessions never ask
	return define(Tool{
		Name: "find_tools", Title: "Find tools", Act: Read, Toolset: discover, Core: true,
		Description: "Find the tools of this CRM that are not listed here by what they do, with the arguments they take: contacts, leads, accounts, deals, cases, custom records, tasks, notes, lists, emails, workflows, forms, pages, reports, users, roles.",
	}, func(_ context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		question := strings.TrimSpace(a.Query)
		if question == "" {
			return overview(fmt.Sprintf("%d tools.", len(allowed)), allowed), nil
		}
		if a.Limit == 0 {
			a.Limit = 5
		}
		found := indexed().best(question, a.Limit)
		if len(found) == 0 {
			return overview(fmt.Sprintf("No tool fits %q. These are all %d.", question, len(allowed)), allowed), nil
		}
		for i, t := range found {
			found[i] = Tailor(t, c.Known())
		}
		return foundAnswer(question, found), nil
	})
}

func foundAnswer(question string, found []Tool) resources.Answer {
	best := "Tools for %q, the best first."
	if len(found) == 1 {
		best = "The tool for %q."
	}
	a := resources.Answer{Summary: fmt.Sprintf(best+" Those marked read run by run_tool, the others by run_write_tool.", question)}
	for _, t := range found {
		a.Parts = append(a.Parts, resources.Part{
			Title: fmt.Sprintf("%s: %s (%s)", t.Name, t.Title, t.Act.Name),
			Text:  t.Description + "\n" + signature(t.Schema),
		})
	}
	a.Parts = append(a.Parts, insides(found)...)
	return a
}

// overview lists all tools by toolset, by name alone.
func overview(summary string, all []Tool) resources.Answer {
	var part resources.Part
	for _, t := range all {
		last := len(part.Values) - 1
		if last < 0 || part.Values[last].Name != t.Toolset {
			part.Values = append(part.Values, resources.Value{Name: t.Toolset, Text: t.Name})
			continue
		}
		part.Values[last].Text += " " + t.Name
	}
	return resources.Answer{
		Summary: summary + " A query in plain words, like close a ticket, says how to call those that fit.",
		Parts:   []resources.Part{part},
	}
}
