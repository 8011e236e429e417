package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// checkTime is how long a check of readiness may take. checkedFor is for how
// long its result is good: anybody may ask, and often.
const (
	checkTime  = 2 * time.Second
	checkedFor = time.Second
)

// Health says whether the process runs, and whether it should be sent work. It
// says no more than that, and the names of checks: anybody may ask.
type Health struct {
	log      *slog.Logger
	draining atomic.Bool

	mu      sync.Mutex
	checks  []*check
	checked time.Time
	failing []string // names, as of checked
}

// check is one thing that work needs.
type check struct {
	name    string
	run     func(context.Context) error
	running atomic.Bool
	failed  bool
}

// NewHealth is ready from the start. Why a check fails is told to log.
func NewHealth(log *slog.Logger) *Health { return &Health{log: log} }

// Check adds something that must be well for work to be sent here, by a name
// that anybody may read: "state store". It gets two seconds.
func (h *Health) Check(name string, run func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, &check{name: name, run: run})
	h.checked = time.Time{}
}

// Drain makes Ready say no from now on: what is under way ends, and no more
// should come.
func (h *Health) Drain() { h.draining.Store(true) }

// Draining reports whether Drain was called.
func (h *Health) Draining() bool { return h.draining.Load() }

// Live answers /healthz: 200 "ok" as long as anything can be answered.
func (h *Health) Live() http.Handler {
	return probe(func() (int, string) { return http.StatusOK, "ok" })
}

// Ready answers /readyz: 200 "ready", or 503 with "draining" or the names of the
// checks that fail.
func (h *Health) Ready() http.Handler {
	return probe(func() (int, string) {
		if h.Draining() {
			return http.StatusServiceUnavailable, "draining"
		}
		if failing := h.ask(); len(failing) > 0 {
			return http.StatusServiceUnavailable, "not ready: " + strings.Join(failing, ", ")
		}
		return http.StatusOK, "ready"
	})
}

func probe(state func() (int, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "ask with GET", http.StatusMethodNotAllowed)
			return
		}
		code, text := state()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, text+"\n")
	})
}

// ask runs the checks, all at the same time, and gives the names of those that
// fail. Whoever asks meanwhile gets the same.
func (h *Health) ask() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.checked.IsZero() && time.Since(h.checked) < checkedFor {
		return h.failing
	}
	results := make([]error, len(h.checks))
	var done sync.WaitGroup
	for i, c := range h.checks {
		done.Go(func() { results[i] = c.ask() })
	}
	done.Wait()
	h.failing = nil
	for i, c := range h.checks {
		h.tell(c, results[i])
		if results[i] != nil {
			h.failing = append(h.failing, c.name)
		}
	}
	slices.Sort(h.failing)
	h.checked = time.Now()
	return h.failing
}

var (
	errSlow  = errors.New("it did not answer in time")
	errStuck = errors.New("it has not answered since it was last asked")
	errPanic = errors.New("the check itself failed")
)

// ask runs a check, and leaves it alone if it takes too long: one that hangs is
// not asked again before it has answered.
func (c *check) ask() error {
	if !c.running.CompareAndSwap(false, true) {
		return errStuck
	}
	ctx, cancel := context.WithTimeout(context.Background(), checkTime)
	defer cancel()
	answer := make(chan error, 1)
	go func() {
		err := c.safely(ctx)
		c.running.Store(false) // first: whoever has the answer may ask again
		answer <- err
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return errSlow
	}
}

// safely runs a check. One that panics must not end the process.
func (c *check) safely(ctx context.Context) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanic
		}
	}()
	return c.run(ctx)
}

// tell logs when a check begins to fail, and when it is well again.
func (h *Health) tell(c *check, err error) {
	switch {
	case err != nil && !c.failed:
		h.log.Warn("not ready", "check", c.name, "reason", err)
	case err == nil && c.failed:
		h.log.Info("ready again", "check", c.name)
	}
	c.failed = err != nil
}
