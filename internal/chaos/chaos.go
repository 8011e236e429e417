// Package chaos is a Flexie that misbehaves on request, for tests: it stands in
// front of a workspace (the sandbox's handler) and lets connections break,
// answers get lost and proxies talk, by a rule that is asked for each request.
// It writes down every request, so that what was sent can be counted exactly.
//
// Both ends are net/http's own. [Workspace.Transport] joins them by a connection
// in memory, one for each request: as quick as a call, and it works in a bubble of
// testing/synctest, so that silences take no time. [Workspace.Listen] does so on
// a socket of this machine, for programs that are given an address.
package chaos

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"sync"
)

// Workspace is a workspace behind a bad connection. It is safe for concurrent use.
type Workspace struct {
	handler http.Handler
	memory  *memory
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	serving sync.WaitGroup // requests that are being answered

	mu       sync.Mutex
	idle     sync.Cond // acting is 0
	acting   int       // requests that the handler is at work on
	rule     Rule
	hooks    []*hook
	requests []*entry
	closed   bool
	down     bool
	address  string // of Listen
	server   *http.Server
}

// New puts a rule in front of a workspace; a nil one lets everything through.
// The handler answers requests under /api. Give it no faults of its own: what it
// did and then hid would be written down wrong. In a bubble of testing/synctest,
// call New and Close inside it.
func New(handler http.Handler, rule Rule) *Workspace {
	w := &Workspace{handler: handler, rule: rule}
	w.idle.L = &w.mu
	w.ctx, w.stop = context.WithCancel(context.Background())
	w.memory = newMemory(w)
	return w
}

// Close ends whatever is still silent or dripping, and then refuses connections.
func (w *Workspace) Close() {
	w.mu.Lock()
	w.closed = true
	server := w.server
	w.mu.Unlock()
	w.stop()
	w.memory.close()
	if server != nil {
		server.Close()
	}
	w.serving.Wait()
}

// Use takes another rule from the next request on.
func (w *Workspace) Use(rule Rule) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rule = rule
}

// Direct puts a request straight to the workspace, past the rule and the record,
// as another user's browser would. The path is below /api: "/contacts/1".
func (w *Workspace) Direct(key, method, path, body string) (status int, answer string) {
	r, err := http.NewRequest(method, "http://flexie.invalid/api"+path, nil)
	if err != nil {
		panic(err) // the test has it wrong
	}
	r.Header.Set("apikey", key)
	rec := &recorder{header: http.Header{}}
	w.handler.ServeHTTP(rec, withBody(r, []byte(body)))
	return rec.status, rec.body.String()
}

// ServeHTTP is the misbehaving workspace, for a server of one's own. The rule
// can't refuse a connection here, as there is one: see [Workspace.Listen].
func (w *Workspace) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if !w.begin() {
		panic(http.ErrAbortHandler)
	}
	defer w.serving.Done()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // it never came whole: nobody can have acted
	}
	e := entryOf(r.Context())
	if e == nil {
		e = w.decide(r, body)
	}
	e.run(e.before)
	answer := w.act(e, r, body)
	e.run(e.after)
	(&exchange{w, rw, r, e.Fault, answer}).answer()
}

// begin counts a request in, unless the workspace is closed.
func (w *Workspace) begin() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.serving.Add(1)
	}
	return !w.closed
}

// act lets the workspace carry the request out, if it is to, and writes down
// what it answered. Where the answer is to be lost, it acts even if the caller
// has given up already.
func (w *Workspace) act(e *entry, r *http.Request, body []byte) *recorder {
	rec := &recorder{header: http.Header{}}
	ctx := r.Context()
	switch {
	case e.Fault == None:
	case e.Fault.Acts:
		ctx = context.WithoutCancel(ctx)
	default:
		return rec
	}
	w.mu.Lock()
	w.acting++
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		e.Status, e.Answer = rec.status, rec.body.String()
		if w.acting--; w.acting == 0 {
			w.idle.Broadcast()
		}
	}()
	w.handler.ServeHTTP(rec, withBody(r.Clone(ctx), body))
	return rec
}

// decide asks the rule and writes the request down, one at a time.
func (w *Workspace) decide(r *http.Request, body []byte) *entry {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := &entry{Request: newRequest(r, body)}
	if w.rule != nil {
		e.Fault = w.rule(withBody(r.Clone(r.Context()), body))
	}
	for _, h := range w.hooks {
		h.meet(e, withBody(r.Clone(r.Context()), body))
	}
	w.requests = append(w.requests, e)
	return e
}

// Requests are all requests so far, in the order of their coming, or those to
// the named endpoints ("contacts.create"). It waits for the workspace to be
// done with those that it is carrying out, so don't call it in a hook.
func (w *Workspace) Requests(endpoints ...string) []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	for w.acting > 0 {
		w.idle.Wait()
	}
	var all []Request
	for _, e := range w.requests {
		if len(endpoints) == 0 || slices.Contains(endpoints, e.Endpoint) {
			all = append(all, e.Request)
		}
	}
	return all
}

// Forget drops the record, and starts a new one.
func (w *Workspace) Forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = nil
}

// isDown reports whether connections are refused.
func (w *Workspace) isDown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down || w.closed
}

// withBody is a request whose body is still to be read.
func withBody(r *http.Request, body []byte) *http.Request {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return r
}

// recorder is the response writer that keeps what the workspace answered.
type recorder struct {
	header http.Header
	status int // 0: it was not asked
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(b)
}
