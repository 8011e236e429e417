package server

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// HTTPLimits are how much of a server its callers may use. What is 0 is filled
// in.
type HTTPLimits struct {
	Body          int64 // of a request, in bytes
	InFlight      int   // requests of a caller that are worked on
	Streams       int   // of a caller
	Sessions      int   // of a caller
	SessionsInAll int   // and as many streams

	// BodyTime is how long the body of a request may take to come. WriteTime is how
	// long the client may take to read what is written at once.
	BodyTime, WriteTime time.Duration
}

// callersAtWork is for how many callers all requests in flight are together
// enough: keys cost nothing to make up, so a limit for each is none.
const callersAtWork = 50

func (l HTTPLimits) whole() HTTPLimits {
	fill(&l.Body, 4<<20)
	fill(&l.InFlight, 32)
	fill(&l.Streams, 20)
	fill(&l.Sessions, 100)
	fill(&l.SessionsInAll, 10_000)
	fill(&l.BodyTime, 30*time.Second)
	fill(&l.WriteTime, 30*time.Second)
	return l
}

func fill[T int | int64 | time.Duration](limit *T, usual T) {
	if *limit == 0 {
		*limit = usual
	}
}

// use is how much somebody uses now.
type use struct{ calls, streams, sessions int }

// shares are what each caller uses, and all together.
type shares struct {
	limit atomic.Pointer[HTTPLimits] // which can change
	mu    sync.Mutex
	inAll use
	of    map[string]*use // by caller; those who use nothing are not in it
}

func newShares(l HTTPLimits) *shares {
	s := &shares{of: map[string]*use{}}
	s.limit.Store(&l)
	return s
}

// limits are those of now.
func (s *shares) limits() *HTTPLimits { return s.limit.Load() }

// kindOfUse is one of the three that are counted.
type kindOfUse func(*use) *int

func ofCalls(u *use) *int    { return &u.calls }
func ofStreams(u *use) *int  { return &u.streams }
func ofSessions(u *use) *int { return &u.sessions }

// taken says whether one more was given, or who has too many.
type taken int

const (
	given taken = iota
	callerHasTooMany
	allHaveTooMany
)

func (s *shares) take(caller string, kind kindOfUse, most, mostInAll int) taken {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.of[caller]
	if u == nil {
		u = &use{}
	}
	switch {
	case *kind(u) >= most:
		return callerHasTooMany
	case *kind(&s.inAll) >= mostInAll:
		return allHaveTooMany
	}
	*kind(u)++
	*kind(&s.inAll)++
	s.of[caller] = u
	return given
}

func (s *shares) give(caller string, kind kindOfUse) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.of[caller]
	*kind(u)--
	*kind(&s.inAll)--
	if *u == (use{}) {
		delete(s.of, caller)
	}
}

// call takes a place among the requests in flight, or refuses. What release does,
// it does once.
func (s *shares) call(w http.ResponseWriter, caller string) (release func(), ok bool) {
	switch s.take(caller, ofCalls, s.limits().InFlight, callersAtWork*s.limits().InFlight) {
	case callerHasTooMany:
		s.refuseCall(w)
		return nil, false
	case allHaveTooMany:
		busy(w, http.StatusServiceUnavailable, 2, "this server has too much to do: come again")
		return nil, false
	}
	return sync.OnceFunc(func() { s.give(caller, ofCalls) }), true
}

func (s *shares) refuseCall(w http.ResponseWriter) {
	busy(w, http.StatusTooManyRequests, 1, fmt.Sprintf("%d requests with this credential are worked on, which is the most: wait for their answers, and come again", s.limits().InFlight))
}

// stream takes a place among the open streams, or refuses.
func (s *shares) stream(w http.ResponseWriter, caller string) (release func(), ok bool) {
	switch s.take(caller, ofStreams, s.limits().Streams, s.limits().SessionsInAll) {
	case callerHasTooMany:
		busy(w, http.StatusTooManyRequests, 30, fmt.Sprintf("%d streams are open with this credential, which is the most: close one that is not needed", s.limits().Streams))
		return nil, false
	case allHaveTooMany:
		busy(w, http.StatusServiceUnavailable, 30, "too many streams are open at this server: come again")
		return nil, false
	}
	return func() { s.give(caller, ofStreams) }, true
}

// session takes a place among the sessions, or refuses. It is given back by give.
func (s *shares) session(w http.ResponseWriter, caller string) (ok bool) {
	switch s.take(caller, ofSessions, s.limits().Sessions, s.limits().SessionsInAll) {
	case callerHasTooMany:
		s.refuseSession(w)
		return false
	case allHaveTooMany:
		busy(w, http.StatusServiceUnavailable, 60, "too many sessions are open at this server: come again")
		return false
	}
	return true
}

func (s *shares) refuseSession(w http.ResponseWriter) {
	busy(w, http.StatusTooManyRequests, 60, fmt.Sprintf("%d sessions are open with this credential, which is the most: use one of them, or end one with DELETE and its Mcp-Session-Id. One that is not used ends after an hour.", s.limits().Sessions))
}

// busy refuses what may be sent again after so many seconds.
func busy(w http.ResponseWriter, status, seconds int, text string) {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	http.Error(w, text, status)
}
