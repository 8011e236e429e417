package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/telemetry"
	"flexie-mcp/tools"
)

// Observing is what an operator sees of a server. Each part may be nil, which
// shows nothing; the zero one costs nothing.
type Observing struct {
	Metrics *telemetry.Metrics
	Tracing *telemetry.Tracing
	Access  *telemetry.Access
	Health  *telemetry.Health

	watched *watched
}

// watched is what metrics ask whenever they are read. It is known only after
// they have been made.
type watched struct{ workspace atomic.Pointer[Workspace] }

// WithMetrics has all counted that there is to count. The workspace must then be
// opened by Observing.Open.
func (o Observing) WithMetrics(version string) Observing {
	o.watched = &watched{}
	o.Metrics = telemetry.NewMetrics(telemetry.MetricsOptions{
		Version: version, Tools: tools.Names(append(tools.All(), tools.Discover(nil)...)),
		Outcomes: outcomes(), Groups: flexie.Groups, Pending: o.watched.pending, Breakers: o.watched.breakers,
	})
	return o
}

// asked is the outcome of a call that ended with a question to the user.
const asked = "asked"

// outcomes are all that a call may end with but telemetry.OK.
func outcomes() []string {
	all := []string{asked, declined, noState, WrongArguments, "not_allowed"}
	for _, kind := range []flexie.ErrorKind{
		flexie.Unauthorized, flexie.Denied, flexie.NotFound, flexie.Invalid, flexie.Conflict, flexie.Limited,
		flexie.Unavailable, flexie.Unreachable, flexie.Lost, flexie.Timeout, flexie.Cancelled, flexie.Unreadable, flexie.SignedOut,
	} {
		all = append(all, string(kind))
	}
	return all
}

// pending counts the changes whose end is not known.
func (w *watched) pending(ctx context.Context) (int, error) {
	if open := w.workspace.Load(); open != nil {
		return open.pendingChanges(ctx)
	}
	return 0, nil
}

func (w *Workspace) pendingChanges(ctx context.Context) (int, error) {
	_, total, err := w.Safety.Journal.List(ctx, journal.Filter{Outcomes: []journal.Outcome{journal.Pending}, Limit: 1})
	return total, err
}

// breakers counts workspaces by how they are treated: the server's own, and those
// that callers have named.
func (w *watched) breakers() (b telemetry.Breakers) {
	open := w.workspace.Load()
	if open == nil {
		return b
	}
	if open.options.BaseURL != "" {
		count(&b, open.options.Limits.State())
	}
	if members := open.members.Load(); members != nil {
		members.countStates(&b)
	}
	return b
}

func (m *Members) countStates(b *telemetry.Breakers) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, limits := range m.limits {
		if l := limits.Value(); l != nil {
			count(b, l.State())
		}
	}
}

func count(b *telemetry.Breakers, s flexie.State) {
	switch s {
	case flexie.Asked:
		b.Closed++
	case flexie.Rested:
		b.Open++
	case flexie.Retried:
		b.Trying++
	}
}

// begin has a workspace that was opened watched.
func (o Observing) begin(w *Workspace) {
	if o.watched != nil {
		o.watched.workspace.Store(w)
	}
	if o.Health != nil {
		o.Health.Check("state store", w.stateReached())
	}
}

// stateReached is a check that stays well once the state store was reached, by
// whatever use of it: one that goes away later takes changes away, not reads, and
// it goes away for all servers at once.
func (w *Workspace) stateReached() func(context.Context) error {
	var once atomic.Bool
	w.state.Durable.OnOpen(func(store.Run) { once.Store(true) })
	return func(ctx context.Context) error {
		if once.Load() {
			return nil
		}
		_, err := w.pendingChanges(ctx)
		return err
	}
}

// observe has the requests of clients counted and traced. To Flexie they are the
// same, but for the header that carries a trace on.
func (o Observing) observe(options *flexie.Options) {
	options.Transport = o.transport(options.Transport)
	if o.Metrics != nil {
		options.Waited = func(why flexie.Wait, took time.Duration) { o.Metrics.Waited(string(why), took) }
	}
}

// transport is base, observed; nil is that of clients that are given none.
func (o Observing) transport(base http.RoundTripper) http.RoundTripper {
	if o.Metrics == nil && o.Tracing == nil {
		return base
	}
	if base == nil {
		base = flexie.Ordinary()
	}
	return &telemetry.Transport{Base: base, Metrics: o.Metrics, Tracing: o.Tracing, Endpoint: func(r *http.Request) (string, bool) {
		e := flexie.EndpointOf(r.Context())
		return e.Name, e.Writes()
	}}
}

// options are those of mcp-go, whose messages are logged to log.
func (o Observing) options(log *slog.Logger) []mcpserver.ServerOption {
	all := messageLog(log)
	if o.Tracing != nil {
		all = append(all, mcpserver.WithTracer(mcpTracer{o.Tracing}), mcpserver.WithMetaPropagator(mcpMeta{o.Tracing}))
	}
	return all
}

// follow counts sessions.
func (o Observing) follow(hooks *mcpserver.Hooks) {
	if o.Metrics == nil {
		return
	}
	hooks.AddOnRegisterSession(func(context.Context, mcpserver.ClientSession) { o.Metrics.SessionOpened() })
	hooks.AddOnUnregisterSession(func(context.Context, mcpserver.ClientSession) { o.Metrics.SessionClosed() })
}

// call observes a call of a tool: ended must be called with its result, which is
// nil if it panicked, and puts the id of the request into one that failed.
func (o Observing) call(ctx context.Context, t tools.Tool, request mcp.CallToolRequest) (observed context.Context, ended func(*mcp.CallToolResult)) {
	if telemetry.RequestID(ctx) == "" {
		ctx = telemetry.WithRequestID(ctx, "")
	}
	o.Metrics.CallBegan()
	begun := time.Now()
	return ctx, func(r *mcp.CallToolResult) {
		outcome, took := outcomeOf(r), time.Since(begun)
		o.Metrics.CallEnded(t.Name, !t.Act.ReadOnly, outcome, took)
		if outcome != telemetry.OK && outcome != asked {
			telemetry.Annotate(ctx, telemetry.Attr{Key: "error.type", Value: outcome})
			identify(ctx, r)
		}
		if o.Access == nil {
			return
		}
		line := telemetry.Call{Caller: nameOf(ctx), Client: clientName(ctx, request), Tool: t.Name, Outcome: outcome, Took: took}
		if o.Access.Arguments {
			line.Arguments = argumentsOf(request)
		}
		o.Access.Line(ctx, line)
	}
}

// outcomeOf is telemetry.OK, asked, or the kind of the call's error.
func outcomeOf(r *mcp.CallToolResult) string {
	switch {
	case r == nil:
		return "other"
	case r.ResultType == mcp.ResultTypeInputRequired:
		return asked
	case !r.IsError:
		return telemetry.OK
	}
	return ErrorKind(r)
}

// requestIDKey is where a failed call carries the id that its lines in the log
// have.
const requestIDKey = "flexie-mcp/request-id"

func identify(ctx context.Context, r *mcp.CallToolResult) {
	if r == nil {
		return
	}
	if r.Meta == nil {
		r.Meta = &mcp.Meta{}
	}
	if r.Meta.AdditionalFields == nil {
		r.Meta.AdditionalFields = map[string]any{}
	}
	r.Meta.AdditionalFields[requestIDKey] = telemetry.RequestID(ctx)
}

// nameOf is what whoever asks is called in logs; "" where there is but one.
func nameOf(ctx context.Context) string {
	if a := askingOf(ctx); a != nil {
		return a.Identity.Name
	}
	return ""
}

// LogsCalls reports whether there is a line for each call: where the settings
// don't say, over HTTP, and wherever as much is logged.
func LogsCalls(s *config.Loaded, overHTTP bool) bool {
	if s.IsSet("log_calls") {
		return s.LogCalls
	}
	return overHTTP || s.LogLevel == "info" || s.LogLevel == "debug"
}
