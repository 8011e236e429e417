package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
)

func (a *app) sandboxCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve a made-up workspace, as Flexie would, to develop against",
		Long: `sandbox serves Flexie's REST API over a made-up workspace, on this machine, to
develop and test against. To give an assistant one there is no need for it: the
setting --sandbox does that inside the server. The --sandbox-… settings choose
the shape of its answers, and make it slow or unreliable. It takes flexie-mcp login
as well: its tokens last as long as --sandbox-token-lifetime says.`,
		Example: `  flexie-mcp sandbox --sandbox-delay 2s --sandbox-error-rate 0.1
  curl -H 'apikey: ` + sandbox.Key + `' http://127.0.0.1:8099/api/contacts/42`,
		Args: noArguments,
	}
	address := listenFlag(cmd, "127.0.0.1:8099")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.serveSandbox(cmd, *address) }
	return cmd
}

func (a *app) serveSandbox(cmd *cobra.Command, address string) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	box, err := sandbox.Open(server.SandboxOptions(loaded.Settings))
	if err != nil {
		return err
	}
	defer box.Close()
	l, err := listenHere(address)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Err, "flexie-mcp: a sandbox workspace at http://%s/api; its API key is %s\n", l.Addr(), sandbox.Key)
	fmt.Fprintf(a.Err, "flexie-mcp: its today is %s\n", sandbox.Today.Format("Monday 2006-01-02"))
	fmt.Fprintf(a.Err, "flexie-mcp: connect with FLEXIE_BASE_URL=http://%s/api FLEXIE_API_KEY=%s flexie-mcp\n", l.Addr(), sandbox.Key)
	fmt.Fprintf(a.Err, "flexie-mcp: or sign in with FLEXIE_BASE_URL=http://%s/api FLEXIE_OAUTH_CLIENT_ID=%s FLEXIE_OAUTH_CLIENT_SECRET=%s %s\n", l.Addr(), sandbox.ClientID, sandbox.ClientSecret, signInBy(loaded.OAuthRedirect))
	return failed(server.ServeHTTP(cmd.Context(), l, box, newLog(a.Err, loaded.Settings)))
}

// signInBy is the rest of the command that answers to a redirect address: login, or a
// server that people sign in to, whose own address it is then.
func signInBy(redirect string) string {
	if public, ok := strings.CutSuffix(redirect, "/oauth/callback"); ok {
		return "FLEXIE_PUBLIC_URL=" + public + " flexie-mcp http"
	}
	if redirect == sandbox.Redirect {
		return "flexie-mcp login"
	}
	return "FLEXIE_OAUTH_REDIRECT=" + redirect + " flexie-mcp login"
}
