package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

func (a *app) callCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "call TOOL [JSON|-]",
		Short: "Call one tool, and print what an assistant would read",
		Long: `call makes one call of any tool, of whatever toolset, through MCP. The
arguments are a JSON object, or - to read it from standard input.`,
		Example:           `  flexie-mcp call --sandbox get_contact '{"id":42,"include":["notes"]}'`,
		Args:              callArguments,
		ValidArgsFunction: cobra.FixedCompletions(tools.Names(tools.All()), cobra.ShellCompDirectiveNoFileComp),
		RunE:              a.call,
	}
}

func callArguments(_ *cobra.Command, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New(`call takes a tool and its arguments: flexie-mcp call get_contact '{"id":42}'`)
	}
	return nil
}

func (a *app) call(cmd *cobra.Command, args []string) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	loaded.Settings.Toolsets = []string{"all"}
	arguments, err := a.callJSON(args[1:])
	if err != nil {
		return err
	}
	options, workspace, err := a.open(loaded.Settings)
	if err != nil {
		return err
	}
	defer workspace.Close()
	if err := offered(options.Tools, args[0]); err != nil {
		return err
	}
	s, err := connect(cmd.Context(), server.New(options))
	if err != nil {
		return failed(err)
	}
	defer s.Close()
	answer, err := s.call(cmd.Context(), args[0], arguments)
	if err != nil {
		return failed(err)
	}
	return a.print(answer)
}

// callJSON reads the arguments of the call: none, JSON, or - for standard input.
func (a *app) callJSON(args []string) (json.RawMessage, error) {
	text := "{}"
	if len(args) > 0 {
		text = args[0]
	}
	if text == "-" {
		data, err := io.ReadAll(a.In)
		if err != nil {
			return nil, failed(fmt.Errorf("standard input can't be read: %w", err))
		}
		text = string(data)
	}
	v, err := flexie.DecodeJSON([]byte(text))
	if err != nil {
		return nil, fmt.Errorf(`the arguments are not whole JSON (%v); write them like '{"id":42}'`, err)
	}
	if _, ok := v.(*flexie.Object); !ok {
		return nil, errors.New(`the arguments must be a JSON object, like '{"id":42}'`)
	}
	return json.RawMessage(text), nil
}

func offered(all []tools.Tool, name string) error {
	if names := tools.Names(all); !slices.Contains(names, name) {
		return fmt.Errorf("there is no tool %q here; did you mean %s? flexie-mcp tools --toolset all lists them", name, flexie.Closest(name, names))
	}
	return nil
}

// print writes the answer out, or makes its text the command's error: a wrong
// question is told from a failed call by the kind that comes with it.
func (a *app) print(answer *mcp.CallToolResult) error {
	text := textOf(answer)
	if !answer.IsError {
		_, err := fmt.Fprintln(a.Out, text)
		return failed(err)
	}
	if server.ErrorKind(answer) == "arguments" {
		return errors.New(text)
	}
	return failed(errors.New(text))
}
