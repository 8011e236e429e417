// Package cli is the command line: one file a command.
package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

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

// endGrace is how long a command may take to end once it was told to. It is
// longer than what the servers give their calls.
const endGrace = time.Second

// Run runs one command and returns what the process is to exit with. SIGINT
// and SIGTERM end it in order, or without it if it waits for what may never
// come, like standard input. A closed pipe is a failure to write.
func Run(args []string, around Surroundings) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	signal.Ignore(syscall.SIGPIPE)
	log.SetOutput(io.Discard) // net/http writes there what servers send unasked
	out := &output{to: around.Out}
	around.Out = out
	a := &app{Surroundings: &around}
	root := newRoot(a)
	root.SetArgs(args)
	err := untilEnded(ctx, a.isEnding, func() error { return root.ExecuteContext(ctx) })
	if failure := out.failure(); failure != nil {
		err = failed(failure)
	}
	return report(err, around.Err)
}

// untilEnded runs a command, and leaves it where it is when ctx has ended and
// the grace has passed; but what is under way and ends by itself, is waited for.
func untilEnded(ctx context.Context, isEnding func() bool, run func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- run() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	for {
		select {
		case err := <-ended:
			return err
		case <-time.After(endGrace):
			if !isEnding() {
				return failed(errors.New("interrupted"))
			}
		}
	}
}

// output remembers that it could not be written, so that no command, and no
// help text, has to look. It is safe for concurrent use.
type output struct {
	to  io.Writer
	mu  sync.Mutex
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.to.Write(b)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.err = cmp.Or(o.err, fmt.Errorf("the output can't be written: %w", err))
	}
	return n, err
}

// failure is why it could not be written, if so.
func (o *output) failure() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

func report(err error, to io.Writer) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, syscall.EPIPE) {
		return exitFailed // whoever read has seen enough, as in "| head"
	}
	fmt.Fprintln(to, "flexie-mcp: "+strings.TrimSpace(err.Error()))
	var f failure
	if errors.As(err, &f) {
		return exitFailed
	}
	return exitUsage
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "flexie-mcp",
		Short: "An MCP server for Flexie CRM",
		Long: `flexie-mcp connects AI assistants to a Flexie CRM workspace, by MCP. Without a
command it serves the one client that started it, on standard input and output:
that is what Claude Desktop, coding assistants and the like are to run.`,
		Example: `  # See it work, without an account
  flexie-mcp demo

  # Call one tool by hand
  flexie-mcp call --sandbox search_contacts '{"search":"acme"}'

  # Serve your workspace
  FLEXIE_SUBDOMAIN=acme FLEXIE_API_KEY=… flexie-mcp`,
		Args:          noArguments,
		RunE:          a.stdio,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SuggestionsMinimumDistance = 2
	config.Flags(root.PersistentFlags())
	root.PersistentFlags().SortFlags = false // they are declared in an order that makes sense
	root.SetVersionTemplate(about())
	root.SetFlagErrorFunc(explainFlag)
	root.SetUsageFunc(usage)
	root.SetHelpCommand(helpCommand())
	const program = "About the program:"
	addGroup(root, "Serve an assistant:", a.httpCommand(), a.tokenCommand())
	addGroup(root, "Sign in to Flexie:", a.loginCommand(), a.logoutCommand(), a.whoamiCommand())
	addGroup(root, "Connect an assistant on this machine:", a.initCommand(), a.installCommand(), a.uninstallCommand())
	addGroup(root, "Try it without an account:", a.demoCommand(), a.sandboxCommand())
	addGroup(root, "Look inside, and work by hand:", a.callCommand(), a.toolsCommand(), a.changesCommand(), a.undoCommand(), a.endpointsCommand(), a.configCommand(), a.doctorCommand())
	addGroup(root, program, a.versionCommand())
	root.SetHelpCommandGroupID(program)
	root.SetCompletionCommandGroupID(program)
	completionCommand(root)
	root.AddCommand(settingsTopic(root.PersistentFlags()), a.healthcheckCommand())
	completeSettings(root)
	return root
}

func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range commands {
		c.GroupID = title
		root.AddCommand(c)
	}
}

// noArguments refuses arguments, and takes a first one for a mistyped command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasParent() {
		return fmt.Errorf("%s takes no arguments, and got %q; see %s --help", cmd.Name(), args[0], cmd.CommandPath())
	}
	return noCommand(cmd, args[0])
}

func noCommand(root *cobra.Command, name string) error {
	problem := fmt.Sprintf("there is no command %q", name)
	if near := root.SuggestionsFor(name); len(near) > 0 {
		problem += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return errors.New(problem + " (flexie-mcp --help lists them)")
}
