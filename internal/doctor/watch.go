package doctor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"flexie-mcp/flexie"
)

// exchange is one request and what was answered, as it came.
type exchange struct {
	endpoint string // "contacts.list"; "" of what is no call of a Client
	status   int    // 0 if nothing came
	header   http.Header
	body     []byte
	took     time.Duration
}

// raw is the answer as JSON: nil, bool, string, json.Number, []any or
// *flexie.Object; nil as well where it is none.
func (e exchange) raw() any {
	v, err := flexie.DecodeJSON(bytes.TrimSpace(e.body))
	if err != nil {
		return nil
	}
	return v
}

// isPage reports whether a web page came.
func (e exchange) isPage() bool { return bytes.HasPrefix(bytes.TrimSpace(e.body), []byte("<")) }

// date is the other side's clock; ok is false if it did not say.
func (e exchange) date() (t time.Time, ok bool) {
	t, err := http.ParseTime(e.header.Get("Date"))
	return t, err == nil
}

// heard are the exchanges of whoever listens.
type heard struct {
	mu  sync.Mutex
	all []exchange
}

// last is the latest one with an endpoint; the zero one if there is none.
func (h *heard) last(endpoint string) exchange {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.all) - 1; i >= 0; i-- {
		if h.all[i].endpoint == endpoint {
			return h.all[i]
		}
	}
	return exchange{}
}

type heardKey struct{}

// listening is a context whose requests are heard.
func listening(ctx context.Context) (context.Context, *heard) {
	h := &heard{}
	return context.WithValue(ctx, heardKey{}, h), h
}

// watch is the transport beneath the client. It writes down what goes through it
// for whoever listens.
type watch struct{ next http.RoundTripper }

// mostHeard bounds what is kept of an answer, in bytes.
const mostHeard = 32 << 20

// RoundTrip implements http.RoundTripper.
func (w watch) RoundTrip(r *http.Request) (*http.Response, error) {
	h, _ := r.Context().Value(heardKey{}).(*heard)
	if h == nil {
		return w.next.RoundTrip(r)
	}
	begun := time.Now()
	e := exchange{endpoint: flexie.EndpointOf(r.Context()).Name}
	resp, err := w.next.RoundTrip(r)
	if err == nil {
		var broken error
		e.status, e.header = resp.StatusCode, resp.Header.Clone()
		e.body, broken = io.ReadAll(io.LimitReader(resp.Body, mostHeard))
		resp.Body = &replay{bytes.NewReader(e.body), broken, resp.Body}
	}
	e.took = time.Since(begun)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, e)
	return resp, err
}

// replay is a body that was read already, and ended as it did.
type replay struct {
	read   *bytes.Reader
	broken error
	of     io.Closer
}

func (b *replay) Read(to []byte) (int, error) {
	n, err := b.read.Read(to)
	if errors.Is(err, io.EOF) && b.broken != nil {
		err = b.broken
	}
	return n, err
}

func (b *replay) Close() error { return b.of.Close() }
