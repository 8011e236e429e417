package server

import (
	"context"
	"sync"
	"time"
)

// pending are the requests that have no answer yet.
type pending struct {
	mu      sync.Mutex
	started map[any]bool  // by id: whether its handling has begun
	changed chan struct{} // closed and made anew at each change
}

func newPending() *pending {
	return &pending{started: map[any]bool{}, changed: make(chan struct{})}
}

func (p *pending) add(id any)    { p.change(func() { p.started[id] = false }) }
func (p *pending) remove(id any) { p.change(func() { delete(p.started, id) }) }

// start is told of requests that were not added, too.
func (p *pending) start(id any) {
	p.change(func() {
		if _, ok := p.started[id]; ok {
			p.started[id] = true
		}
	})
}

func (p *pending) change(how func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how()
	close(p.changed)
	p.changed = make(chan struct{})
}

// count is how many there are.
func (p *pending) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.started)
}

// awaitNone returns when nothing is pending, after the grace, or when ctx ends.
func (p *pending) awaitNone(ctx context.Context, grace time.Duration) {
	p.await(ctx, grace, func() bool { return len(p.started) == 0 })
}

// awaitStart returns when a request has been started or answered, or was never
// made; or as awaitNone does.
func (p *pending) awaitStart(ctx context.Context, grace time.Duration, id any) {
	p.await(ctx, grace, func() bool {
		started, ok := p.started[id]
		return started || !ok
	})
}

func (p *pending) await(ctx context.Context, grace time.Duration, done func() bool) {
	deadline := time.After(grace)
	for {
		p.mu.Lock()
		isDone, changed := done(), p.changed
		p.mu.Unlock()
		if isDone {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			return
		case <-ctx.Done():
			return
		}
	}
}
