package tools

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
)

// words are the words of a text, in small letters: "Jane's to-dos" has jane,
// to and dos.
func words(text string) []string {
	text = strings.NewReplacer("'s", "", "’s", "").Replace(strings.ToLower(text))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// stem cuts a word down to what its forms have in common: company and companies
// are both compani.
func stem(word string) string { return english.Stem(word, true) }

// stems are the stems of a text's words, each once, without the fillers.
func stems(text string) []string {
	var found []string
	for _, w := range words(text) {
		if s := stem(w); !slices.Contains(fillers, w) && !slices.Contains(found, s) {
			found = append(found, s)
		}
	}
	return found
}

// term is what one word of a question may mean, in stems of our tools' words:
// itself first, then what it is a synonym of.
type term []string

// aNumber is what a number in a question means: the id of something to read.
// It ranks tools, but no tool fits a question because of it.
var aNumber = term{"id", "get"}

func (t term) isNumber() bool { return t[0] == aNumber[0] }

func termOf(word string) term {
	if strings.IndexFunc(word, unicode.IsLetter) < 0 {
		return aNumber
	}
	s := stem(word)
	return append(term{s}, synonyms[s]...)
}

func termsOf(question string) []term {
	said := words(phrases.Replace(" " + strings.Join(words(question), " ") + " "))
	if len(said) > 0 && said[0] == "list" {
		said[0] = "search" // the verb: as a noun, a list is a segment
	}
	var terms []term
	for _, w := range said {
		if !slices.Contains(fillers, w) {
			terms = append(terms, termOf(w))
		}
	}
	return terms
}
