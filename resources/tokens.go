package resources

import (
	"unicode"
	"unicode/utf8"
)

// Tokens estimates what a text costs a model, in tokens of the o200k
// vocabulary. Counting exactly takes a table of several megabytes; the estimate
// is made to be a little high (tokens_test.go compares the two).
func Tokens(text string) int {
	quarters := 0 // of a token
	var kind, run int
	for _, r := range text {
		var k int
		if r < utf8.RuneSelf {
			k = int(kinds[r])
		} else {
			k = kindOf(r)
		}
		if k == kind {
			run++
			quarters += perRune(k, run)
			continue
		}
		if k == digit && kind == space {
			quarters += 4 // a number, unlike a word, does not take the space before it in
		}
		kind, run = k, 1
		quarters += perRune(k, run)
	}
	return (quarters + 3) / 4
}

// The kinds of rune that o200k cuts a text into runs of.
const (
	space = iota + 1
	digit
	lower
	upper
	foreign // letters that the vocabulary has few words of
	mark
)

// kinds are those of ASCII, which most texts are.
var kinds = func() (all [utf8.RuneSelf]uint8) {
	for r := range all {
		all[r] = uint8(kindOf(rune(r)))
	}
	return all
}()

func kindOf(r rune) int {
	switch {
	case r == ' ' || r == '\n' || r == '\t':
		return space
	case r >= '0' && r <= '9':
		return digit
	case r >= 'a' && r <= 'z':
		return lower
	case r >= 'A' && r <= 'Z':
		return upper
	case unicode.IsLetter(r):
		return foreign
	}
	return mark
}

// perRune is what the n-th rune of a run adds, in quarters of a token: a word
// is one token, and a long one more; three digits are one, as are three marks; a
// space belongs to the word behind it.
func perRune(kind, n int) int {
	switch kind {
	case space:
		return 0
	case digit:
		if n%3 == 1 {
			return 4
		}
		return 0
	case lower, upper:
		if n == 1 {
			return 3
		}
		if n > 4 && n%4 == 1 {
			return 4
		}
		return 0
	case foreign:
		return 3
	case mark:
		if n%3 == 1 {
			return 3
		}
	}
	return 0
}
