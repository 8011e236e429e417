// Package cli is the command line: one file a command.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
)

// What a command ends with.
const (
	exitDone   = 0
	exitFailed = 1 // it was asked rightly, and could not be done
	exitUsage  = 2 // it was asked wrongly: arguments, flags or settings
)

// Surroundings are what a command sees of the world.
type Surroundings struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
}

// System are the surroundings of this process.
func System() Surroundings {
	return Surroundings{os.Stdin, os.Stdout, os.Stderr, os.Environ()}
}

// failure is an error of a command that was asked rightly.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

func failed(err error) error {
	if err == nil {
		return nil
	}
	return failure{err}
}

// Run runs one command and returns what the process is to exit with. SIGINT
// and SIGTERM end it in order.
func Run(args []string, around Surroundings) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot(&around)
	root.SetArgs(args)
	root.SetIn(around.In)
	root.SetOut(around.Out)
	root.SetErr(around.Err)
	return report(root.ExecuteContext(ctx), around.Err)
}

func report(err error, to io.Writer) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(to, "flexie-mcp: "+strings.TrimSpace(err.Error()))
	var f failure
	if errors.As(err, &f) {
		return exitFailed
	}
	return exitUsage
}

func newRoot(around *Surroundings) *cobra.Command {
	root := &cobra.Command{
		Use:   "flexie-mcp",
		Short: "An MCP server for Flexie CRM",
		Long: `flexie-mcp gives AI assistants a Flexie CRM workspace. Without a command it
serves one client on standard input and output, as Claude Desktop and coding
assistants want it.

See it work, without an account:   flexie-mcp demo
Call one tool:                     flexie-mcp call --sandbox search_contacts '{"search":"acme"}'
Serve your workspace:              FLEXIE_SUBDOMAIN=acme FLEXIE_API_KEY=… flexie-mcp`,
		Args:          noArguments,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	config.Flags(root.PersistentFlags())
	a := &app{around}
	root.RunE = a.stdio
	root.AddCommand(
		a.httpCommand(), a.sandboxCommand(), a.demoCommand(), a.toolsCommand(), a.endpointsCommand(),
		a.callCommand(), a.configCommand(), a.versionCommand(),
	)
	return root
}

// noArguments refuses arguments, and takes a first one for a mistyped command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	problem := fmt.Sprintf("%s takes no arguments, and got %q", cmd.CommandPath(), args[0])
	if !cmd.HasParent() {
		problem = fmt.Sprintf("there is no command %q", args[0])
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			problem += "; did you mean " + strings.Join(near, " or ") + "?"
		}
	}
	return errors.New(problem + " See flexie-mcp --help.")
}
