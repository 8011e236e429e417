package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/server"
)

// stdio serves one client on standard input and output.
func (a *app) stdio(cmd *cobra.Command, _ []string) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	options, workspace, err := a.open(loaded.Settings)
	if err != nil {
		return err
	}
	defer workspace.Close()
	err = server.ServeStdio(cmd.Context(), server.New(options), a.In, a.Out, options.Log)
	if errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) {
		return nil
	}
	return failed(err)
}
