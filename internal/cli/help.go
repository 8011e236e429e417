package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/tools"
)

// usage writes how a command is called. The settings, which every command
// takes, are left to their own topic.
func usage(cmd *cobra.Command) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n  %s\n", cmd.UseLine())
	if !cmd.HasParent() {
		fmt.Fprintf(&b, "  %s COMMAND [flags]\n", cmd.CommandPath())
	}
	if cmd.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", cmd.Example)
	}
	for _, group := range cmd.Groups() {
		fmt.Fprintf(&b, "\n%s\n", group.Title)
		writeCommands(&b, cmd, group.ID)
	}
	if cmd.HasParent() && cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nCommands:\n")
		writeCommands(&b, cmd, "")
	}
	fmt.Fprintf(&b, "\nFlags:\n")
	writeFlags(&b, cmd.LocalNonPersistentFlags())
	fmt.Fprintf(&b, "\nEvery command takes the settings, as flags, FLEXIE_* variables or a file:\n  flexie-mcp help settings\n")
	_, err := io.WriteString(cmd.OutOrStderr(), b.String())
	return err
}

func writeCommands(to io.Writer, cmd *cobra.Command, group string) {
	for _, c := range cmd.Commands() {
		if c.GroupID == group && (c.IsAvailableCommand() || c.Name() == "help") {
			fmt.Fprintf(to, "  %-11s %s\n", c.Name(), c.Short)
		}
	}
}

func writeFlags(to io.Writer, flags *pflag.FlagSet) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	flags.VisitAll(func(f *pflag.Flag) {
		kind, about := pflag.UnquoteUsage(f)
		name := strings.TrimSpace("--" + f.Name + " " + kind)
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		fmt.Fprintf(w, "  %s\t%s\n", name, about)
	})
	w.Flush()
}

// settingsTopic is "help settings".
func settingsTopic(settings *pflag.FlagSet) *cobra.Command {
	const intro = `Every setting is a flag, an environment variable or a line of a TOML file: with
--read-only, FLEXIE_READ_ONLY=1 and read_only = true are the same. A flag wins
over the environment, which wins over the file that --config or FLEXIE_CONFIG
names. "flexie-mcp config" shows what is in force, and docs/settings.md has more.

`
	return &cobra.Command{Use: "settings", Short: "The settings, which every command takes", Long: intro + strings.TrimRight(settings.FlagUsagesWrapped(80), "\n")}
}

// helpCommand takes the place of cobra's, which ends well when asked about a
// command that does not exist.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command, or the settings: help settings",
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(cmd.Root(), args[0])
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			for _, c := range cmd.Root().Commands() {
				if len(args) == 0 && !c.Hidden {
					names = append(names, c.Name()+"\t"+c.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// completionCommand is cobra's, which ends well when asked about a shell that
// it does not know.
func completionCommand(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	c, _, err := root.Find([]string{"completion"})
	if err != nil {
		panic(err)
	}
	c.Short = "Write a script that completes commands in a shell"
	c.Args = nil
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		if shell, _, err := cmd.Find([]string{strings.ToLower(args[0])}); err == nil && shell != cmd {
			return shell.RunE(shell, args[1:])
		}
		return fmt.Errorf("there is no completion for %q; there is for bash, fish, powershell and zsh", args[0])
	}
}

// explainFlag names the flag that was probably meant.
func explainFlag(cmd *cobra.Command, err error) error {
	unknown := new(pflag.NotExistError)
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) == 1 {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	name := "--" + unknown.GetSpecifiedName()
	return fmt.Errorf("there is no flag %s; did you mean %s?", name, flexie.Closest(name, names))
}

// completeSettings lets a shell complete the settings that are words of a list.
func completeSettings(root *cobra.Command) {
	completeWords(root, "toolsets", tools.Toolsets())
	completeTools(root, "tools")
	completeTools(root, "exclude-tools")
	completeWords(root, "log-level", config.LogLevels)
	completeWords(root, "log-format", config.LogFormats)
	completeWords(root, "sandbox-dialect", config.SandboxDialects)
	completeWords(root, "sandbox-faults-on", config.SandboxFaultsOn)
	completeWords(root, "access", config.AccessLevels)
	completeWords(root, "confirm", config.Confirmations)
}

func completeWords(cmd *cobra.Command, flag string, words []string) {
	completeBy(cmd, flag, func() []string { return words })
}

// completeTools makes the tools only when a shell asks: each start would wait for it.
func completeTools(cmd *cobra.Command, flag string) { completeBy(cmd, flag, everyName) }

func completeBy(cmd *cobra.Command, flag string, words func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words(), cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // there is no such flag
	}
}
