package telemetry

import (
	"context"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
)

// The SDK tells of its troubles by two functions that it has once in a process,
// and that write to standard error as they are. They would do so every five
// seconds while a collector is away, and would write a header of
// OTEL_EXPORTER_OTLP_HEADERS that can't be read, which is most often a key.

// tellEvery is how often the same trouble is told.
const tellEvery = time.Minute

// quieten has the SDK's troubles told to log.
func quieten(log *slog.Logger) {
	p := &pace{told: map[string]time.Time{}}
	otel.SetErrorHandler(failures{log, p})
	otel.SetLogger(logr.FromSlogHandler(sdkLog{log, p}))
}

// pace is when each trouble was last told, by its text.
type pace struct {
	mu   sync.Mutex
	told map[string]time.Time
}

// due reports whether it is time to tell a trouble, and notes that it is told.
func (p *pace) due(trouble string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	last, before := p.told[trouble]
	now := time.Now()
	if before && now.Sub(last) < tellEvery {
		return false
	}
	p.told[trouble] = now
	return true
}

// failures are errors: of sending, and of variables that can't be read.
type failures struct {
	log  *slog.Logger
	pace *pace
}

// badVariable begins the error of a variable, which goes on with its value.
var badVariable = regexp.MustCompile(`^invalid (OTEL_[A-Z_]+) value`)

// Handle is of otel.ErrorHandler.
func (f failures) Handle(err error) {
	if name := badVariable.FindStringSubmatch(err.Error()); name != nil {
		f.log.Warn("OpenTelemetry: " + name[1] + " can't be read, and is left out")
		return
	}
	if f.pace.due("sending") {
		f.log.Warn("traces or logs could not be sent to the collector", "reason", cut(err.Error(), 200))
	}
}

// sdkLog is a slog.Handler that passes on what the SDK warns of, without the
// values, which may be those of variables.
type sdkLog struct {
	to   *slog.Logger
	pace *pace
}

// sdkWarning is the level that logr gives to the SDK's warnings; what is less
// important is below.
const sdkWarning = slog.Level(-1)

func (sdkLog) Enabled(_ context.Context, level slog.Level) bool { return level >= sdkWarning }

func (s sdkLog) Handle(ctx context.Context, r slog.Record) error {
	if s.pace.due(r.Message) {
		s.to.WarnContext(ctx, "OpenTelemetry: "+r.Message+" (check the OTEL_* variables)")
	}
	return nil
}

func (s sdkLog) WithAttrs([]slog.Attr) slog.Handler { return s }
func (s sdkLog) WithGroup(string) slog.Handler      { return s }
