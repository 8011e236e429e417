package server

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"slices"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// stream is one open SSE connection, on which the answers go out to requests
// that came in on others. mcp-go runs calls of such a client to their end even
// when the stream is gone. Here a stream that goes takes its calls along, and
// ends after them.
type stream struct {
	ctx    context.Context // ends with the connection, or with the server
	id     string
	caller string
	opener *asking
	calls  *pending

	mu       sync.Mutex
	listened []json.RawMessage // the ids of requests that listen
}

// streams are those that are open, by id.
type streams struct {
	server *mcpserver.MCPServer
	open   sync.Map
}

type streamKey struct{}

func streamOf(ctx context.Context) *stream {
	s, _ := ctx.Value(streamKey{}).(*stream)
	return s
}

// serve is the handler of a stream; next is mcp-go's.
func (all *streams) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		s := &stream{ctx: ctx, id: rand.Text(), caller: callerOf(ctx), opener: askingOf(ctx), calls: newPending()}
		all.open.Store(s.id, s)
		defer func() {
			all.open.Delete(s.id)
			cancel()
			all.endListening(s)
			s.calls.awaitNone(context.Background(), stopGrace)
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, streamKey{}, s)))
	})
}

// of is the stream that a message is sent to; nil if there is none.
func (all *streams) of(r *http.Request) *stream {
	s, _ := all.open.Load(r.URL.Query().Get("sessionId"))
	found, _ := s.(*stream)
	return found
}

// narrowing is the context of a message, for which what narrows its stream holds
// as well: some clients send their headers with the stream alone.
func (s *stream) narrowing(ctx context.Context) context.Context {
	a := askingOf(ctx)
	if a == nil || s.opener == nil {
		return ctx
	}
	narrowed := *a
	narrowed.ReadOnly = a.ReadOnly || s.opener.ReadOnly
	narrowed.Narrowed = slices.Concat(a.Narrowed, s.opener.Narrowed)
	return context.WithValue(ctx, askingKey{}, &narrowed)
}

// listens remembers a request that lasts until its stream ends, if there are
// fewer than most.
func (s *stream) listens(id json.RawMessage, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.listened) >= most {
		return false
	}
	s.listened = append(s.listened, id)
	return true
}

// endListening ends the requests that listen to a stream which is gone. For
// mcp-go no end of a connection ends them, as it ends no call; a client can.
func (all *streams) endListening(s *stream) {
	ctx := all.server.WithContext(context.Background(), gone(s.id))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.listened {
		all.server.HandleMessage(ctx, encode(map[string]any{
			"jsonrpc": mcp.JSONRPC_VERSION, "method": mcp.MethodNotificationCancelled, "params": map[string]any{"requestId": id},
		}))
	}
}

// gone is the session of a stream that has ended, by its id.
type gone string

func (g gone) SessionID() string                                 { return string(g) }
func (gone) Initialize()                                         {}
func (gone) Initialized() bool                                   { return false }
func (gone) NotificationChannel() chan<- mcp.JSONRPCNotification { return nil }

// options make mcp-go know each stream by our id, and each request by its stream.
func (all *streams) options() []mcpserver.SSEOption {
	return []mcpserver.SSEOption{
		mcpserver.WithSessionIDGenerator(func(ctx context.Context, _ *http.Request) (string, error) {
			return streamOf(ctx).id, nil
		}),
		mcpserver.WithSSEContextFunc(func(ctx context.Context, r *http.Request) context.Context {
			keepPlace(ctx) // nothing is in its way any more
			return context.WithValue(ctx, streamKey{}, all.of(r))
		}),
	}
}

// whileStreaming bounds a call to the stream that its answer goes to, and to
// the server, which cancels calls before it closes what they are answered on.
// done must be called.
func whileStreaming(ctx context.Context) (bound context.Context, done func()) {
	bound, cancel := context.WithCancel(ctx)
	unbindServer, uncount := cancelWithServer(ctx, cancel), counted(ctx)
	s := streamOf(ctx)
	if s == nil {
		return bound, func() { unbindServer(); cancel(); uncount() }
	}
	unbindStream := context.AfterFunc(s.ctx, cancel)
	call := new(byte) // unlike any other
	s.calls.add(call)
	return bound, func() {
		unbindServer()
		unbindStream()
		cancel()
		s.calls.remove(call)
		uncount()
	}
}
