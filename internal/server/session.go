package server

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

// sessionIDs makes ids of sessions that only the caller who opened them can use:
// an id carries a mark that follows from it and the caller.
type sessionIDs struct{ key []byte }

func newSessionIDs() sessionIDs {
	key := make([]byte, 32)
	rand.Read(key)
	return sessionIDs{key}
}

// ResolveSessionIdManager implements mcp-go's interface. Without a request it is
// asked by what ends idle sessions, of ids that were checked when they came.
func (s sessionIDs) ResolveSessionIdManager(r *http.Request) mcpserver.SessionIdManager {
	if r == nil {
		return &mcpserver.StatelessSessionIdManager{}
	}
	return callerSessions{s, callerOf(r.Context())}
}

// callerSessions are the sessions of one caller.
type callerSessions struct {
	sessionIDs
	caller string
}

func (c callerSessions) Generate() string {
	id := rand.Text()
	return id + "." + c.mark(id)
}

func (c callerSessions) Validate(session string) (isTerminated bool, err error) {
	id, mark, _ := strings.Cut(session, ".")
	if !hmac.Equal([]byte(mark), []byte(c.mark(id))) {
		return false, errors.New("there is no such session")
	}
	return false, nil
}

func (c callerSessions) Terminate(session string) (isNotAllowed bool, err error) {
	_, err = c.Validate(session)
	return false, err
}

func (c callerSessions) mark(id string) string {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(id + "\n" + c.caller))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
