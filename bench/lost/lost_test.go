package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNoAnswerComesThrough is a short run of the command: of all that is asked for
// there is one in the end, and what was told on the way is so.
func TestNoAnswerComesThrough(t *testing.T) {
	s, err := run(t.Context(), 60, 6, 1)
	require.NoError(t, err)
	require.True(t, s.flawless(), "%s", s)
	all := s[len(kinds)]
	require.Equal(t, 60, all.asked)
	require.Greater(t, all.lostBefore, 10, "%s", s)
	require.GreaterOrEqual(t, all.lostAfter, 60, "%s", s)
	require.Positive(t, all.undone, "%s", s)
	require.Positive(t, all.unknown, "%s", s)
	require.Len(t, kinds, inTurn)
}

func TestVerdicts(t *testing.T) {
	for said, want := range map[string]verdict{
		"It broke.\nIt is NOT known whether this was done.": notKnown,
		"It broke.\nNothing was changed: try again.":        wasNot,
	} {
		is, clear := verdictOf(said, true)
		require.True(t, clear, said)
		require.Equal(t, want, is, said)
		_, clear = verdictOf(said, false)
		require.False(t, clear, said)
	}
	is, clear := verdictOf("Created. Deal 7.", false)
	require.True(t, clear)
	require.Equal(t, wasDone, is)
	_, clear = verdictOf("It broke.", true)
	require.False(t, clear)
}

// TestWrongIsCounted: a run that told something else than was the case fails.
func TestWrongIsCounted(t *testing.T) {
	for _, test := range []struct {
		said   string
		failed bool
		acted  int
		wrong  int
	}{
		{"Created.", false, 1, 0}, {"Created.", false, 0, 1}, {"Created.", false, 2, 1},
		{"Nothing was changed.", true, 0, 0}, {"Nothing was changed.", true, 1, 1},
		{"It is NOT known whether this was done", true, 1, 0}, {"It broke.", true, 0, 1},
	} {
		var r row
		r.judge(test.said, test.failed, test.acted)
		require.Equal(t, test.wrong, r.wrong, test)
	}
}
