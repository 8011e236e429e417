package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
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
	workspace  atomic.Pointer[server.Workspace]
	servesHTTP atomic.Bool   // HTTP, which ends by itself when its grace is over
	sends      atomic.Bool   // what is left of traces and logs, for sendGrace at most
	tidies     atomic.Bool   // the doctor's write test, which deletes what it has made
	level      slog.LevelVar // of the log of what is served
}

// isEnding reports whether something is under way that must end by itself: a
// write, a renewal of tokens, calls over HTTP, or traces that are sent.
func (a *app) isEnding() bool {
	w := a.writes.Load()
	if open := a.workspace.Load(); open != nil && open.Renewing() {
		return true
	}
	return a.servesHTTP.Load() || a.sends.Load() || a.tidies.Load() || w != nil && w.Pending() > 0
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
	a.warn(loaded.Settings, loaded.Warnings)
	return nil
}

// warn says what the operator should know before there is anything to log: for
// people, or, where lines of the log are JSON, as one of them.
func (a *app) warn(s config.Settings, warnings []string) {
	for _, w := range warnings {
		if s.LogFormat == "json" {
			newLogAt(a.Err, s, slog.LevelWarn).Warn(w)
		} else {
			fmt.Fprintln(a.Err, "flexie-mcp: warning: "+w)
		}
	}
}

// chosen are the tools that the settings ask for.
func chosen(s config.Settings) ([]tools.Tool, error) { return tools.Choose(allTools(), choiceOf(s)) }

// allTools are made once: that is a part of each start.
var allTools = sync.OnceValue(tools.All)

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
	if s, _, err = a.withKeptKey(s); err != nil {
		return server.Options{}, nil, err
	}
	w, err := o.Open(s, version(), log)
	if err != nil {
		return server.Options{}, nil, err
	}
	a.writes.Store(w.Safety.Writes)
	a.workspace.Store(w)
	options := server.Options{
		About: w.About, Client: w.Client, Safety: w.Safety, Results: w.Results, Knowledge: w.Knowledge(), Tables: s.CustomTables, Log: log, Observing: o,
	}
	offerBy(&options, s, picked)
	return options, w, nil
}

// offerBy is what of a server's options can change with the settings while it runs.
func offerBy(o *server.Options, s config.Settings, picked []tools.Tool) {
	o.Tools, o.HideForbidden, o.AnswerTokens = picked, s.HideForbidden, s.AnswerTokens
	o.About.Toolsets, o.About.ReadOnly = s.Toolsets, s.ReadOnly || s.Access == "read"
	o.Safety.Allows, o.Safety.Confirm = choiceOf(s).Allows, tools.Confirmation(s.Confirm)
}

// openServing opens what is to be served, as its operator wants to see it. close
// ends it.
func (a *app) openServing(ctx context.Context, loaded *config.Loaded, overHTTP bool) (server.Options, *server.Workspace, error) {
	s := loaded.Settings
	a.level.Set(levelOf(s))
	base := newLogAt(a.Err, s, &a.level)
	traces, err := telemetry.StartTracing(ctx, version(), base)
	if err != nil {
		base.Warn("traces or logs are not sent as the OTEL_* variables say", "reason", err)
	}
	log := slog.New(telemetry.LogHandler(base.Handler(), traces))
	o := server.Observing{Tracing: traces}
	o.Access = a.access(loaded, overHTTP, traces)
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

// access writes a line for each call; nil if the settings want none.
func (a *app) access(loaded *config.Loaded, overHTTP bool, traces *telemetry.Tracing) *telemetry.Access {
	if !server.LogsCalls(loaded, overHTTP) {
		return nil
	}
	return &telemetry.Access{Log: a.infoLog(loaded.Settings, traces), Arguments: loaded.LogArguments, Mask: tools.Loggable}
}

// infoLog is a log of what is always said, whatever else is logged.
func (a *app) infoLog(s config.Settings, traces *telemetry.Tracing) *slog.Logger {
	return slog.New(telemetry.LogHandler(newLogAt(a.Err, s, slog.LevelInfo).Handler(), traces))
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

// startQuiet is for how long a start leaves the processors to answering its client's
// first requests.
const startQuiet = 200 * time.Millisecond

// serving opens what the settings of a command ask to be served. Soon after it is
// found out what came of writes that the last run did not see the end of. No write
// waits for that: a journal knows those of it as soon as it is opened.
func (a *app) serving(cmd *cobra.Command) (server.Options, *server.Workspace, error) {
	loaded, err := a.settings(cmd)
	if err != nil {
		return server.Options{}, nil, err
	}
	options, workspace, err := a.openServing(cmd.Context(), loaded, false)
	if err == nil {
		go func() {
			select {
			case <-time.After(startQuiet):
				workspace.Settle(cmd.Context(), options.Log)
			case <-cmd.Context().Done():
			}
		}()
	}
	return options, workspace, err
}

// newLog writes to standard error: standard output is the protocol's.
func newLog(to io.Writer, s config.Settings) *slog.Logger { return newLogAt(to, s, levelOf(s)) }

func levelOf(s config.Settings) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(s.LogLevel)); err != nil {
		return slog.LevelWarn
	}
	return level
}

// newLogAt is newLog for another level than that of the settings.
func newLogAt(to io.Writer, s config.Settings, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
