package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
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

// refusedAtTheEnd refuses what would last, of a server that is about to end.
func refusedAtTheEnd(w http.ResponseWriter, r *http.Request) bool {
	if run := runningOf(r.Context()); run == nil || !run.draining.Load() {
		return false
	}
	w.Header().Set("Connection", "close")
	busy(w, http.StatusServiceUnavailable, 1, "this server is about to end: connect again")
	return true
}
