package main

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRounds(t *testing.T) {
	require.Equal(t, 3.0, rounds{5, 1, 3}.median())
	require.Equal(t, 2.5, rounds{4, 1, 3, 2}.median())
	require.True(t, math.IsNaN(rounds{}.median()))
	require.Equal(t, "0.90x (0.80x–1.00x)", rounds{0.9, 1, 0.8}.show("%.2fx"))
	require.Equal(t, "7 ms", rounds{7}.show("%.0f ms"))
	require.Equal(t, rounds{2, 3}, rounds{4, 9}.over(rounds{2, 3}))
	require.Equal(t, rounds{2, 6}, rounds{4, 9}.minus(rounds{2, 3}))
}

func TestQuantile(t *testing.T) {
	var all latencies
	for i := 100; i > 0; i-- {
		all = append(all, time.Duration(i))
	}
	for share, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 1: 100} {
		require.Equal(t, want, all.quantile(share), share)
	}
	require.Zero(t, latencies{}.quantile(0.99))
	require.Equal(t, time.Duration(7), latencies{7}.quantile(0.01))
}

func TestPick(t *testing.T) {
	all, err := pick("")
	require.NoError(t, err)
	require.Len(t, all, len(rows))
	some, err := pick("stalled, calls")
	require.NoError(t, err)
	require.Equal(t, "stalled", some[0].name)
	require.Equal(t, "calls", some[1].name)
	_, err = pick("cals")
	require.ErrorContains(t, err, "there is no such row; there are calls, latency, ")
}

func TestVerdict(t *testing.T) {
	require.Equal(t, "met", finding{goal: "x", met: true}.verdict())
	require.Equal(t, "MISSED", finding{goal: "x"}.verdict())
	require.Empty(t, finding{}.verdict())
}

func TestWithinNoise(t *testing.T) {
	require.True(t, withinNoise(rounds{2, 3, 9}, rounds{1, 2, 3}))
	require.False(t, withinNoise(rounds{2, 4, 9}, rounds{1, 2, 3}))
}
