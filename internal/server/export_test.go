package server

import (
	"net/http"
	"time"
)

// AskAgainEvery sets how often it is found out anew who has a stream open.
func (m *Members) AskAgainEvery(d time.Duration) { m.askAgain = d }

// Impatient is a handler whose clients have so long for each write.
func Impatient(time time.Duration, handler http.HandlerFunc) http.Handler {
	return HTTPLimits{WriteTime: time}.impatient(handler)
}

// Known is how many callers something is kept of.
func (m *Members) Known() int { return m.known.Len() }

// SettleEvery sets how often it is looked for what is to be settled.
func (m *Members) SettleEvery(d time.Duration) { m.settleEvery = d }
