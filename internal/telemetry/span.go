package telemetry

import (
	"context"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// Kind is the part that a span has in a trace.
type Kind int

// The kinds of span.
const (
	Internal Kind = iota // a part of what another span is about
	Server               // what was asked of this program
	Client               // what this program asks of another
)

var kinds = [...]trace.SpanKind{Internal: trace.SpanKindInternal, Server: trace.SpanKindServer, Client: trace.SpanKindClient}

// Attr is said of a span.
type Attr struct{ Key, Value string }

// Span is a part of a trace that is under way.
type Span struct{ span trace.Span }

// Start begins a span within that of ctx. End must be called once. Where traces
// are not sent it gives ctx itself and nil.
func (t *Tracing) Start(ctx context.Context, name string, kind Kind, attrs ...Attr) (context.Context, *Span) {
	if !t.tracing() {
		return ctx, nil
	}
	options := []trace.SpanStartOption{
		trace.WithSpanKind(kinds[kind]),
		trace.WithAttributes(attributes(attrs)...),
	}
	if around, ok := ctx.Value(aroundKey{}).(trace.SpanContext); ok && kind == Server {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: around}))
	}
	ctx, span := t.tracer.Start(ctx, name, options...)
	return ctx, &Span{span}
}

// Set says more of the span.
func (s *Span) Set(attrs ...Attr) {
	if s != nil {
		s.span.SetAttributes(attributes(attrs)...)
	}
}

// Fail marks the span as failed. kind is what sort of failure it is: a text
// would be people's data.
func (s *Span) Fail(kind string) {
	if s == nil {
		return
	}
	s.span.SetStatus(codes.Error, "")
	if kind != "" {
		s.span.SetAttributes(semconv.ErrorTypeKey.String(kind))
	}
}

// End ends the span.
func (s *Span) End() {
	if s != nil {
		s.span.End()
	}
}

// Annotate says something of the span that ctx is within, if any.
func Annotate(ctx context.Context, attrs ...Attr) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(attributes(attrs)...)
	}
}

func attributes(attrs []Attr) []attribute.KeyValue {
	all := make([]attribute.KeyValue, len(attrs))
	for i, a := range attrs {
		all[i] = attribute.String(a.Key, a.Value)
	}
	return all
}

// Incoming goes on with the trace that an HTTP request came with.
func (t *Tracing) Incoming(next http.Handler) http.Handler {
	if !t.tracing() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := w3c.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// aroundKey is where a context has the span around one message.
type aroundKey struct{}

// FromMeta goes on with the trace that a message came with in its _meta, as
// revision 2026-07-28 has it and earlier clients do: "traceparent" and
// "tracestate". That is its parent, whatever HTTP request it came in; the next
// Server span is linked to the request's trace.
func (t *Tracing) FromMeta(ctx context.Context, meta map[string]any) context.Context {
	if !t.tracing() || meta["traceparent"] == nil {
		return ctx
	}
	around := trace.SpanContextFromContext(ctx)
	inner := w3c.Extract(ctx, metaCarrier(meta))
	if around.IsValid() && !around.Equal(trace.SpanContextFromContext(inner)) {
		inner = context.WithValue(inner, aroundKey{}, around)
	}
	return inner
}

// metaCarrier is a _meta as propagators read it.
type metaCarrier map[string]any

func (m metaCarrier) Get(key string) string {
	text, _ := m[key].(string)
	return text
}

func (m metaCarrier) Set(key, value string) { m[key] = value }

func (m metaCarrier) Keys() []string { return []string{"traceparent", "tracestate"} }

// outgoing is a request with a span of its own, which it carries on.
func (t *Tracing) outgoing(r *http.Request, endpoint string) (*http.Request, *Span) {
	if !t.tracing() {
		return r, nil
	}
	ctx, span := t.Start(r.Context(), r.Method+" "+endpoint, Client,
		Attr{string(semconv.HTTPRequestMethodKey), r.Method}, Attr{"server.address", r.URL.Hostname()}, Attr{"flexie.endpoint", endpoint})
	r = r.Clone(ctx)
	w3c.Inject(ctx, propagation.HeaderCarrier(r.Header))
	return r, span
}

// endRequest ends the span of a request by what came of it.
func (s *Span) endRequest(status int, err error) {
	if s == nil {
		return
	}
	if status > 0 {
		s.span.SetAttributes(semconv.HTTPResponseStatusCode(status))
	}
	switch {
	case err != nil:
		s.Fail(statusClass(status, err))
	case status >= 400:
		s.Fail(fmt.Sprint(status))
	}
	s.End()
}
