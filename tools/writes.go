package tools

import (
	"context"
	"sync"
	"time"

	"flexie-mcp/flexie"
)

// Writes are the writes under way. Once one is sent it goes on when its caller has
// gone, for a bounded time: it must learn what came of it, and record that.
// The zero value is ready; a nil one waits for nothing.
type Writes struct {
	mu      sync.Mutex
	ending  bool
	stops   map[int]context.CancelFunc
	next    int
	changed chan struct{} // closed when one of them ends
}

// begin gives a write its own context, which ends after the time it may take.
// done must be called. ok is false when the server is ending.
func (w *Writes) begin(ctx context.Context, most time.Duration) (writing context.Context, done func(), ok bool) {
	writing, stop := context.WithTimeout(flexie.EndUnsentWith(context.WithoutCancel(ctx), ctx), most)
	if w == nil {
		return writing, stop, true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ending {
		stop()
		return nil, nil, false
	}
	if w.stops == nil {
		w.stops = map[int]context.CancelFunc{}
		w.changed = make(chan struct{})
	}
	w.next++
	id := w.next
	w.stops[id] = stop
	return writing, func() { w.end(id) }, true
}

func (w *Writes) end(id int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stops[id]()
	delete(w.stops, id)
	close(w.changed)
	w.changed = make(chan struct{})
}

// Pending is how many are under way.
func (w *Writes) Pending() int {
	if w == nil {
		return 0
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.stops)
}

func (w *Writes) isEnding() bool {
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ending
}

// End lets no more begin, gives those under way the grace, then cancels them
// and gives them the time that is left to record that. It reports whether all
// have ended.
func (w *Writes) End(grace, last time.Duration) bool {
	w.mu.Lock()
	w.ending = true
	w.mu.Unlock()
	if w.awaitNone(grace) {
		return true
	}
	w.mu.Lock()
	for _, stop := range w.stops {
		stop()
	}
	w.mu.Unlock()
	return w.awaitNone(last)
}

// AwaitNone waits until none is under way, for the grace at most.
func (w *Writes) AwaitNone(grace time.Duration) bool {
	return w.Pending() == 0 || w.awaitNone(grace)
}

func (w *Writes) awaitNone(grace time.Duration) bool {
	deadline := time.After(grace)
	for {
		w.mu.Lock()
		pending, changed := len(w.stops), w.changed
		w.mu.Unlock()
		if pending == 0 {
			return true
		}
		select {
		case <-changed:
		case <-deadline:
			return false
		}
	}
}
