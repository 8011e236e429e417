package telemetry

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// watchTime is how long a scrape waits for a number that others know.
const watchTime = time.Second

// watched are numbers that are asked for at each scrape.
type watched struct {
	pending  func(context.Context) (int, error)
	breakers func() Breakers
}

var (
	pendingDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "journal_pending"),
		"Changes in the journal whose end is not known yet.", nil, nil)
	breakersDesc = prometheus.NewDesc(prometheus.BuildFQName(namespace, "flexie", "breakers"),
		"Workspaces in use: asked (closed), left alone since they do not answer (open), or being tried again (trying).", []string{"state"}, nil)
)

// Describe is of prometheus.Collector.
func (w watched) Describe(to chan<- *prometheus.Desc) {
	to <- pendingDesc
	to <- breakersDesc
}

// Collect is of prometheus.Collector. A number that can't be had is left out: it
// must not spoil the others.
func (w watched) Collect(to chan<- prometheus.Metric) {
	if w.pending != nil {
		ctx, cancel := context.WithTimeout(context.Background(), watchTime)
		defer cancel()
		if n, err := w.pending(ctx); err == nil {
			to <- prometheus.MustNewConstMetric(pendingDesc, prometheus.GaugeValue, float64(n))
		}
	}
	if w.breakers == nil {
		return
	}
	b := w.breakers()
	for state, n := range map[string]int{"closed": b.Closed, "open": b.Open, "trying": b.Trying} {
		to <- prometheus.MustNewConstMetric(breakersDesc, prometheus.GaugeValue, float64(n), state)
	}
}
