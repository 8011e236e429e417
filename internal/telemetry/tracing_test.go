package telemetry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"

	"flexie-mcp/internal/telemetry"
)

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	spanID  = "00f067aa0ba902b7"
	parent  = "00-" + traceID + "-" + spanID + "-01"
)

// noVariables takes away those of whoever runs the tests.
func noVariables(t *testing.T) {
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "OTEL_") {
			t.Setenv(name, "")
		}
	}
}

// sentTo starts tracing to a collector, and gives what ends it.
func sentTo(t *testing.T, c *collector) (tracing *telemetry.Tracing, end func()) {
	t.Helper()
	noVariables(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.url)
	tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", quiet)
	require.NoError(t, err)
	require.NotNil(t, tracing)
	return tracing, func() { require.NoError(t, tracing.Shutdown(t.Context())) }
}

var quiet = slog.New(slog.DiscardHandler)

// call does what a call of a tool does: a message, a tool within it, and a
// request to Flexie within that. It gives the request that was sent.
func call(t *testing.T, tracing *telemetry.Tracing, ctx context.Context, flexie http.RoundTripper) *http.Request {
	t.Helper()
	ctx, message := tracing.Start(ctx, "tools/call", telemetry.Server, telemetry.Attr{Key: "mcp.method.name", Value: "tools/call"})
	ctx, tool := tracing.Start(ctx, "tool", telemetry.Internal)
	var sent *http.Request
	transport := &telemetry.Transport{Tracing: tracing, Endpoint: byPath, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		sent = r
		return flexie.RoundTrip(r)
	})}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://acme.flexie.io/contacts.search?search=anna%40example.com", nil)
	require.NoError(t, err)
	r.Header.Set("apikey", "k3y")
	answer, err := transport.RoundTrip(r)
	if err == nil {
		_, _ = io.ReadAll(answer.Body)
		require.NoError(t, answer.Body.Close())
	}
	require.Empty(t, r.Header.Get("Traceparent"), "the caller's request is left as it is")
	telemetry.Annotate(ctx, telemetry.Attr{Key: "outcome", Value: "not_found"})
	tool.Fail("not_found")
	tool.End()
	message.End()
	return sent
}

// TestTraceGoesOn from the HTTP request that a call came in, through the call,
// to the request that goes out to Flexie.
func TestTraceGoesOn(t *testing.T) {
	c := newCollector(t)
	tracing, end := sentTo(t, c)
	var out *http.Request
	h := tracing.Incoming(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		out = call(t, tracing, r.Context(), answering(404, strings.NewReader("{}")))
	}))
	in := httptest.NewRequest(http.MethodPost, "/mcp", nil)
	in.Header.Set("Traceparent", parent)
	in.Header.Set("Tracestate", "vendor=1")
	in.Header.Set("Baggage", "user=anna")
	h.ServeHTTP(httptest.NewRecorder(), in)
	end()

	message, tool, request := c.span(t, "tools/call"), c.span(t, "tool"), c.span(t, "GET contacts.search")
	for _, span := range []*traces.Span{message, tool, request} {
		require.Equal(t, traceID, idOf(span.TraceId), span.Name)
	}
	require.Equal(t, spanID, idOf(message.ParentSpanId))
	require.Equal(t, message.SpanId, tool.ParentSpanId)
	require.Equal(t, tool.SpanId, request.ParentSpanId)
	require.Equal(t, []traces.Span_SpanKind{traces.Span_SPAN_KIND_SERVER, traces.Span_SPAN_KIND_INTERNAL, traces.Span_SPAN_KIND_CLIENT},
		[]traces.Span_SpanKind{message.Kind, tool.Kind, request.Kind})
	require.Equal(t, "00-"+traceID+"-"+idOf(request.SpanId)+"-01", out.Header.Get("Traceparent"))
	require.Equal(t, "vendor=1", out.Header.Get("Tracestate"))
	require.Empty(t, out.Header.Get("Baggage"), "it is nobody's business at the other end")
	require.Equal(t, map[string]string{"outcome": "not_found", "error.type": "not_found"}, textOf(tool.Attributes))
	require.Equal(t, traces.Status_STATUS_CODE_ERROR, tool.Status.Code)
	require.Equal(t, traces.Status_STATUS_CODE_UNSET, message.Status.GetCode())
}

// TestTraceOfAMessage: what its _meta says is its parent, and the trace of the
// HTTP request that it came in is linked.
func TestTraceOfAMessage(t *testing.T) {
	c := newCollector(t)
	tracing, end := sentTo(t, c)
	h := tracing.Incoming(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx := tracing.FromMeta(r.Context(), map[string]any{"traceparent": parent, "progressToken": 1})
		call(t, tracing, ctx, answering(200, strings.NewReader("{}")))
	}))
	in := httptest.NewRequest(http.MethodPost, "/mcp", nil)
	in.Header.Set("Traceparent", "00-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb-01")
	h.ServeHTTP(httptest.NewRecorder(), in)
	end()
	message := c.span(t, "tools/call")
	require.Equal(t, traceID, idOf(message.TraceId))
	require.Equal(t, spanID, idOf(message.ParentSpanId))
	require.Len(t, message.Links, 1)
	require.Equal(t, strings.Repeat("a", 32), idOf(message.Links[0].TraceId))
}

// TestWrongTraceContext is as none: what anybody may send must do no harm.
func TestWrongTraceContext(t *testing.T) {
	c := newCollector(t)
	tracing, end := sentTo(t, c)
	for _, wrong := range []any{"", "00-0-0-01", parent + "\r\nx", strings.Repeat("f", 1<<16), 7, nil, []any{parent}} {
		call(t, tracing, tracing.FromMeta(t.Context(), map[string]any{"traceparent": wrong}), answering(200, strings.NewReader("{}")))
	}
	end()
	require.NotEqual(t, traceID, idOf(c.span(t, "tools/call").TraceId))
	require.Empty(t, c.span(t, "tools/call").ParentSpanId)
}

// TestTracesHoldNoData: no query, no credential, and no text of an error.
func TestTracesHoldNoData(t *testing.T) {
	c := newCollector(t)
	tracing, end := sentTo(t, c)
	call(t, tracing, t.Context(), roundTrip(func(*http.Request) (*http.Response, error) {
		return nil, errors.New("anna@example.com is not known")
	}))
	end()
	request := c.span(t, "GET contacts.search")
	require.Equal(t, map[string]string{
		"http.request.method": "GET", "server.address": "acme.flexie.io", "flexie.endpoint": "contacts.search", "error.type": "failed",
	}, textOf(request.Attributes))
	for _, span := range c.spans {
		for _, secret := range []string{"anna", "k3y", "not known"} {
			require.NotContains(t, span.String(), secret)
		}
	}
}

func TestTracesByGRPC(t *testing.T) {
	c := newGRPCCollector(t)
	noVariables(t)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.url)
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", quiet)
	require.NoError(t, err)
	call(t, tracing, tracing.FromMeta(t.Context(), map[string]any{"traceparent": parent}), answering(200, strings.NewReader("{}")))
	require.NoError(t, tracing.Shutdown(t.Context()))
	require.Equal(t, traceID, idOf(c.span(t, "tools/call").TraceId))
	require.Equal(t, "flexie-mcp", c.resource["service.name"])
}

func TestWhoSendsIsNamed(t *testing.T) {
	c := newCollector(t)
	noVariables(t)
	for name, value := range map[string]string{
		"OTEL_SERVICE_NAME": "crm-tools", "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
		"OTEL_EXPORTER_OTLP_HEADERS": "x-token=abc", "OTEL_EXPORTER_OTLP_ENDPOINT": c.url,
	} {
		t.Setenv(name, value)
	}
	tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", quiet)
	require.NoError(t, err)
	_, span := tracing.Start(t.Context(), "tools/call", telemetry.Server)
	span.End()
	require.NoError(t, tracing.Shutdown(t.Context()))
	require.Equal(t, "crm-tools", c.resource["service.name"])
	require.Equal(t, "1.2.3", c.resource["service.version"])
	require.Equal(t, "test", c.resource["deployment.environment.name"])
	require.NotEmpty(t, c.resource["service.instance.id"])
	require.Equal(t, "abc", c.headers.Get("X-Token"))
}

// TestWhenToSend goes by the standard variables.
func TestWhenToSend(t *testing.T) {
	for name, test := range map[string]struct {
		set  map[string]string
		on   bool
		says string
	}{
		"nothing set":           {nil, false, ""},
		"an endpoint":           {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, true, ""},
		"one for traces":        {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1/x"}, true, ""},
		"one for logs":          {map[string]string{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://127.0.0.1:1/x"}, true, ""},
		"one for metrics":       {map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:1/x"}, false, ""},
		"an exporter":           {map[string]string{"OTEL_TRACES_EXPORTER": "otlp"}, true, ""},
		"none":                  {map[string]string{"OTEL_TRACES_EXPORTER": "none"}, false, ""},
		"none, and an endpoint": {map[string]string{"OTEL_TRACES_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false, ""},
		"all off":               {map[string]string{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, false, ""},
		"only a name":           {map[string]string{"OTEL_SERVICE_NAME": "x"}, false, ""},
		"grpc":                  {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, true, ""},
		"console": {map[string]string{"OTEL_TRACES_EXPORTER": "console"}, false,
			"OTEL_TRACES_EXPORTER=console is not sent by this program: set it to otlp or none"},
		"console, and logs by otlp": {map[string]string{"OTEL_TRACES_EXPORTER": "console", "OTEL_LOGS_EXPORTER": "otlp"}, true, "OTEL_TRACES_EXPORTER"},
		"another protocol": {map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "carrier-pigeon"}, false,
			"OTEL_EXPORTER_OTLP_PROTOCOL=carrier-pigeon is not known: set it to http/protobuf or grpc"},
		"no address": {map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "user:s3cret@collector"}, false,
			"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is no address that can be sent to: set it to one like http://localhost:4318"},
	} {
		t.Run(name, func(t *testing.T) {
			noVariables(t)
			for name, value := range test.set {
				t.Setenv(name, value)
			}
			tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", quiet)
			require.Equal(t, test.on, tracing != nil)
			require.NoError(t, tracing.Shutdown(t.Context()))
			if test.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.says)
			require.NotContains(t, err.Error(), "s3cret")
		})
	}
}

// TestNoTracing costs nothing and changes nothing.
func TestNoTracing(t *testing.T) {
	noVariables(t)
	tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", quiet)
	require.NoError(t, err)
	require.Nil(t, tracing)
	next := http.NewServeMux()
	require.Same(t, next, tracing.Incoming(next))
	ctx, meta := t.Context(), map[string]any{"traceparent": parent}
	allocated := testing.AllocsPerRun(100, func() {
		within, span := tracing.Start(tracing.FromMeta(ctx, meta), "tools/call", telemetry.Server, telemetry.Attr{Key: "k", Value: "v"})
		span.Set(telemetry.Attr{Key: "k", Value: "v"})
		span.Fail("timeout")
		span.End()
		if within != ctx {
			t.Error("the context is another")
		}
	})
	require.Zero(t, allocated)
	require.Empty(t, call(t, tracing, ctx, answering(200, strings.NewReader("{}"))).Header.Get("Traceparent"))
}

// TestNoCollector: calls go on as ever, the end does not wait long, the log says
// it once, and standard output stays the protocol's.
func TestNoCollector(t *testing.T) {
	noVariables(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	t.Setenv("OTEL_BLRP_SCHEDULE_DELAY", "1")
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer s3cret%zz,s3cret")
	written := captured(t)
	var told lines
	log := slog.New(slog.NewTextHandler(&told, nil))
	tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", log)
	require.NoError(t, err)
	sent := slog.New(telemetry.LogHandler(slog.DiscardHandler, tracing))
	for range 20 {
		call(t, tracing, t.Context(), answering(200, strings.NewReader("{}")))
		sent.Info("a line")
	}
	soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_ = tracing.Shutdown(soon)
	require.Less(t, time.Since(begun), 3*time.Second)
	require.Empty(t, written())
	require.Equal(t, 1, strings.Count(told.String(), "could not be sent"))
	require.Contains(t, told.String(), "OpenTelemetry: escape header value (check the OTEL_* variables)")
	require.Contains(t, told.String(), "OpenTelemetry: OTEL_EXPORTER_OTLP_HEADERS can't be read, and is left out")
	require.NotContains(t, told.String(), "s3cret")
}

// TestACollectorThatHangs delays no call, and the end no longer than it is given.
func TestACollectorThatHangs(t *testing.T) {
	noVariables(t)
	free := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
	defer s.Close()
	defer close(free)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", s.URL)
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "1")
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "10")
	t.Setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "10")
	tracing, err := telemetry.StartTracing(t.Context(), "1.2.3", quiet)
	require.NoError(t, err)
	begun := time.Now()
	for range 200 {
		call(t, tracing, t.Context(), answering(200, strings.NewReader("{}")))
	}
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.Error(t, tracing.Shutdown(soon))
	require.Less(t, time.Since(begun), 3*time.Second)
}

// lines are a log that goroutines of the SDK may write to after the end.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// captured takes what is written to standard output and error, until it is
// asked for.
func captured(t *testing.T) func() string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	out, errOut := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	restore := func() { os.Stdout, os.Stderr = out, errOut }
	t.Cleanup(restore)
	return func() string {
		restore()
		require.NoError(t, w.Close())
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		return string(text)
	}
}
