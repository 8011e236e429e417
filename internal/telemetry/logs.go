package telemetry

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/trace"
)

// LogHandler writes to next, with request_id, trace_id and span_id where the
// context of a line has them; a log with a group has them in it. What next would
// write goes to t's collector as well, if logs are sent to one.
func LogHandler(next slog.Handler, t *Tracing) slog.Handler {
	h := logHandler{next: next}
	if t != nil && t.logs != nil {
		h.sent = otelslog.NewHandler(scope, otelslog.WithLoggerProvider(t.logs))
	}
	return h
}

// logHandler is a slog.Handler; sent is nil if logs are sent nowhere.
type logHandler struct{ next, sent slog.Handler }

func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	id, span := RequestID(ctx), trace.SpanContextFromContext(ctx)
	if id != "" || span.IsValid() {
		record = record.Clone() // its attributes are the caller's
	}
	if id != "" {
		record.AddAttrs(slog.String("request_id", id))
	}
	if h.sent != nil {
		_ = h.sent.Handle(ctx, record) // it has the ids of the trace by the context, and tells of failures by itself
	}
	if span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()), slog.String("span_id", span.SpanID().String()))
	}
	return h.next.Handle(ctx, record)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.each(func(to slog.Handler) slog.Handler { return to.WithAttrs(attrs) })
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return h.each(func(to slog.Handler) slog.Handler { return to.WithGroup(name) })
}

func (h logHandler) each(change func(slog.Handler) slog.Handler) slog.Handler {
	h.next = change(h.next)
	if h.sent != nil {
		h.sent = change(h.sent)
	}
	return h
}
