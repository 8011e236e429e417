package cli

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/doctor"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

type doctorOptions struct{ json, private, write, yes bool }

func (a *app) doctorCommand() *cobra.Command {
	o := doctorOptions{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong, in a report that can be shown to others",
		Long: `doctor looks at the settings, the way to Flexie, the key and its user, what is
kept on this machine, and at what this program assumes of Flexie. It reads only,
and takes less than half a minute. Nothing private is in its report, unless
--show-private: it can be pasted into an issue. It ends with 1 if something is
wrong.

--write-test makes one contact with a name of its own, changes it, and deletes
it again, which tests more of what is assumed. It asks first.`,
		Example: `  flexie-mcp doctor
  flexie-mcp doctor --json > report.json
  flexie-mcp doctor --write-test`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd, o) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.json, "json", false, "write the report as JSON (docs/doctor.md)")
	flags.BoolVar(&o.private, "show-private", false, "show names, addresses and paths as well; secrets never are")
	flags.BoolVar(&o.write, "write-test", false, "make, change and delete one contact, after asking")
	flags.BoolVar(&o.yes, "yes", false, "make the write test without asking")
	return cmd
}

func (a *app) doctor(cmd *cobra.Command, o doctorOptions) error {
	loaded, problem := config.Inspect(cmd.Flags(), a.Environ)
	if problem == nil {
		_, problem = chosen(loaded.Settings)
	}
	if problem == nil {
		loaded.Settings, _, problem = a.withKeptKey(loaded.Settings)
	}
	of := doctor.Options{
		Loaded: loaded, Problem: problem, Environ: a.Environ, Version: version(),
		ShowPrivate: o.private, WriteTest: o.write, WriteName: doctor.WriteNameAt(time.Now()),
		Clients: a.clientFindings,
	}
	if o.write {
		if err := a.mayWriteTest(loaded.Settings, of.WriteName, o.yes); err != nil {
			return err
		}
	}
	if loaded.Sandbox {
		box, err := sandbox.Open(server.SandboxOptions(loaded.Settings))
		if err != nil {
			return fmt.Errorf("the sandbox can't be opened: %w", err)
		}
		defer box.Close()
		of.Sandbox, of.SandboxAuth = box.Transport(), flexie.APIKey(sandbox.Key)
	}
	a.tidies.Store(o.write)
	report := doctor.Run(cmd.Context(), of)
	a.tidies.Store(false)
	if o.json {
		_, _ = a.Out.Write(report.JSON())
	} else {
		fmt.Fprint(a.Out, report.Text())
	}
	if report.Failed() {
		return failed(errors.New("something is wrong: see WRONG in the report, and what to do about it"))
	}
	return nil
}

// mayWriteTest refuses the write test where the settings let nothing be deleted,
// and asks whoever is at the terminal.
func (a *app) mayWriteTest(s config.Settings, name string, yes bool) error {
	level := tools.Level(s.Access)
	if s.ReadOnly || level != tools.AccessDelete && level != tools.AccessAdmin {
		return errors.New("the write test makes and deletes a contact, which the settings do not allow: see access and read_only in flexie-mcp config")
	}
	if yes {
		return nil
	}
	in, isFile := a.In.(*os.File)
	if !isFile || !isatty.IsTerminal(in.Fd()) {
		return errors.New("the write test asks first, and there is no terminal to ask on: --yes makes it without asking")
	}
	fmt.Fprintf(a.Err, "This makes a contact named %q in the workspace of the settings, changes it,\nwrites a note on it, and deletes both. Workflows that start with new contacts may run.\nGo ahead? [y/N] ", name)
	line, _ := bufio.NewReader(in).ReadString('\n')
	if said := strings.ToLower(strings.TrimSpace(line)); said != "y" && said != "yes" {
		return failed(errors.New("nothing was written, and nothing was looked at"))
	}
	return nil
}
