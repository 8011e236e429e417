package server

import (
	"net/http"
	"sync/atomic"
)

// Front answers over HTTP. Which pages may send requests, and how much callers may
// use, can change while it does.
type Front struct {
	inner  http.Handler // who asks is known in here, and sessions are
	shares *shares
	outer  atomic.Pointer[http.Handler]
}

func newFront(inner http.Handler, shares *shares, door Door) *Front {
	f := &Front{inner: inner, shares: shares}
	f.Change(door)
	return f
}

// Change goes by the Origins and Limits of a door from now on. What is open beyond
// a limit stays open.
func (f *Front) Change(door Door) {
	limits := door.Limits.whole()
	f.shares.limit.Store(&limits)
	outer := limits.impatient(door.knownOrigin(door.cors(f.inner)))
	f.outer.Store(&outer)
}

func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	(*f.outer.Load()).ServeHTTP(w, r)
}
