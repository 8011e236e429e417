package server

import (
	"bytes"
	"context"
	"encoding/json"
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
	by map[any]*watchlist       // what each subscriber is told of

	mayRead func(ctx context.Context, uri string) error
}

// topic is an address as one caller reads it: two may work in different
// workspaces.
type topic struct{ caller, uri string }

// notice tells one subscriber of a change.
type notice func(method string, params map[string]any) error

// follow keeps track of who subscribes to what, in either era: by a request for
// each address, until the session ends, or by a stream that is listened to.
func (s *subscriptions) follow(hooks *mcpserver.Hooks, mayRead func(context.Context, string) error) {
	s.of, s.mayRead = map[topic]map[any]notice{}, mayRead
	hooks.AddOnRequestInitialization(s.refuse)
	hooks.AddAfterSubscribe(func(ctx context.Context, _ any, request *mcp.SubscribeRequest, _ *mcp.EmptyResult) {
		if session := mcpserver.ClientSessionFromContext(ctx); session != nil && s.may(ctx, request.Params.URI) {
			id, server, replicas, isStream := session.SessionID(), mcpserver.ServerFromContext(ctx), s.at(ctx), streamOf(ctx) != nil
			added := s.add(topic{callerOf(ctx), request.Params.URI}, id, func(method string, params map[string]any) error {
				if !isStream && !replicas.tells(id) {
					return nil
				}
				return server.SendNotificationToSpecificClient(id, method, params)
			})
			if added {
				replicas.watches(ctx, id, request.Params.URI, true)
			}
		}
	})
	hooks.AddAfterUnsubscribe(func(ctx context.Context, _ any, request *mcp.UnsubscribeRequest, _ *mcp.EmptyResult) {
		if session := mcpserver.ClientSessionFromContext(ctx); session != nil {
			s.remove(session.SessionID(), topic{callerOf(ctx), request.Params.URI})
			s.at(ctx).watches(ctx, session.SessionID(), request.Params.URI, false)
		}
	})
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) {
		s.remove(session.SessionID())
	})
	hooks.AddBeforeSubscriptionsListen(func(ctx context.Context, _ any, request *mcp.SubscriptionsListenRequest) {
		s.listen(ctx, request.Params.Notifications.ResourceSubscriptions)
	})
}

// at are the servers that tell each other of changes; nil if there is but one.
func (s *subscriptions) at(ctx context.Context) *replicas {
	r := replicasOf(ctx)
	if r != nil {
		r.listeners.Store(s)
	}
	return r
}

// refuse refuses to subscribe to what whoever asks may not read, and to too much.
// No other hook of mcp-go can.
func (s *subscriptions) refuse(ctx context.Context, _ any, message any) error {
	raw, _ := message.(json.RawMessage)
	if !maySubscribe(raw) {
		return nil
	}
	var asked struct {
		Method mcp.MCPMethod
		Params struct {
			URI           string
			Notifications struct{ ResourceSubscriptions []string }
		}
	}
	if json.Unmarshal(raw, &asked) != nil || isRelayed(ctx) {
		return nil
	}
	switch asked.Method {
	case mcp.MethodSubscriptionsListen:
		return new(watchlist).addAll(asked.Params.Notifications.ResourceSubscriptions)
	case mcp.MethodResourcesSubscribe:
		if err := s.mayRead(ctx, asked.Params.URI); err != nil {
			return err
		}
		return s.hasRoom(mcpserver.ClientSessionFromContext(ctx), topic{callerOf(ctx), asked.Params.URI})
	}
	return nil
}

// maySubscribe reports whether a message is worth reading for that: whether it
// names such a method, in plain letters or in others that JSON has for them.
func maySubscribe(raw []byte) bool {
	for _, sign := range signsOfSubscribing {
		if bytes.Contains(raw, sign) {
			return true
		}
	}
	return false
}

var signsOfSubscribing = [][]byte{
	[]byte(mcp.MethodResourcesSubscribe), []byte(mcp.MethodSubscriptionsListen),
	[]byte(`\/`), []byte(`\u002`), []byte(`\u006`), []byte(`\u007`),
}

// hasRoom refuses a session one more topic than it may have.
func (s *subscriptions) hasRoom(session mcpserver.ClientSession, of topic) error {
	if session == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[session.SessionID()].mayAdd(of)
}

// may reports whether whoever asks may be told of an address. What another server
// has relayed, that has asked.
func (s *subscriptions) may(ctx context.Context, uri string) bool {
	return isRelayed(ctx) || s.mayRead(ctx, uri) == nil
}

// listen subscribes for as long as a stream is open.
func (s *subscriptions) listen(ctx context.Context, uris []string) {
	stream, server := new(byte), mcpserver.ServerFromContext(ctx)
	s.at(ctx)
	for _, uri := range uris {
		if !s.may(ctx, uri) {
			continue
		}
		s.add(topic{callerOf(ctx), uri}, stream, func(method string, params map[string]any) error {
			return server.SendNotificationToClient(ctx, method, params)
		})
	}
	context.AfterFunc(ctx, func() { s.remove(stream) })
}

// add subscribes, and reports whether that was new. Of two that come at the same
// time for the last room, one is not added.
func (s *subscriptions) add(of topic, subscriber any, tell notice) (added bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[any]*watchlist{}
	}
	if s.by[subscriber] == nil {
		s.by[subscriber] = &watchlist{}
	}
	if s.by[subscriber].add(of) != nil {
		return false
	}
	if s.of[of] == nil {
		s.of[of] = map[any]notice{}
	}
	_, had := s.of[of][subscriber]
	s.of[of][subscriber] = tell
	return !had
}

// remove forgets a subscriber, or some of its topics.
func (s *subscriptions) remove(subscriber any, topics ...topic) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.by[subscriber]
	if w == nil {
		return
	}
	if len(topics) == 0 {
		topics = slices.Collect(maps.Keys(w.topics))
	}
	for _, t := range topics {
		w.remove(t)
		delete(s.of[t], subscriber)
		if len(s.of[t]) == 0 {
			delete(s.of, t)
		}
	}
	if len(w.topics) == 0 {
		delete(s.by, subscriber)
	}
}

// changed tells those who subscribed, as the same caller, to what an answer's write
// has changed, here and at other servers.
func (s *subscriptions) changed(ctx context.Context, a resources.Answer) {
	s.tell(callerOf(ctx), a.Changed)
	replicasOf(ctx).changed(ctx, a.Changed)
}

// tell tells those who subscribed here. A client that can't be told has gone, or
// will see when it reads again.
func (s *subscriptions) tell(caller string, changed []string) {
	for _, uri := range changed {
		for _, format := range []string{uri, uri + ".json"} {
			for _, tell := range s.subscribed(topic{caller, format}) {
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
