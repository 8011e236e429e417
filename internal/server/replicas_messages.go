package server

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// A question to the user goes out from the server where its call waits, and the
// answer may come to any. mcp-go counts the questions of one server, so two could
// have the same id in one session, and a yes to one be taken for a yes to the
// other. As they go out, their ids get the server's name, which also says where
// the answer is to go.

// eventStart is how mcp-go writes an event of a stream, in one piece.
var eventStart = []byte("event: message\ndata: ")

// questionWriter puts the server's name into the ids of questions.
type questionWriter struct {
	wrapped
	server string
}

func (q *questionWriter) Write(p []byte) (int, error) {
	message, isEvent := bytes.CutPrefix(p, eventStart)
	if !isEvent || !bytes.Contains(message, []byte(`"`+mcp.MethodElicitationCreate+`"`)) {
		return q.ResponseWriter.Write(p)
	}
	var asked struct {
		JSONRPC string          `json:"jsonrpc"`
		ID      json.RawMessage `json:"id"`
		Method  mcp.MCPMethod   `json:"method"`
		Params  json.RawMessage `json:"params,omitempty"`
	}
	if json.Unmarshal(message, &asked) != nil || asked.Method != mcp.MethodElicitationCreate {
		return q.ResponseWriter.Write(p)
	}
	asked.ID = encode(q.server + ":" + string(asked.ID))
	if _, err := q.ResponseWriter.Write(bytes.Join([][]byte{eventStart, encode(asked), []byte("\n\n")}, nil)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// answers takes a client's answer to a question of another server there, and
// reports whether it did. One to a question of this server it leaves as mcp-go
// knows it.
func (f *front) answers(w http.ResponseWriter, req *http.Request, m posted) (done bool) {
	server, id, ok := questionOf(m.ID)
	if f.replicas == nil || !ok {
		return false
	}
	body, err := withID(req.Body, id)
	if err != nil {
		return false // for mcp-go to say
	}
	if server == f.replicas.me {
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return false
	}
	session := req.Header.Get(mcpserver.HeaderKeySessionID)
	if !f.sessions.has(req, session) {
		refuse(w, http.StatusNotFound, nil, mcp.INVALID_REQUEST, noSession)
		return true
	}
	if f.replicas.send(req.Context(), relayed{To: server, Caller: callerOf(req.Context()), Session: session, Message: body}) != nil {
		busy(w, http.StatusServiceUnavailable, 1, "the server that has asked can't be reached now: send the answer again")
		return true
	}
	w.WriteHeader(http.StatusAccepted)
	return true
}

// questionOf parts the id of a question into the server's name and its own id.
func questionOf(id json.RawMessage) (server string, number json.RawMessage, ok bool) {
	var text string
	if json.Unmarshal(id, &text) != nil {
		return "", nil, false
	}
	server, n, _ := strings.Cut(text, ":")
	_, err := strconv.ParseInt(n, 10, 64)
	return server, json.RawMessage(n), err == nil
}

// withID is a message with another id.
func withID(body io.Reader, id json.RawMessage) ([]byte, error) {
	var message map[string]json.RawMessage
	if err := json.NewDecoder(body).Decode(&message); err != nil {
		return nil, err
	}
	message["id"] = id
	return encode(message), nil
}

// passOn tells other servers of what may be meant for one of them: that a call is
// cancelled, wherever it is.
func (r *replicas) passOn(req *http.Request, m posted) {
	if r == nil || m.Method != string(mcp.MethodNotificationCancelled) {
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return // it was read before
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	_ = r.send(req.Context(), relayed{Caller: callerOf(req.Context()), Session: req.Header.Get(mcpserver.HeaderKeySessionID), Message: body})
}

// noStream is said where an older SSE stream may be open at another server.
const noStream = "there is no such stream at this server (any more): its messages must go to the server where it is open, so behind a proxy the older SSE transport needs a route that sticks. Streamable HTTP on /mcp needs none"

// listens counts a session's streams at this server.
func (r *replicas) listens(session string) (ended func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listening[session]++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.listening[session]--; r.listening[session] == 0 {
			delete(r.listening, session)
		}
	}
}

// tells reports whether it is this server that tells a session of a change: each
// server knows what it has subscribed to, and one has its stream.
func (r *replicas) tells(session string) bool {
	if r == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.listening[session] > 0
}

// changed has the other servers tell those who subscribed, and does not wait for
// that.
func (r *replicas) changed(ctx context.Context, uris []string) {
	if r != nil && len(uris) > 0 {
		go func() { _ = r.send(ctx, relayed{Caller: callerOf(ctx), By: credentialOf(ctx), Changed: uris}) }()
	}
}
