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
	of map[string]map[any]notice // by address and subscriber
}

// notice tells one subscriber of a change.
type notice func(method string, params map[string]any) error

// follow keeps track of who subscribes to what, in either era: by a request for
// each address, until the session ends, or by a stream that is listened to.
func (s *subscriptions) follow(hooks *mcpserver.Hooks) {
	s.of = map[string]map[any]notice{}
	hooks.AddAfterSubscribe(func(ctx context.Context, _ any, request *mcp.SubscribeRequest, _ *mcp.EmptyResult) {
		if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
			id, server := session.SessionID(), mcpserver.ServerFromContext(ctx)
			s.add(request.Params.URI, id, func(method string, params map[string]any) error {
				return server.SendNotificationToSpecificClient(id, method, params)
			})
		}
	})
	hooks.AddAfterUnsubscribe(func(ctx context.Context, _ any, request *mcp.UnsubscribeRequest, _ *mcp.EmptyResult) {
		if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
			s.remove(session.SessionID(), request.Params.URI)
		}
	})
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) {
		s.remove(session.SessionID())
	})
	hooks.AddBeforeSubscriptionsListen(func(ctx context.Context, _ any, request *mcp.SubscriptionsListenRequest) {
		s.listen(ctx, request.Params.Notifications.ResourceSubscriptions)
	})
}

// listen subscribes for as long as a stream is open.
func (s *subscriptions) listen(ctx context.Context, uris []string) {
	stream, server := new(byte), mcpserver.ServerFromContext(ctx)
	for _, uri := range uris {
		s.add(uri, stream, func(method string, params map[string]any) error {
			return server.SendNotificationToClient(ctx, method, params)
		})
	}
	context.AfterFunc(ctx, func() { s.remove(stream) })
}

func (s *subscriptions) add(uri string, subscriber any, tell notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[uri] == nil {
		s.of[uri] = map[any]notice{}
	}
	s.of[uri][subscriber] = tell
}

// remove forgets a subscriber, or some of its addresses.
func (s *subscriptions) remove(subscriber any, uris ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(uris) == 0 {
		for uri := range s.of {
			uris = append(uris, uri)
		}
	}
	for _, uri := range uris {
		delete(s.of[uri], subscriber)
		if len(s.of[uri]) == 0 {
			delete(s.of, uri)
		}
	}
}

// changed tells those who subscribed to what an answer's write has changed. A
// client that can't be told has gone, or will see when it reads again.
func (s *subscriptions) changed(a resources.Answer) {
	for _, uri := range a.Changed {
		for _, format := range []string{uri, uri + ".json"} {
			for _, tell := range s.subscribed(format) {
				_ = tell(mcp.MethodNotificationResourceUpdated, map[string]any{"uri": format})
			}
		}
	}
}

func (s *subscriptions) subscribed(uri string) (all []notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, tell := range s.of[uri] {
		all = append(all, tell)
	}
	return all
}
