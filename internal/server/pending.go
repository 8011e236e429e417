package server

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// pending counts what has been asked and not been answered yet.
type pending struct {
	mu      sync.Mutex
	count   int
	changed chan struct{} // closed and made anew when count falls
}

func newPending() *pending { return &pending{changed: make(chan struct{})} }

func (p *pending) add(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count += n
	if n < 0 {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// wait returns when nothing is pending, after the grace, or when ctx ends.
func (p *pending) wait(ctx context.Context, grace time.Duration) {
	deadline := time.After(grace)
	for {
		p.mu.Lock()
		count, changed := p.count, p.changed
		p.mu.Unlock()
		if count <= 0 {
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

// message is what tells requests and answers apart.
type message struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
}

// isRequest and isAnswer are false without an id, and null is none: it is in
// the answer to a line that could not be read, which was never counted.
func (m message) isRequest() bool { return m.hasID() && m.Method != "" }
func (m message) isAnswer() bool  { return m.hasID() && m.Method == "" }
func (m message) hasID() bool     { return len(m.ID) > 0 && string(m.ID) != "null" }

// lineReader hands requests on, a line at a time, and counts them. mcp-go
// cancels what is under way as soon as its input ends; the end is held back
// until the answers are out, so that "echo request | flexie-mcp" prints one.
type lineReader struct {
	pending *pending
	ctx     context.Context
	in      *bufio.Reader
	rest    []byte
	grace   time.Duration
	ended   chan struct{} // closed when the end has been handed on
	once    sync.Once
}

func (p *pending) reader(ctx context.Context, in io.Reader, grace time.Duration) *lineReader {
	return &lineReader{pending: p, ctx: ctx, in: bufio.NewReader(in), grace: grace, ended: make(chan struct{})}
}

func (r *lineReader) Read(b []byte) (int, error) {
	if len(r.rest) == 0 {
		line, err := r.in.ReadBytes('\n')
		if len(line) == 0 {
			r.pending.wait(r.ctx, r.grace)
			r.once.Do(func() { close(r.ended) })
			return 0, err
		}
		if line[len(line)-1] != '\n' { // the last line may lack its end
			line = append(line, '\n')
		}
		r.rest = line
		var m message
		if json.Unmarshal(line, &m) == nil && m.isRequest() {
			r.pending.add(1)
		}
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// lineWriter counts the answers that are written: mcp-go writes each whole.
type lineWriter struct {
	pending *pending
	out     io.Writer
	failed  func(error)
}

// Write tells failed of what can't be written, and not mcp-go, which would only
// log it and go on: a client whose end of the pipe is gone does not come back.
func (w lineWriter) Write(b []byte) (int, error) {
	if _, err := w.out.Write(b); err != nil {
		w.failed(err)
	}
	var m message
	if json.Unmarshal(b, &m) == nil && m.isAnswer() {
		w.pending.add(-1)
	}
	return len(b), nil
}
