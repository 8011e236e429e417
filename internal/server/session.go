package server

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/expirable"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// sessionIDs makes ids of sessions that only the caller who opened them can use:
// an id carries a mark that follows from it and the caller. It counts the
// sessions, and knows those that were ended.
type sessionIDs struct {
	key    []byte
	shares *shares
	opened *sync.Map // id → caller
	ended  *expirable.LRU[string, bool]
}

// mostEnded is how many sessions are known to have ended; what was kept of
// others is gone all the same.
const mostEnded = 10_000

func newSessionIDs(s *shares) sessionIDs {
	key := make([]byte, 32)
	rand.Read(key)
	return sessionIDs{key, s, &sync.Map{}, expirable.NewLRU[string, bool](mostEnded, nil, 2*sessionIdle)}
}

// follow forgets sessions when mcp-go does.
func (s sessionIDs) follow(hooks *mcpserver.Hooks) {
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) {
		s.forget(session.SessionID())
	})
}

// open makes an id for a new session, or refuses one more.
func (s sessionIDs) open(w http.ResponseWriter, caller string) (id string, ok bool) {
	if !s.shares.session(w, caller) {
		return "", false
	}
	id = callerSessions{s, caller}.newID()
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
	return err == nil && !ended
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

func (c callerSessions) Validate(session string) (isTerminated bool, err error) {
	id, mark, _ := strings.Cut(session, ".")
	if !hmac.Equal([]byte(mark), []byte(c.mark(id))) {
		return false, errors.New("there is no such session")
	}
	return c.ended.Contains(session), nil
}

func (c callerSessions) Terminate(session string) (isNotAllowed bool, err error) {
	if _, err = c.Validate(session); err == nil {
		c.ended.Add(session, true)
		c.forget(session)
	}
	return false, err
}

func (c callerSessions) newID() string {
	id := rand.Text()
	return id + "." + c.mark(id)
}

func (c callerSessions) mark(id string) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(id + "\n" + c.caller))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
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
