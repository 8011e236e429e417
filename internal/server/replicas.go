package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/store"
)

// replicas are the servers at one database, to any of which the next request of a
// session may come. They keep in it what is to be known of a session, and relay
// what has come to one and is for another. A nil *replicas is one server alone.
type replicas struct {
	me       string // this server, in the ids of its questions
	sessions *store.Sessions
	relay    *store.Relay
	database *store.Postgres
	log      *slog.Logger
	members  *Members
	mcp      http.Handler // mcp-go's streamable HTTP

	known     sync.Map                      // the sessions that were seen here, *knownSession by id
	joined    atomic.Int64                  // how often the relay was: what is known from before may be out of date
	unheard   atomic.Pointer[time.Time]     // until when the database is not asked, since it did not answer
	listeners atomic.Pointer[subscriptions] // who is to be told of changes

	mu        sync.Mutex
	listening map[string]int // streams that are open here, by session
}

const (
	// databaseTime is how long a request waits for the database before it goes on
	// without, and databaseRest how long others then don't wait at all.
	databaseTime = 2 * time.Second
	databaseRest = 5 * time.Second
)

// replicasAt are the servers at a database; nil if there is none.
func replicasAt(database *store.Postgres, members *Members, log *slog.Logger) *replicas {
	if database == nil {
		return nil
	}
	return &replicas{
		me: rand.Text()[:10], database: database, sessions: database.Sessions(sessionIdle, sessionKept), relay: database.Relay(log),
		log: log, members: members, listening: map[string]int{},
	}
}

// serve has requests served by mcp-go as one of several servers, and listens to
// the others until the database is closed.
func (r *replicas) serve(mcp http.Handler) http.Handler {
	if r == nil {
		return mcp
	}
	r.mcp = mcp
	go r.relay.Follow(context.Background(), r.join, r.take)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if session := req.Header.Get(mcpserver.HeaderKeySessionID); session != "" {
			w = &questionWriter{wrapped{w}, r.me}
			if req.Method == http.MethodGet {
				defer r.listens(session)()
			}
		}
		mcp.ServeHTTP(w, req)
	})
}

// join is called when the relay is there, or there again.
func (r *replicas) join() {
	r.heard(nil)
	r.joined.Add(1)
}

type replicasKey struct{}

// within lets all that handles a request know the replicas.
func (r *replicas) within(next http.Handler) http.Handler {
	if r == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		next.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), replicasKey{}, r)))
	})
}

func replicasOf(ctx context.Context) *replicas {
	r, _ := ctx.Value(replicasKey{}).(*replicas)
	return r
}

// relayed is what one server tells others.
type relayed struct {
	From    string          `json:"from"`
	To      string          `json:"to,omitempty"` // one server; "" is all others
	Caller  string          `json:"caller"`
	By      string          `json:"by,omitempty"` // what they ask by: auth.Identity.Credential
	Session string          `json:"session,omitempty"`
	Message json.RawMessage `json:"message,omitempty"` // of the session's client, as if it had come there
	Ended   bool            `json:"ended,omitempty"`   // the session is
	Changed []string        `json:"changed,omitempty"` // addresses, by a write of the caller
}

// send tells others. It waits for the database alone, and for that not long.
func (r *replicas) send(ctx context.Context, m relayed) error {
	m.From = r.me
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), databaseTime)
	defer cancel()
	return r.relay.Send(ctx, encode(m))
}

// take does what another server tells. What it can't make use of is from a newer
// one, or meant for somebody who has left.
func (r *replicas) take(message []byte) {
	var m relayed
	if json.Unmarshal(message, &m) != nil || m.From == r.me || m.To != "" && m.To != r.me {
		return
	}
	switch {
	case m.Ended:
		r.post(m.caller(r), http.MethodDelete, m.Session, nil)
	case len(m.Message) > 0:
		if _, here := r.known.Load(m.Session); here {
			r.post(m.caller(r), http.MethodPost, m.Session, m.Message)
		}
	case len(m.Changed) > 0:
		for _, uri := range m.Changed {
			r.memberOf(m.Caller).shownTo.forget(m.By, uri)
		}
		if s := r.listeners.Load(); s != nil {
			s.tell(m.Caller, m.Changed)
		}
	}
}

// caller is the context of what was relayed. Whether the caller may was asked
// where it came from.
func (m relayed) caller(r *replicas) context.Context {
	if m.Caller == "" {
		return context.Background()
	}
	return context.WithValue(context.Background(), askingKey{}, r.memberOf(m.Caller).asks(auth.Identity{Caller: m.Caller, Credential: m.By}))
}

// memberOf is what is kept of a caller here, with nothing in it if nothing is.
func (r *replicas) memberOf(caller string) *member {
	if kept, ok := r.members.known.Peek(caller); ok {
		return kept
	}
	return &member{}
}

type relayedKey struct{}

// isRelayed reports whether a request did not come from a client, but from within.
func isRelayed(ctx context.Context) bool { return ctx.Value(relayedKey{}) != nil }

// post gives mcp-go a message of a session, and its answer to nobody.
func (r *replicas) post(ctx context.Context, method, session string, message []byte) {
	ctx = context.WithValue(context.WithValue(context.WithoutCancel(ctx), relayedKey{}, true), replicasKey{}, r)
	req, err := http.NewRequestWithContext(ctx, method, "http://localhost/mcp", bytes.NewReader(message))
	if err != nil {
		return // it can't be
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(mcpserver.HeaderKeySessionID, session)
	r.mcp.ServeHTTP(nowhere{}, req)
}

// nowhere is where answers go that nobody reads.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (nowhere) WriteHeader(int)             {}

// silent reports whether the database did not answer just now.
func (r *replicas) silent() bool {
	until := r.unheard.Load()
	return until != nil && time.Now().Before(*until)
}

// heard takes note of whether the database has answered.
func (r *replicas) heard(err error) {
	if err == nil {
		if r.unheard.Swap(nil) != nil {
			r.log.Info("the database can be asked for sessions again")
		}
		return
	}
	until := time.Now().Add(databaseRest)
	if r.unheard.Swap(&until) == nil {
		r.log.Warn("the database can't be asked for sessions: those of other servers are not known here until it can", "reason", err)
	}
}
