package server_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
	coltraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/telemetry"
)

// collector takes what is sent by OTLP over HTTP.
type collector struct {
	mu    sync.Mutex
	sent  strings.Builder // all of it, spans and lines of the log, as it came
	spans []*traces.Span
	tr    *telemetry.Tracing
}

// collect sends traces and logs to a collector, as the variables of OpenTelemetry
// ask.
func collect(t *testing.T) *collector {
	c := &collector{}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent.Write(body)
		var got coltraces.ExportTraceServiceRequest
		if r.URL.Path == "/v1/traces" && proto.Unmarshal(body, &got) == nil {
			for _, from := range got.ResourceSpans {
				for _, scope := range from.ScopeSpans {
					c.spans = append(c.spans, scope.Spans...)
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", s.URL)
	var err error
	c.tr, err = telemetry.StartTracing(t.Context(), "1.2.3", quiet)
	require.NoError(t, err)
	return c
}

// end has all sent, and gives the spans.
func (c *collector) end(t *testing.T) []*traces.Span {
	require.NoError(t, c.tr.Shutdown(t.Context()))
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.spans
}

// The traces that callers are in: one by the request, one by the message.
const (
	byHeader = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	byMeta   = "cccccccccccccccccccccccccccccccc"
	parentID = "bbbbbbbbbbbbbbbb"
)

func parentOf(trace string) string { return "00-" + trace + "-" + parentID + "-01" }

// TestTracesGoOn from whoever calls to the request that Flexie gets: by the header
// of the request, or by the message's own, which is nearer.
func TestTracesGoOn(t *testing.T) {
	for name, test := range map[string]struct{ header, meta, want string }{
		"the header":   {byHeader, "", byHeader},
		"the message":  {"", byMeta, byMeta},
		"both":         {byHeader, byMeta, byMeta},
		"none at all":  {"", "", ""},
		"a made-up id": {"not-a-trace", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := collect(t)
			is := observe(t, c.tr)
			request := callOf("get_contact", map[string]any{"id": 42})
			request.Header = http.Header{}
			if test.header != "" {
				request.Header.Set("Traceparent", parentOf(test.header))
			}
			if test.meta != "" {
				request.Params.Meta = &mcp.Meta{AdditionalFields: map[string]any{"traceparent": parentOf(test.meta)}}
			}
			r, err := is.connect(t).CallTool(t.Context(), request)
			require.NoError(t, err)
			require.False(t, r.IsError)

			spans := map[string]*traces.Span{}
			for _, s := range c.end(t) {
				spans[s.Name] = s
			}
			server, tool, flexie := spans["tools/call"], spans["tool.get_contact"], spans["GET contacts.get"]
			require.NotNil(t, server)
			require.NotNil(t, tool)
			require.NotNil(t, flexie)
			trace := hex.EncodeToString(server.TraceId)
			if test.want != "" {
				require.Equal(t, test.want, trace)
				require.Equal(t, parentID, hex.EncodeToString(server.ParentSpanId))
			}
			require.Equal(t, server.SpanId, tool.ParentSpanId)
			require.Equal(t, tool.SpanId, flexie.ParentSpanId)
			require.Contains(t, is.traced(), "00-"+trace+"-"+hex.EncodeToString(flexie.SpanId)+"-01", "what Flexie was sent")
			require.Contains(t, is.log.String(), "trace_id="+trace)
		})
	}
}

// TestTracesTellNothing of what was asked, with what key, and on whose session; a
// span that failed has its kind.
func TestTracesTellNothing(t *testing.T) {
	c := collect(t)
	is := observe(t, c.tr)
	client := is.connect(t)
	code := is.script(t, client)
	kinds := map[string]int{}
	for _, span := range c.end(t) {
		for _, a := range span.Attributes {
			if span.Name == "tool.get_contact" && a.Key == "error.type" {
				kinds[a.Value.GetStringValue()]++
			}
		}
	}
	require.Equal(t, map[string]int{"not_found": 1, "arguments": 1}, kinds)
	require.NotEmpty(t, client.GetSessionId())
	for _, secret := range []string{aboutWhom, newValue, password, code, sandbox.Key, client.GetSessionId()} {
		require.NotContains(t, c.sent.String(), secret)
	}
	for _, said := range []string{"tools/call", "GET contacts.get", "PUT contacts.update", "call", "get_contact"} {
		require.Contains(t, c.sent.String(), said)
	}
}

// TestNoVariablesNoTraces: Flexie is sent nothing that it was not sent before.
func TestNoVariablesNoTraces(t *testing.T) {
	is := observe(t, nil)
	is.script(t, is.connect(t))
	for _, parent := range is.traced() {
		require.Empty(t, parent)
	}
}
