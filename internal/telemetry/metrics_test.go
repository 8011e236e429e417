package telemetry_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/telemetry"
)

var known = telemetry.MetricsOptions{
	Version: "1.2.3", Tools: []string{"get_contact", "delete_contact"},
	Outcomes: []string{"not_found", "timeout"}, Groups: []string{"contacts", "cases"},
}

// scrape is each series of ours by its name and labels, with its value; of a
// histogram, how many and how much in all.
func scrape(t *testing.T, m *telemetry.Metrics) map[string]float64 {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	require.NoError(t, err)
	require.Contains(t, families, "go_goroutines")
	require.Contains(t, families, "process_start_time_seconds")
	series := map[string]float64{}
	for name, family := range families {
		if !strings.HasPrefix(name, "flexie_mcp_") {
			continue
		}
		require.NotEmpty(t, family.GetHelp(), name)
		for _, one := range family.GetMetric() {
			var labels []string
			for _, l := range one.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			sort.Strings(labels)
			key := strings.TrimPrefix(name, "flexie_mcp_") + "{" + strings.Join(labels, ",") + "}"
			if h := one.GetHistogram(); h != nil {
				series[key+" count"], series[key+" sum"] = float64(h.GetSampleCount()), h.GetSampleSum()
			} else {
				series[key] = one.GetCounter().GetValue() + one.GetGauge().GetValue()
			}
		}
	}
	return series
}

// nonZero leaves out what has not been counted, and what runs.
func nonZero(series map[string]float64) map[string]float64 {
	for key, value := range series {
		if value == 0 || strings.HasPrefix(key, "build_info") {
			delete(series, key)
		}
	}
	return series
}

func TestCounts(t *testing.T) {
	o := known
	o.Pending = func(context.Context) (int, error) { return 3, nil }
	o.Breakers = func() telemetry.Breakers { return telemetry.Breakers{Closed: 4, Open: 2, Trying: 1} }
	m := telemetry.NewMetrics(o)

	for range 4 {
		m.CallBegan()
	}
	m.CallEnded("get_contact", false, telemetry.OK, 250*time.Millisecond)
	m.CallEnded("get_contact", false, "not_found", 500*time.Millisecond)
	m.CallEnded("delete_contact", true, "timeout", 4*time.Second)
	m.FlexieRequest("contacts", false, 200, nil, 125*time.Millisecond)
	m.FlexieRequest("contacts", false, 404, nil, 125*time.Millisecond)
	m.FlexieRequest("contacts", true, 429, nil, 500*time.Millisecond)
	m.FlexieRequest("cases", true, 503, nil, time.Second)
	m.FlexieRequest("cases", true, 0, errors.New("reset"), time.Second)
	m.FlexieRequest("cases", true, 200, fmt.Errorf("cut: %w", context.DeadlineExceeded), time.Second)
	m.FlexieRequest("cases", true, 0, context.Canceled, time.Second)
	m.Waited(telemetry.WaitTurn, 2*time.Second)
	m.Waited(telemetry.WaitRetry, 500*time.Millisecond)
	m.Waited(telemetry.WaitRetry, 500*time.Millisecond)
	m.SessionOpened()
	m.SessionOpened()
	m.SessionClosed()
	for _, step := range []string{telemetry.Asked, telemetry.Asked, telemetry.Previewed, telemetry.Accepted, telemetry.Declined, telemetry.Expired, telemetry.Refused} {
		m.Confirmation(step)
	}
	for _, outcome := range []string{telemetry.Begun, telemetry.Begun, telemetry.Done, telemetry.NotDone, telemetry.Unknown, telemetry.Refused} {
		m.Change(outcome)
	}

	got := scrape(t, m)
	require.Len(t, keysWith(got, "build_info{"), 1)
	require.Contains(t, keysWith(got, "build_info{")[0], "version=1.2.3")
	require.Equal(t, map[string]float64{
		"calls_total{outcome=ok,tool=get_contact}":                         1,
		"calls_total{outcome=not_found,tool=get_contact}":                  1,
		"calls_total{outcome=timeout,tool=delete_contact}":                 1,
		"call_duration_seconds{kind=read} count":                           2,
		"call_duration_seconds{kind=read} sum":                             0.75,
		"call_duration_seconds{kind=write} count":                          1,
		"call_duration_seconds{kind=write} sum":                            4,
		"calls_in_flight{}":                                                1,
		"flexie_requests_total{group=contacts,kind=read,status=2xx}":       1,
		"flexie_requests_total{group=contacts,kind=read,status=4xx}":       1,
		"flexie_requests_total{group=contacts,kind=write,status=429}":      1,
		"flexie_requests_total{group=cases,kind=write,status=5xx}":         1,
		"flexie_requests_total{group=cases,kind=write,status=failed}":      1,
		"flexie_requests_total{group=cases,kind=write,status=timeout}":     1,
		"flexie_requests_total{group=cases,kind=write,status=cancelled}":   1,
		"flexie_request_duration_seconds{group=contacts,kind=read} count":  2,
		"flexie_request_duration_seconds{group=contacts,kind=read} sum":    0.25,
		"flexie_request_duration_seconds{group=contacts,kind=write} count": 1,
		"flexie_request_duration_seconds{group=contacts,kind=write} sum":   0.5,
		"flexie_request_duration_seconds{group=cases,kind=write} count":    4,
		"flexie_request_duration_seconds{group=cases,kind=write} sum":      4,
		"flexie_wait_seconds{for=turn} count":                              1,
		"flexie_wait_seconds{for=turn} sum":                                2,
		"flexie_wait_seconds{for=retry} count":                             2,
		"flexie_wait_seconds{for=retry} sum":                               1,
		"sessions_open{}":                                                  1,
		"confirmations_total{step=asked}":                                  2,
		"confirmations_total{step=previewed}":                              1,
		"confirmations_total{step=accepted}":                               1,
		"confirmations_total{step=declined}":                               1,
		"confirmations_total{step=expired}":                                1,
		"confirmations_total{step=refused}":                                1,
		"journal_changes_total{outcome=begun}":                             2,
		"journal_changes_total{outcome=done}":                              1,
		"journal_changes_total{outcome=not_done}":                          1,
		"journal_changes_total{outcome=unknown}":                           1,
		"journal_changes_total{outcome=refused}":                           1,
		"journal_pending{}":                                                3,
		"flexie_breakers{state=closed}":                                    4,
		"flexie_breakers{state=open}":                                      2,
		"flexie_breakers{state=trying}":                                    1,
	}, nonZero(got))
}

func keysWith(series map[string]float64, prefix string) (keys []string) {
	for key := range series {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys
}

// TestNoNameOfACallerMakesASeries: whatever is counted, the series are those of
// the names that were known at the start, and one for all others.
func TestNoNameOfACallerMakesASeries(t *testing.T) {
	m := telemetry.NewMetrics(known)
	count := func(name string) {
		m.CallBegan()
		m.CallEnded(name, true, name, time.Second)
		m.FlexieRequest(name, true, 200, nil, time.Second)
		m.Waited(name, time.Second)
		m.Confirmation(name)
		m.Change(name)
	}
	count("anything")
	before := scrape(t, m)
	for i := range 500 {
		count(fmt.Sprintf("acme-%d \"\n{}", i))
	}
	after := scrape(t, m)
	require.Equal(t, len(before), len(after))
	require.InDelta(t, 501, after["calls_total{outcome=other,tool=other}"], 0)
	require.InDelta(t, 501, after["journal_changes_total{outcome=other}"], 0)
	for status := range 700 {
		m.FlexieRequest("contacts", true, status, nil, time.Second)
	}
	require.Len(t, keysWith(scrape(t, m), "flexie_requests_total{group=contacts"), 7, "1xx to 5xx, 429 and failed")
}

// TestWhatIsKnownStartsAtZero: else its first is not seen to have happened.
func TestWhatIsKnownStartsAtZero(t *testing.T) {
	got := scrape(t, telemetry.NewMetrics(known))
	require.Len(t, keysWith(got, "confirmations_total"), 6)
	require.Len(t, keysWith(got, "journal_changes_total"), 5)
	require.Empty(t, nonZero(got))
}

// TestANumberThatCannotBeHadIsLeftOut, and takes nothing else with it.
func TestANumberThatCannotBeHadIsLeftOut(t *testing.T) {
	o := known
	o.Pending = func(ctx context.Context) (int, error) {
		_, bounded := ctx.Deadline()
		require.True(t, bounded)
		return 0, errors.New("the database is away")
	}
	m := telemetry.NewMetrics(o)
	m.SessionOpened()
	got := scrape(t, m)
	require.NotContains(t, got, "journal_pending{}")
	require.InDelta(t, 1, got["sessions_open{}"], 0)
}

func TestNoMetrics(t *testing.T) {
	var m *telemetry.Metrics
	m.CallBegan()
	m.CallEnded("get_contact", false, telemetry.OK, 0)
	m.FlexieRequest("contacts", false, 200, nil, 0)
	m.Waited(telemetry.WaitTurn, 0)
	m.SessionOpened()
	m.SessionClosed()
	m.Confirmation(telemetry.Asked)
	m.Change(telemetry.Begun)
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusNotFound, answer.Code)
}
