package server

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/internal/auth"
)

// sessionIdle is how long a session is kept that nobody uses: clients come and
// go without a word.
const sessionIdle = time.Hour

// Door says who is let in over HTTP, and how much of the server each may use.
type Door struct {
	// Members are those who may ask; nil lets everybody in as the one who runs the
	// server.
	Members *Members

	// Host is the public name of this machine, without a port, that a proxy on it
	// may pass on; "" if it has none.
	Host string

	// Origins are the web pages that may send requests, besides those of this
	// machine: "https://app.example".
	Origins []string

	Limits HTTPLimits
}

// front is what a request passes before mcp-go sees it.
type front struct {
	members  *Members
	shares   *shares
	sessions sessionIDs
	streams  *streams
	replicas *replicas

	streamable, sse, message http.Handler
}

// Handler serves streamable HTTP on /mcp, narrowed by what follows on /mcp/x/, and
// the older SSE transport on /sse and /message.
func Handler(s *mcpserver.MCPServer, door Door, log *slog.Logger) *Front {
	f := &front{members: door.Members, shares: newShares(door.Limits.whole()), streams: &streams{server: s}}
	f.replicas = door.Members.replicas(log)
	f.sessions = newSessionIDs(f.shares, f.replicas)
	f.sessions.follow(s.GetHooks())
	shortenHello(s.GetHooks())
	givePlaces(s.GetHooks())
	f.streamable = f.replicas.serve(mcpserver.NewStreamableHTTPServer(s,
		mcpserver.WithStreamableHTTPLogger(log), mcpserver.WithSessionIdleTTL(sessionIdle),
		mcpserver.WithDisableLocalhostProtection(true), // knownOrigin does it, and lets the public name pass
		mcpserver.WithSessionIdManagerResolver(f.sessions)))
	// Unless it is told of some, the SSE server lets pages of every origin read.
	sse := mcpserver.NewSSEServer(s, append(f.streams.options(),
		mcpserver.WithSSEDisableLocalhostProtection(true), mcpserver.WithSSECORS(mcpserver.WithCORSAllowedOrigins("")))...)
	f.sse, f.message = f.streams.serve(sse.SSEHandler()), sse.MessageHandler()
	handler := f.replicas.within(beating(beatEvery, f))
	if door.Members != nil {
		handler = door.Members.admit(handler)
	}
	return newFront(handler, f.shares, door)
}

// ServeHTTP finds the address. It does so itself, since http.ServeMux redirects
// those that are not quite right, and a client would send its credential on.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/mcp" || strings.HasPrefix(path, auth.PathPrefix):
		f.serveMCP(w, r)
	case path == "/sse":
		if allowed(w, r, http.MethodGet) {
			f.stream(w, r, f.sse)
		}
	case path == "/message":
		if allowed(w, r, http.MethodPost) {
			f.post(w, r, f.serveMessage)
		}
	default:
		http.Error(w, "there is nothing at this address: MCP is at /mcp, and its older SSE transport at /sse", http.StatusNotFound)
	}
}

// allowed refuses methods that an address does not have.
func allowed(w http.ResponseWriter, r *http.Request, methods ...string) bool {
	for _, m := range methods {
		if r.Method == m {
			return true
		}
	}
	w.Header().Set("Allow", strings.Join(methods, ", "))
	http.Error(w, "this address takes "+strings.Join(methods, ", "), http.StatusMethodNotAllowed)
	return false
}

func (f *front) serveMCP(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodPost, http.MethodGet, http.MethodDelete) {
		return
	}
	if r.Method == http.MethodPost {
		f.post(w, r, f.serveStreamable)
		return
	}
	switch session := r.Header.Get(mcpserver.HeaderKeySessionID); {
	case session != "" && !f.sessions.has(r, session):
		http.Error(w, noSession, http.StatusNotFound)
	case r.Method == http.MethodGet:
		f.stream(w, r, f.streamable)
	case session == "" && !mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)):
		http.Error(w, "the Mcp-Session-Id header is missing: it says which session is to end", http.StatusBadRequest)
	default:
		f.streamable.ServeHTTP(w, r)
	}
}

// post reads a message, for as long as the caller has a place for it, and has it
// served.
func (f *front) post(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *http.Request, posted, *place)) {
	release, ok := f.shares.call(w, callerOf(r.Context()))
	if !ok {
		return
	}
	p := &place{release: release}
	defer p.leave()
	m, ok := f.shares.limits().read(w, r)
	switch {
	case !ok:
	case m.Method == string(mcp.MethodInitialize) && m.Size > mostHello:
		refuse(w, http.StatusBadRequest, m.ID, mcp.INVALID_REQUEST, "the params of initialize are larger than 64 KiB: say less of the client in clientInfo and capabilities")
	default:
		serve(w, r, m, p)
	}
}

// serveStreamable has a message on /mcp served. A stream gives back its place
// among the calls, since it needs none.
func (f *front) serveStreamable(w http.ResponseWriter, r *http.Request, m posted, p *place) {
	modern := mcp.IsModernProtocol(r.Header.Get(mcp.HeaderProtocolVersion)) || mcp.IsModernProtocol(m.Meta.ProtocolVersion())
	switch session := r.Header.Get(mcpserver.HeaderKeySessionID); {
	case modern && m.Method == string(mcp.MethodNotificationCancelled):
		// Here a request is cancelled by the end of its connection. mcp-go would go
		// by its id, and cancel whoever's request has the same.
		w.WriteHeader(http.StatusAccepted)
		return
	case modern && m.Method == string(mcp.MethodSubscriptionsListen):
		p.release()
		f.stream(w, r, f.streamable)
		farewell(w, r, m.ID)
		return
	case modern:
	case m.Method == string(mcp.MethodInitialize):
		f.initialize(w, r)
		return
	case session == "":
		refuse(w, http.StatusBadRequest, m.ID, mcp.INVALID_REQUEST, "the Mcp-Session-Id header is missing: begin with initialize, and send with all that follows the one that it is answered with")
		return
	case !f.sessions.has(r, session):
		refuse(w, http.StatusNotFound, m.ID, mcp.INVALID_REQUEST, noSession)
		return
	case m.Method == "" && f.answers(w, r, m):
		return
	}
	if beyondScope(w, r, m) {
		return
	}
	if !modern {
		f.replicas.passOn(r, m)
	}
	defer counted(r.Context())()
	f.streamable.ServeHTTP(w, r)
}

// initialize opens a session, if the caller may have one more.
func (f *front) initialize(w http.ResponseWriter, r *http.Request) {
	if refusedAtTheEnd(w, r) {
		return
	}
	id, ok := f.sessions.open(w, callerOf(r.Context()))
	if !ok {
		return
	}
	defer func() {
		if w.Header().Get(mcpserver.HeaderKeySessionID) != id {
			f.sessions.forget(id) // nobody was told of it
			f.replicas.unreserve(id)
		}
	}()
	f.streamable.ServeHTTP(w, r.WithContext(withNewSession(r.Context(), id)))
}

// stream serves what stays open until one of both ends it. It ends with the
// server, and when whoever opened it is not let in any more.
func (f *front) stream(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if refusedAtTheEnd(w, r) {
		return
	}
	release, ok := f.shares.stream(w, callerOf(r.Context()))
	if !ok {
		return
	}
	defer release()
	ctx, cancel := untilStreamsEnd(r.Context())
	defer cancel()
	if f.members != nil {
		defer f.members.watch(r, cancel)()
	}
	next.ServeHTTP(w, r.WithContext(ctx))
}

// serveMessage has a message to an SSE stream served, if the stream is the
// caller's: for others there is none.
func (f *front) serveMessage(w http.ResponseWriter, r *http.Request, m posted, p *place) {
	s := f.streams.of(r)
	switch {
	case s == nil && f.replicas != nil:
		refuse(w, http.StatusNotFound, m.ID, mcp.INVALID_REQUEST, noStream)
	case s == nil || s.caller != callerOf(r.Context()):
		refuse(w, http.StatusNotFound, m.ID, mcp.INVALID_REQUEST, noSession)
	case m.Method == string(mcp.MethodSubscriptionsListen) && !f.listens(w, s, m, p):
	case beyondScope(w, r, m):
	default:
		// What headers say of a message holds for streamable HTTP alone: mcp-go would
		// refuse one that names a revision in them, and not its method.
		r.Header.Del(mcp.HeaderProtocolVersion)
		f.message.ServeHTTP(w, r.WithContext(p.untilAnswered(s.narrowing(r.Context()), m)))
	}
}

// listens changes the place of a message that listens for one among the caller's
// streams, or refuses.
func (f *front) listens(w http.ResponseWriter, s *stream, m posted, p *place) bool {
	if !s.listens(m.ID, f.shares.limits().InFlight) {
		f.shares.refuseCall(w)
		return false
	}
	release, ok := f.shares.stream(w, s.caller)
	if ok {
		p.release()
		p.release = sync.OnceFunc(release)
	}
	return ok
}
