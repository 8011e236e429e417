package server

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

// stream is one open SSE connection, on which the answers go out to requests
// that came in on others. mcp-go runs calls of such a client to their end even
// when the stream is gone. Here a stream that goes takes its calls along, and
// ends after them.
type stream struct {
	ctx   context.Context // ends with the connection, or with the server
	id    string
	calls *pending
}

// streams are those that are open, by id.
type streams struct{ open sync.Map }

type streamKey struct{}

func streamOf(ctx context.Context) *stream {
	s, _ := ctx.Value(streamKey{}).(*stream)
	return s
}

// serve is the handler of a stream; next is mcp-go's.
func (all *streams) serve(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		s := &stream{ctx: ctx, id: rand.Text(), calls: newPending()}
		all.open.Store(s.id, s)
		defer func() {
			all.open.Delete(s.id)
			cancel()
			s.calls.awaitNone(context.Background(), stopGrace)
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, streamKey{}, s)))
	})
}

// options make mcp-go know each stream by our id, and each request by its stream.
func (all *streams) options() []mcpserver.SSEOption {
	return []mcpserver.SSEOption{
		mcpserver.WithSessionIDGenerator(func(ctx context.Context, _ *http.Request) (string, error) {
			return streamOf(ctx).id, nil
		}),
		mcpserver.WithSSEContextFunc(func(ctx context.Context, r *http.Request) context.Context {
			if s, ok := all.open.Load(r.URL.Query().Get("sessionId")); ok {
				return context.WithValue(ctx, streamKey{}, s)
			}
			return ctx
		}),
	}
}

// whileStreaming bounds a call to the stream that its answer goes to; calls on
// other transports have none, and are bounded by mcp-go. done must be called.
func whileStreaming(ctx context.Context) (bound context.Context, done func()) {
	s := streamOf(ctx)
	if s == nil {
		return ctx, func() {}
	}
	bound, cancel := context.WithCancel(ctx)
	unbind := context.AfterFunc(s.ctx, cancel)
	call := new(byte) // unlike any other
	s.calls.add(call)
	return bound, func() {
		unbind()
		cancel()
		s.calls.remove(call)
	}
}
