package cli

import (
	"cmp"
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
	logins := a.loginsOf(loaded.Settings)
	there, damaged, err := logins.All()
	if err == nil && !all {
		there, damaged, err = justOne(logins, loaded.Root())
	}
	if err != nil {
		return failed(err)
	}
	if len(there)+len(damaged) == 0 {
		fmt.Fprintln(a.Err, "flexie-mcp: nobody is signed in")
		return nil
	}
	before := defaultOf(logins)
	var problems []error
	for _, one := range there {
		problems = append(problems, a.signedOut(one.Root, logins.Forget(cmd.Context(), one)))
	}
	for _, d := range damaged {
		problems = append(problems, a.signedOut(cmp.Or(d.Root, "what "+d.File+" was of"), logins.ForgetDamaged(cmd.Context(), d)))
	}
	if now := defaultOf(logins); now != "" && now != before {
		fmt.Fprintf(a.Err, "flexie-mcp: without a workspace named, %s is worked in from now on\n", now)
	}
	return failed(errors.Join(problems...))
}

// defaultOf is the workspace of the default login; "" if there is none that can be read.
func defaultOf(logins *oauth.Logins) string {
	one, _, _ := logins.Find("")
	return one.Root
}

// justOne is the login at a workspace, or the default one, damaged or not.
func justOne(logins *oauth.Logins, root string) ([]oauth.Login, []*oauth.Damaged, error) {
	one, found, err := logins.Find(root)
	var damaged *oauth.Damaged
	switch {
	case found: // also one that others can read
		return []oauth.Login{one}, nil, nil
	case errors.As(err, &damaged):
		return nil, []*oauth.Damaged{damaged}, nil
	}
	return nil, nil, cmp.Or(err, nobodySignedIn(root))
}

// signedOut says so of a workspace, if there was no error.
func (a *app) signedOut(root string, err error) error {
	if err == nil {
		fmt.Fprintf(a.Err, "flexie-mcp: signed out of %s; its tokens are gone from this machine\n", root)
	}
	return err
}

func nobodySignedIn(root string) error {
	if root == "" {
		return errors.New("nobody is signed in: flexie-mcp login does that")
	}
	return fmt.Errorf("nobody is signed in to %s: flexie-mcp login does that", root)
}
