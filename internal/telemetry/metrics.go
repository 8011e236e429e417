package telemetry

import (
	"context"
	"net/http"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// MetricsOptions say what there is to count. What is counted under any name that
// is not among these is counted as "other", so that there are never more series
// than these names make.
type MetricsOptions struct {
	Version  string   // of the program
	Tools    []string // names of tools
	Outcomes []string // kinds of failed calls; "ok" is known
	Groups   []string // of Flexie's endpoints

	// Pending asks how many changes the journal holds whose end is not known. It
	// is asked once a scrape, has a second, and is left out if it fails; nil is
	// never asked.
	Pending func(context.Context) (int, error)

	// Breakers counts the workspaces in use by state; nil is never asked.
	Breakers func() Breakers
}

// Breakers are how many workspaces are asked, are left alone since they do not
// answer, and are just being tried again.
type Breakers struct{ Closed, Open, Trying int }

// Metrics counts. It is safe for concurrent use, and has a registry of its own.
type Metrics struct {
	registry *prometheus.Registry

	tools, outcomes, groups names

	calls    *prometheus.CounterVec
	callTime *prometheus.HistogramVec
	underWay prometheus.Gauge

	flexie     *prometheus.CounterVec
	flexieTime *prometheus.HistogramVec
	waits      *prometheus.HistogramVec

	requests  *prometheus.CounterVec
	inFlight  prometheus.Gauge
	streams   prometheus.Gauge
	sessions  prometheus.Gauge
	confirmed *prometheus.CounterVec
	changes   *prometheus.CounterVec
}

// seconds are the bounds of histograms. Flexie answers in tenths of a second
// when it is well, and a call may take a minute.
var seconds = []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}

// NewMetrics makes metrics that start at zero.
func NewMetrics(o MetricsOptions) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		tools:    namesOf(o.Tools), outcomes: namesOf(append([]string{OK}, o.Outcomes...)), groups: namesOf(o.Groups),

		calls:    counter("calls_total", "Calls of tools, by what came of them.", "tool", "outcome"),
		callTime: histogram("call_duration_seconds", "How long calls of tools took, with all that they waited for.", "kind"),
		underWay: gauge("calls_in_flight", "Calls of tools under way."),

		flexie:     counter("flexie_requests_total", "Requests to Flexie, each try by itself.", "group", "kind", "status"),
		flexieTime: histogram("flexie_request_duration_seconds", "From sending a request to Flexie to the end of its answer.", "group", "kind"),
		waits:      histogram("flexie_wait_seconds", "How long requests to Flexie waited before they were sent: for their turn, or to be tried again.", "for"),

		requests:  counter("http_requests_total", "HTTP requests answered, streams left out.", "code"),
		inFlight:  gauge("http_requests_in_flight", "HTTP requests under way, streams left out."),
		streams:   gauge("streams_open", "HTTP streams that clients listen on."),
		sessions:  gauge("sessions_open", "Sessions of clients. With one database, each server counts those that it has served."),
		confirmed: counter("confirmations_total", "Steps of confirming risky writes.", "step"),
		changes:   counter("journal_changes_total", "Changes in the journal, by what came of them.", "outcome"),
	}
	m.registry.MustRegister(
		m.calls, m.callTime, m.underWay, m.flexie, m.flexieTime, m.waits, m.requests,
		m.inFlight, m.streams, m.sessions, m.confirmed, m.changes, watched{o.Pending, o.Breakers}, build(o.Version),
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	m.startAtZero()
	return m
}

// startAtZero makes the series that are known beforehand: what is first seen at
// one has no rate.
func (m *Metrics) startAtZero() {
	for _, kind := range []string{kindRead, kindWrite} {
		m.callTime.WithLabelValues(kind)
	}
	for reason := range waitReasons {
		m.waits.WithLabelValues(reason)
	}
	for step := range confirmSteps {
		m.confirmed.WithLabelValues(step)
	}
	for outcome := range changeOutcomes {
		m.changes.WithLabelValues(outcome)
	}
}

// Handler answers scrapes. It shows versions and numbers of use, so it belongs
// where only the operator reaches it.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4, Timeout: 10 * time.Second, ErrorHandling: promhttp.ContinueOnError,
	})
}

// namespace begins the name of each metric of ours.
const namespace = "flexie_mcp"

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: seconds}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}

// build is always 1: its labels say what runs.
func build(version string) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "What runs: 1, with its versions.",
		ConstLabels: prometheus.Labels{"version": version, "go_version": runtime.Version()},
	}, func() float64 { return 1 })
}
