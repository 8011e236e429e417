package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"flexie-mcp/internal/clients"
	"flexie-mcp/tools"
)

// tools settles what is offered to assistants.
func (r *initRun) tools() error {
	if r.ask == nil {
		return nil
	}
	if !r.isGiven("toolsets") && !r.isGiven("tools") {
		if err := r.askToolsets(); err != nil {
			return err
		}
	}
	if r.isGiven("read_only") || r.isGiven("access") || r.loaded.Access == string(tools.AccessRead) {
		return nil
	}
	may, err := r.ask.yes("May assistants also change things in Flexie? Deletes and emails are confirmed first, and what can be is taken back by undo.", !r.loaded.ReadOnly)
	if err != nil {
		return err
	}
	return r.set([2]string{"read_only", strconv.FormatBool(!may)})
}

func (r *initRun) askToolsets() error {
	r.ask.say("Which tools are assistants to be offered? More of them cost more of what a model can attend to.")
	all := tools.Toolsets()
	for _, name := range all[:wide] {
		r.ask.item(name, holds(name))
	}
	r.ask.say("Or single groups: " + strings.Join(all[wide:], ", ") + ".")
	byDefault := strings.Join(r.loaded.Toolsets, ",")
	for {
		text, err := r.ask.line("Toolsets, with commas between them, or ? for what each holds", byDefault)
		if err != nil {
			return err
		}
		names := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
		if text == "?" {
			for _, name := range all {
				r.ask.item(name, holds(name))
			}
			continue
		}
		if _, err = tools.Choose(tools.All(), tools.Choice{Toolsets: names}); err == nil && len(names) > 0 {
			return r.set([2]string{"toolsets", strings.Join(names, ",")})
		}
		if err != nil {
			r.sayProblem(err.Error())
		}
	}
}

// wide is how many toolsets, the first ones, are of more than one group.
const wide = 3

// holds says what a toolset has, in few words.
func holds(toolset string) string {
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{toolset}})
	if err != nil {
		return ""
	}
	switch toolset {
	case "core":
		return fmt.Sprintf("%d tools: what a working day takes, and what finds and runs the rest", len(picked))
	case "all":
		return fmt.Sprintf("%d tools: each by itself", len(picked))
	case "discover":
		return fmt.Sprintf("%d tools: only those that find and run all others", len(picked))
	}
	var verbs []string
	for _, t := range picked {
		verb, _, _ := strings.Cut(t.Name, "_")
		if !slices.Contains(verbs, verb) {
			verbs = append(verbs, verb)
		}
	}
	return fmt.Sprintf("%d: %s", len(picked), strings.Join(verbs, ", "))
}

// clients settles which clients it is put into.
func (r *initRun) clients() (err error) {
	switch {
	case r.o.noClients:
		return nil
	case len(r.o.clients) > 0:
		if r.chosen, err = r.named(r.o.clients); err != nil {
			return fmt.Errorf("--clients: %w", err)
		}
		return nil
	}
	found := r.found()
	if len(found) == 0 {
		r.say("No client that it knows was found on this machine. flexie-mcp install --list shows which it knows, and where it looks.")
		return nil
	}
	return r.askClients(found)
}

// found are the clients that are here.
func (r *initRun) found() (here []clients.Found) {
	for _, f := range r.where().List(r.o.name) {
		if f.Here && f.Path != "" {
			here = append(here, f)
		}
	}
	return here
}

// named are the clients of these IDs; all are those that are here.
func (r *initRun) named(ids []string) (chosen []clients.Client, err error) {
	if slices.Equal(ids, []string{"all"}) {
		for _, f := range r.found() {
			chosen = append(chosen, f.Client)
		}
		return chosen, nil
	}
	return clientsNamed(ids, "")
}

func (r *initRun) askClients(found []clients.Found) error {
	r.ask.say("These clients are here:")
	for i, f := range found {
		about := f.Path
		switch {
		case f.Err != nil:
			about = "can't be changed: " + f.Err.Error()
		case f.Has:
			about += ", which has it already"
		}
		r.ask.item(fmt.Sprintf("%d %s", i+1, f.Client.Title), about)
	}
	for {
		text, err := r.ask.line("Which are to have it? Numbers or names with commas, all, or none", "all")
		if err != nil {
			return err
		}
		if r.chosen, err = picked(text, found); err == nil {
			return nil
		}
		r.sayProblem(err.Error())
	}
}

// picked reads an answer of numbers and names. All are those that can be changed.
func picked(text string, found []clients.Found) (chosen []clients.Client, err error) {
	var ids []string
	for part := range strings.SplitSeq(strings.ToLower(text), ",") {
		part = strings.TrimSpace(part)
		n, err := strconv.Atoi(part)
		switch {
		case part == "", part == "none":
		case part == "all":
			for _, f := range found {
				if f.Err == nil {
					ids = append(ids, f.Client.ID)
				}
			}
		case err == nil && n >= 1 && n <= len(found):
			ids = append(ids, found[n-1].Client.ID)
		case err == nil:
			return nil, fmt.Errorf("there is no number %d", n)
		default:
			ids = append(ids, idOf(part))
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return clientsNamed(ids, "")
}

// idOf is the ID of a client that is called by its title; else what is given.
func idOf(name string) string {
	for _, c := range clients.Clients {
		if strings.EqualFold(c.Title, name) {
			return c.ID
		}
	}
	return name
}
