package server

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/progress"
)

const (
	// quickly is how long a request may take without being told of.
	quickly = time.Second

	// stepsApart is how long after a step another one is told.
	stepsApart = 500 * time.Millisecond
)

// withProgress has a client that asked for it told how far a request is and what
// it waits for, when that takes long. end must be called before it is answered.
func withProgress(ctx context.Context, meta *mcp.Meta) (_ context.Context, end func()) {
	if meta == nil || meta.ProgressToken == nil {
		return ctx, func() {}
	}
	server, token := mcpserver.ServerFromContext(ctx), meta.ProgressToken
	if session := mcpserver.ClientSessionFromContext(ctx); session != nil && mcp.IsModernProtocol(mcpserver.RequestProtocolVersion(ctx)) {
		session.Initialize() // else mcp-go tells nothing to a client that said no hello, which these don't
	}
	t := &teller{began: time.Now(), send: func(told map[string]any) {
		told["progressToken"] = token
		// One that can't be told has gone, or is too slow to be told more.
		_ = server.SendNotificationToClient(ctx, string(mcp.MethodNotificationProgress), told)
	}, over: func() bool { return ctx.Err() != nil }} // though a write may still be waited for
	first := time.AfterFunc(quickly, t.first)
	return flexie.WithWaiting(progress.With(ctx, t.step), t.wait), func() {
		first.Stop()
		t.end()
	}
}

// teller tells of one request.
type teller struct {
	send  func(map[string]any)
	over  func() bool
	began time.Time

	mu    sync.Mutex
	ended bool
	last  progress.Step
	waits int       // since the last step
	told  float64   // the last number that was told
	when  time.Time // zero before anything was
}

func (t *teller) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

// first tells of what has taken a second without a word.
func (t *teller) first() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.when.IsZero() {
		t.tell(cmp.Or(t.last.Message, "Waiting for Flexie"))
	}
}

// step is told only of what takes long, and not too often.
func (t *teller) step(s progress.Step) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s.Done < t.last.Done && s.Message == t.last.Message {
		return // two that went side by side and came the other way round
	}
	t.last, t.waits = s, 0
	if now := time.Now(); now.Sub(t.began) >= quickly && now.Sub(t.when) >= stepsApart {
		t.tell(s.Message)
	}
}

// wait is told at once: it is long by itself.
func (t *teller) wait(w flexie.Waiting) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waits++
	t.tell("Waiting for Flexie: " + w.String())
}

// tell sends how far it is. The number must increase, whatever is told: waits take
// ever smaller parts of the way to the next step, and what takes no steps is
// counted by how often it was told. A total that it
// has got past is not one.
func (t *teller) tell(message string) {
	if t.ended || t.over() {
		return
	}
	at := float64(t.last.Done)
	switch {
	case t.last.Done == 0 && t.last.Total == 0:
		at = t.told + 1
	case t.waits > 0:
		at += 1 - 1/float64(t.waits+1)
	}
	if at <= t.told { // of another thing that has begun anew
		at = t.told + 1./64
	}
	told := map[string]any{"progress": at, "message": message}
	if total := float64(t.last.Total); total > 0 && at <= total {
		told["total"] = total
	}
	t.told, t.when = at, time.Now()
	t.send(told)
}
