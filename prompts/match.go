package prompts

import (
	"slices"
	"strings"
)

// Most is the most suggestions that are made: more than a person reads.
// (MCP allows 100.)
const Most = 20

// matching are the values that have the typed text in them, best first.
func matching(values []string, typed string) []string {
	var found []string
	for _, v := range values {
		if contains(v, typed) {
			found = append(found, v)
		}
	}
	return best(found, typed)
}

// best puts first what starts with the typed text, then what has a word that
// does, then what lacks the fewest of the words typed. None is left out but
// those past Most.
func best(values []string, typed string) []string {
	typed = strings.ToLower(typed)
	rank := func(value string) int {
		switch value = strings.ToLower(value); {
		case strings.HasPrefix(value, typed):
			return 0
		case strings.Contains(value, " "+typed):
			return 1
		}
		return 2 + lacks(value, typed)
	}
	slices.SortStableFunc(values, func(a, b string) int { return rank(a) - rank(b) })
	return values[:min(Most, len(values))]
}

func contains(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// lacks counts the words of text that s does not have.
func lacks(s, text string) (n int) {
	for _, word := range strings.Fields(text) {
		if !contains(s, word) {
			n++
		}
	}
	return n
}

func hasAll(s, text string) bool { return lacks(s, text) == 0 }

// same reports whether a name is the one given; nothing is named "".
func same(name, given string) bool {
	return name != "" && strings.EqualFold(name, strings.TrimSpace(given))
}
