package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/bench/internal/measure"
)

func TestPick(t *testing.T) {
	all, err := measure.Pick(rows, "")
	require.NoError(t, err)
	require.Len(t, all, len(rows))
	some, err := measure.Pick(rows, "stalled, calls")
	require.NoError(t, err)
	require.Equal(t, "stalled", some[0].name)
	require.Equal(t, "calls", some[1].name)
	_, err = measure.Pick(rows, "cals")
	require.ErrorContains(t, err, "there is no such row; there are calls, latency, ")
}

func TestVerdict(t *testing.T) {
	require.Equal(t, "met", finding{goal: "x", met: true}.verdict())
	require.Equal(t, "MISSED", finding{goal: "x"}.verdict())
	require.Empty(t, finding{}.verdict())
}

func TestWithinNoise(t *testing.T) {
	require.True(t, withinNoise(measure.Rounds{2, 3, 9}, measure.Rounds{1, 2, 3}))
	require.False(t, withinNoise(measure.Rounds{2, 4, 9}, measure.Rounds{1, 2, 3}))
}
