package tools

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSynonymsStandForOurWords: a line whose word no tool has finds nothing, and
// a word that is a filler is never looked up.
func TestSynonymsStandForOurWords(t *testing.T) {
	x := newIndex(All())
	for line := range strings.Lines(strings.TrimSpace(said)) {
		ours, others, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		require.Positive(t, x.rarity[stem(ours)], ours)
		for _, other := range strings.Fields(others) {
			require.NotContains(t, fillers, other, line)
			require.NotEqual(t, stem(ours), stem(other), line)
		}
	}
	for name := range hints {
		require.Contains(t, Names(All()), name)
	}
}
