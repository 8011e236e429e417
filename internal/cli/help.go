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
	fmt.Fprintf(&b, "Usage:\n  %s\n", strings.TrimSuffix(cmd.UseLine(), " [flags]")+" [flags]")
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
		if c.GroupID == group && c.IsAvailableCommand() {
			fmt.Fprintf(to, "  %-11s %s\n", c.Name(), c.Short)
		}
	}
}

func writeFlags(to io.Writer, flags *pflag.FlagSet) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			fmt.Fprintf(w, "  %s\t%s\n", signature(f), f.Usage)
		}
	})
	w.Flush()
}

// signature is a flag as it is written: "--listen string".
func signature(f *pflag.Flag) string {
	kind, _ := pflag.UnquoteUsage(f)
	text := strings.TrimSpace("--" + f.Name + " " + kind)
	if f.Shorthand != "" {
		text = "-" + f.Shorthand + ", " + text
	}
	return text
}

// settingsTopic is "help settings".
func settingsTopic(settings *pflag.FlagSet) *cobra.Command {
	var b strings.Builder
	b.WriteString(`Every setting is a flag, an environment variable or a line of a TOML file: with
--read-only, FLEXIE_READ_ONLY=1 and read_only = true are the same. A flag wins
over the environment, which wins over the file that --config or FLEXIE_CONFIG
names. "flexie-mcp config" shows what is in force, and docs/settings.md has more.
`)
	settings.VisitAll(func(f *pflag.Flag) {
		fmt.Fprintf(&b, "\n  %s", signature(f))
		if f.DefValue != "" {
			fmt.Fprintf(&b, "  (default %s)", f.DefValue)
		}
		fmt.Fprintf(&b, "\n      %s", f.Usage)
	})
	return &cobra.Command{Use: "settings", Short: "The settings, which every command takes", Long: b.String()}
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

// explainFlag names the flag that was probably meant.
func explainFlag(cmd *cobra.Command, err error) error {
	unknown := new(pflag.NotExistError)
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) == 1 {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return fmt.Errorf("there is no flag --%s; did you mean --%s?", unknown.GetSpecifiedName(), flexie.Closest(unknown.GetSpecifiedName(), names))
}

// completeSettings lets a shell complete the settings that are words of a list.
func completeSettings(root *cobra.Command) {
	for flag, words := range map[string][]string{
		"toolsets": tools.Toolsets(), "tools": tools.Names(tools.All()), "exclude-tools": tools.Names(tools.All()),
		"log-level": config.LogLevels, "log-format": config.LogFormats, "sandbox-dialect": config.SandboxDialects,
	} {
		err := root.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
		if err != nil {
			panic(err) // the flag is no setting any more
		}
	}
}
