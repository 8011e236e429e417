package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
)

// running is a server of HTTP, as its requests know it.
type running struct {
	draining atomic.Bool // it is about to end: nothing new begins
	calls    *pending    // those under way

	streamsEnd, callsEnd context.Context
	endStreams, endCalls context.CancelFunc
}

func newRunning(ctx context.Context) *running {
	r := &running{calls: newPending()}
	r.callsEnd, r.endCalls = context.WithCancel(context.WithoutCancel(ctx))
	r.streamsEnd, r.endStreams = context.WithCancel(r.callsEnd)
	return r
}

// awaitCalls returns when no call is under way, and what they answered is out,
// or when ctx ends.
func (r *running) awaitCalls(ctx context.Context) {
	for ctx.Err() == nil {
		r.calls.await(ctx, time.Hour, func() bool { return len(r.calls.started) == 0 })
		select {
		case <-time.After(flushTime):
		case <-ctx.Done():
		}
		if r.calls.count() == 0 {
			return
		}
	}
}

// parting has connections closed after the answers that the server gives while it
// is about to end, so that the next request goes to another.
func (r *running) parting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if r.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, req)
	})
}

type runningKey struct{}

// runningOf is the server that a request came to; nil if it is none of Serving.
func runningOf(ctx context.Context) *running {
	r, _ := ctx.Value(runningKey{}).(*running)
	return r
}

// counted counts a call among those under way until done is called.
func counted(ctx context.Context) (done func()) {
	r := runningOf(ctx)
	if r == nil {
		return func() {}
	}
	call := new(byte) // unlike any other
	r.calls.add(call)
	return func() { r.calls.remove(call) }
}

// cancelWithServer cancels a call when the server's grace is over; elsewhere there
// is nothing to wait for.
func cancelWithServer(ctx context.Context, cancel func()) (unbind func() bool) {
	if r := runningOf(ctx); r != nil {
		return context.AfterFunc(r.callsEnd, cancel)
	}
	return func() bool { return false }
}

// untilStreamsEnd is a context that ends with the server's streams, too.
func untilStreamsEnd(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	r := runningOf(ctx)
	if r == nil {
		return ctx, cancel
	}
	unbind := context.AfterFunc(r.streamsEnd, cancel)
	return ctx, func() { unbind(); cancel() }
}

// farewell answers a request that has listened for as long as the server ran: by
// the answer its client knows that nothing was lost. mcp-go answers nothing whose
// context has ended.
func farewell(w http.ResponseWriter, r *http.Request, id json.RawMessage) {
	run := runningOf(r.Context())
	if run == nil || run.streamsEnd.Err() == nil || r.Context().Err() != nil || w.Header().Get("Content-Type") != "text/event-stream" {
		return
	}
	fmt.Fprintf(w, "event: message\ndata: %s\n\n", encode(map[string]any{
		"jsonrpc": mcp.JSONRPC_VERSION, "id": id,
		"result": map[string]any{"resultType": mcp.ResultTypeComplete, "_meta": map[string]any{mcp.MetaKeySubscriptionID: id}},
	}))
	_ = http.NewResponseController(w).Flush()
}

// refusedAtTheEnd refuses what would last, of a server that is about to end.
func refusedAtTheEnd(w http.ResponseWriter, r *http.Request) bool {
	if run := runningOf(r.Context()); run == nil || !run.draining.Load() {
		return false
	}
	w.Header().Set("Connection", "close") // it may have begun before that
	busy(w, http.StatusServiceUnavailable, 1, "this server is about to end: connect again")
	return true
}
