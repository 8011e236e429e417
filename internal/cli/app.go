package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/telemetry"
	"flexie-mcp/tools"
)

// app is what the commands share.
type app struct {
	*Surroundings
	writes     atomic.Pointer[tools.Writes] // those of the workspace that is open
	servesHTTP atomic.Bool                  // HTTP, which ends by itself when its grace is over
	sends      atomic.Bool                  // what is left of traces and logs, for sendGrace at most
}

// isEnding reports whether something is under way that must end by itself: a
// write, calls over HTTP, or traces that are sent.
func (a *app) isEnding() bool {
	w := a.writes.Load()
	return a.servesHTTP.Load() || a.sends.Load() || w != nil && w.Pending() > 0
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
	return a.openObserved(s, server.Observing{}, newLog(a.Err, s))
}

func (a *app) openObserved(s config.Settings, o server.Observing, log *slog.Logger) (server.Options, *server.Workspace, error) {
	picked, err := chosen(s)
	if err != nil {
		return server.Options{}, nil, err
	}
	w, err := o.Open(s, version(), log)
	if err != nil {
		return server.Options{}, nil, err
	}
	w.Safety.Allows = choiceOf(s).Allows
	a.writes.Store(w.Safety.Writes)
	return server.Options{
		Tools: picked, About: w.About, Client: w.Client, Safety: w.Safety, HideForbidden: s.HideForbidden, Knowledge: w.Knowledge(), Tables: s.CustomTables,
		AnswerTokens: s.AnswerTokens, Log: log, Observing: o,
	}, w, nil
}

// openServing opens what is to be served, as its operator wants to see it. close
// ends it.
func (a *app) openServing(ctx context.Context, loaded *config.Loaded, overHTTP bool) (server.Options, *server.Workspace, error) {
	s := loaded.Settings
	base := newLog(a.Err, s)
	traces, err := telemetry.StartTracing(ctx, version(), base)
	if err != nil {
		base.Warn("traces or logs are not sent as the OTEL_* variables say", "reason", err)
	}
	log := slog.New(telemetry.LogHandler(base.Handler(), traces))
	o := server.Observing{Tracing: traces}
	if server.LogsCalls(loaded, overHTTP) {
		of := s
		of.LogLevel = "info" // whatever else is logged
		lines := telemetry.LogHandler(newLog(a.Err, of).Handler(), traces)
		o.Access = &telemetry.Access{Log: slog.New(lines), Arguments: s.LogArguments, Mask: tools.Loggable}
	}
	if overHTTP {
		o.Health = telemetry.NewHealth(log)
	}
	if overHTTP && s.HTTPMetricsListen != "" {
		o = o.WithMetrics(version())
	}
	options, w, err := a.openObserved(s, o, log)
	if err != nil {
		a.sendRest(o, log)
	}
	return options, w, err
}

// close ends what was opened, and then sends what is left of traces and logs.
func (a *app) close(w *server.Workspace, o server.Options) {
	a.sends.Store(o.Observing.Tracing != nil)
	_ = w.Close() // what could not be written is in the log
	a.sendRest(o.Observing, o.Log)
}

// sendGrace is how long a collector has to take what is left. Whoever ends the
// program waits for that.
const sendGrace = time.Second

func (a *app) sendRest(o server.Observing, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), sendGrace)
	defer cancel()
	if err := o.Tracing.Shutdown(ctx); err != nil {
		log.Warn("the last traces or logs could not be sent", "reason", err)
	}
}

// operating serves the operator at an address of their own, if the settings name
// one, until end is called. The context ends with the given one, once probes are
// answered that the server is about to.
func (a *app) operating(ctx context.Context, s config.Settings, o server.Observing) (draining context.Context, end func(), err error) {
	if s.HTTPMetricsListen == "" {
		return o.Draining(ctx), func() {}, nil
	}
	l, err := net.Listen("tcp", s.HTTPMetricsListen)
	if err != nil {
		return nil, nil, failed(fmt.Errorf("http_metrics_listen %s: it can't be listened on: %w", s.HTTPMetricsListen, err))
	}
	fmt.Fprintf(a.Err, "flexie-mcp: metrics on %s, at /metrics\n", l.Addr())
	return o.Draining(ctx), o.ServeOperator(l), nil
}

// serving opens what the settings of a command ask to be served. Meanwhile it is
// found out what came of writes that the last run did not see the end of.
func (a *app) serving(cmd *cobra.Command) (server.Options, *server.Workspace, error) {
	loaded, err := a.settings(cmd)
	if err != nil {
		return server.Options{}, nil, err
	}
	options, workspace, err := a.openServing(cmd.Context(), loaded, false)
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
