// Package sandbox is a whole Flexie workspace in the binary: an http.Handler
// over SQLite that answers all 142 endpoints with seeded, linked, fixed data.
// It is the demo, the embedded default and the test bench.
//
// It is written from what is known of Flexie, not from our client: of ours it
// imports only the endpoint table, so that the two can disagree. What Flexie's
// page does not say, and this package had to choose, is marked "Guess:".
package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options say how the workspace behaves. The zero value is a healthy in-memory
// workspace speaking the classic dialect.
type Options struct {
	File        string        // SQLite file; "" is in memory. An existing file is opened as it is and not seeded again.
	Dialect     string        // one of Dialects; "" is "classic"
	Delay       time.Duration // before each answer; ends early when the request's context ends
	ErrorRate   float64       // 0..1: the share of requests answered with ErrorStatus, evenly spread
	ErrorStatus int           // 0 is 503
	DropRate    float64       // 0..1: the share of requests whose connection is dropped after acting
	FaultsOn    string        // which requests the two rates are of: one of FaultTargets; "" is "all"
	RateLimit   int           // requests a minute; past it 429 with Retry-After. 0 is none
	MaxLimit    int           // the largest page; 0 is 1000
	Token       string        // an OAuth access token that is accepted as the administrator; "" is none

	Redirect      string        // where the answer to a sign-in goes; "" is the constant Redirect
	TokenLifetime time.Duration // of an access token; 0 is an hour
	KeepRefresh   bool          // a refresh gives no new refresh token, and leaves the old one good
}

// The API keys, each of one user of the seed.
const (
	Key        = "sandbox"         // the administrator, user 1
	SalesKey   = "sandbox-sales"   // a salesperson: deletes nothing, changes no users and no workflows
	SupportKey = "sandbox-support" // cases, contacts, tasks and notes; no deals
	ViewerKey  = "sandbox-viewer"  // may read, never write
)

// Today is the sandbox's fixed day, a Monday: what is due and overdue in the
// seed is relative to it. The clock starts here and moves one second with each
// write, so that times are ordered and the same in every run.
var Today = time.Date(2026, 6, 22, 9, 0, 0, 0, time.UTC)

// Sandbox is one workspace. It is safe for concurrent use.
type Sandbox struct {
	options Options
	dialect *dialect
	store   *store
	routes  []*route
	faults  faults
	grants  *grants
	turn    sync.Mutex // one request acts at a time, so each is atomic
}

// Open makes or reopens a workspace.
func Open(o Options) (*Sandbox, error) {
	d, err := dialectNamed(o.Dialect)
	if err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	routes, err := newRoutes()
	if err != nil {
		return nil, err
	}
	st, err := openStore(o.File)
	if err != nil {
		return nil, err
	}
	return &Sandbox{options: o, dialect: d, store: st, routes: routes, faults: newFaults(o), grants: newGrants(o)}, nil
}

// Close lets go of the database. An in-memory workspace is gone after it.
func (s *Sandbox) Close() error { return s.store.Close() }

// check refuses settings that can't mean anything.
func (o Options) check() error {
	switch {
	case o.ErrorRate < 0 || o.ErrorRate > 1:
		return fmt.Errorf("sandbox: error rate %v is not between 0 and 1", o.ErrorRate)
	case o.DropRate < 0 || o.DropRate > 1:
		return fmt.Errorf("sandbox: drop rate %v is not between 0 and 1", o.DropRate)
	case o.FaultsOn != "" && !slices.Contains(FaultTargets, o.FaultsOn):
		return fmt.Errorf("sandbox: faults can't be on %q: it is one of %s", o.FaultsOn, strings.Join(FaultTargets, ", "))
	case o.ErrorStatus != 0 && (o.ErrorStatus < 400 || o.ErrorStatus > 599):
		return fmt.Errorf("sandbox: error status %d is not between 400 and 599", o.ErrorStatus)
	case o.RateLimit < 0 || o.MaxLimit < 0 || o.Delay < 0 || o.TokenLifetime < 0:
		return fmt.Errorf("sandbox: rate limit, largest page, delay and the lifetime of tokens can't be negative")
	}
	return nil
}

func dialectNamed(name string) (*dialect, error) {
	if name == "" {
		name = Dialects[0]
	}
	i := slices.IndexFunc(dialects, func(d dialect) bool { return d.name == name })
	if i < 0 {
		return nil, fmt.Errorf("sandbox: unknown dialect %q: it is one of %s", name, strings.Join(Dialects, ", "))
	}
	return &dialects[i], nil
}

// Now is the workspace's time: that which the next write will have. It stands
// still between writes, so what is made from now on is dated Now or later, and
// what was made before is dated earlier. Each answer says it in its Date header,
// as the time when the request came.
func (s *Sandbox) Now() time.Time {
	s.turn.Lock()
	defer s.turn.Unlock()
	last, err := lastWrite(s.store)
	if err != nil {
		return Today // the database is closed, or broken: the next request says so
	}
	return last.Add(time.Second)
}

// ServeHTTP answers requests under /api, and those of a sign-in under /oauth2.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.faults.wait(r.Context()) {
		return // nobody is waiting for the answer any more
	}
	w.Header().Set("Date", s.Now().Format(http.TimeFormat))
	w.Header().Set("Server", "flexie-mcp sandbox") // which clocks are not compared with
	route, values, unknown := s.match(r.Method, r.URL.EscapedPath())
	if isSignIn(r.URL.Path) {
		unknown = nil
	}
	if err := cmp.Or(s.faults.refuse(route), unknown); err != nil {
		s.fail(w, err)
		return
	}
	if isSignIn(r.URL.Path) {
		s.signIn(w, r)
		return
	}
	answer, err := s.answer(w, r, route, values)
	if err != nil {
		s.fail(w, err)
		return
	}
	if s.faults.drops(route) {
		panic(http.ErrAbortHandler) // what was done stays done
	}
	respond(w, http.StatusOK, answer)
}

// answer does what the request asks. A nil answer is a success with nothing to say.
func (s *Sandbox) answer(w http.ResponseWriter, r *http.Request, route *route, values map[string]string) (any, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	var answer any
	err = s.store.do(func(t *tx) error {
		c := &call{tx: t, dialect: s.dialect, options: s.options, grants: s.grants, request: r, route: route, path: values, raw: body}
		answer, err = c.act()
		return err
	})
	return answer, err
}
