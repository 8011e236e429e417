package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "ab", 2},
		{"tools", "tools", 0},
		{"tool", "tools", 1},
		{"toools", "tools", 1},
		{"toils", "tools", 1},
		{"toosl", "tools", 1}, // neighbours swapped are one slip
		{"kitten", "sitting", 3},
	} {
		require.Equal(t, tt.want, distance(tt.a, tt.b), "%s, %s", tt.a, tt.b)
		require.Equal(t, tt.want, distance(tt.b, tt.a), "%s, %s", tt.b, tt.a)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"tools", "toolsets", "timeout"}
	require.Equal(t, "tools", nearest("tols", words, 2))
	require.Equal(t, "toolsets", nearest("toolset", words, 2), "the nearest, not the first that is near enough")
	require.Empty(t, nearest("colour", words, 2))
}
