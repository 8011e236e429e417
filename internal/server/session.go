package server

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/hashicorp/golang-lru/v2/expirable"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// sessionIDs makes ids of sessions that only the caller who opened them can use:
// an id carries a mark that follows from it and the caller. It counts the
// sessions, and knows those that were ended.
type sessionIDs struct {
	keys     *sessionKeys
	shares   *shares
	opened   *sync.Map // id → caller
	ended    *expirable.LRU[string, bool]
	replicas *replicas
}

// mostEnded is how many sessions are known to have ended; what was kept of
// others is gone all the same.
const mostEnded = 10_000

func newSessionIDs(s *shares, r *replicas) sessionIDs {
	return sessionIDs{newSessionKeys(r), s, &sync.Map{}, expirable.NewLRU[string, bool](mostEnded, nil, 2*sessionIdle), r}
}

// follow forgets sessions when mcp-go does.
func (s sessionIDs) follow(hooks *mcpserver.Hooks) {
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) {
		s.forget(session.SessionID())
	})
	s.replicas.follow(hooks)
}

// open makes an id for a new session, or refuses one more.
func (s sessionIDs) open(w http.ResponseWriter, caller string) (id string, ok bool) {
	if !s.shares.session(w, caller) {
		return "", false
	}
	id = callerSessions{s, caller}.newID()
	if !s.replicas.reserve(id, caller, s.shares.limits().Sessions) {
		s.shares.give(caller, ofSessions)
		s.shares.refuseSession(w)
		return "", false
	}
	s.opened.Store(id, caller)
	return id, true
}

// forget gives back the place of a session, if it has one.
func (s sessionIDs) forget(id string) {
	if caller, ok := s.opened.LoadAndDelete(id); ok {
		s.shares.give(caller.(string), ofSessions)
	}
}

// has reports whether a session is one of whoever sends a request.
func (s sessionIDs) has(r *http.Request, session string) bool {
	ended, err := callerSessions{s, callerOf(r.Context())}.Validate(session)
	return err == nil && !ended && s.replicas.has(r, session)
}

type newSessionKey struct{}

// withNewSession has mcp-go take this id for the session that it opens.
func withNewSession(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, newSessionKey{}, id)
}

// ResolveSessionIdManager implements mcp-go's interface. Without a request it is
// asked by what ends idle sessions, of ids that were checked when they came.
func (s sessionIDs) ResolveSessionIdManager(r *http.Request) mcpserver.SessionIdManager {
	if r == nil {
		return idleSessions{sessionIDs: s}
	}
	if id, ok := r.Context().Value(newSessionKey{}).(string); ok {
		return newSession{callerSessions{s, callerOf(r.Context())}, id}
	}
	if isRelayed(r.Context()) {
		return endedElsewhere{callerSessions{s, callerOf(r.Context())}}
	}
	return callerSessions{s, callerOf(r.Context())}
}

// callerSessions are the sessions of one caller.
type callerSessions struct {
	sessionIDs
	caller string
}

// Generate makes an id for a stream that names no session. It has no place among
// the sessions, and ends with the stream.
func (c callerSessions) Generate() string { return c.newID() }

// Validate is asked several times for each request, most often of a session that
// was opened here and goes on: of that, who has opened it is known.
func (c callerSessions) Validate(session string) (isTerminated bool, err error) {
	if opener, here := c.opened.Load(session); here && opener == c.caller {
		return false, nil
	}
	if !c.keys.made(session, c.caller) {
		return false, errors.New("there is no such session")
	}
	return c.ended.Contains(session), nil
}

func (c callerSessions) Terminate(session string) (isNotAllowed bool, err error) {
	if _, err = c.Validate(session); err == nil {
		c.end(session)
		c.replicas.end(session, c.caller)
	}
	return false, err
}

// end ends a session as far as this server is concerned.
func (c callerSessions) end(session string) {
	c.ended.Add(session, true)
	c.forget(session)
}

func (c callerSessions) newID() string { return c.keys.newID(c.caller) }

// endedElsewhere ends a session of which another server has told that it is over.
type endedElsewhere struct{ callerSessions }

func (e endedElsewhere) Terminate(session string) (isNotAllowed bool, err error) {
	if _, err = e.Validate(session); err == nil {
		e.end(session)
	}
	return false, err
}

// newSession is asked for the id of a session that was just opened.
type newSession struct {
	callerSessions
	id string
}

func (n newSession) Generate() string { return n.id }

// idleSessions are those that end since nobody uses them. Their ids stay good:
// whoever comes back to one finds nothing kept, and needs nothing.
type idleSessions struct {
	*mcpserver.StatelessSessionIdManager
	sessionIDs
}

func (i idleSessions) Terminate(session string) (isNotAllowed bool, err error) {
	i.forget(session)
	return false, nil
}
