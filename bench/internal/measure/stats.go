// Package measure makes many calls, and says how long they took and what processes
// took for it.
package measure

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Rounds are the figures of several rounds of the same measurement.
type Rounds []float64

// Median is the middle one, or the mean of the middle two; NaN of none.
func (r Rounds) Median() float64 {
	if len(r) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(r))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// Show writes the median and the spread, each by format.
func (r Rounds) Show(format string) string {
	if len(r) < 2 {
		return fmt.Sprintf(format, r.Median())
	}
	return fmt.Sprintf(format+" ("+format+"–"+format+")", r.Median(), slices.Min(r), slices.Max(r))
}

// Over divides round by round, so that what slows a machine down for a while
// slows both.
func (r Rounds) Over(other Rounds) Rounds {
	quotients := make(Rounds, len(r))
	for i := range r {
		quotients[i] = r[i] / other[i]
	}
	return quotients
}

// Minus subtracts round by round.
func (r Rounds) Minus(other Rounds) Rounds {
	differences := make(Rounds, len(r))
	for i := range r {
		differences[i] = r[i] - other[i]
	}
	return differences
}

// Latencies are how long calls took.
type Latencies []time.Duration

// Quantile is the time within which that share of calls ended: 0.99 for p99. It
// sorts them. Of none it is 0.
func (l Latencies) Quantile(share float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return l[max(0, int(math.Ceil(share*float64(len(l))))-1)]
}

// Micro is a time in microseconds.
func Micro(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// Milli is a time in milliseconds.
func Milli(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
