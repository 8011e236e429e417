package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/tools"
)

// message is what of a JSON-RPC message tells which it is.
type message struct {
	ID     any             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

func (m message) isRequest() bool { return m.ID != nil && m.Method != "" }
func (m message) isAnswer() bool  { return m.ID != nil && m.Method == "" }

// key is the id as mcp-go tells requests apart.
func (m message) key() string { return fmt.Sprint(m.ID) }

// cancels is the key of the request that a notification cancels, if it does.
func (m message) cancels() (key string, ok bool) {
	if m.Method != string(mcp.MethodNotificationCancelled) {
		return "", false
	}
	var params struct {
		RequestID any `json:"requestId"`
	}
	err := json.Unmarshal(m.Params, &params)
	return fmt.Sprint(params.RequestID), err == nil
}

// lineReader hands messages on to mcp-go, a line at a time, and mends two
// things. mcp-go cancels what is under way as soon as its input ends: the end
// is held back until the answers are out, so that "echo request | flexie-mcp"
// prints one. And it forgets a cancellation of what it has read and not begun
// with: that one is held back too, until then.
type lineReader struct {
	pending *pending
	writes  *tools.Writes
	ctx     context.Context
	in      *bufio.Reader
	rest    []byte
	ended   chan struct{} // closed when the end has been handed on
	once    sync.Once
}

func newLineReader(ctx context.Context, in io.Reader, p *pending, writes *tools.Writes) *lineReader {
	return &lineReader{pending: p, writes: writes, ctx: ctx, in: bufio.NewReader(in), ended: make(chan struct{})}
}

func (r *lineReader) Read(b []byte) (int, error) {
	for len(r.rest) == 0 {
		line, err := r.in.ReadBytes('\n')
		if len(line) == 0 {
			r.pending.awaitNone(r.ctx, answerGrace)
			if r.writes.Pending() > 0 && r.writes.AwaitNone(writeGrace) {
				r.pending.awaitNone(r.ctx, startGrace) // the answers of these
			}
			r.once.Do(func() { close(r.ended) })
			return 0, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue // an empty line is no message
		}
		r.rest = append(line, '\n') // which the last line may lack
		r.look(line)
	}
	n := copy(b, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *lineReader) look(line []byte) {
	var m message
	if json.Unmarshal(line, &m) != nil {
		return // for mcp-go to answer
	}
	if m.isRequest() {
		r.pending.add(m.key())
	} else if key, ok := m.cancels(); ok {
		r.pending.awaitStart(r.ctx, startGrace, key)
	}
}

// lineWriter looks for the answers in what mcp-go writes, each at once.
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
		w.pending.remove(m.key())
	}
	return len(b), nil
}
