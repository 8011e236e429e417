package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/telemetry"
)

// logTo is a log at info, and what gives its lines.
func logTo(t *testing.T, tracing *telemetry.Tracing) (*slog.Logger, func() []map[string]any) {
	var out bytes.Buffer
	log := slog.New(telemetry.LogHandler(slog.NewJSONHandler(&out, nil), tracing))
	return log, func() (lines []map[string]any) {
		for d := json.NewDecoder(&out); d.More(); {
			var line map[string]any
			require.NoError(t, d.Decode(&line))
			delete(line, "time")
			lines = append(lines, line)
		}
		return lines
	}
}

func TestLogLinesHaveTheirIDs(t *testing.T) {
	c := newCollector(t)
	tracing, end := sentTo(t, c)
	log, lines := logTo(t, tracing)
	ctx := telemetry.WithRequestID(tracing.FromMeta(t.Context(), map[string]any{"traceparent": parent}), "req-1")
	ctx, span := tracing.Start(ctx, "tools/call", telemetry.Server)
	log.With("k", "v").WarnContext(ctx, "within")
	log.DebugContext(ctx, "too little")
	log.Info("outside")
	span.End()
	end()

	within := map[string]any{
		"level": "WARN", "msg": "within", "k": "v", "request_id": "req-1",
		"trace_id": traceID, "span_id": idOf(c.span(t, "tools/call").SpanId),
	}
	require.Equal(t, []map[string]any{within, {"level": "INFO", "msg": "outside"}}, lines())
	require.Len(t, c.lines, 2, "what is not in the log is not sent either")
	sent := c.lines["within"]
	require.Equal(t, map[string]string{"k": "v", "request_id": "req-1"}, textOf(sent.Attributes))
	require.Equal(t, traceID, idOf(sent.TraceId))
	require.Equal(t, "WARN", sent.SeverityText)
}

func TestLogLinesWithoutTracing(t *testing.T) {
	log, lines := logTo(t, nil)
	log.InfoContext(telemetry.WithRequestID(t.Context(), "req-1"), "within")
	log.WithGroup("g").Info("outside", "k", "v")
	require.Equal(t, []map[string]any{
		{"level": "INFO", "msg": "within", "request_id": "req-1"},
		{"level": "INFO", "msg": "outside", "g": map[string]any{"k": "v"}},
	}, lines())
}

func TestAccessLine(t *testing.T) {
	log, lines := logTo(t, nil)
	ctx := telemetry.WithRequestID(t.Context(), "req-1")
	made := telemetry.Call{
		Caller: "anna", Client: "claude-ai 1.2", Tool: "get_contact", Outcome: "not_found",
		Took: 1500 * time.Millisecond, Arguments: []byte(`{"id":42,"password":"s3cret"}`),
	}
	want := map[string]any{
		"level": "INFO", "msg": "call", "caller": "anna", "client": "claude-ai 1.2", "tool": "get_contact",
		"outcome": "not_found", "duration_s": 1.5, "request_id": "req-1",
	}
	mask := func(arguments []byte) []byte {
		return bytes.ReplaceAll(arguments, []byte("s3cret"), []byte("•••"))
	}

	(&telemetry.Access{Log: log, Mask: mask}).Line(ctx, made)
	(&telemetry.Access{Log: log, Arguments: true}).Line(ctx, made) // nobody says what is secret
	require.Equal(t, []map[string]any{want, want}, lines(), "no arguments unless they are asked for")

	(&telemetry.Access{Log: log, Arguments: true, Mask: mask}).Line(ctx, made)
	want["arguments"] = `{"id":42,"password":"•••"}`
	require.Equal(t, []map[string]any{want}, lines())

	var none *telemetry.Access
	none.Line(ctx, made)
	require.Empty(t, lines())
}

// TestAccessLineIsShort and one line, whatever a client calls itself.
func TestAccessLineIsShort(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(telemetry.LogHandler(slog.NewTextHandler(&out, nil), nil))
	(&telemetry.Access{Log: log}).Line(t.Context(), telemetry.Call{Client: "a\nlevel=ERROR\x1b[31m\xff" + string(bytes.Repeat([]byte("ä"), 10_000))})
	require.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
	require.NotContains(t, out.String(), "\x1b")
	require.Less(t, out.Len(), 500)
}

// TestALineThatCannotBeWritten says so, as it would without us.
func TestALineThatCannotBeWritten(t *testing.T) {
	full := errors.New("disk full")
	h := telemetry.LogHandler(slog.NewTextHandler(failing{full}, nil), nil)
	require.ErrorIs(t, h.Handle(context.Background(), slog.Record{}), full)
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
