package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"flexie-mcp/internal/clients"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/setup"
)

type initOptions struct {
	nonInteractive, dryRun, noClients bool
	clients                           []string
	keyFile, name, command            string
}

func (a *app) initCommand() *cobra.Command {
	o := initOptions{}
	cmd := &cobra.Command{
		Use:   "init [WORKSPACE]",
		Short: "Set it all up, by a few questions: workspace, key, tools, clients",
		Long: `init asks for your Flexie workspace and your API key, and tries the key at once;
then which tools to offer, and which of the clients on this machine are to have
them. It shows what it will do before it does that: keep the key, in this
system's keyring or else in a file that only you can read; write the settings
file, or change what is different in it; and put this server into the clients'
settings. Ctrl-C before that leaves everything as it was.

What is given as a flag or variable is not asked for. Settings that are given as
flags, like --confirm preview, go into the settings file as well. That is the one
that --config or FLEXIE_CONFIG names, or else flexie-mcp/config.toml where
settings of programs are, like ~/.config.`,
		Example: `  flexie-mcp init
  flexie-mcp init --sandbox
  pass flexie | flexie-mcp init acme --non-interactive --key-file - --clients cursor`,
		Args: oneWorkspace,
		RunE: func(cmd *cobra.Command, args []string) error { return a.init(cmd, args, o) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.BoolVar(&o.nonInteractive, "non-interactive", false, "ask nothing: take all from flags and variables")
	flags.StringVar(&o.keyFile, "key-file", "", "take the API key from this `path`, or - for standard input, and keep it")
	flags.StringSliceVar(&o.clients, "clients", nil, "put it into these `clients`, or all that are here")
	flags.BoolVar(&o.noClients, "no-clients", false, "put it into none")
	flags.BoolVar(&o.dryRun, "dry-run", false, "only show what would be done")
	flags.StringVar(&o.name, "name", "flexie", "what the clients' entry is called")
	flags.StringVar(&o.command, "command", "", "have clients start the program at this `path` instead of this one")
	completeWords(cmd, "clients", append([]string{"all"}, clients.IDs()...))
	return cmd
}

func oneWorkspace(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return fmt.Errorf("init takes one workspace, and got %d; see %s --help", len(args), cmd.CommandPath())
	}
	return nil
}

// initRun is one run of init. What is answered becomes a flag, as if it had been given.
type initRun struct {
	*app
	cmd     *cobra.Command
	o       initOptions
	ask     *asker // nil where nobody is asked
	program string // that clients are to start; "" if none is
	fileKey string // of --key-file
	file    setup.File
	loaded  *config.Loaded // by flags, answers, variables and the file
	by      credential
	chosen  []clients.Client
}

func (a *app) init(cmd *cobra.Command, args []string, o initOptions) error {
	r := &initRun{app: a, cmd: cmd, o: o}
	if err := r.begin(args); err != nil {
		return err
	}
	for _, step := range []func() error{r.workspace, r.credential, r.tools, r.clients} {
		if err := step(); err != nil {
			return err
		}
	}
	return r.finish()
}

// begin finds out whether there is somebody to ask, and what is known already.
func (r *initRun) begin(args []string) (err error) {
	if r.o.noClients && len(r.o.clients) > 0 {
		return errors.New("--clients and --no-clients are both given: keep one")
	}
	if err := checkEntryName(r.o.name); err != nil {
		return err
	}
	if !r.o.nonInteractive {
		if r.ask = r.asker(); r.ask == nil {
			return errors.New("init asks questions, and standard input is no terminal: run it in one, or with --non-interactive and all it needs as flags (flexie-mcp init --help)")
		}
	}
	if !r.o.noClients {
		if r.program, err = program(r.o.command); err != nil {
			return err
		}
	}
	if err := r.load(); err != nil {
		return err
	}
	if r.o.keyFile != "" {
		if err := r.readKeyFile(); err != nil {
			return err
		}
	}
	if len(args) == 1 {
		if err := r.setWorkspace(args[0]); err != nil {
			return err
		}
	}
	if r.ask == nil {
		return r.missing()
	}
	return nil
}

// asker is the person at the terminal; nil if there is none.
func (a *app) asker() *asker {
	in, isFile := a.In.(*os.File)
	if !isFile || !isatty.IsTerminal(in.Fd()) {
		return nil
	}
	return &asker{in: in, to: a.Err, width: lookOf(a.Err, a.Environ).width}
}

// load reads the settings, with the file that init is to write, if it is there.
func (r *initRun) load() error {
	named, _ := config.Inspect(r.cmd.Flags(), r.Environ) // what is wrong is said below
	path := named.ConfigFile
	if path == "" {
		path = config.DefaultFile(runtime.GOOS, r.Environ)
	}
	if path == "" {
		return errors.New("it is not known where settings go on this system: name the file with --config")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return failed(err)
	}
	if r.file, err = setup.Open(path); err != nil {
		return failed(err)
	}
	if !r.file.Exists {
		path = ""
	}
	if err := r.cmd.Flags().Set("config", path); err != nil {
		return err
	}
	r.loaded, err = r.settings(r.cmd)
	if r.ask != nil {
		r.ask.ctx = r.cmd.Context()
	}
	return err
}

// set answers for settings, by key; what is wrong with them is an error.
func (r *initRun) set(answers ...[2]string) error {
	for _, s := range answers {
		if err := r.cmd.Flags().Set(flagOf(s[0]), s[1]); err != nil {
			return err
		}
	}
	loaded, err := config.Load(r.cmd.Flags(), r.Environ)
	if err == nil {
		r.loaded = loaded
	}
	return err
}

func flagOf(setting string) string { return strings.ReplaceAll(setting, "_", "-") }

// isGiven reports whether a setting is one of this run: a flag, or a variable.
func (r *initRun) isGiven(setting string) bool {
	from := originOf(r.loaded, setting)
	return strings.HasPrefix(from, "flag ") || strings.HasPrefix(from, "environment ")
}

// say tells what is going on.
func (r *initRun) say(format string, args ...any) {
	width := 0
	if r.ask != nil {
		width = r.ask.width
	}
	fmt.Fprint(r.Err, fitted(fmt.Sprintf(format, args...), "", width))
}

// sayProblem tells what was wrong, as a sentence.
func (r *initRun) sayProblem(text string) {
	text = strings.TrimSuffix(text, ".") + "."
	if first, _, _ := strings.Cut(text, " "); !strings.ContainsAny(first, ":/-_") {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	r.say("%s", text)
}

// missing says all at once what nobody can be asked for.
func (r *initRun) missing() error {
	var lacks []string
	s := r.loaded.Settings
	if !r.inSandbox() && s.Root() == "" {
		lacks = append(lacks, "the workspace: flexie-mcp init acme, or --sandbox to try it without one")
	}
	if !r.inSandbox() && s.Key() == "" && r.o.keyFile == "" {
		if there, err := r.there(); err != nil {
			return err
		} else if !there.signedIn && !there.isKept {
			lacks = append(lacks, "the API key: --key-file PATH, or - for standard input, or FLEXIE_API_KEY")
		}
	}
	if !r.o.noClients && len(r.o.clients) == 0 {
		lacks = append(lacks, "the clients: --clients claude-desktop,cursor, or all that are here, or --no-clients")
	}
	if len(lacks) == 0 {
		return nil
	}
	return errors.New("with --non-interactive nobody is asked, and this is missing:\n  " + strings.Join(lacks, "\n  "))
}
