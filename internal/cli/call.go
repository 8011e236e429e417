package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

func (a *app) callCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "call TOOL [JSON|-]",
		Short: "Call one tool, and show what an assistant would read",
		Long: `call makes one call of a tool, of whatever toolset, through MCP. The arguments
are a JSON object, or - to read it from standard input. What can't be taken back,
or does much, is previewed first: the same command with --yes does it, also where the
setting confirm is ask.

On a terminal, tables are lined up and in colour, unless NO_COLOR is set, and what
is longer than the screen goes through PAGER, or less. Anywhere else it is just
what an assistant would read.

It ends with 0 when the call was done, 1 when it was not: it failed, Flexie
refused it or it is only previewed so far; and 2 when it was asked wrongly.`,
		Example: `  flexie-mcp call --sandbox get_contact '{"id":42,"include":["notes"]}'
  echo '{"search":"acme"}' | flexie-mcp call --sandbox search_contacts -`,
		Args:              callArguments,
		ValidArgsFunction: completeTool,
	}
	var o callOptions
	cmd.Flags().BoolVar(&o.quiet, "quiet", false, "don't show on a terminal how far it is")
	cmd.Flags().StringVar(&o.picture, "picture", "", "write the picture of the answer, if it has one, to this `file`, a PNG")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it at once, without the preview of what can't be taken back or does much, whatever the setting confirm says")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.call(cmd, args, o) }
	return cmd
}

// callOptions are what may be asked of a call besides.
type callOptions struct {
	yes, quiet bool
	picture    string // the file for it
}

func completeTool(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp // the arguments
	}
	return everyName(), cobra.ShellCompDirectiveNoFileComp
}

func callArguments(_ *cobra.Command, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errors.New(`call takes a tool and its arguments: flexie-mcp call get_contact '{"id":42}'`)
	}
	return nil
}

func (a *app) call(cmd *cobra.Command, args []string, o callOptions) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	loaded.Settings.Toolsets = []string{"all", "discover"}
	if o.yes {
		loaded.Settings.Confirm = string(tools.Never)
	}
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
	picture, err := openPicture(o.picture)
	if err != nil {
		return failed(err)
	}
	answer, err := a.called(cmd.Context(), options, workspace, args[0], arguments, o.quiet)
	if err == nil {
		err = a.print(answer)
	}
	if err != nil {
		picture.leave()
		return err
	}
	return failed(a.savePicture(answer, picture))
}

// called makes the call. Before one that may change something it is read who the user
// is, as whose change it is recorded: no call before it has done that here.
func (a *app) called(ctx context.Context, o server.Options, w *server.Workspace, tool string, arguments json.RawMessage, quiet bool) (*mcp.CallToolResult, error) {
	if writes(o.Tools, tool) {
		if client, err := w.Client(ctx); err == nil {
			client.ZoneShown(ctx) // which reads who it is; where it can't, the call says so
		}
	}
	s, err := connect(ctx, server.New(o))
	if err != nil {
		return nil, failed(err)
	}
	defer s.Close()
	answer, err := a.callTold(ctx, s, tool, arguments, quiet)
	return answer, failed(err)
}

func writes(all []tools.Tool, name string) bool {
	return slices.ContainsFunc(all, func(t tools.Tool) bool { return t.Name == name && !t.Act.ReadOnly })
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

// everyName are the names of all tools there are, whatever the settings.
func everyName() []string {
	return tools.Names(append(tools.All(), tools.Discover(nil)...))
}

func offered(all []tools.Tool, name string) error {
	every := everyName()
	switch {
	case slices.Contains(tools.Names(all), name):
		return nil
	case slices.Contains(every, name):
		return fmt.Errorf("the settings leave out %s: see access, read_only and exclude_tools in flexie-mcp config", name)
	}
	return fmt.Errorf("there is no tool %q; did you mean %s? (flexie-mcp tools --toolset all lists them)", name, flexie.Closest(name, every))
}

// confirmLine ends the text of a preview, for which nothing was done.
var confirmLine = regexp.MustCompile(`\nconfirm: [0-9a-z]+(\n\n\(.*\))?$`)

// print writes the answer out, or makes its text the command's error: a wrong
// question is told from a failed call by the kind that comes with it. A preview
// is shown, and is no success: a script must not take it for done.
func (a *app) print(answer *mcp.CallToolResult) error {
	text := textOf(answer)
	switch {
	case answer.IsError && server.ErrorKind(answer) == server.WrongArguments:
		return errors.New(text)
	case answer.IsError:
		return failed(errors.New(text))
	}
	if l := lookOf(a.Out, a.Environ); l.plain() {
		fmt.Fprintln(a.Out, text)
	} else {
		a.show(l, pretty(answer, l))
	}
	if confirmLine.MatchString(text) {
		return failed(errors.New("nothing was changed yet. To do it: the same command with --yes"))
	}
	return nil
}

// callTold makes a call, and shows how far it is where somebody sees that.
func (a *app) callTold(ctx context.Context, s session, tool string, arguments json.RawMessage, quiet bool) (*mcp.CallToolResult, error) {
	l := lookOf(a.Err, a.Environ)
	if quiet || !l.screen || variable(a.Environ, "TERM") == "dumb" {
		return s.call(ctx, tool, arguments)
	}
	b := &bar{to: a.Err, width: l.width}
	defer b.clear()
	return s.callTold(ctx, tool, arguments, b.show)
}
