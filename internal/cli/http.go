package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/server"
)

func (a *app) httpCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "http",
		Short: "Serve over HTTP on this machine: /mcp, and the older /sse",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serveHTTP(cmd, listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "the address to listen on, on this machine")
	return cmd
}

func (a *app) serveHTTP(cmd *cobra.Command, listen string) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	options, workspace, err := a.open(loaded.Settings)
	if err != nil {
		return err
	}
	defer workspace.Close()
	l, err := server.Listen(listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Err, "flexie-mcp: serving http://%s/mcp (streamable HTTP) and http://%s/sse\n", l.Addr(), l.Addr())
	handler := server.Handler(server.New(options), options.Log)
	return failed(server.ServeHTTP(cmd.Context(), l, handler, options.Log))
}
