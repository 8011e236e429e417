package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"flexie-mcp/internal/clients"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/setup"
)

// plan is all that will be done.
type plan struct {
	settings setup.Changed
	clients  []clients.Change
	problems []error // clients that can't be changed
}

// finish shows what will be done, and does it.
func (r *initRun) finish() error {
	p, err := r.plan()
	if err != nil {
		return failed(err)
	}
	r.show(p)
	if r.o.dryRun {
		for _, change := range p.clients {
			fmt.Fprint(r.Out, change.Diff())
		}
		return failed(errors.Join(p.problems...))
	}
	if r.ask != nil {
		goAhead, err := r.ask.yes("Go ahead?", true)
		if err != nil {
			return err
		}
		if !goAhead {
			return failed(errors.New("nothing was written"))
		}
	}
	if err := r.write(p); err != nil {
		return failed(err)
	}
	r.tellNext(p)
	return failed(errors.Join(p.problems...))
}

func (r *initRun) plan() (p plan, err error) {
	settings := r.toWrite()
	if p.settings, err = r.file.With(settings); err != nil {
		return p, err
	}
	server := r.server(settings)
	for _, c := range r.chosen {
		change, err := r.where().Install(c, "", server)
		if err != nil {
			p.problems = append(p.problems, err)
			continue
		}
		p.clients = append(p.clients, change)
	}
	return p, nil
}

// fromEnvironment are the settings that go into the file also where a variable has
// them: a client that is started from a desktop has none of the shell's.
var fromEnvironment = []string{"subdomain", "base_url", "sandbox", "sandbox_file", "toolsets", "tools", "exclude_tools", "access", "read_only", "api_key_file"}

// toWrite are the settings that the file is to have, or not to have any more.
func (r *initRun) toWrite() (all []setup.Setting) {
	for _, row := range r.loaded.Rows() {
		flag := r.cmd.Flags().Lookup(flagOf(row.Name))
		if flag == nil {
			continue // it can stand in the file alone
		}
		isFlag, kind := strings.HasPrefix(string(row.Origin), "flag "), flag.Value.Type()
		switch {
		case row.Name == "config", kind == "secret" && row.Name != "api_key":
		case row.Name == "api_key", row.Name == "api_key_file" && r.by.replaces:
			if r.by.replaces {
				all = append(all, setup.Setting{Key: row.Name})
			}
		case r.loaded.Sandbox && (row.Name == "subdomain" || row.Name == "base_url"):
		case isFlag, r.isGiven(row.Name) && slices.Contains(fromEnvironment, row.Name):
			all = append(all, setup.Setting{Key: row.Name, Value: valueOf(row, kind)})
		}
	}
	return all
}

// valueOf is a setting as the file has it; nil for one that is as without it.
func valueOf(row config.Row, kind string) any {
	switch {
	case row.Value == "", row.Value == "false" && (row.Name == "sandbox" || row.Name == "read_only"):
		return nil
	case kind == "bool":
		return row.Value == "true"
	case kind == "int", kind == "number":
		return json.Number(row.Value)
	case kind == "list":
		return strings.Split(row.Value, ",")
	case kind == "path":
		if absolute, err := filepath.Abs(row.Value); err == nil {
			return absolute
		}
	}
	return row.Value
}

// server is what clients are to start: the program with that file of settings, and
// nothing that would win over it.
func (r *initRun) server(settings []setup.Setting) clients.Server {
	s := clients.Server{Name: r.o.name, Command: r.program}
	s.Env = append(s.Env, clients.Variable{Name: variableOf("config"), Value: r.file.Path})
	if strings.HasPrefix(originOf(r.loaded, "state_dir"), "environment ") {
		dir, err := filepath.Abs(r.loaded.StateDir)
		if err == nil {
			s.Env = append(s.Env, clients.Variable{Name: variableOf("state_dir"), Value: dir})
		}
	} else {
		s.Env = append(s.Env, gone("state_dir"))
	}
	for _, name := range []string{"subdomain", "base_url", "sandbox", "toolsets", "read_only", "api_key", "api_key_file"} {
		s.Env = append(s.Env, gone(name))
	}
	for _, setting := range settings {
		if v := gone(setting.Key); setting.Key != "state_dir" && !slices.Contains(s.Env, v) {
			s.Env = append(s.Env, v)
		}
	}
	return s
}

func (r *initRun) show(p plan) {
	would := "This will be done:"
	if r.o.dryRun {
		would = "This would be done:"
	}
	var lines []string
	if r.by.keep != "" && r.loaded.Keyring {
		lines = append(lines, "The API key is kept in this system's keyring, or else in a file that only you can read.")
	} else if r.by.keep != "" {
		lines = append(lines, "The API key is kept in a file that only you can read.")
	}
	if len(p.settings.Lines) > 0 {
		what := "is written, with"
		if r.file.Exists {
			what = "is changed"
		}
		lines = append(lines, fmt.Sprintf("%s %s:", r.file.Path, what))
		for _, line := range p.settings.Lines {
			lines = append(lines, "  "+line)
		}
	}
	for _, change := range p.clients {
		if change.Changes() {
			lines = append(lines, fmt.Sprintf("%s gets %q, in %s.", change.Client.Title, r.o.name, change.Path))
		}
	}
	if len(lines) == 0 {
		lines = []string{"Nothing: all is as it should be already."}
	}
	fmt.Fprintf(r.Err, "\n%s\n", would)
	for _, line := range lines {
		fmt.Fprintf(r.Err, "  %s\n", line)
	}
	fmt.Fprintln(r.Err)
}

// write does it: the key first, as no file may name one that nothing has, and the
// clients last.
func (r *initRun) write(p plan) error {
	if r.cmd.Context().Err() != nil {
		return errStopped
	}
	if r.by.keep != "" {
		if err := r.keep(); err != nil {
			return err
		}
	}
	if len(p.settings.Lines) > 0 || !r.file.Exists {
		if err := r.file.Write(p.settings); err != nil {
			return err
		}
		fmt.Fprintf(r.Out, "The settings are in %s.\n", r.file.Path)
	}
	var problems []error
	for _, change := range p.clients {
		problems = append(problems, r.apply(change, false))
	}
	return errors.Join(problems...)
}

// keep keeps the key, but for who ends it while the keyring asks to be opened.
func (r *initRun) keep() error {
	ctx, s := r.cmd.Context(), r.loaded.Settings
	keys := r.keysOf(s)
	_, before, _ := keys.Find(s.Root()) // what is wrong with it ends with it
	kept, err := keys.Keep(ctx, s.Root(), r.by.keep)
	if err != nil {
		return fmt.Errorf("the API key can't be kept: %w", err)
	}
	if ctx.Err() != nil && !before {
		return errors.Join(errStopped, keys.Forget(ctx, kept))
	}
	fmt.Fprintf(r.Out, "The API key of %s is kept in %s.\n", s.Root(), kept.Where())
	return nil
}

// tellNext says what is left to do.
func (r *initRun) tellNext(p plan) {
	fmt.Fprintln(r.Out)
	if r.loaded.Sandbox {
		fmt.Fprintln(r.Out, "It works on the made-up workspace inside the program; flexie-mcp init again connects your own.")
	}
	switch len(p.clients) {
	case 0:
		fmt.Fprintln(r.Out, "Next: flexie-mcp install CLIENT puts it into a client; flexie-mcp call get_current_user tries it by hand.")
		if r.file.Path != config.DefaultFile(runtime.GOOS, r.Environ) {
			fmt.Fprintf(r.Out, "Both need FLEXIE_CONFIG=%s.\n", r.file.Path)
		}
	case 1:
		fmt.Fprintf(r.Out, "Next: in %s, ask: Who am I in Flexie?\n", p.clients[0].Client.Title)
	default:
		fmt.Fprintln(r.Out, "Next: in any of them, ask: Who am I in Flexie?")
	}
}
