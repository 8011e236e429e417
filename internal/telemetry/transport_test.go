package telemetry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/telemetry"
)

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answering gives each request this answer.
func answering(status int, body io.Reader) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(body), Request: r, Header: http.Header{}}, nil
	}
}

// broken is a body that ends too soon.
func broken(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), roundReader{err})
}

type roundReader struct{ err error }

func (r roundReader) Read([]byte) (int, error) { return 0, r.err }

func byPath(r *http.Request) (string, bool) {
	return strings.TrimPrefix(r.URL.Path, "/"), r.Method != http.MethodGet
}

func TestTransportCounts(t *testing.T) {
	for name, test := range map[string]struct {
		method string
		base   http.RoundTripper
		status string
	}{
		"read":         {http.MethodGet, answering(200, strings.NewReader("{}")), "kind=read,status=2xx"},
		"refused":      {http.MethodPost, answering(422, strings.NewReader("{}")), "kind=write,status=4xx"},
		"busy":         {http.MethodPost, answering(429, strings.NewReader("{}")), "kind=write,status=429"},
		"cut off":      {http.MethodGet, answering(200, broken("{", io.ErrUnexpectedEOF)), "kind=read,status=failed"},
		"not in time":  {http.MethodGet, answering(200, broken("{", context.DeadlineExceeded)), "kind=read,status=timeout"},
		"no answer":    {http.MethodGet, roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("reset") }), "kind=read,status=failed"},
		"given up":     {http.MethodGet, roundTrip(func(*http.Request) (*http.Response, error) { return nil, context.Canceled }), "kind=read,status=cancelled"},
		"not spoken":   {http.MethodGet, answering(101, strings.NewReader("")), "kind=read,status=1xx"},
		"empty answer": {http.MethodDelete, answering(204, http.NoBody), "kind=write,status=2xx"},
	} {
		t.Run(name, func(t *testing.T) {
			m := telemetry.NewMetrics(known)
			client := http.Client{Transport: &telemetry.Transport{Base: test.base, Metrics: m, Endpoint: byPath}}
			r, err := http.NewRequest(test.method, "https://acme.flexie.io/contacts.act", nil)
			require.NoError(t, err)
			if answer, err := client.Do(r); err == nil {
				_, _ = io.ReadAll(answer.Body)
				require.NoError(t, answer.Body.Close())
			}
			got := nonZero(scrape(t, m))
			require.InDelta(t, 1, got["flexie_requests_total{group=contacts,"+test.status+"}"], 0, "%v", got)
			require.Len(t, keysWith(got, "flexie_requests_total"), 1)
		})
	}
}

// TestTransportCountsAnAnswerThatNobodyReads once, when it is closed.
func TestTransportCountsAnAnswerThatNobodyReads(t *testing.T) {
	m := telemetry.NewMetrics(known)
	transport := &telemetry.Transport{Base: answering(200, strings.NewReader("{}")), Metrics: m, Endpoint: byPath}
	r := httptest.NewRequest(http.MethodGet, "https://acme.flexie.io/contacts.get", nil)
	answer, err := transport.RoundTrip(r)
	require.NoError(t, err)
	require.Empty(t, nonZero(scrape(t, m)), "it is under way")
	require.NoError(t, answer.Body.Close())
	require.NoError(t, answer.Body.Close())
	require.InDelta(t, 1, scrape(t, m)["flexie_requests_total{group=contacts,kind=read,status=2xx}"], 0)
}

// TestTransportLeavesTheRequestAlone where traces are not kept.
func TestTransportLeavesTheRequestAlone(t *testing.T) {
	var sent *http.Request
	transport := &telemetry.Transport{Endpoint: byPath, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r
		return nil, errors.New("no")
	})}
	r := httptest.NewRequest(http.MethodGet, "https://acme.flexie.io/contacts.get", nil)
	_, err := transport.RoundTrip(r)
	require.Error(t, err)
	require.Same(t, r, sent)
	require.Empty(t, sent.Header)
}
