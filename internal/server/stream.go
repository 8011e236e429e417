package server

import (
	"context"
	"crypto/rand"
	"net/http"
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
	calls  *pending
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
		s := &stream{ctx: ctx, id: rand.Text(), caller: callerOf(ctx), calls: newPending()}
		all.open.Store(s.id, s)
		defer func() {
			all.open.Delete(s.id)
			cancel()
			s.calls.awaitNone(context.Background(), stopGrace)
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, streamKey{}, s)))
	})
}

// own refuses what somebody else sends to a stream: for them there is none.
func (all *streams) own(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, ok := all.open.Load(r.URL.Query().Get("sessionId"))
		if ok && s.(*stream).caller != callerOf(r.Context()) {
			http.Error(w, "there is no such session", http.StatusNotFound)
			return
		}
		next.ServeHTTP(w, r)
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

// whileStreaming bounds a call to the stream that its answer goes to, and to
// the server, which cancels calls before it closes what they are answered on.
// done must be called.
func whileStreaming(ctx context.Context) (bound context.Context, done func()) {
	bound, cancel := context.WithCancel(ctx)
	unbindServer := cancelWithServer(ctx, cancel)
	s := streamOf(ctx)
	if s == nil {
		return bound, func() { unbindServer(); cancel() }
	}
	unbindStream := context.AfterFunc(s.ctx, cancel)
	call := new(byte) // unlike any other
	s.calls.add(call)
	return bound, func() {
		unbindServer()
		unbindStream()
		cancel()
		s.calls.remove(call)
	}
}

// endingKey is where a request's context has the one that ends with the server.
type endingKey struct{}

// cancelWithServer cancels what a request of ServeHTTP is about when the server
// ends; elsewhere there is nothing to wait for.
func cancelWithServer(ctx context.Context, cancel func()) (unbind func() bool) {
	ending, ok := ctx.Value(endingKey{}).(context.Context)
	if !ok {
		return func() bool { return false }
	}
	return context.AfterFunc(ending, cancel)
}

// endStreams ends with the server the requests that would never end by
// themselves: a GET listens, and so does one method of a POST.
func endStreams(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Header.Get("Mcp-Method") == string(mcp.MethodSubscriptionsListen) {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer cancelWithServer(ctx, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}
