package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/journal"
	"flexie-mcp/tools"
)

// asking is who asks, for one request over HTTP. It is decided once, before
// anything else looks at the request.
type asking struct {
	auth.Identity
	*member
	shown *tools.Shown // to what they ask by
}

// asks is who asks, of whom this is kept.
func (one *member) asks(i auth.Identity) *asking {
	return &asking{i, one, one.shownTo.by(i.Credential)}
}

// member is what is kept of a caller between requests: nothing of it is shared.
type member struct {
	workspace string      // as the journal names it
	elsewhere bool        // than in the server's own workspace
	key       auth.Secret // that the client sends
	client    *flexie.Client
	knowledge *flexie.Knowledge
	shownTo   *shownTo

	settling  sync.Mutex      // of what follows
	settled   time.Time       // when it was last found out what came of their writes
	unsettled []journal.Entry // of which it is still to be found out
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

// credentialOf tells apart what the same caller asks by.
func credentialOf(ctx context.Context) string {
	if a := askingOf(ctx); a != nil {
		return a.Credential
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
	askAgain  time.Duration
	shown     *tools.ShownShelf

	proofs *proofs

	// settleEvery is how often it is looked whether there is something to settle.
	settleEvery time.Duration

	mu     sync.Mutex
	known  *expirable.LRU[string, *member]
	limits map[string]weak.Pointer[flexie.Limits] // by API root, for as long as a client has them
}

// NewMembers keeps those whom the gate lets in. trusts says which hosts the
// operator has named.
func NewMembers(w *Workspace, s config.Settings, gate auth.Authenticator, trusts func(host string) bool, log *slog.Logger) *Members {
	m := &Members{
		workspace: w, settings: s, gate: gate, log: log, askAgain: askAgain, shown: tools.NewShownShelf(), proofs: newProofs(), settleEvery: 2 * s.Timeout,
		guarded: w.observing.transport(auth.Transport(flexie.Ordinary().Clone(), trusts)),
		known:   expirable.NewLRU[string, *member](mostMembers, nil, memberIdle),
		limits:  map[string]weak.Pointer[flexie.Limits]{},
	}
	w.members.Store(m)
	return m
}

// admit finds out who asks, or refuses.
func (m *Members) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity, err := m.gate.Identify(r)
		if err != nil {
			auth.Refuse(w, err)
			return
		}
		if identity.Nobody() { // whose calls are told what to set up
			next.ServeHTTP(w, r)
			return
		}
		one, err := m.of(identity)
		var wrongKey *auth.Error
		switch {
		case errors.As(err, &wrongKey):
			auth.Refuse(w, err)
			return
		case errors.Is(err, errBusyProving):
			busy(w, http.StatusServiceUnavailable, 2, err.Error())
			return
		case err != nil:
			m.log.ErrorContext(r.Context(), "a caller's client could not be made", "caller", identity.Name, "error", err)
			http.Error(w, "this caller's workspace can't be used: tell whoever runs this server to look at its log", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askingKey{}, one.asks(identity))))
	})
}

// askAgain is how often it is found out anew who has a stream open.
const askAgain = 5 * time.Second

// watch cancels a stream when whoever opened it would not be let in any more, or
// as somebody else or with other tools, until stop is called.
func (m *Members) watch(r *http.Request, cancel func()) (stop func()) {
	var was auth.Identity
	if a := askingOf(r.Context()); a != nil {
		was = a.Identity
	}
	tick, done := time.NewTicker(m.askAgain), make(chan struct{})
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			if now, err := m.gate.Identify(r); err != nil || !now.Same(was) {
				cancel()
				return
			}
		}
	}()
	return sync.OnceFunc(func() { close(done) })
}

// of is what is kept of a caller, made at their first request, and anew when they
// have another key. Of a key that Flexie has not confirmed nothing is kept, and one
// that it does not take is an *auth.Error.
func (m *Members) of(identity auth.Identity) (*member, error) {
	one, err := m.found(identity)
	if one == nil && err == nil {
		one, err = m.proven(identity)
	}
	if err != nil {
		return nil, err
	}
	if one.beginsToSettle() {
		go m.settle(identity, one)
	}
	return one, nil
}

// found is whom this server knows, or need not ask about; nil is nobody.
func (m *Members) found(identity auth.Identity) (*member, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.known.Get(identity.Caller)
	if !ok || one.key.Reveal() != identity.Key.Reveal() {
		if identity.OwnKey {
			return nil, nil
		}
		var err error
		if one, err = m.newMember(identity); err != nil {
			return nil, err
		}
	}
	m.known.Add(identity.Caller, one) // which begins its idle time anew
	return one, nil
}

// proven is who brings a key of their own, which Flexie is asked about.
func (m *Members) proven(identity auth.Identity) (*member, error) {
	if m.proofs.knowsWrong(identity) {
		return nil, auth.WrongKey()
	}
	m.mu.Lock()
	one, err := m.newMember(identity)
	m.mu.Unlock()
	if err != nil {
		return nil, err
	}
	said, err := m.proofs.of(identity, one)
	switch {
	case err != nil:
		return nil, err
	case said == keyWrong:
		return nil, auth.WrongKey()
	case said == keyUnproven:
		return one, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if another, ok := m.known.Get(identity.Caller); ok {
		return another, nil // of a request at the same time
	}
	m.known.Add(identity.Caller, one)
	return one, nil
}

func (m *Members) newMember(identity auth.Identity) (*member, error) {
	options, settings := m.workspace.options, m.settings
	one := &member{key: identity.Key, shownTo: newShownTo(m.shown), workspace: m.workspace.Safety.Workspace}
	if identity.Root != options.BaseURL {
		one.workspace, one.elsewhere = identity.Root, true
		settings.CustomTables = nil // they are those of the server's own workspace
		options.BaseURL, options.Transport, options.Limits = identity.Root, m.guarded, m.limitsOf(identity.Root)
	}
	options.Auth, options.Caller = identity.Auth, identity.Caller
	if options.Auth == nil {
		options.Auth = m.workspace.authOf(identity.Root, identity.Key.Reveal())
	}
	one.knowledge = m.workspace.knowledgeOf(settings, identity.Root, identity.Key.Reveal(), m.log)
	options.Knowledge = one.knowledge
	var err error
	one.client, err = flexie.New(options)
	return one, err
}

// Transport is what requests to a workspace go by that are none of a client's: to
// that of a caller's choice, the guarded one.
func (m *Members) Transport(root string) http.RoundTripper {
	if root == m.workspace.options.BaseURL {
		return m.workspace.options.Transport
	}
	return m.guarded
}

// replicas are the servers that keep sessions in the same database; nil if there is
// but this one.
func (m *Members) replicas(log *slog.Logger) *replicas {
	if m == nil {
		return nil
	}
	return replicasAt(m.workspace.state.Postgres, m, log)
}

// limitsOf are those of a workspace, which all who work in it share. They are
// not kept for nobody: callers may name any workspace.
func (m *Members) limitsOf(root string) *flexie.Limits {
	if l := m.limits[root].Value(); l != nil {
		return l
	}
	l := m.workspace.sharing(flexie.NewLimits(m.settings.MaxRate, m.settings.MaxConcurrent), root, m.log)
	m.limits[root] = weak.Make(l)
	runtime.AddCleanup(l, m.forgetLimits, root)
	return l
}

// sharing has limits hold for all servers at the same database.
func (w *Workspace) sharing(l *flexie.Limits, root string, log *slog.Logger) *flexie.Limits {
	if p := w.state.Postgres; p != nil {
		return l.ShareWith(p.Pace(root, log))
	}
	return l
}

func (m *Members) forgetLimits(root string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.limits[root].Value() == nil {
		delete(m.limits, root)
	}
}

// beginsToSettle reports whether it is time to look, and nobody looks already. Who
// is told so has to settle.
func (one *member) beginsToSettle() bool {
	if !one.settling.TryLock() {
		return false
	}
	if time.Since(one.settled) < settleEvery(one.client) {
		one.settling.Unlock()
		return false
	}
	return true
}

// Settle finds out what came of the writes of those whose keys the server has, also
// when they don't ask, until the context ends. Others have to ask for it.
func (m *Members) Settle(ctx context.Context, issued func() []auth.Identity) {
	for sleep(ctx, m.settleEvery) {
		callers, err := m.workspace.Safety.Journal.Owners(ctx)
		if err != nil {
			continue // of which the log is full, if it matters
		}
		for _, identity := range issued() {
			if !slices.Contains(callers, identity.Caller) {
				continue
			}
			if one, err := m.found(identity); err == nil && one.settling.TryLock() {
				m.settle(identity, one)
			}
		}
	}
}

// settle finds out what came of the caller's writes that an earlier process did
// not see the end of, or that were not known at the time. It unlocks settling.
func (m *Members) settle(identity auth.Identity, one *member) {
	defer one.settling.Unlock()
	who := tools.Caller{Client: one.client, Workspace: one.workspace, Name: identity.Caller}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	one.settled = time.Now()
	one.unsettled = m.workspace.settleWith(ctx, who, m.log, one.unsettled...)
}
