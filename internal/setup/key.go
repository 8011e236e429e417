package setup

import (
	"errors"
	"strings"
	"unicode"
)

// quotes are those that people copy along, before and behind.
const quotes = "\"'`“”„‘’«»"

// unseen are signs that are copied along and can't be seen: a byte order mark, and
// spaces without width.
const unseen = "\ufeff\u200b\u200c\u200d\u2060\u00ad"

// trim takes off what is around a text that was pasted.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(quotes+unseen, r)
	})
}

// ErrNoKey says that nothing is there but space or quotes.
var ErrNoKey = errors.New("there is no key in it")

// ReadKey is a key without what was copied along with it; around says what that was,
// as in "spaces and quotes", "" for nothing. Its errors don't show the key.
func ReadKey(text string) (key, around string, err error) {
	key = trim(text)
	if key == "" {
		return "", "", ErrNoKey
	}
	at := strings.Index(text, key)
	around = cutOff(text[:at] + text[at+len(key):])
	if strings.ContainsFunc(key, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(unseen, r)
	}) {
		return "", "", errors.New("there are spaces, line breaks or unseen signs inside it: it seems to be more than the key, or less; copy it again")
	}
	return key, around, nil
}

// cutOff says what was taken off.
func cutOff(text string) string {
	var words []string
	for _, sort := range []struct {
		word string
		is   func(rune) bool
	}{
		{"line breaks", func(r rune) bool { return r == '\n' || r == '\r' }},
		{"spaces", func(r rune) bool { return unicode.IsSpace(r) && r != '\n' && r != '\r' }},
		{"quotes", func(r rune) bool { return strings.ContainsRune(quotes, r) }},
		{"signs that can't be seen", func(r rune) bool {
			return strings.ContainsRune(unseen, r) || unicode.IsControl(r) && !unicode.IsSpace(r)
		}},
	} {
		if strings.ContainsFunc(text, sort.is) {
			words = append(words, sort.word)
		}
	}
	return strings.Join(words, " and ")
}
