package telemetry_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/telemetry"
)

// TestRequestsAndStreams are counted apart, while they are under way and after.
func TestRequestsAndStreams(t *testing.T) {
	m := telemetry.NewMetrics(known)
	during := map[string]map[string]float64{}
	h := m.Requests(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, flushes := w.(http.Flusher)
		require.True(t, flushes, "mcp-go streams to nothing else")
		during[r.Method] = nonZero(scrape(t, m))
		switch r.URL.Path {
		case "/refused":
			w.WriteHeader(http.StatusUnauthorized)
		case "/text":
			_, _ = io.WriteString(w, "hello")
			w.(http.Flusher).Flush()
		}
	}), nil)
	for _, to := range []string{"POST /refused", "POST /text", "POST /nothing", "GET /text"} {
		method, path, _ := strings.Cut(to, " ")
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, path, nil))
	}
	require.InDelta(t, 1, during["POST"]["http_requests_in_flight{}"], 0)
	require.NotContains(t, during["POST"], "streams_open{}")
	require.InDelta(t, 1, during["GET"]["streams_open{}"], 0)
	require.NotContains(t, during["GET"], "http_requests_in_flight{}")
	require.Equal(t, map[string]float64{"http_requests_total{code=401}": 1, "http_requests_total{code=200}": 2}, nonZero(scrape(t, m)))
}

// TestStreamsAreSentAtOnce, through a real server.
func TestStreamsAreSentAtOnce(t *testing.T) {
	m := telemetry.NewMetrics(known)
	end := make(chan struct{})
	s := httptest.NewServer(m.Requests(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "first")
		w.(http.Flusher).Flush()
		<-end
	}), nil))
	defer s.Close()
	defer close(end)
	answer, err := http.Post(s.URL, "application/json", nil)
	require.NoError(t, err)
	defer answer.Body.Close()
	begin := make([]byte, 5)
	_, err = io.ReadFull(answer.Body, begin)
	require.NoError(t, err)
	require.Equal(t, "first", string(begin))
}

// TestARequestThatPanics is not under way for ever.
func TestARequestThatPanics(t *testing.T) {
	m := telemetry.NewMetrics(known)
	h := m.Requests(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), nil)
	require.Panics(t, func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil)) })
	require.Equal(t, map[string]float64{"http_requests_total{code=aborted}": 1}, nonZero(scrape(t, m)))
}
