package prompts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

const (
	// patience is how long suggestions may take. Somebody is typing.
	patience = 3 * time.Second

	// longest is how many runes are still something that is being typed.
	longest = 100
)

// Completer suggests values while a user fills in a prompt or an address. It
// is a courtesy: where Flexie fails or is slow there are no suggestions, and no
// error.
type Completer struct {
	// Client gives the client of who is asking.
	Client func(context.Context) (*flexie.Client, error)

	// Tables are the custom tables in the settings.
	Tables []string

	// Prompts and Templates (by URI) are those offered. For others there are
	// no suggestions: these read the workspace just as tools do.
	Prompts   []Prompt
	Templates []string

	// Allows reports whether the client's user may use a tool; nil allows all.
	// What they may not look for by a tool is not suggested either.
	Allows func(ctx context.Context, client *flexie.Client, tool string) bool
}

// Prompt suggests at most Most values for an argument of a prompt. known are
// the other arguments. Its only errors are names that there are not.
func (c Completer) Prompt(ctx context.Context, prompt, argument, typed string, known map[string]string) ([]string, error) {
	i := slices.IndexFunc(c.Prompts, func(p Prompt) bool { return p.Name == prompt })
	if i < 0 {
		return nil, fmt.Errorf("there is no prompt %q", prompt)
	}
	arguments, shows := c.Prompts[i].Arguments, c.Prompts[i].Tools
	i = slices.IndexFunc(arguments, func(a Argument) bool { return a.Name == argument })
	if i < 0 {
		return nil, fmt.Errorf("the prompt %s has no argument %q", prompt, argument)
	}
	if a := arguments[i]; len(a.choices) == 0 {
		return c.ask(ctx, a.from, typing{strings.TrimSpace(typed), known}, shows), nil
	}
	return matching(arguments[i].choices, strings.TrimSpace(typed)), nil
}

// Resource does the same for a variable of a resource template, like id in
// flexie://contacts/{id}. What it suggests is put into the address as it is,
// so ids are suggested bare.
func (c Completer) Resource(ctx context.Context, uriTemplate, variable, typed string, known map[string]string) ([]string, error) {
	if !slices.Contains(c.Templates, uriTemplate) {
		return nil, fmt.Errorf("there is no resource template %q", uriTemplate)
	}
	if !strings.Contains(uriTemplate, "{"+variable+"}") {
		return nil, fmt.Errorf("the resource template %s has no variable %q", uriTemplate, variable)
	}
	switch variable {
	case "table":
		return matching(c.Tables, strings.TrimSpace(typed)), nil
	case "id":
		from, tool := idsAt(uriTemplate, known)
		return c.ask(ctx, from, typing{text: strings.TrimSpace(typed)}, []string{tool}), nil
	}
	return nil, nil
}

// idsAt suggests the ids of what a template's address begins with, and names the
// tool that would look for them. Notes can't be searched.
func idsAt(uriTemplate string, known map[string]string) (from source, tool string) {
	address, _, _ := strings.Cut(strings.TrimPrefix(uriTemplate, resources.Scheme), "/")
	tool = "search_" + address
	for _, f := range []finder{tasks, emails, flows, forms, pages, reports, users, roles} {
		if f.noun.Address == address {
			return ids(f), tool
		}
	}
	for _, kind := range flexie.Kinds {
		if kind.Plural == address && (!kind.Custom() || known["table"] != "") {
			return ids(recordFinder(kind, known["table"])), tool
		}
	}
	return nil, tool
}

// ask asks Flexie, if the user may use each of the tools that show the same.
func (c Completer) ask(ctx context.Context, s source, t typing, shows []string) []string {
	if s == nil || utf8.RuneCountInString(t.text) > longest {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	client, err := c.Client(ctx)
	if err != nil {
		return nil
	}
	if c.Allows != nil && slices.ContainsFunc(shows, func(tool string) bool { return !c.Allows(ctx, client, tool) }) {
		return nil
	}
	return s(ctx, client, t)
}
