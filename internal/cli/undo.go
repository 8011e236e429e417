package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

func (a *app) undoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "undo ID",
		Short: "Take back one change",
		Long: `undo takes back one change that was made through this program: an update gets
its old values again, what was created is deleted, what was deleted is made
again. It first shows what that would do, and what others have changed since,
and asks. Where nobody can be asked it does nothing, unless there is --yes.`,
		Example: `  flexie-mcp undo 17
  flexie-mcp undo 17 --dry-run`,
		Args: oneChange,
	}
	dryRun := cmd.Flags().Bool("dry-run", false, "only show what it would do")
	yes := cmd.Flags().Bool("yes", false, "do it without asking")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *dryRun && *yes {
			return errors.New("--dry-run and --yes are both given: keep one")
		}
		return a.undo(cmd, args[0], *dryRun, *yes)
	}
	return cmd
}

func (a *app) undo(cmd *cobra.Command, number string, dryRun, yes bool) error {
	loaded, err := a.settings(cmd)
	if err != nil {
		return err
	}
	if err := recorded(loaded.Settings); err != nil {
		return failed(err)
	}
	loaded.Settings.Toolsets = []string{"all", "discover"}
	loaded.Settings.Confirm = string(tools.Never) // the question is asked here
	options, workspace, err := a.open(loaded.Settings)
	if err != nil {
		return err
	}
	defer workspace.Close()
	if err := offered(options.Tools, "undo_change"); err != nil {
		return err
	}
	if client, err := workspace.Client(cmd.Context()); err == nil {
		_ = settle(cmd.Context(), client, options, workspace) // if it can't be asked, the call says so
	}
	s, err := connect(cmd.Context(), server.New(options))
	if err != nil {
		return failed(err)
	}
	defer s.Close()
	u := undoing{a, s, number}
	if !yes {
		if err := u.agree(cmd.Context(), dryRun); err != nil || dryRun {
			return err
		}
	}
	text, err := u.call(cmd.Context(), false)
	if err != nil {
		return err
	}
	fmt.Fprintln(a.Out, text)
	return nil
}

// undoing is one change that is being taken back.
type undoing struct {
	*app
	session session
	number  string
}

// call takes it back, or says what that would do.
func (u undoing) call(ctx context.Context, dryRun bool) (string, error) {
	id, err := strconv.ParseInt(u.number, 10, 64)
	if err != nil {
		return "", err
	}
	arguments, err := json.Marshal(map[string]any{"change_id": id, "dry_run": dryRun})
	if err != nil {
		return "", err
	}
	answer, err := u.session.call(ctx, "undo_change", arguments)
	if err != nil {
		return "", failed(err)
	}
	if answer.IsError {
		return "", failed(errors.New(forPeople.Replace(textOf(answer))))
	}
	return unfenced(answer), nil
}

// forPeople puts an error that was made for an assistant as one of a command.
var forPeople = strings.NewReplacer("undo_change was not called:\n- ", "", "list_changes has them", "flexie-mcp changes lists them")

// agree shows what it would do, and asks until the answer is about what is so:
// the record may have changed while somebody thought about it.
func (u undoing) agree(ctx context.Context, dryRun bool) error {
	in := bufio.NewReader(u.In)
	shown := ""
	for {
		preview, err := u.call(ctx, true)
		if err != nil || preview == shown {
			return err
		}
		if shown != "" {
			fmt.Fprintln(u.Err, "flexie-mcp: meanwhile that has changed:")
		}
		if dryRun {
			fmt.Fprintln(u.Out, preview)
			return nil
		}
		fmt.Fprintln(u.Out, strings.TrimPrefix(preview, "Dry run: nothing was changed. "))
		if !u.isTerminal() {
			return failed(fmt.Errorf("nothing was changed; to do it: flexie-mcp undo %s --yes", u.number))
		}
		if !u.saysYes(in) {
			return failed(errors.New("nothing was changed"))
		}
		shown = preview
	}
}

// isTerminal reports whether there is somebody to ask.
func (u undoing) isTerminal() bool {
	in, ok := u.In.(*os.File)
	return ok && isatty.IsTerminal(in.Fd())
}

func (u undoing) saysYes(in *bufio.Reader) bool {
	fmt.Fprint(u.Err, "\nGo ahead? [y/N] ")
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	said := strings.ToLower(strings.TrimSpace(line))
	return said == "y" || said == "yes"
}

// unfenced is the text of an answer for a person.
func unfenced(answer *mcp.CallToolResult) string {
	return strings.TrimRight(server.Unfenced(textOf(answer)), "\n")
}
