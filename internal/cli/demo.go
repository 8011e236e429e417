package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
)

// step is one call of the demo, and why a person would want it.
type step struct {
	why       string
	tool      string
	arguments string
}

// workday is a short working day in the sandbox, whose seed never changes.
var workday = []step{
	{"Who am I, and what is this?", "get_current_user", `{}`},
	{"Acme Logistics is on the phone. Who do we know there?", "search_contacts", `{"search":"acme"}`},
}

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Walk through a working day in the sandbox, by a real MCP client",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return failed(a.demo(cmd.Context()))
		},
	}
}

// demo is not asked for settings: it must be the same each time.
func (a *app) demo(ctx context.Context) error {
	settings := config.Settings{Sandbox: true, Toolsets: []string{"core"}}
	options, workspace, err := a.open(settings)
	if err != nil {
		return err
	}
	defer workspace.Close()
	s, err := connect(ctx, server.New(options))
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintf(a.Out, "A working day in the sandbox, a made-up workspace. %d tools are connected.\n", len(options.Tools))
	for i, step := range workday {
		fmt.Fprintf(a.Out, "\n%d. %s\n   > %s %s\n\n", i+1, step.why, step.tool, step.arguments)
		answer, err := s.call(ctx, step.tool, json.RawMessage(step.arguments))
		if err != nil {
			return err
		}
		fmt.Fprintln(a.Out, "   "+strings.ReplaceAll(textOf(answer), "\n", "\n   "))
		if answer.IsError {
			return fmt.Errorf("step %d of the demo failed", i+1)
		}
	}
	fmt.Fprintln(a.Out, "\nThat was the sandbox. README.md says how to connect your own workspace.")
	return nil
}
