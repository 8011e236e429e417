package flexie

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// Closest lists the names most like given, at most three, for an error that
// says what was probably meant: "first_name, last_name or nickname". It is
// empty if there are no names.
func Closest(given string, names []string) string {
	ranked := slices.Clone(names)
	slices.Sort(ranked)
	ranked = slices.Compact(ranked)
	distances := map[string]int{}
	for _, n := range ranked {
		distances[n] = distance(given, n)
	}
	slices.SortStableFunc(ranked, func(a, b string) int { return cmp.Compare(distances[a], distances[b]) })
	return Or(ranked[:min(3, len(ranked))])
}

// distance is the number of edits between two names, fewer where one contains
// the other: people leave out words more often than letters.
func distance(given, name string) int {
	g, n := fold(given), fold(name)
	d := levenshtein.ComputeDistance(g, n)
	if len(g) > 2 && (strings.Contains(n, g) || strings.Contains(g, n)) {
		d /= 3
	}
	return d
}

// fold is a name without what people and models write one way or the other:
// "First name", "firstname" and "FirstName" are all first_name.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// Or joins names as in a sentence: "a, b or c".
func Or(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
