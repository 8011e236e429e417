package cli

import (
	"fmt"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"flexie-mcp/internal/server"
)

// stdio serves one client on standard input and output.
func (a *app) stdio(cmd *cobra.Command, _ []string) error {
	options, workspace, err := a.serving(cmd)
	if err != nil {
		return err
	}
	defer a.close(workspace, options)
	if in, ok := a.In.(*os.File); ok && isatty.IsTerminal(in.Fd()) {
		fmt.Fprintln(a.Err, "flexie-mcp: waiting for an MCP client on standard input, where a person is typing; Ctrl-C ends it, flexie-mcp --help says more")
	}
	return failed(server.ServeStdio(cmd.Context(), server.New(options), options.Safety.Writes, a.In, a.Out, options.Log))
}
