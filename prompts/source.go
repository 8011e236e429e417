package prompts

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// source is where suggestions for an argument come from. It asks Flexie, and
// suggests nothing where that fails. A prompt lists the tools that would show
// the same, so that suggestions tell nothing that tools may not.
type source func(context.Context, *flexie.Client, typing) []string

// typing is what a user has typed so far, and the other arguments that are known.
type typing struct {
	text  string
	known map[string]string
}

// short reports whether too little is typed to search for.
func (t typing) short() bool { return utf8.RuneCountInString(t.text) < 2 }

// search is what to ask Flexie for: the longest word, for a first and a last
// name stand in two fields, and no field holds both. While little is typed it
// is "".
func (t typing) search() string {
	if t.short() {
		return ""
	}
	return slices.MaxFunc(strings.Fields(t.text), func(a, b string) int {
		return utf8.RuneCountInString(a) - utf8.RuneCountInString(b)
	})
}

// finder finds things by a text in them.
type finder struct {
	noun resources.Noun
	find func(context.Context, *flexie.Client, flexie.Query) (flexie.Page, error)

	// namesOnly is set where Flexie may pass over the search: then only those
	// count whose name has the text.
	namesOnly bool
}

var (
	contacts = recordFinder(flexie.Contact, "")
	leads    = recordFinder(flexie.Lead, "")
	accounts = recordFinder(flexie.Account, "")
	users    = finder{noun: resources.User, find: searchOf((*flexie.Client).SearchUsers)}
	tasks    = finder{noun: resources.Task, find: searchOf((*flexie.Client).SearchTasks)}
	emails   = finder{noun: resources.Email, find: searchOf((*flexie.Client).SearchEmails)}
	flows    = finder{noun: resources.Workflow, find: searchOf((*flexie.Client).SearchWorkflows)}
	roles    = finder{noun: resources.Role, find: searchOf((*flexie.Client).SearchRoles)}
	forms    = finder{noun: resources.Form, find: searchOf((*flexie.Client).SearchForms)}
	pages    = finder{noun: resources.Page, find: searchOf((*flexie.Client).SearchPages)}
	reports  = finder{noun: resources.Report, find: searchOf((*flexie.Client).SearchReports)}

	contactLists = finder{
		noun: resources.List, namesOnly: true,
		find: func(ctx context.Context, c *flexie.Client, q flexie.Query) (flexie.Page, error) {
			return c.Records(flexie.Contact, "").FilterLists(ctx, q)
		},
	}
)

// searchOf puts a method's client behind the context.
func searchOf(method func(*flexie.Client, context.Context, flexie.Query) (flexie.Page, error)) func(context.Context, *flexie.Client, flexie.Query) (flexie.Page, error) {
	return func(ctx context.Context, c *flexie.Client, q flexie.Query) (flexie.Page, error) {
		return method(c, ctx, q)
	}
}

func recordFinder(kind flexie.Kind, table string) finder {
	return finder{
		noun: resources.NounOf(kind),
		find: func(ctx context.Context, c *flexie.Client, q flexie.Query) (flexie.Page, error) {
			return c.Records(kind, table).Search(ctx, q)
		},
	}
}

// named suggests what is called so, as "Jane Doe (contact 42)": a name to
// recognise, and the id that saves the assistant a search. While little is
// typed, one page of the first finder is all that is asked for.
func named(finders ...finder) source {
	return func(ctx context.Context, c *flexie.Client, t typing) []string {
		name := typing{text: withoutID(t.text)}
		asked := finders
		if name.short() {
			asked = finders[:1]
		}
		found := make([][]string, len(asked))
		var all sync.WaitGroup
		for i, f := range asked {
			all.Go(func() { found[i] = f.labels(ctx, c, name) })
		}
		all.Wait()
		return best(slices.Concat(found...), name.text)
	}
}

// idTail is the end of a suggestion, whole or half typed.
var idTail = regexp.MustCompile(`\s+\([a-z]*( \d*)?\)?$`)

// withoutID is the name in what was typed, should it be a suggestion already.
func withoutID(typed string) string { return idTail.ReplaceAllString(typed, "") }

// labels also has what was found by something else than its name, an email
// address or a name without its accents: the user sees what it is.
func (f finder) labels(ctx context.Context, c *flexie.Client, t typing) []string {
	page, err := f.find(ctx, c, flexie.Query{Limit: Most, Search: t.search()})
	if err != nil {
		return nil
	}
	var labels []string
	for _, r := range page.Records {
		name := resources.Name(r)
		if fits := !t.short() && !f.namesOnly || hasAll(name, t.text); fits && r.ID != "" {
			labels = append(labels, strings.TrimSpace(name+" ("+f.noun.One+" "+r.ID+")"))
		}
	}
	return labels
}

// ids suggests the ids of what is called so, or whose id begins so. An id does
// not show what it stands for, so of several words all must fit.
func ids(f finder) source {
	return func(ctx context.Context, c *flexie.Client, t typing) []string {
		digits := wholeNumber.MatchString(t.text)
		oneWord := !t.short() && !strings.Contains(t.text, " ")
		page, err := f.find(ctx, c, idQuery(t, digits))
		if err != nil {
			return nil
		}
		var found []string
		for _, r := range page.Records {
			fits := digits && strings.HasPrefix(r.ID, t.text) || !digits && (oneWord || hasAll(resources.Name(r), t.text))
			if fits && wholeNumber.MatchString(r.ID) {
				found = append(found, r.ID)
			}
		}
		return found[:min(Most, len(found))]
	}
}

// idQuery asks for ids by their beginning with a filter: a search looks at
// texts only.
func idQuery(t typing, digits bool) flexie.Query {
	q := flexie.Query{Limit: Most, Search: t.search()}
	if digits && !t.short() {
		q.Search, q.OrderBy = "", "id"
		q.Filters = []flexie.Filter{{Field: "id", Op: "starts_with", Value: t.text}}
	}
	return q
}

var wholeNumber = regexp.MustCompile(`^[0-9]+$`)
