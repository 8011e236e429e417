package chaos

import (
	"context"
	"net/http"
	"net/url"

	"flexie-mcp/flexie"
)

// Request is what is written down of a request.
type Request struct {
	Endpoint string // its name in flexie.Endpoints; "" if it is to none
	Method   string
	Path     string // with the /api before it, unescaped
	Query    url.Values
	Header   http.Header
	Body     string
	Fault    Fault

	// Status and Answer are what the workspace said, whether or not it got
	// through; 0 and "" if the request never reached it.
	Status int
	Answer string
}

// Acted reports whether the workspace did what was asked.
func (r Request) Acted() bool { return r.Status >= 200 && r.Status < 300 }

// Writes reports whether it was a request that can change something.
func (r Request) Writes() bool {
	if e, ok := flexie.EndpointNamed(r.Endpoint); ok {
		return e.Writes()
	}
	return r.Method != http.MethodGet && r.Method != http.MethodHead
}

// newRequest writes a request down as it comes.
func newRequest(r *http.Request, body []byte) Request {
	endpoint, _ := EndpointOf(r)
	return Request{
		Endpoint: endpoint.Name, Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(),
		Header: r.Header.Clone(), Body: string(body),
	}
}

// entry is a request under way.
type entry struct {
	Request
	before, after []func()
}

func (e *entry) run(hooks []func()) {
	for _, do := range hooks {
		do()
	}
}

type entryKey struct{}

// entryOf is the entry of a request that was decided upon before it was sent.
func entryOf(ctx context.Context) *entry {
	e, _ := ctx.Value(entryKey{}).(*entry)
	return e
}

// hook is something to do at the nth request that matches.
type hook struct {
	match Match
	n     int
	seen  int
	first bool // before the request is carried out
	do    func()
}

func (h *hook) meet(e *entry, r *http.Request) {
	if !h.match(r) {
		return
	}
	if h.seen++; h.seen != h.n {
		return
	}
	if h.first {
		e.before = append(e.before, h.do)
	} else {
		e.after = append(e.after, h.do)
	}
}

// BeforeNth does something when the nth request that matches, from now on, has
// come and before it is carried out: the first is 1. Use [Workspace.Direct] there
// to be the other user who was quicker.
func (w *Workspace) BeforeNth(n int, match Match, do func()) {
	w.addHook(&hook{match: match, n: n, first: true, do: do})
}

// AfterNth does something once the nth request that matches has been carried
// out, or would have been, and before its answer goes out.
func (w *Workspace) AfterNth(n int, match Match, do func()) {
	w.addHook(&hook{match: match, n: n, do: do})
}

func (w *Workspace) addHook(h *hook) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks = append(w.hooks, h)
}
