package telemetry_test

import (
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	collogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	coltraces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// collector takes what is sent by OTLP over HTTP.
type collector struct {
	url string

	mu       sync.Mutex
	spans    map[string]*traces.Span // by name
	lines    map[string]*logs.LogRecord
	resource map[string]string
	headers  http.Header
}

func newCollector(t *testing.T) *collector {
	c := &collector{spans: map[string]*traces.Span{}, lines: map[string]*logs.LogRecord{}}
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = c.take(r, body)
		}
		if err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
	}))
	t.Cleanup(s.Close)
	c.url = s.URL
	return c
}

func (c *collector) take(r *http.Request, body []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = r.Header
	if r.URL.Path == "/v1/logs" {
		var sent collogs.ExportLogsServiceRequest
		err := proto.Unmarshal(body, &sent)
		for _, from := range sent.ResourceLogs {
			for _, scope := range from.ScopeLogs {
				for _, line := range scope.LogRecords {
					c.lines[line.Body.GetStringValue()] = line
				}
			}
		}
		return err
	}
	var sent coltraces.ExportTraceServiceRequest
	err := proto.Unmarshal(body, &sent)
	c.takeSpans(&sent)
	return err
}

func (c *collector) takeSpans(sent *coltraces.ExportTraceServiceRequest) {
	for _, from := range sent.ResourceSpans {
		c.resource = textOf(from.Resource.Attributes)
		for _, scope := range from.ScopeSpans {
			for _, span := range scope.Spans {
				c.spans[span.Name] = span
			}
		}
	}
}

// overGRPC takes the same by gRPC.
type overGRPC struct {
	coltraces.UnimplementedTraceServiceServer
	to *collector
}

func newGRPCCollector(t *testing.T) *collector {
	c := &collector{spans: map[string]*traces.Span{}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s := grpc.NewServer()
	coltraces.RegisterTraceServiceServer(s, overGRPC{to: c})
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	c.url = "http://" + l.Addr().String()
	return c
}

// Export is of the service that collects traces.
func (o overGRPC) Export(_ context.Context, sent *coltraces.ExportTraceServiceRequest) (*coltraces.ExportTraceServiceResponse, error) {
	o.to.mu.Lock()
	defer o.to.mu.Unlock()
	o.to.takeSpans(sent)
	return &coltraces.ExportTraceServiceResponse{}, nil
}

func textOf(attributes []*common.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, a := range attributes {
		texts[a.Key] = a.Value.GetStringValue()
	}
	return texts
}

// span is one that was sent.
func (c *collector) span(t *testing.T, name string) *traces.Span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	require.Contains(t, c.spans, name)
	return c.spans[name]
}

func idOf(b []byte) string { return hex.EncodeToString(b) }
