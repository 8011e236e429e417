package telemetry

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Only OTLP is sent. The "console" of the specification would write to standard
// output, in the middle of the protocol.

// signal is what is sent to a collector, as the names of OTEL_* variables have it.
type signal string

const (
	traces signal = "TRACES"
	logs   signal = "LOGS"
)

// protocol is how to send a signal: "grpc", or "http" for either encoding (of
// logs, it is always protobuf); "" if it is not to be sent. The error says which variable can't be used and what to
// set instead, and never a value that may be an address with a password.
func (s signal) protocol() (string, error) {
	wanted, err := s.wanted()
	if err != nil || !wanted {
		return "", err
	}
	name, value := s.setting("PROTOCOL")
	switch value {
	case "grpc":
		return "grpc", nil
	case "", "http/protobuf", "http/json":
	default:
		return "", fmt.Errorf("%s=%s is not known: set it to http/protobuf or grpc", name, cut(value, mostName))
	}
	name, value = s.setting("ENDPOINT")
	u, err := url.Parse(value)
	if value != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return "", fmt.Errorf("%s is no address that can be sent to: set it to one like http://localhost:4318", name)
	}
	return "http", nil
}

// wanted reports whether the signal is to be sent: if its exporter is otlp, or
// if none is named and there is an address to send to.
func (s signal) wanted() (bool, error) {
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return false, nil
	}
	name := fmt.Sprintf("OTEL_%s_EXPORTER", s)
	switch exporter := strings.TrimSpace(os.Getenv(name)); exporter {
	case "":
		_, endpoint := s.setting("ENDPOINT")
		return endpoint != "", nil
	case "none":
		return false, nil
	case "otlp":
		return true, nil
	default:
		return false, fmt.Errorf("%s=%s is not sent by this program: set it to otlp or none", name, cut(exporter, mostName))
	}
}

// setting is a variable of the exporter: the signal's own, or that of all.
func (s signal) setting(of string) (name, value string) {
	own := fmt.Sprintf("OTEL_EXPORTER_OTLP_%s_%s", s, of)
	if value = strings.TrimSpace(os.Getenv(own)); value != "" {
		return own, value
	}
	all := "OTEL_EXPORTER_OTLP_" + of
	return all, strings.TrimSpace(os.Getenv(all))
}

// spanExporter and logExporter read the rest of OTEL_EXPORTER_OTLP_* (headers,
// certificates, time, compression) themselves. They connect to nothing yet, and
// are nil if the signal is not to be sent.
func spanExporter(ctx context.Context) (sdktrace.SpanExporter, error) {
	switch protocol, err := traces.protocol(); protocol {
	case "http":
		return otlptracehttp.New(ctx)
	case "grpc":
		return otlptracegrpc.New(ctx)
	default:
		return nil, err
	}
}

func logExporter(ctx context.Context) (sdklog.Exporter, error) {
	switch protocol, err := logs.protocol(); protocol {
	case "http":
		return otlploghttp.New(ctx)
	case "grpc":
		return otlploggrpc.New(ctx)
	default:
		return nil, err
	}
}
