package telemetry

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// scope names this program among what else may write to the same traces.
const scope = "flexie-mcp"

// Tracing sends traces and logs to a collector.
type Tracing struct {
	tracer trace.Tracer // nil if traces are not sent
	traces *sdktrace.TracerProvider
	logs   *sdklog.LoggerProvider // nil if logs are not sent
}

// w3c takes the context of a trace in and passes it on, and nothing else:
// baggage may hold what is nobody's business at the other end.
var w3c = propagation.TraceContext{}

// StartTracing sends traces and logs if the standard OTEL_* variables of this
// process ask for it: an OTEL_EXPORTER_OTLP_ENDPOINT, or an exporter named otlp.
// It connects to nothing before there is something to send, and a collector that
// can't be reached costs a warning a minute. Without such variables it gives nil,
// which does nothing.
//
// An error says what is wrong with the variables; what is not is in force all
// the same, so it is for a warning, and not for giving up.
func StartTracing(ctx context.Context, version string, log *slog.Logger) (*Tracing, error) {
	quieten(log)
	spans, spansErr := spanExporter(ctx)
	lines, linesErr := logExporter(ctx)
	err := errors.Join(spansErr, linesErr)
	if spans == nil && lines == nil {
		return nil, err
	}
	t, about := &Tracing{}, whatRuns(ctx, version)
	if spans != nil {
		t.traces = sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(about), sdktrace.WithoutPanicRecording())
		t.tracer = t.traces.Tracer(scope, trace.WithInstrumentationVersion(version))
	}
	if lines != nil {
		t.logs = sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(lines)), sdklog.WithResource(about))
	}
	return t, err
}

// whatRuns describes this process. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES
// come last, and so win.
func whatRuns(ctx context.Context, version string) *resource.Resource {
	about, _ := resource.New(ctx, // an attribute that can't be read is left out
		resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName(scope), semconv.ServiceVersion(version), attribute.String("service.instance.id", rand.Text())),
		resource.WithFromEnv(),
	)
	return about
}

// mostShutdown is how long Shutdown takes at most if its context has no end.
const mostShutdown = 5 * time.Second

// Shutdown sends what has not been sent yet, until ctx ends.
func (t *Tracing) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, mostShutdown)
	defer cancel()
	var sent sync.WaitGroup
	var spansErr, linesErr error
	if t.traces != nil {
		sent.Go(func() { spansErr = t.traces.Shutdown(ctx) })
	}
	if t.logs != nil {
		sent.Go(func() { linesErr = t.logs.Shutdown(ctx) })
	}
	sent.Wait()
	return errors.Join(spansErr, linesErr)
}

// tracing reports whether traces are sent.
func (t *Tracing) tracing() bool { return t != nil && t.tracer != nil }
