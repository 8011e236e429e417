package cli

import (
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// app is what the commands share.
type app struct {
	*Surroundings
	writes     atomic.Pointer[tools.Writes] // those of the workspace that is open
	servesHTTP atomic.Bool                  // HTTP, which ends by itself when its grace is over
}

// isEnding reports whether something is under way that must end by itself: a
// write, or calls over HTTP.
func (a *app) isEnding() bool {
	w := a.writes.Load()
	return a.servesHTTP.Load() || w != nil && w.Pending() > 0
}

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
func chosen(s config.Settings) ([]tools.Tool, error) { return tools.Choose(tools.All(), choiceOf(s)) }

// choiceOf is which tools the settings ask for, and which they allow.
func choiceOf(s config.Settings) tools.Choice {
	return tools.Choice{
		Toolsets: s.Toolsets, Tools: s.Tools, Exclude: s.ExcludeTools,
		Access: tools.Level(s.Access), ReadOnly: s.ReadOnly,
	}
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
	w.Safety.Allows = choiceOf(s).Allows
	a.writes.Store(w.Safety.Writes)
	return server.Options{
		Tools: picked, About: w.About, Client: w.Client, Safety: w.Safety, HideForbidden: s.HideForbidden, Knowledge: w.Knowledge(), Tables: s.CustomTables,
		AnswerTokens: s.AnswerTokens, Log: log,
	}, w, nil
}

// serving opens what the settings of a command ask to be served. Meanwhile it is
// found out what came of writes that the last run did not see the end of.
func (a *app) serving(cmd *cobra.Command) (server.Options, *server.Workspace, error) {
	loaded, err := a.settings(cmd)
	if err != nil {
		return server.Options{}, nil, err
	}
	options, workspace, err := a.open(loaded.Settings)
	if err == nil {
		go workspace.Settle(cmd.Context(), options.Log)
	}
	return options, workspace, err
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
