package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/progress"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// workspaceName is the tool that looks in every kind of record at once. It is of
// no group, so its toolset is core.
const workspaceName = "search_workspace"

// place is one thing that search_workspace looks in.
type place struct {
	name   string // as in its argument kinds
	title  string
	noun   resources.Noun
	tool   string // which searches it alone
	search func(context.Context, *flexie.Client, flexie.Query) (flexie.Page, error)
}

// places are those that need not be named by a table.
var places = func() []place {
	var all []place
	for _, kind := range flexie.Kinds {
		if !kind.Custom() {
			all = append(all, placeOf(kind, ""))
		}
	}
	return append(all, place{"task", "Tasks", resources.Task, "search_tasks", func(ctx context.Context, c *flexie.Client, q flexie.Query) (flexie.Page, error) {
		return searchTasks(c, ctx, q)
	}})
}()

func placeOf(kind flexie.Kind, table string) place {
	noun := resources.NounOf(kind)
	title := resources.Capital(noun.Many)
	if kind.Custom() {
		noun.Many = resources.Cell(table)
		title = noun.Many
	}
	return place{kind.Name, title, noun, "search_" + kind.Plural, func(ctx context.Context, c *flexie.Client, q flexie.Query) (flexie.Page, error) {
		return c.Records(kind, table).Search(ctx, q)
	}}
}

// placeName is a choice of places.
type placeName string

// JSONSchema implements jsonschema's own hook.
func (placeName) JSONSchema() *schema.Schema {
	var names []string
	for _, p := range places {
		names = append(names, p.name)
	}
	return choice(names...)
}

type workspaceArgs struct {
	Search string      `json:"search" jsonschema:"required" doc:"E.g. a name."`
	Kinds  []placeName `json:"kinds" doc:"Default all."`
	Tables []string    `json:"tables" doc:"Custom tables as well."`
	Limit  int         `json:"limit" jsonschema:"minimum=1,maximum=20" doc:"Per kind, default 5."`
}

// searchWorkspace looks where the tools of the kinds may look that are not
// excluded.
func searchWorkspace(excluded []string) Tool {
	t := Tool{
		Name: workspaceName, Title: "Search workspace", Act: Read, Toolset: "core", Core: true,
		Description: "Find a text in all kinds of records at once. Returns the best hits of each and what matched.",
		Endpoints:   []string{"tasks.list"},
	}
	for _, kind := range flexie.Kinds {
		t.Endpoints = append(t.Endpoints, kind.Group+".list")
	}
	return define(t, func(ctx context.Context, c *flexie.Client, a workspaceArgs) (resources.Answer, error) {
		a.Search = strings.Join(strings.Fields(a.Search), " ")
		if a.Search == "" {
			return resources.Answer{}, wrong("search is empty: give a text to find")
		}
		where, err := a.places(excluded)
		if err != nil {
			return resources.Answer{}, err
		}
		if a.Limit == 0 {
			a.Limit = 5
		}
		return answerOf(a, searchAll(ctx, c, where, a.Search))
	})
}

// places are those that are meant.
func (a workspaceArgs) places(excluded []string) ([]place, error) {
	var meant []place
	for _, p := range places {
		if len(a.Kinds) == 0 || slices.Contains(a.Kinds, placeName(p.name)) {
			meant = append(meant, p)
		}
	}
	for i, table := range a.Tables {
		if table != "" && !slices.Contains(a.Tables[:i], table) {
			meant = append(meant, placeOf(flexie.CustomRecord, table))
		}
	}
	allowed := slices.DeleteFunc(meant, func(p place) bool { return slices.Contains(excluded, p.tool) })
	if len(allowed) == 0 {
		return nil, wrong("this server's settings leave out the search of each of these kinds")
	}
	return allowed, nil
}

// found is what was found in one place.
type found struct {
	place
	hits resources.Hits
	err  error
}

// searchAll looks in all places side by side. They come in their own order, the
// one with the best hit first and those where the search failed last.
func searchAll(ctx context.Context, c *flexie.Client, where []place, text string) []found {
	all := make([]found, len(where))
	var searches sync.WaitGroup
	var searched atomic.Int32
	for i, p := range where {
		searches.Go(func() {
			all[i] = p.find(ctx, c, text)
			progress.Tell(ctx, progress.Step{Done: int(searched.Add(1)), Total: len(where), Message: "Searching kinds of records"})
		})
	}
	searches.Wait()
	slices.SortStableFunc(all, func(a, b found) int { return a.hits.Better(b.hits) })
	return all
}

// candidates is how many of a kind are ranked: Flexie's own order is not by how
// well they fit.
const candidates = 30

// find looks in one place. A text may stand in more than one field, as a
// person's name does, which a search for the whole of it may not find: its
// longest word is looked for then. Assumption: search-across-fields.
func (p place) find(ctx context.Context, c *flexie.Client, text string) found {
	page, err := p.search(ctx, c, flexie.Query{Search: text, Limit: candidates})
	if words := strings.Fields(text); err == nil && len(page.Records) == 0 && len(words) > 1 {
		longest := slices.MaxFunc(words, func(a, b string) int { return len(a) - len(b) })
		page, err = p.search(ctx, c, flexie.Query{Search: longest, Limit: candidates})
		page = resources.WithWords(page, text)
	}
	return found{p, resources.HitsOf(p.noun, page, text), err}
}

// answerOf shows what was found, names the places where nothing was, and says of
// a search that failed why. It is an error only if all did.
func answerOf(a workspaceArgs, all []found) (resources.Answer, error) {
	failed := those(all, func(f found) bool { return f.err != nil })
	empty := those(all, func(f found) bool { return f.err == nil && f.hits.Len() == 0 })
	if len(failed) == len(all) {
		return resources.Answer{}, allFailed(failed)
	}
	answer := resources.Answer{Summary: fmt.Sprintf("Found %s, the best first. search_* finds more of one kind, get_* reads one.", resources.Quote(a.Search))}
	if len(empty)+len(failed) == len(all) {
		answer.Summary = fmt.Sprintf("Nothing found for %s.", resources.Quote(a.Search))
	}
	for _, f := range all {
		if f.hits.Len() > 0 {
			answer.Parts = append(answer.Parts, f.hits.Part(f.title, a.Limit))
		}
	}
	for _, f := range failed {
		answer.Parts = append(answer.Parts, resources.Part{Title: f.title + " could not be searched", Text: sentence(f.err.Error())})
	}
	if len(empty) > 0 {
		answer.Parts = append(answer.Parts, ours(noneIn(empty)))
	}
	return answer, nil
}

func those(all []found, are func(found) bool) []found {
	return slices.DeleteFunc(slices.Clone(all), func(f found) bool { return !are(f) })
}

// noneIn names the places where nothing was found, and those that may yet hold
// something about it.
func noneIn(empty []found) string {
	text := "None in " + namesOf(empty) + "."
	if unseen := those(empty, func(f found) bool { return f.noun.Belongs }); len(unseen) > 0 {
		text += fmt.Sprintf(" The contact or account that %s belong to is not looked at: filter by it.", namesOf(unseen))
	}
	return text
}

func namesOf(all []found) string {
	var names []string
	for _, f := range all {
		names = append(names, resources.Named(f.noun.Many))
	}
	return strings.Join(names, ", ")
}

// allFailed is the first failure, which is mostly that of all, with those of the
// others that differ.
func allFailed(all []found) error {
	var first *flexie.Error
	if !errors.As(all[0].err, &first) {
		return all[0].err
	}
	said := *first
	for _, f := range all[1:] {
		if f.err.Error() != first.Error() {
			said.Message += fmt.Sprintf("; %s: %v", resources.Named(f.noun.Many), f.err)
		}
	}
	return &said
}
