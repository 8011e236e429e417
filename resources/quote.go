package resources

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// longestQuote is the most that is quoted of a text, in runes.
const longestQuote = 80

// marks end a quotation, or look as if they did; and angle brackets could make a
// fence of it.
var marks = strings.NewReplacer(
	`"`, "'", "“", "'", "”", "'", "„", "'", "‟", "'", "«", "'", "»", "'", "″", "'", "〝", "'", "〞", "'", "＂", "'", "`", "'",
	"<", "‹", ">", "›", "＜", "‹", "＞", "›", "﹤", "‹", "﹥", "›",
)

// Quote is a short text of Flexie's in a sentence of ours: on one line, between
// double quotes that it can't end, with nothing hidden in it and no link.
func Quote(s string) string {
	return `"` + cut(marks.Replace(new(taken).line(s, longestQuote)), longestQuote) + `"`
}

// identifier is a name that can stand in a sentence without quotes: it has no
// spaces, so that it says nothing.
var identifier = regexp.MustCompile(`^[\pL\pM\pN_.:-]+$`) // {1,64} would take milliseconds of each start

// longestIdentifier is in runes.
const longestIdentifier = 64

// IsIdentifier reports whether a name is one word, like the alias of a field.
func IsIdentifier(name string) bool {
	return utf8.RuneCountInString(name) <= longestIdentifier && identifier.MatchString(name) && Harmless(name) == name
}

// Named is a name as a sentence has it: quoted unless it is one word.
func Named(s string) string {
	if IsIdentifier(s) {
		return s
	}
	return Quote(s)
}
