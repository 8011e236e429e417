package flexie

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClosest: the most likely one goes first, and there are three of them.
func TestClosest(t *testing.T) {
	names := []string{"email", "first_name", "last_name", "nickname", "phone", "status", "email"}
	for given, want := range map[string]string{
		"emial":       "email, ",
		"E-Mail":      "email, ",
		"name":        "first_name, last_name or nickname",
		"firstname":   "first_name, last_name or ",
		"first name":  "first_name, last_name or ",
		"mobilephone": "phone, ",
	} {
		got := Closest(given, names)
		require.Truef(t, strings.HasPrefix(got, want), "%s: %s", given, got)
		require.Equal(t, 2, strings.Count(got, ", ")+strings.Count(got, " or "), got)
	}
	require.Equal(t, "only", Closest("zzz", []string{"only"}))
	require.Empty(t, Closest("zzz", nil))
	require.Equal(t, []string{"email", "first_name", "last_name", "nickname", "phone", "status", "email"}, names, "they stay as they were")
}

func TestOr(t *testing.T) {
	require.Empty(t, Or(nil))
	require.Equal(t, "a", Or([]string{"a"}))
	require.Equal(t, "a or b", Or([]string{"a", "b"}))
	require.Equal(t, "a, b or c", Or([]string{"a", "b", "c"}))
}
