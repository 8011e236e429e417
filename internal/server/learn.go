package server

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

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
	tools     map[string]tools.Tool
	knowledge func(context.Context) *flexie.Knowledge
	notify    func()
	watched   sync.Map // *flexie.Knowledge → *news
}

// learner is nil if there is nothing to learn from.
func (o Options) learner() *learner {
	if o.Knowledge == nil {
		return nil
	}
	l := &learner{tools: map[string]tools.Tool{}, knowledge: o.Knowledge}
	for _, t := range o.Tools {
		l.tools[t.Name] = t
	}
	return l
}

// offering makes mcp-go list the tools as they are described here.
func (l *learner) offering() mcpserver.ServerOption {
	if l == nil {
		return mcpserver.WithToolCapabilities(false)
	}
	return func(s *mcpserver.MCPServer) {
		mcpserver.WithToolCapabilities(true)(s)
		mcpserver.WithToolFilter(l.describe)(s)
	}
}

// serve begins to tell the clients of a server, and watches what each of them
// makes known from their first request on.
func (l *learner) serve(s *mcpserver.MCPServer) {
	if l == nil {
		return
	}
	l.notify = func() { s.SendNotificationToAllClients(mcp.MethodNotificationToolsListChanged, nil) }
	s.GetHooks().AddBeforeAny(func(ctx context.Context, _ any, _ mcp.MCPMethod, _ any) { l.watch(l.knowledge(ctx)) })
}

// describe is the list of tools as whoever asks is to see it. It runs for calls
// as well, with the one tool that is called.
func (l *learner) describe(ctx context.Context, all []mcp.Tool) []mcp.Tool {
	known := l.knowledge(ctx).Known()
	described := slices.Clone(all)
	for i := range described {
		if t, ok := l.tools[described[i].Name]; ok {
			tailored := Describe(tools.Tailor(t, known))
			described[i].Description, described[i].RawInputSchema = tailored.Description, tailored.RawInputSchema
		}
	}
	return described
}

func (l *learner) watch(k *flexie.Knowledge) {
	if k == nil {
		return
	}
	if _, watched := l.watched.Load(k); watched {
		return
	}
	n := &news{learner: l, knowledge: k, told: k.Known()}
	if _, watched := l.watched.LoadOrStore(k, n); !watched {
		k.Watch(n.gather)
	}
}

// differs reports whether the list of tools says something else now. Much that
// is learnt is not in it.
func (l *learner) differs(before, now *flexie.Known) bool {
	for _, t := range l.tools {
		if !bytes.Equal(encode(Describe(tools.Tailor(t, before))), encode(Describe(tools.Tailor(t, now)))) {
			return true
		}
	}
	return false
}

// news are the changes that clients have not been told of yet.
type news struct {
	learner   *learner
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
		n.learner.notify()
	}
}
