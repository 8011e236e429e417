package main

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// rounds are the figures of several rounds of the same measurement.
type rounds []float64

// median is the middle one, or the mean of the middle two; NaN of none.
func (r rounds) median() float64 {
	if len(r) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(r))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// show writes the median and the spread, each by format.
func (r rounds) show(format string) string {
	if len(r) < 2 {
		return fmt.Sprintf(format, r.median())
	}
	return fmt.Sprintf(format+" ("+format+"–"+format+")", r.median(), slices.Min(r), slices.Max(r))
}

// over divides round by round, so that what slows a machine down for a while
// slows both.
func (r rounds) over(other rounds) rounds {
	quotients := make(rounds, len(r))
	for i := range r {
		quotients[i] = r[i] / other[i]
	}
	return quotients
}

// minus subtracts round by round.
func (r rounds) minus(other rounds) rounds {
	differences := make(rounds, len(r))
	for i := range r {
		differences[i] = r[i] - other[i]
	}
	return differences
}

// latencies are how long calls took.
type latencies []time.Duration

// quantile is the time within which that share of calls ended: 0.99 for p99. It
// sorts them. Of none it is 0.
func (l latencies) quantile(share float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return l[max(0, int(math.Ceil(share*float64(len(l))))-1)]
}

// micro is a time in microseconds.
func micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// milli is a time in milliseconds.
func milli(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
