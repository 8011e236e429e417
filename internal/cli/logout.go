package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/oauth"
)

func (a *app) logoutCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "logout",
		Short: "Forget the sign-in to a workspace",
		Long: `logout removes the tokens of the workspace that is set, or else of the default
one, from this machine. Flexie is not told: its page names no way to. A program
that runs already goes on until its token ends, within the hour.`,
		Example: `  flexie-mcp logout
  flexie-mcp logout --subdomain globex
  flexie-mcp logout --all`,
		Args: noArguments,
	}
	all := cmd.Flags().Bool("all", false, "forget the sign-ins to all workspaces")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.logout(cmd, *all) }
	return cmd
}

func (a *app) logout(cmd *cobra.Command, all bool) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	logins := loginsOf(loaded.Settings)
	there, err := logins.All()
	if err != nil {
		return failed(err)
	}
	if !all {
		one, found, err := logins.Find(loaded.Root())
		if err != nil || !found {
			return failed(errors.Join(err, nobodySignedIn(loaded.Root())))
		}
		there = []oauth.Login{one}
	}
	if len(there) == 0 {
		return failed(nobodySignedIn(""))
	}
	var problems []error
	for _, one := range there {
		if err := logins.Forget(cmd.Context(), one); err != nil {
			problems = append(problems, err)
			continue
		}
		fmt.Fprintf(a.Err, "flexie-mcp: signed out of %s; its tokens are gone from this machine\n", one.Root)
	}
	return failed(errors.Join(problems...))
}

func nobodySignedIn(root string) error {
	if root == "" {
		return errors.New("nobody is signed in: flexie-mcp login does that")
	}
	return fmt.Errorf("nobody is signed in to %s: flexie-mcp login does that", root)
}
