package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/server"
)

func (a *app) httpCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "http",
		Short: "Serve over HTTP, to programs on this machine",
		Long: `http serves the same tools over HTTP, to clients that connect by an address:
streamable HTTP on /mcp, and the older SSE transport on /sse. There is no
password, so only addresses of this machine are listened on, and requests from
web pages are refused. SIGTERM or Ctrl-C ends it.`,
		Example: `  flexie-mcp http --sandbox
  flexie-mcp http --listen 127.0.0.1:9000`,
		Args: noArguments,
	}
	address := listenFlag(cmd, "127.0.0.1:8080")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return a.serveHTTP(cmd, *address) }
	return cmd
}

func (a *app) serveHTTP(cmd *cobra.Command, address string) error {
	options, workspace, err := a.serving(cmd)
	if err != nil {
		return err
	}
	defer workspace.Close()
	l, err := listen(address)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.Err, "flexie-mcp: serving http://%s/mcp (streamable HTTP) and http://%[1]s/sse\n", l.Addr())
	handler := server.Handler(server.New(options), options.Log)
	return failed(server.ServeHTTP(cmd.Context(), l, handler, options.Log))
}
