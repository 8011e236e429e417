package server

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/tools"
)

// asking is who asks, for one request over HTTP. It is decided once, before
// anything else looks at the request.
type asking struct {
	auth.Identity
	*member
}

// member is what is kept of a caller between requests: nothing of it is shared.
type member struct {
	workspace string // as the journal names it
	client    *flexie.Client
	knowledge *flexie.Knowledge
	shown     *tools.Shown
}

type askingKey struct{}

// askingOf is who asks, nil where nobody had to say: on stdio, and for calls from
// within the process.
func askingOf(ctx context.Context) *asking {
	a, _ := ctx.Value(askingKey{}).(*asking)
	return a
}

// callerOf tells callers apart, "" where there is but one.
func callerOf(ctx context.Context) string {
	if a := askingOf(ctx); a != nil {
		return a.Caller
	}
	return ""
}

const (
	// mostMembers is how many callers are kept in memory; the one who has not
	// asked for longest goes first, and only has to be read for again.
	mostMembers = 5000

	// memberIdle is how long a caller is kept who does not ask.
	memberIdle = time.Hour
)

// Members are those who ask over HTTP.
type Members struct {
	workspace *Workspace
	settings  config.Settings
	gate      auth.Authenticator
	guarded   http.RoundTripper // to workspaces that a caller names
	log       *slog.Logger

	mu     sync.Mutex
	known  *expirable.LRU[string, *member]
	limits map[string]*flexie.Limits // by API root
}

// NewMembers keeps those whom the gate lets in. trusts says which hosts the
// operator has named.
func NewMembers(w *Workspace, s config.Settings, gate auth.Authenticator, trusts func(host string) bool, log *slog.Logger) *Members {
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConnsPerHost = 16
	return &Members{
		workspace: w, settings: s, gate: gate, log: log,
		guarded: auth.Transport(base, trusts),
		known:   expirable.NewLRU[string, *member](mostMembers, nil, memberIdle),
		limits:  map[string]*flexie.Limits{w.options.BaseURL: w.options.Limits},
	}
}

// admit finds out who asks, or refuses.
func (m *Members) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions { // a browser asks before it sends credentials
			next.ServeHTTP(w, r)
			return
		}
		identity, err := m.gate.Identify(r)
		if err != nil {
			auth.Refuse(w, err)
			return
		}
		one, err := m.of(identity)
		if err != nil {
			m.log.ErrorContext(r.Context(), "a caller's client could not be made", "caller", identity.Name, "error", err)
			http.Error(w, "this caller's workspace can't be used", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askingKey{}, &asking{identity, one})))
	})
}

// of is what is kept of a caller, made at their first request.
func (m *Members) of(identity auth.Identity) (*member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.known.Get(identity.Caller)
	if !ok {
		var err error
		if one, err = m.newMember(identity); err != nil {
			return nil, err
		}
		go m.settle(identity, one)
	}
	m.known.Add(identity.Caller, one) // which begins its idle time anew
	return one, nil
}

func (m *Members) newMember(identity auth.Identity) (*member, error) {
	options := m.workspace.options
	if identity.Root != options.BaseURL {
		options.BaseURL, options.Transport = identity.Root, m.guarded
		if options.Limits = m.limits[identity.Root]; options.Limits == nil {
			options.Limits = flexie.NewLimits(m.settings.MaxRate, m.settings.MaxConcurrent)
			m.limits[identity.Root] = options.Limits
		}
	}
	one := &member{shown: tools.NewShown(), workspace: identity.Root}
	if identity.Root == m.workspace.options.BaseURL {
		one.workspace = m.workspace.Safety.Workspace
	}
	options.Auth, options.Caller = flexie.APIKey(identity.Key.Reveal()), identity.Caller
	one.knowledge = knowledgeOf(m.settings, identity.Root, identity.Key.Reveal(), m.log)
	options.Knowledge = one.knowledge
	var err error
	one.client, err = flexie.New(options)
	return one, err
}

// settle finds out what came of writes in the caller's workspace that an earlier
// process did not see the end of.
func (m *Members) settle(identity auth.Identity, one *member) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	m.workspace.settleWith(ctx, tools.Caller{Client: one.client, Workspace: one.workspace, Name: identity.Caller}, m.log)
}

// allows is the check of a tool by what a caller is narrowed to.
func (a *asking) allows(t tools.Tool) error {
	toolsets := []string{t.Toolset}
	if t.Core {
		toolsets = append(toolsets, "core")
	}
	switch {
	case a == nil:
		return nil
	case a.ReadOnly && !t.Act.ReadOnly:
		return tools.NotAllowed(t.Name + " is not allowed here: this connection only reads")
	case !a.Identity.Allows(t.Name, toolsets...):
		return tools.NotAllowed(t.Name + " is not allowed here: this connection is limited to other tools")
	}
	return nil
}

// followNarrowing leaves out of lists what a caller is not allowed. It is no
// filter of mcp-go's, which would also have calls fail as of tools that there
// are not.
func (o Options) followNarrowing(hooks *mcpserver.Hooks) {
	byName := map[string]tools.Tool{}
	for _, t := range o.Tools {
		byName[t.Name] = t
	}
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		a := askingOf(ctx)
		if a == nil {
			return
		}
		left := []mcp.Tool{}
		for _, listed := range result.Tools {
			if a.allows(byName[listed.Name]) == nil {
				left = append(left, listed)
			}
		}
		result.Tools = left
	})
}
