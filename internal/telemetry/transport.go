package telemetry

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Transport counts and traces the requests that Base sends. A request counts
// until its answer is read or closed, or has failed.
type Transport struct {
	Base    http.RoundTripper
	Metrics *Metrics
	Tracing *Tracing

	// Endpoint names what a request calls, GROUP.ACT ("contacts.update"), and
	// says whether it may change something. It must be set.
	Endpoint func(*http.Request) (name string, write bool)
}

// RoundTrip is of http.RoundTripper. It changes nothing of the request but what
// carries the trace on, and that only while traces are kept.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	name, write := t.Endpoint(r)
	group, _, _ := strings.Cut(name, ".")
	begun := time.Now()
	r, span := t.Tracing.outgoing(r, name)
	end := func(status int, err error) {
		t.Metrics.FlexieRequest(group, write, status, err, time.Since(begun))
		span.endRequest(status, err)
	}
	resp, err := t.Base.RoundTrip(r)
	switch {
	case err != nil:
		end(0, err)
		return resp, err
	case resp.StatusCode == http.StatusSwitchingProtocols: // its body is a connection, to be left as it is
		end(resp.StatusCode, nil)
		return resp, nil
	}
	resp.Body = &countedBody{ReadCloser: resp.Body, end: end, status: resp.StatusCode}
	return resp, nil
}

// CloseIdleConnections is asked for by http.Client.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.Base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// countedBody is an answer that tells when it has ended.
type countedBody struct {
	io.ReadCloser
	once   sync.Once
	end    func(status int, err error)
	status int
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch err {
	case nil:
	case io.EOF:
		b.once.Do(func() { b.end(b.status, nil) })
	default:
		b.once.Do(func() { b.end(b.status, err) })
	}
	return n, err
}

func (b *countedBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() { b.end(b.status, nil) })
	return err
}
