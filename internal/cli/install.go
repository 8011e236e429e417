package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/clients"
	"flexie-mcp/internal/config"
)

type installOptions struct {
	list, dryRun, print, withKey bool
	name, file, command, keyEnv  string
}

func (a *app) installCommand() *cobra.Command {
	o := installOptions{}
	cmd := &cobra.Command{
		Use:   "install CLIENT…",
		Short: "Put this server into the settings of Claude, Cursor and others",
		Long: `install writes into a client's own file that it is to start this server, and
changes nothing else there. The file as it was is kept beside it. The clients are
` + strings.Join(clients.IDs()[:6], ", ") + `,
` + strings.Join(clients.IDs()[6:], ", ") + `.

The API key stays out of that file. After flexie-mcp login, none is needed; one
that is set is kept in this system's keyring, or else in a file that only you can
read. --key-env has the client hand on a variable instead, and --with-key writes
the key itself.

Settings that are given with it, like --toolsets, --read-only and --sandbox, are
those that the server is started with.`,
		Example: `  flexie-mcp install --list
  flexie-mcp install claude-desktop cursor --subdomain acme
  flexie-mcp install vscode --sandbox --dry-run`,
		ValidArgs: clients.IDs(),
		RunE:      func(cmd *cobra.Command, ids []string) error { return a.install(cmd, ids, o) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.list, "list", false, "show which clients are here, and which have it")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show what would change, as a diff")
	flags.BoolVar(&o.print, "print", false, "only show what to paste by hand")
	nameFlags(cmd, &o.name, &o.file)
	flags.StringVar(&o.command, "command", "", "start the program at this `path` instead of this one")
	flags.BoolVar(&o.withKey, "with-key", false, "write the API key into the client's file, readable as it is")
	flags.StringVar(&o.keyEnv, "key-env", "", "have the client take the key from a `variable` of its own environment")
	flags.Lookup("key-env").NoOptDefVal = "FLEXIE_API_KEY"
	return cmd
}

func nameFlags(cmd *cobra.Command, name, file *string) {
	cmd.Flags().StringVar(name, "name", "flexie", "what the entry is called")
	cmd.Flags().StringVar(file, "file", "", "the client's file, where it is not at its usual `path`")
}

func (a *app) install(cmd *cobra.Command, ids []string, o installOptions) error {
	if o.list && len(ids) == 0 {
		return a.listClients(o.name)
	}
	chosen, err := clientsNamed(ids, o.file)
	switch {
	case err != nil:
		return err
	case o.list:
		return errors.New("--list shows all clients: leave the names out")
	case o.withKey && o.keyEnv != "":
		return errors.New("--with-key and --key-env are two ways to give the key: keep one")
	}
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	server, err := a.serverOf(loaded, o)
	if err != nil {
		return err
	}
	if o.print {
		return a.printSnippets(chosen, server.Server)
	}
	return a.installInto(cmd.Context(), loaded.Settings, chosen, server, o)
}

// installInto changes the clients' files, of which each is looked at before any is
// changed. The key is kept first: no file may lose one that nothing else has.
func (a *app) installInto(ctx context.Context, s config.Settings, chosen []clients.Client, server toInstall, o installOptions) error {
	var planned []clients.Change
	var problems []error
	for _, c := range chosen {
		change, err := a.where().Install(c, o.file, server.Server)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		planned = append(planned, change)
	}
	if len(planned) > 0 {
		if err := a.keep(ctx, s, &server, o.dryRun); err != nil {
			return failed(err)
		}
	}
	done := 0
	for _, change := range planned {
		if o.file == "" && !a.where().IsHere(change.Client) {
			fmt.Fprintf(a.Err, "flexie-mcp: %s does not seem to be installed here; it finds the entry once it is\n", change.Client.Title)
		}
		err := a.apply(change, o.dryRun)
		if err == nil {
			done++
		}
		problems = append(problems, err)
	}
	if server.note != "" && (done > 0 || server.keep != "") && !o.dryRun {
		fmt.Fprintln(a.Out, server.note)
	}
	return failed(errors.Join(problems...))
}

// clientsNamed are the clients of a command line.
func clientsNamed(ids []string, file string) (chosen []clients.Client, err error) {
	if len(ids) == 0 {
		return nil, fmt.Errorf("which client? One or more of %s; flexie-mcp install --list shows which are here", strings.Join(clients.IDs(), ", "))
	}
	for _, id := range ids {
		c, found := clients.Named(id)
		if !found {
			return nil, fmt.Errorf("there is no client %q; there are %s", id, strings.Join(clients.IDs(), ", "))
		}
		if !slices.ContainsFunc(chosen, func(one clients.Client) bool { return one.ID == id }) {
			chosen = append(chosen, c)
		}
	}
	if file != "" && len(chosen) > 1 {
		return nil, errors.New("--file is the file of one client: name just one")
	}
	return chosen, nil
}

// where is this machine, as clients see it.
func (a *app) where() clients.Where {
	dir, _ := os.Getwd()
	return clients.Where{OS: runtime.GOOS, Environ: a.Environ, Dir: dir}
}

// program is the path by which clients are to start this program.
func program(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	found, err := os.Executable()
	if err != nil {
		return "", failed(fmt.Errorf("it can't be found out where this program is: %w; say so with --command", err))
	}
	path, err := clients.Program(found, os.Args[0], exec.LookPath)
	return path, failed(err)
}

func (a *app) printSnippets(chosen []clients.Client, s clients.Server) error {
	for i, c := range chosen {
		snippet, err := c.Snippet(s)
		if err != nil {
			return err
		}
		if i > 0 {
			fmt.Fprintln(a.Out)
		}
		path, err := a.where().File(c)
		if err != nil {
			path = "its file"
		}
		fmt.Fprintf(a.Err, "flexie-mcp: for %s, in %s:\n", c.Title, path)
		fmt.Fprint(a.Out, snippet)
	}
	return nil
}

// apply changes a file, or shows how it would.
func (a *app) apply(change clients.Change, dryRun bool) error {
	c := change.Client
	switch {
	case !change.Changes():
		fmt.Fprintf(a.Out, "%s has it already, in %s.\n", c.Title, change.Path)
		return nil
	case dryRun:
		fmt.Fprint(a.Out, change.Diff())
		return nil
	}
	if err := change.Apply(); err != nil {
		return err
	}
	fmt.Fprintf(a.Out, "%s has it now, in %s.", c.Title, change.Path)
	if change.BacksUp() {
		fmt.Fprintf(a.Out, " The file as it was is %s.", change.Backup())
	}
	fmt.Fprintf(a.Out, " %s\n", c.Then)
	return nil
}

func (a *app) listClients(name string) error {
	rows := [][]string{{"CLIENT", "IS HERE", "HAS " + strings.ToUpper(name), "FILE"}}
	for _, f := range a.where().List(name) {
		path, has := f.Path, yesOrNo(f.Has)
		switch {
		case f.Err != nil:
			has = "not known: " + f.Err.Error()
		case path == "":
			path = "say which with --file"
		}
		rows = append(rows, []string{f.Client.ID, yesOrNo(f.Here), has, path})
	}
	writeTable(a.Out, rows, "")
	return nil
}

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
