package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// These are stamped by the linker: -ldflags "-X flexie-mcp/internal/cli.release=1.2.3".
// Commit and date are for builds that have no git around them.
var release, commit, date string

// build is what is known of how this program was made. What is not known is "".
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"` // whole, of git
	Date    string `json:"date"`   // of that commit, RFC 3339 in UTC
	Changed bool   `json:"changed"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Module  string `json:"module"`
}

// thisBuild reads what Go has stamped into the program.
func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(build{Version: release, Commit: commit, Date: date}, info)
}

// buildOf adds to what was stamped. Without a release it names the version by the
// commit, or by the module's, where it was installed as one.
func buildOf(b build, info *debug.BuildInfo) build {
	b.Go, b.OS, b.Arch, b.Module = runtime.Version(), runtime.GOOS, runtime.GOARCH, info.Main.Path
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = cmp.Or(b.Commit, s.Value)
		case "vcs.time":
			b.Date = cmp.Or(b.Date, s.Value)
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	if b.Version == "" {
		b.Version = unreleased(b.Commit, info.Main.Version)
	}
	return b
}

// unreleased is the version of a program that nobody stamped. What Go calls the
// module's version in a work tree is made of the commit, which is said more shortly.
func unreleased(commit, ofModule string) string {
	switch {
	case len(commit) >= 12:
		return "dev-" + commit[:12]
	case strings.HasPrefix(ofModule, "v"):
		return strings.TrimPrefix(ofModule, "v")
	}
	return "dev"
}

// version is the release, or else the commit that was built.
func version() string { return thisBuild().Version }

// about is the line that "version" and --version show.
func about() string {
	b := thisBuild()
	return fmt.Sprintf("flexie-mcp %s (%s, %s/%s)\n", b.Version, b.Go, b.OS, b.Arch)
}

func (a *app) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Show the version",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return failed(writeJSON(a.Out, thisBuild()))
			}
			fmt.Fprint(a.Out, about())
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "with the commit and its date, as JSON")
	return cmd
}
