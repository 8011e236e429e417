package tools

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// shownOnce is a record of about so many bytes under an address.
func shownOnce(address string, bytes int) []resources.Shown {
	values := flexie.NewObject()
	values.Set("text", strings.Repeat("x", bytes))
	return []resources.Shown{{Address: address, Record: flexie.Record{Values: values}}}
}

func (s *Shown) has(address string) bool {
	_, ok := s.of(address)
	return ok
}

// TestACallerIsRememberedSoMany: the oldest go first, and what was looked at or
// shown again is not old.
func TestACallerIsRememberedSoMany(t *testing.T) {
	s := NewShown()
	for i := range mostShown {
		s.Keep(shownOnce(fmt.Sprint(i), 10))
	}
	s.Keep(shownOnce("0", 20))
	require.True(t, s.has("1"))
	s.Keep(shownOnce("more", 10))
	require.True(t, s.has("0"))
	require.True(t, s.has("1"))
	require.False(t, s.has("2"))
	require.True(t, s.has("more"))
}

// TestAllCallersHaveOneBound: of all that is remembered, the oldest goes first,
// whoever was shown it.
func TestAllCallersHaveOneBound(t *testing.T) {
	shelf := NewShownShelf()
	shelf.most = 10 * (2000 + aroundShown)
	var callers []*Shown
	for range 9 {
		one := shelf.Shown()
		one.Keep(shownOnce("a", 1900))
		callers = append(callers, one)
	}
	require.True(t, callers[0].has("a"))
	for range 3 {
		callers = append(callers, shelf.Shown())
		callers[len(callers)-1].Keep(shownOnce("a", 1900))
	}
	require.LessOrEqual(t, shelf.bytes, shelf.most)
	require.True(t, callers[0].has("a"), "it was looked at")
	require.False(t, callers[1].has("a"))
	require.False(t, callers[2].has("a"))
	require.True(t, callers[3].has("a"))
	require.True(t, callers[11].has("a"))
}

// TestNobodyTakesTheMemoryOfAll: a caller has a part of it, and what is larger is
// not remembered.
func TestNobodyTakesTheMemoryOfAll(t *testing.T) {
	shelf := NewShownShelf()
	shelf.most = 80_000
	one, two := shelf.Shown(), shelf.Shown()
	two.Keep(shownOnce("a", 100))
	for i := range 20 {
		one.Keep(shownOnce(fmt.Sprint(i), 3000))
	}
	require.False(t, one.has("16"))
	require.True(t, one.has("19"))
	one.Keep(shownOnce("too large", 20_000))
	require.False(t, one.has("too large"))
	require.True(t, two.has("a"))
	two.Forget("a")
	require.Zero(t, shelf.bytes)
}

// TestCallersDoNotSeeWhatOthersWereShown, also where it is in memory once.
func TestCallersDoNotSeeWhatOthersWereShown(t *testing.T) {
	shelf := NewShownShelf()
	one, two := shelf.Shown(), shelf.Shown()
	one.Keep(shownOnce("a", 100))
	require.False(t, two.has("a"))
	two.Keep(shownOnce("a", 100))
	two.Forget("a")
	require.True(t, one.has("a"))
	require.False(t, two.has("a"))
}

// TestWhatACallerWasShownEndsWithThem.
func TestWhatACallerWasShownEndsWithThem(t *testing.T) {
	shelf := NewShownShelf()
	stays, goes := shelf.Shown(), shelf.Shown()
	for _, s := range []*Shown{stays, goes} {
		s.Keep(shownOnce("a", 100))
		s.Keep(shownOnce("b", 100))
	}
	before, mine := shelf.bytes, goes.mine
	shelf.clear(mine) // as once goes is garbage
	require.Equal(t, before/2, shelf.bytes)
	require.True(t, stays.has("a"))
	require.False(t, goes.has("b"))
}
