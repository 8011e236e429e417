package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/telemetry"
)

// Around is what every request over HTTP passes first. Probes end here: they bring
// no credential, and are not counted.
func (o Observing) Around(next http.Handler) http.Handler {
	return o.probed(telemetry.RequestIDs(o.Tracing.Incoming(o.Metrics.Requests(next, isStream))))
}

// probed answers /healthz and /readyz, and leaves the rest to next.
func (o Observing) probed(next http.Handler) http.Handler {
	if o.Health == nil {
		return next
	}
	live, ready := o.Health.Live(), o.Health.Ready()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
			live.ServeHTTP(w, r)
		case "/readyz":
			ready.ServeHTTP(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// isStream reports whether a request only listens, for as long as it lasts.
func isStream(r *http.Request) bool {
	path := r.URL.Path
	listens := r.Method == http.MethodGet && (path == "/sse" || path == "/mcp" || strings.HasPrefix(path, auth.PathPrefix))
	return listens || r.Header.Get("Mcp-Method") == string(mcp.MethodSubscriptionsListen)
}

// Operator answers those who run the server, at an address that nobody else is to
// reach: /metrics, and the probes, which it also answers while the server ends.
func (o Observing) Operator() http.Handler {
	metrics := o.Metrics.Handler()
	return Door{}.knownOrigin(o.probed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/metrics" {
			http.Error(w, "there is nothing at this address: metrics are at /metrics, probes at /healthz and /readyz", http.StatusNotFound)
			return
		}
		if allowed(w, r, http.MethodGet) {
			metrics.ServeHTTP(w, r)
		}
	})))
}

// ServeOperator serves Operator on l, until stop is called.
func (o Observing) ServeOperator(l net.Listener) (stop func()) {
	s := &http.Server{Handler: o.Operator(), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, WriteTimeout: operatorTime}
	go func() { _ = s.Serve(l) }() // which ends by stop
	return func() { _ = s.Close() }
}

// operatorTime is how long an answer to the operator may take.
const operatorTime = 30 * time.Second

// Draining is a context that ends with ctx, but not before the probes say that the
// server is about to.
func (o Observing) Draining(ctx context.Context) context.Context {
	if o.Health == nil {
		return ctx
	}
	draining, end := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		o.Health.Drain()
		end()
	})
	return draining
}
