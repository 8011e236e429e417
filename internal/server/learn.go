package server

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"
	"weak"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// settleTime is how long a change is held back before clients are told: a call
// may learn several kinds, and each list that is fetched again costs a model.
const settleTime = 200 * time.Millisecond

// learner describes tools with what is known of the workspace, and tells
// clients when that changes. It asks nothing of Flexie.
type learner struct {
	tools     func() map[string]tools.Tool // those offered now
	knowledge func(context.Context) *flexie.Knowledge
	notify    func(caller string)
	watched   sync.Map // those that are, as weak.Pointer[flexie.Knowledge]
	listeners subscriptions
}

// learner is nil if there is nothing to learn from.
func (f *Offer) learner() *learner {
	knowledge := f.options().Knowledge
	if knowledge == nil {
		return nil
	}
	return &learner{tools: func() map[string]tools.Tool { return f.options().byName }, knowledge: knowledge}
}

// offering says whether the list of tools may change.
func (l *learner) offering() mcpserver.ServerOption { return mcpserver.WithToolCapabilities(l != nil) }

// serve begins to tell the clients of a server, and watches what each of them
// makes known from their first request on.
func (l *learner) serve(s *mcpserver.MCPServer) {
	if l == nil {
		return
	}
	l.listeners.of = map[topic]map[any]notice{}
	l.listen(s)
	l.notify = func(caller string) {
		if caller == "" { // there is but one
			s.SendNotificationToAllClients(mcp.MethodNotificationToolsListChanged, nil)
			return
		}
		for _, tell := range l.listeners.subscribed(topic{caller: caller}) {
			_ = tell(mcp.MethodNotificationToolsListChanged, nil)
		}
	}
	s.GetHooks().AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		result.Tools = l.describe(ctx, result.Tools)
	})
	s.GetHooks().AddBeforeAny(func(ctx context.Context, _ any, _ mcp.MCPMethod, _ any) {
		l.watch(callerOf(ctx), l.knowledge(ctx))
	})
}

// listen keeps track of which sessions and streams are whose: what one caller
// has learnt is no news to another.
func (l *learner) listen(s *mcpserver.MCPServer) {
	hooks := s.GetHooks()
	hooks.AddOnRegisterSession(func(ctx context.Context, session mcpserver.ClientSession) {
		id := session.SessionID()
		if caller := callerOf(ctx); caller != "" {
			l.listeners.add(topic{caller: caller}, id, func(method string, params map[string]any) error {
				return s.SendNotificationToSpecificClient(id, method, params)
			})
		}
	})
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) {
		l.listeners.remove(session.SessionID())
	})
	hooks.AddBeforeSubscriptionsListen(func(ctx context.Context, _ any, request *mcp.SubscriptionsListenRequest) {
		if streamOf(ctx) != nil {
			return // its session is told already
		}
		if caller := callerOf(ctx); caller != "" && request.Params.Notifications.ToolsListChanged {
			stream := new(byte)
			l.listeners.add(topic{caller: caller}, stream, func(method string, params map[string]any) error {
				return s.SendNotificationToClient(ctx, method, params)
			})
			context.AfterFunc(ctx, func() { l.listeners.remove(stream) })
		}
	})
}

// describe is the list of tools as whoever asks is to see it. It is no filter of
// mcp-go's: those run for each call as well.
func (l *learner) describe(ctx context.Context, all []mcp.Tool) []mcp.Tool {
	known, offered := l.knowledge(ctx).Known(), l.tools()
	described := slices.Clone(all)
	for i := range described {
		t, ok := offered[described[i].Name]
		if !ok {
			continue
		}
		tailored := tools.Tailor(t, known)
		if tailored.Schema == t.Schema && tailored.Description == t.Description {
			continue // as of most: it is described already
		}
		as := Describe(tailored)
		described[i].Description, described[i].RawInputSchema = as.Description, as.RawInputSchema
	}
	return described
}

// watch does not keep what it watches: callers come and go.
func (l *learner) watch(caller string, k *flexie.Knowledge) {
	if k == nil {
		return
	}
	key := weak.Make(k)
	if _, watched := l.watched.LoadOrStore(key, true); watched {
		return
	}
	runtime.AddCleanup(k, func(key weak.Pointer[flexie.Knowledge]) { l.watched.Delete(key) }, key)
	n := &news{learner: l, caller: caller, knowledge: k, told: k.Known()}
	k.Watch(n.gather)
}

// differs reports whether the list of tools says something else now. Much that
// is learnt is not in it.
func (l *learner) differs(before, now *flexie.Known) bool {
	for _, t := range l.tools() {
		was, is := tools.Tailor(t, before), tools.Tailor(t, now)
		if was.Schema == is.Schema && was.Description == is.Description {
			continue // as of most: to write them all out for each caller takes long
		}
		if !bytes.Equal(encode(Describe(was)), encode(Describe(is))) {
			return true
		}
	}
	return false
}

// news are the changes that clients have not been told of yet.
type news struct {
	learner   *learner
	caller    string
	knowledge *flexie.Knowledge

	mu        sync.Mutex
	gathering bool
	told      *flexie.Known // what was known when they last were
}

// gather waits for more before clients are told.
func (n *news) gather() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.gathering {
		n.gathering = true
		time.AfterFunc(settleTime, n.tell)
	}
}

func (n *news) tell() {
	n.mu.Lock()
	n.gathering = false
	before, now := n.told, n.knowledge.Known()
	n.told = now
	n.mu.Unlock()
	if n.learner.differs(before, now) {
		n.learner.notify(n.caller)
	}
}
