package server

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/resources"
)

// subscriptions are the addresses whose changes clients have asked to be told
// of. Only changes made through this server are noticed.
type subscriptions struct {
	mu sync.Mutex
	of map[topic]map[any]notice // by subscriber
}

// topic is an address as one caller reads it: two may work in different
// workspaces.
type topic struct{ caller, uri string }

// notice tells one subscriber of a change.
type notice func(method string, params map[string]any) error

// follow keeps track of who subscribes to what, in either era: by a request for
// each address, until the session ends, or by a stream that is listened to.
func (s *subscriptions) follow(hooks *mcpserver.Hooks) {
	s.of = map[topic]map[any]notice{}
	hooks.AddAfterSubscribe(func(ctx context.Context, _ any, request *mcp.SubscribeRequest, _ *mcp.EmptyResult) {
		if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
			id, server := session.SessionID(), mcpserver.ServerFromContext(ctx)
			s.add(topic{callerOf(ctx), request.Params.URI}, id, func(method string, params map[string]any) error {
				return server.SendNotificationToSpecificClient(id, method, params)
			})
		}
	})
	hooks.AddAfterUnsubscribe(func(ctx context.Context, _ any, request *mcp.UnsubscribeRequest, _ *mcp.EmptyResult) {
		if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
			s.remove(session.SessionID(), topic{callerOf(ctx), request.Params.URI})
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
		s.add(topic{callerOf(ctx), uri}, stream, func(method string, params map[string]any) error {
			return server.SendNotificationToClient(ctx, method, params)
		})
	}
	context.AfterFunc(ctx, func() { s.remove(stream) })
}

func (s *subscriptions) add(of topic, subscriber any, tell notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of[of] == nil {
		s.of[of] = map[any]notice{}
	}
	s.of[of][subscriber] = tell
}

// remove forgets a subscriber, or some of its topics.
func (s *subscriptions) remove(subscriber any, topics ...topic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(topics) == 0 {
		topics = slices.Collect(maps.Keys(s.of))
	}
	for _, t := range topics {
		delete(s.of[t], subscriber)
		if len(s.of[t]) == 0 {
			delete(s.of, t)
		}
	}
}

// changed tells those who subscribed, as the same caller, to what an answer's write
// has changed. A client that can't be told has gone, or will see when it reads
// again.
func (s *subscriptions) changed(ctx context.Context, a resources.Answer) {
	for _, uri := range a.Changed {
		for _, format := range []string{uri, uri + ".json"} {
			for _, tell := range s.subscribed(topic{callerOf(ctx), format}) {
				_ = tell(mcp.MethodNotificationResourceUpdated, map[string]any{"uri": format})
			}
		}
	}
}

func (s *subscriptions) subscribed(of topic) (all []notice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, tell := range s.of[of] {
		all = append(all, tell)
	}
	return all
}
