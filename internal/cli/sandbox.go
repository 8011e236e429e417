package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
)

func (a *app) sandboxCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Serve the made-up workspace itself, as Flexie would, on this machine",
		Long: `sandbox serves Flexie's REST API over a made-up workspace, to develop and test
against. The --sandbox-… flags choose the shape of its answers, and make it
slow or unreliable.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serveSandbox(cmd, listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8099", "the address to listen on, on this machine")
	return cmd
}

func (a *app) serveSandbox(cmd *cobra.Command, listen string) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	box, err := sandbox.Open(server.SandboxOptions(loaded.Settings))
	if err != nil {
		return err
	}
	defer box.Close()
	l, err := server.Listen(listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Err, "flexie-mcp: a sandbox workspace at http://%s/api; its API key is %s\n", l.Addr(), sandbox.Key)
	fmt.Fprintf(a.Err, "flexie-mcp: connect with FLEXIE_BASE_URL=http://%s/api FLEXIE_API_KEY=%s flexie-mcp\n", l.Addr(), sandbox.Key)
	return failed(server.ServeHTTP(cmd.Context(), l, box, newLog(a.Err, loaded.Settings)))
}
