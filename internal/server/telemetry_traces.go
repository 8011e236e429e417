package server

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/tracing"

	"flexie-mcp/internal/telemetry"
)

// mcpTracer has mcp-go's spans sent.
type mcpTracer struct{ to *telemetry.Tracing }

// Start is of tracing.Tracer.
func (m mcpTracer) Start(ctx context.Context, name string, kind tracing.SpanKind, attrs ...tracing.Attribute) (context.Context, tracing.Span) {
	as := telemetry.Internal
	if kind == tracing.SpanKindServer {
		as = telemetry.Server
	}
	ctx, span := m.to.Start(ctx, strings.TrimPrefix(name, "mcp."), as, attrsOf(attrs)...)
	s := mcpSpan{span}
	return tracing.ContextWithSpan(ctx, s), s
}

// mcpSpan leaves out the texts of errors, which are people's data.
type mcpSpan struct{ *telemetry.Span }

func (s mcpSpan) SetAttributes(attrs ...tracing.Attribute) { s.Set(attrsOf(attrs)...) }
func (s mcpSpan) RecordError(error)                        {}
func (s mcpSpan) SetStatus(code tracing.StatusCode, _ string) {
	if code == tracing.StatusError {
		s.Fail("")
	}
}

// attributeNames are what mcp-go says of spans, by the names of OpenTelemetry's
// conventions. The session's id is left out: it is as good as a key.
var attributeNames = map[string]string{
	"mcp.method": "mcp.method.name", "mcp.tool.name": "gen_ai.tool.name", "mcp.protocol.version": "mcp.protocol.version",
}

func attrsOf(attrs []tracing.Attribute) []telemetry.Attr {
	var all []telemetry.Attr
	for _, a := range attrs {
		if name := attributeNames[a.Key]; name != "" {
			all = append(all, telemetry.Attr{Key: name, Value: a.Value})
		}
	}
	return all
}

// mcpMeta goes on with the trace that a message came with in its _meta.
type mcpMeta struct{ to *telemetry.Tracing }

// InjectMeta is of tracing.MetaPropagator. What goes to clients carries no trace.
func (mcpMeta) InjectMeta(_ context.Context, meta *mcp.Meta) *mcp.Meta { return meta }

// ExtractMeta is of tracing.MetaPropagator.
func (m mcpMeta) ExtractMeta(ctx context.Context, meta *mcp.Meta) context.Context {
	if meta == nil {
		return ctx
	}
	return m.to.FromMeta(ctx, meta.AdditionalFields)
}
