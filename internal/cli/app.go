package cli

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// app is what the commands share.
type app struct{ *Surroundings }

// settings reads the settings in force for a command, and refuses names of
// toolsets and tools that there are not, whether or not the command needs them.
func (a *app) settings(cmd *cobra.Command) (*config.Loaded, error) {
	loaded, err := config.Load(cmd.Flags(), a.Environ)
	if err != nil {
		return nil, err
	}
	return loaded, a.check(loaded)
}

// check knows the names of toolsets and tools, and passes on warnings.
func (a *app) check(loaded *config.Loaded) error {
	if _, err := chosen(loaded.Settings); err != nil {
		return err
	}
	for _, w := range loaded.Warnings {
		fmt.Fprintln(a.Err, "flexie-mcp: warning: "+w)
	}
	return nil
}

// chosen are the tools that the settings ask for.
func chosen(s config.Settings) ([]tools.Tool, error) {
	return tools.Choose(tools.All(), tools.Choice{
		Toolsets: s.Toolsets, Tools: s.Tools, Exclude: s.ExcludeTools, ReadOnly: s.ReadOnly,
	})
}

// open makes what a server is built of: the tools chosen, and the workspace.
func (a *app) open(s config.Settings) (server.Options, *server.Workspace, error) {
	picked, err := chosen(s)
	if err != nil {
		return server.Options{}, nil, err
	}
	log := newLog(a.Err, s)
	w, err := server.Open(s, version(), log)
	if err != nil {
		return server.Options{}, nil, err
	}
	return server.Options{
		Tools: picked, About: w.About, Client: w.Client, Knowledge: w.Knowledge(), Tables: s.CustomTables,
		AnswerTokens: s.AnswerTokens, Log: log,
	}, w, nil
}

// serving opens what the settings of a command ask to be served.
func (a *app) serving(cmd *cobra.Command) (server.Options, *server.Workspace, error) {
	loaded, err := a.settings(cmd)
	if err != nil {
		return server.Options{}, nil, err
	}
	return a.open(loaded.Settings)
}

// newLog writes to standard error: standard output is the protocol's.
func newLog(to io.Writer, s config.Settings) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		level = slog.LevelWarn
	}
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
