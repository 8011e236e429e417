package telemetry

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// OK is the outcome of a call that did what it was asked to.
const OK = "ok"

// What a request waits for before it is sent.
const (
	WaitTurn  = "turn"  // the limits of the workspace
	WaitRetry = "retry" // the pause before another try
)

// Steps of confirming a risky write.
const (
	Asked     = "asked"     // the user was asked
	Previewed = "previewed" // a preview with a code was given instead
	Accepted  = "accepted"  // the user said yes, or the code was taken
	Declined  = "declined"  // the user said no, or closed the question
	Expired   = "expired"   // the code was too old, or the user did not answer
	Refused   = "refused"   // the code did not fit, or nobody could be asked
)

// What becomes of changes in the journal. Refused, which was not recorded and so
// not made, is one as well.
const (
	Begun   = "begun"
	Done    = "done"
	NotDone = "not_done"
	Unknown = "unknown"
)

const kindRead, kindWrite = "read", "write"

var (
	waitReasons    = namesOf([]string{WaitTurn, WaitRetry})
	confirmSteps   = namesOf([]string{Asked, Previewed, Accepted, Declined, Expired, Refused})
	changeOutcomes = namesOf([]string{Begun, Done, NotDone, Unknown, Refused})
)

func kindOf(write bool) string {
	if write {
		return kindWrite
	}
	return kindRead
}

// CallBegan counts a call of a tool that is under way now. CallEnded must follow.
func (m *Metrics) CallBegan() {
	if m != nil {
		m.underWay.Inc()
	}
}

// CallEnded counts a call that took so long; outcome is OK or the kind of its
// error.
func (m *Metrics) CallEnded(tool string, write bool, outcome string, took time.Duration) {
	if m == nil {
		return
	}
	m.underWay.Dec()
	m.calls.WithLabelValues(m.tools.label(tool), m.outcomes.label(outcome)).Inc()
	m.callTime.WithLabelValues(kindOf(write)).Observe(took.Seconds())
}

// FlexieRequest counts one request to Flexie. status is that of the answer; err
// is why there was none, or not all of it.
func (m *Metrics) FlexieRequest(group string, write bool, status int, err error, took time.Duration) {
	if m == nil {
		return
	}
	group, kind := m.groups.label(group), kindOf(write)
	m.flexie.WithLabelValues(group, kind, statusClass(status, err)).Inc()
	m.flexieTime.WithLabelValues(group, kind).Observe(took.Seconds())
}

// statusClass is 2xx and so on; 429, which is about us and not about the
// request; or how it failed without an answer.
func statusClass(status int, err error) string {
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case isTimeout(err):
		return "timeout"
	case err != nil, status < 100, status > 599:
		return "failed"
	case status == 429:
		return "429"
	}
	return fmt.Sprintf("%dxx", status/100)
}

func isTimeout(err error) bool {
	var timed interface{ Timeout() bool }
	return errors.As(err, &timed) && timed.Timeout()
}

// Waited counts that a request waited, for WaitTurn or WaitRetry.
func (m *Metrics) Waited(reason string, took time.Duration) {
	if m != nil {
		m.waits.WithLabelValues(waitReasons.label(reason)).Observe(took.Seconds())
	}
}

// SessionOpened and SessionClosed count the sessions of clients.
func (m *Metrics) SessionOpened() {
	if m != nil {
		m.sessions.Inc()
	}
}

// SessionClosed is the end of what SessionOpened counted.
func (m *Metrics) SessionClosed() {
	if m != nil {
		m.sessions.Dec()
	}
}

// Confirmation counts a step: Asked, Previewed, Accepted, Declined, Expired or
// Refused.
func (m *Metrics) Confirmation(step string) {
	if m != nil {
		m.confirmed.WithLabelValues(confirmSteps.label(step)).Inc()
	}
}

// Change counts what became of a change in the journal: Begun, Done, NotDone,
// Unknown or Refused.
func (m *Metrics) Change(outcome string) {
	if m != nil {
		m.changes.WithLabelValues(changeOutcomes.label(outcome)).Inc()
	}
}
