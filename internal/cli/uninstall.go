package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/apikey"
	"flexie-mcp/internal/clients"
	"flexie-mcp/internal/config"
)

type uninstallOptions struct {
	dryRun, forgetKey bool
	name, file        string
}

func (a *app) uninstallCommand() *cobra.Command {
	o := uninstallOptions{}
	cmd := &cobra.Command{
		Use:   "uninstall CLIENT…",
		Short: "Take this server out of a client's settings again",
		Long: `uninstall takes the entry out of a client's file, and changes nothing else there.
The key that install may have kept stays, as other clients may use it;
--forget-key removes it.`,
		Example: `  flexie-mcp uninstall cursor
  flexie-mcp uninstall cursor claude-desktop --forget-key --subdomain acme`,
		ValidArgs: clients.IDs(),
		RunE:      func(cmd *cobra.Command, ids []string) error { return a.uninstall(cmd, ids, o) },
	}
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only show what would change, as a diff")
	cmd.Flags().BoolVar(&o.forgetKey, "forget-key", false, "remove the API key that is kept for the workspace as well")
	nameFlags(cmd, &o.name, &o.file)
	return cmd
}

func (a *app) uninstall(cmd *cobra.Command, ids []string, o uninstallOptions) error {
	if len(ids) > 0 || !o.forgetKey {
		if err := a.uninstallFrom(ids, o); err != nil {
			return err
		}
	}
	if o.dryRun {
		return nil
	}
	loaded, err := a.settings(cmd)
	if !o.forgetKey {
		if err == nil {
			a.tellOfKept(loaded.Settings)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return a.forgetKey(cmd.Context(), loaded.Settings)
}

// tellOfKept says that a key is still kept, and how to remove it.
func (a *app) tellOfKept(s config.Settings) {
	kept, found, err := apikey.Open(s.StateDir, s.Keyring).Find(s.Root()) // without a word about modes
	if err != nil || !found {
		return
	}
	workspace := " --base-url " + kept.Root
	if subdomain, ok := strings.CutSuffix(strings.TrimPrefix(kept.Root, "https://"), ".flexie.io/api"); ok {
		workspace = " --subdomain " + subdomain
	}
	fmt.Fprintf(a.Out, "The API key of %s is still kept in %s; flexie-mcp uninstall --forget-key%s removes it.\n", kept.Root, kept.Where(), workspace)
}

func (a *app) uninstallFrom(ids []string, o uninstallOptions) error {
	chosen, err := clientsNamed(ids, o.file)
	if err != nil {
		return err
	}
	var problems []error
	for _, c := range chosen {
		problems = append(problems, a.takeOut(c, o))
	}
	return failed(errors.Join(problems...))
}

func (a *app) takeOut(c clients.Client, o uninstallOptions) error {
	change, err := a.where().Uninstall(c, o.file, o.name)
	switch {
	case err != nil:
		return err
	case !change.Found:
		fmt.Fprintf(a.Out, "%s does not have it, in %s.\n", c.Title, change.Path)
		return nil
	case o.dryRun:
		fmt.Fprint(a.Out, change.Diff())
		return nil
	}
	if err := change.Apply(); err != nil {
		return err
	}
	where := "in " + change.Path
	if change.Removes() {
		where = "and " + change.Path + ", which had nothing else, is removed"
	}
	fmt.Fprintf(a.Out, "%s does not have it any more, %s.\n", c.Title, where)
	return nil
}
