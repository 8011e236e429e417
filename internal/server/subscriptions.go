package server

import (
	"context"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/resources"
)

// subscriptions are the addresses whose changes clients have asked to be told
// of. Only changes made through this server are noticed.
type subscriptions struct {
	mu sync.Mutex
	of map[string]map[string]bool // by address, the ids of sessions
}

// follow keeps track of who subscribes to what.
func (s *subscriptions) follow(hooks *mcpserver.Hooks) {
	s.of = map[string]map[string]bool{}
	hooks.AddAfterSubscribe(func(ctx context.Context, _ any, request *mcp.SubscribeRequest, _ *mcp.EmptyResult) {
		s.set(request.Params.URI, mcpserver.ClientSessionFromContext(ctx), true)
	})
	hooks.AddAfterUnsubscribe(func(ctx context.Context, _ any, request *mcp.UnsubscribeRequest, _ *mcp.EmptyResult) {
		s.set(request.Params.URI, mcpserver.ClientSessionFromContext(ctx), false)
	})
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) { s.forget(session) })
}

func (s *subscriptions) set(uri string, session mcpserver.ClientSession, subscribed bool) {
	if session == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !subscribed {
		delete(s.of[uri], session.SessionID())
		return
	}
	if s.of[uri] == nil {
		s.of[uri] = map[string]bool{}
	}
	s.of[uri][session.SessionID()] = true
}

func (s *subscriptions) forget(session mcpserver.ClientSession) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for uri, sessions := range s.of {
		delete(sessions, session.SessionID())
		if len(sessions) == 0 {
			delete(s.of, uri)
		}
	}
}

// changed tells those who subscribed to what an answer's write has changed. A
// client that can't be told has gone, or will see when it reads again.
func (s *subscriptions) changed(ctx context.Context, a resources.Answer) {
	for _, uri := range a.Changed {
		for _, format := range []string{uri, uri + ".json"} {
			for _, session := range s.subscribed(format) {
				_ = mcpserver.ServerFromContext(ctx).SendNotificationToSpecificClient(session,
					mcp.MethodNotificationResourceUpdated, map[string]any{"uri": format})
			}
		}
	}
}

func (s *subscriptions) subscribed(uri string) (sessions []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.of[uri] {
		sessions = append(sessions, id)
	}
	return sessions
}
