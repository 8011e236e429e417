package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/internal/store"
)

// sessionUse is how often it is noted that a session is in use. That is much
// shorter than sessionIdle.
const sessionUse = 10 * time.Minute

// sessionKept is how long one can be gone on with that nobody uses: people leave
// their programs open over night. After sessionIdle it has no place any more.
const sessionKept = 24 * time.Hour

// facts are what is to be known of a session, besides its id.
type facts struct {
	Hello   json.RawMessage `json:"hello"`             // the params of initialize: who the client is, and what it can do
	Watched []string        `json:"watched,omitempty"` // the addresses that it has subscribed to
}

// knownSession is a session that was seen here.
type knownSession struct {
	mu     sync.Mutex
	here   bool  // mcp-go knows it
	saved  bool  // others can know it
	joined int64 // replicas.joined when it was last found in the database
	used   time.Time
	facts  facts
}

// follow keeps what is to be known of sessions, and forgets them when mcp-go does.
func (r *replicas) follow(hooks *mcpserver.Hooks) {
	if r == nil {
		return
	}
	hooks.AddAfterInitialize(func(ctx context.Context, _ any, request *mcp.InitializeRequest, _ *mcp.InitializeResult) {
		id, opens := ctx.Value(newSessionKey{}).(string)
		if opens && !isRelayed(ctx) {
			r.opened(ctx, id, encode(request.Params))
		}
	})
	hooks.AddOnUnregisterSession(func(_ context.Context, session mcpserver.ClientSession) {
		r.known.Delete(session.SessionID())
	})
}

// opened keeps a session that was opened here. If it can't be kept, it is one of
// this server alone until it can.
func (r *replicas) opened(ctx context.Context, id string, hello []byte) {
	k := &knownSession{here: true, joined: r.joined.Load(), facts: facts{Hello: hello}}
	k.mu.Lock()
	defer k.mu.Unlock()
	r.known.Store(id, k)
	r.save(ctx, id, k)
}

func (r *replicas) save(ctx context.Context, id string, k *knownSession) {
	err := r.ask(ctx, func(ctx context.Context) error { return r.sessions.Save(ctx, id, callerOf(ctx), encode(k.facts)) })
	k.saved, k.used = err == nil, time.Now()
}

// errSilent is a database that is not asked, since it did not answer just now.
var errSilent = errors.New("the database does not answer")

// ask asks the database something, in bounded time.
func (r *replicas) ask(ctx context.Context, what func(context.Context) error) error {
	if r.silent() {
		return errSilent
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), databaseTime)
	defer cancel()
	err := what(bounded)
	if errors.Is(err, store.ErrNoSession) {
		r.heard(nil)
		return err
	}
	r.heard(err)
	return err
}

// has reports whether there is a session of whoever sends a request, whose id is
// good. One that this server does not know yet, it reads and takes over. It asks
// the database once, and again only when it may have missed its end.
func (r *replicas) has(req *http.Request, id string) bool {
	if r == nil {
		return true
	}
	kept, _ := r.known.LoadOrStore(id, &knownSession{})
	k := kept.(*knownSession)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.here && k.joined == r.joined.Load() {
		r.use(req.Context(), id, k)
		return true
	}
	if k.here && !k.saved {
		joined := r.joined.Load()
		if r.save(req.Context(), id, k); k.saved {
			k.joined = joined
		}
		return true
	}
	return r.load(req, id, k)
}

// use notes now and then that a session is in use.
func (r *replicas) use(ctx context.Context, id string, k *knownSession) {
	if time.Since(k.used) < sessionUse {
		return
	}
	k.used = time.Now()
	go func() { _ = r.ask(ctx, func(ctx context.Context) error { return r.sessions.Use(ctx, id) }) }()
}

// load reads a session. Where the database can't be asked, one whose id is good
// is served without what was known of it.
func (r *replicas) load(req *http.Request, id string, k *knownSession) bool {
	joined := r.joined.Load()
	var read []byte
	err := r.ask(req.Context(), func(ctx context.Context) (err error) {
		read, err = r.sessions.Load(ctx, id, callerOf(ctx))
		return err
	})
	switch {
	case errors.Is(err, store.ErrNoSession):
		r.known.Delete(id)
		if k.here {
			r.post(req.Context(), http.MethodDelete, id, nil)
		}
		return false
	case err != nil:
		return true
	}
	k.saved, k.joined, k.used = true, joined, time.Now()
	if !k.here && json.Unmarshal(read, &k.facts) == nil {
		k.here = true
		r.adopt(req.Context(), id, k.facts)
	}
	return true
}

// adopt has mcp-go know a session that was opened at another server, by saying to
// it what the client said there.
func (r *replicas) adopt(ctx context.Context, id string, f facts) {
	r.post(withNewSession(ctx, id), http.MethodPost, "", request(mcp.MethodInitialize, f.Hello))
	for _, uri := range f.Watched {
		r.post(ctx, http.MethodPost, id, request(mcp.MethodResourcesSubscribe, encode(map[string]any{"uri": uri})))
	}
}

// request is a message that asks for something.
func request(method mcp.MCPMethod, params json.RawMessage) []byte {
	return encode(map[string]any{"jsonrpc": mcp.JSONRPC_VERSION, "id": 0, "method": method, "params": params})
}

// end has a session that was ended here be ended everywhere.
func (r *replicas) end(id, caller string) {
	if r == nil {
		return
	}
	r.known.Delete(id)
	err := r.ask(context.Background(), func(ctx context.Context) error { return r.sessions.End(ctx, id) })
	if err == nil {
		err = r.send(context.Background(), relayed{Caller: caller, Session: id, Ended: true})
	}
	if err != nil {
		r.log.Warn("a session that was ended here could not be ended at other servers", "reason", err)
	}
}

// reserve keeps a place for a session that is about to be opened, and reports
// false if the caller has as many as they may at all servers together. Where that
// can't be told, they may have one.
func (r *replicas) reserve(id, caller string, most int) (ok bool) {
	if r == nil {
		return true
	}
	err := r.ask(context.Background(), func(ctx context.Context) (err error) {
		ok, err = r.sessions.Reserve(ctx, id, caller, most)
		return err
	})
	return ok || err != nil
}

// unreserve gives back the place of a session that was not opened.
func (r *replicas) unreserve(id string) {
	if r != nil {
		r.known.Delete(id)
		_ = r.ask(context.Background(), func(ctx context.Context) error { return r.sessions.End(ctx, id) })
	}
}

// watches keeps what a session has subscribed to, or does not any more, for the
// server that its stream is at, or will be.
func (r *replicas) watches(ctx context.Context, id, uri string, does bool) {
	if r == nil || isRelayed(ctx) {
		return
	}
	kept, ok := r.known.Load(id)
	if !ok {
		return
	}
	k := kept.(*knownSession)
	k.mu.Lock()
	defer k.mu.Unlock()
	if !does && !slices.Contains(k.facts.Watched, uri) {
		return // so there is nothing to tell
	}
	k.facts.Watched = slices.DeleteFunc(slices.Clone(k.facts.Watched), func(u string) bool { return u == uri })
	method := mcp.MethodResourcesUnsubscribe
	if does {
		method = mcp.MethodResourcesSubscribe
		k.facts.Watched = append(k.facts.Watched, uri)
	}
	r.save(ctx, id, k)
	_ = r.send(ctx, relayed{Caller: callerOf(ctx), Session: id, Message: request(method, encode(map[string]any{"uri": uri}))})
}
