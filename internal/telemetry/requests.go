package telemetry

import (
	"net/http"
	"strconv"
)

// Requests counts the HTTP requests that next answers, and those under way.
// isStream tells which of them only listen: they are counted by themselves,
// since they last for hours and need no worker. nil is a GET.
func (m *Metrics) Requests(next http.Handler, isStream func(*http.Request) bool) http.Handler {
	if m == nil {
		return next
	}
	if isStream == nil {
		isStream = func(r *http.Request) bool { return r.Method == http.MethodGet }
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isStream(r) {
			m.streams.Inc()
			defer m.streams.Dec()
			next.ServeHTTP(w, r)
			return
		}
		m.inFlight.Inc()
		code := "aborted" // should next panic
		defer func() {
			m.inFlight.Dec()
			m.requests.WithLabelValues(code).Inc()
		}()
		answer := &answerCode{ResponseWriter: w}
		next.ServeHTTP(answer, r)
		code = answer.label()
	})
}

// answerCode remembers the status that an answer was given.
type answerCode struct {
	http.ResponseWriter
	code int
}

func (a *answerCode) WriteHeader(code int) {
	if a.code < 200 { // 1xx come before the one that counts
		a.code = code
	}
	a.ResponseWriter.WriteHeader(code)
}

func (a *answerCode) Write(p []byte) (int, error) {
	if a.code < 200 {
		a.code = http.StatusOK
	}
	return a.ResponseWriter.Write(p)
}

// Flush is asked for by name by those who stream.
func (a *answerCode) Flush() {
	if a.code < 200 {
		a.code = http.StatusOK
	}
	_ = http.NewResponseController(a.ResponseWriter).Flush() // a writer that can't flush sends at the end
}

// Unwrap is for http.ResponseController.
func (a *answerCode) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answerCode) label() string {
	switch {
	case a.code < 200:
		return "200" // nothing was written, which is an empty answer
	case a.code > 599:
		return other
	}
	return strconv.Itoa(a.code)
}
