package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"flexie-mcp/resources"
)

// findTools finds among the tools allowed, most of which need not be offered. It
// leaves out those that the caller may not use.
func findTools(allowed []Tool) Tool {
	type args struct {
		Query string `json:"query" doc:"In plain words, e.g. close a ticket. Without it: the names of all."`
		Limit int    `json:"limit" jsonschema:"minimum=1,maximum=10" doc:"Default 5."`
	}
	indexed := sync.OnceValue(func() index { return newIndex(allowed) }) // most sessions never ask
	return defineCall(strings.NewReplacer(), Tool{
		Name: "find_tools", Title: "Find tools", Act: Read, Toolset: discover, Core: true,
		Description: "Find the tools of this CRM that are not listed here by what they do, with the arguments they take: contacts, leads, accounts, deals, cases, custom records, tasks, notes, lists, emails, workflows, forms, pages, reports, users, roles.",
	}, func(_ context.Context, who Caller, a args) (resources.Answer, error) {
		mayNot := func(t Tool) bool { return who.allowed(t) != nil }
		usable := slices.DeleteFunc(slices.Clone(allowed), mayNot)
		question := strings.TrimSpace(a.Query)
		if question == "" {
			return overview(fmt.Sprintf("%d tools.", len(usable)), usable), nil
		}
		if a.Limit == 0 {
			a.Limit = 5
		}
		x := indexed()
		x.entries = slices.DeleteFunc(slices.Clone(x.entries), func(e entry) bool { return mayNot(e.tool) })
		found := x.best(question, a.Limit)
		if len(found) == 0 {
			return overview(fmt.Sprintf("No tool fits %s. These are all %d.", resources.Quote(question), len(usable)), usable), nil
		}
		for i, t := range found {
			found[i] = Tailor(t, who.Client.Known())
		}
		return foundAnswer(question, found), nil
	})
}

func foundAnswer(question string, found []Tool) resources.Answer {
	best := "Tools for %s, the best first."
	if len(found) == 1 {
		best = "The tool for %s."
	}
	a := resources.Answer{Summary: fmt.Sprintf(best+" Those marked read run by run_tool, the others by run_write_tool.", resources.Quote(question))}
	for _, t := range found {
		a.Parts = append(a.Parts, resources.Part{
			Title: fmt.Sprintf("%s: %s (%s)", t.Name, t.Title, t.Act.Name),
			Text:  t.Description + "\n" + signature(t.Schema),
			Ours:  true,
		})
	}
	a.Parts = append(a.Parts, insides(found)...)
	return a
}

// overview lists all tools by toolset, by name alone.
func overview(summary string, all []Tool) resources.Answer {
	part := resources.Part{Ours: true}
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
