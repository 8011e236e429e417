package sandbox

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// FaultTargets are the requests that errors and dropped connections can be
// limited to. Most writes are preceded by reads, of a record or of its fields,
// so a test of lost writes leaves those alone.
var FaultTargets = []string{"all", "reads", "writes"}

// faults are the ways a workspace may misbehave on request. They are spread
// evenly by counting, never at random, so that a test can rely on them.
type faults struct {
	delay         time.Duration
	status, limit int
	on            string // which of FaultTargets
	errors, lost  share
	rate          rate
}

func newFaults(o Options) faults {
	if o.ErrorStatus == 0 {
		o.ErrorStatus = http.StatusServiceUnavailable
	}
	return faults{
		delay:  o.Delay,
		status: o.ErrorStatus,
		limit:  o.RateLimit,
		on:     o.FaultsOn,
		errors: share{of: o.ErrorRate},
		lost:   share{of: o.DropRate},
	}
}

// wait lets the delay pass. It reports false when the caller gave up first.
func (f *faults) wait(ctx context.Context) bool {
	if f.delay > 0 {
		timer := time.NewTimer(f.delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// refuse is the failure this request meets before anything is done, if any. The
// route is nil where there is none.
func (f *faults) refuse(r *route) error {
	if after := f.rate.over(f.limit); after > 0 {
		seconds := int((after + time.Second - 1) / time.Second)
		return &failure{
			status:  http.StatusTooManyRequests,
			message: fmt.Sprintf("Too many requests: %d a minute are allowed. Try again in %d seconds.", f.limit, seconds),
			header:  http.Header{"Retry-After": {strconv.Itoa(seconds)}},
		}
	}
	if f.meet(r) && f.errors.next() {
		return &failure{status: f.status, message: http.StatusText(f.status)}
	}
	return nil
}

// drops reports whether this request's connection is to be dropped.
func (f *faults) drops(r *route) bool { return f.meet(r) && f.lost.next() }

// meet reports whether errors and drops are for such a request. What is no
// endpoint changes nothing, and so counts as a read.
func (f *faults) meet(r *route) bool {
	writes := r != nil && r.Writes()
	switch f.on {
	case "reads":
		return !writes
	case "writes":
		return writes
	}
	return true
}

// share picks a fraction of calls: with 0.25, every fourth.
type share struct {
	of    float64
	mu    sync.Mutex
	count int64
}

func (s *share) next() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := int64(float64(s.count) * s.of)
	s.count++
	return int64(float64(s.count)*s.of) > before
}

// rate counts the requests of a minute. This is the one place with a wall
// clock: a client that is told to wait must be right to have waited.
type rate struct {
	mu    sync.Mutex
	start time.Time
	count int
}

// over counts one request and says how long to wait if it is one too many.
func (r *rate) over(limit int) time.Duration {
	if limit == 0 {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if now.Sub(r.start) >= time.Minute {
		r.start, r.count = now, 0
	}
	if r.count++; r.count <= limit {
		return 0
	}
	return r.start.Add(time.Minute).Sub(now)
}
