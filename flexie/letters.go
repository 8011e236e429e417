package flexie

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ownLetters are letters that Unicode does not take for another with a mark on
// it, though people who look for them type it.
var ownLetters = map[rune]string{'ł': "l", 'ø': "o", 'đ': "d", 'ı': "i", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d"}

// Letters is a text as people look for it: small letters without their marks,
// so that "Jürgen" is "jurgen". places has for each rune the byte of the text
// that it comes from, and at its end the text's length.
func Letters(text string) (letters []rune, places []int) {
	for at, r := range text {
		for _, small := range plainLetters(unicode.ToLower(r)) {
			letters, places = append(letters, small), append(places, at)
		}
	}
	return letters, append(places, len(text))
}

func plainLetters(r rune) string {
	if r < 0x80 {
		return string(r)
	}
	if other, ok := ownLetters[r]; ok {
		return other
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(string(r)))
}

// lettersOf is a text's letters alone.
func lettersOf(text string) string {
	letters, _ := Letters(strings.TrimSpace(text))
	return string(letters)
}
