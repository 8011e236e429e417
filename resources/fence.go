package resources

import (
	"crypto/sha256"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fenceName begins the names of fences. The instructions of the server name it.
const fenceName = "crm-data-"

// Fence puts a text that came from Flexie between two lines, which say where it
// begins and ends: what is between them is data. They carry letters that follow
// from the text, and that it does not have itself: so it can't end the fence. The
// same text has the same fence. beside are texts that stand outside, and must
// not seem to open or close it either.
func Fence(text string, beside ...string) string {
	name := fenceName + fenceID(append([]string{text}, beside...))
	return "<" + name + ">\n" + text + "\n</" + name + ">"
}

// fenceLine is a line that opens or closes a fence.
var fenceLine = regexp.MustCompile(`(?m)^</?` + fenceName + `[a-z]+>\n?`)

// Unfenced is a text that has fences in it as a person reads it, who needs none.
func Unfenced(text string) string { return fenceLine.ReplaceAllString(text, "") }

// fenceLetters are those of ids, which all cost the same: they make no words, and
// none is the c that the name begins with.
const fenceLetters = "bdfghjkmnpqrstvwxyz"

// fenceID is the first of a row of ids, ever longer ones, that no text has
// behind a name like a fence's. The row follows from the first text.
func fenceID(texts []string) string {
	sum := sha256.Sum256([]byte(texts[0]))
	for try := 0; ; try++ {
		next := sha256.Sum256(append(sum[:], strconv.Itoa(try)...))
		var id strings.Builder
		for _, b := range next[:min(4+try/8, len(next))] {
			id.WriteByte(fenceLetters[int(b)%len(fenceLetters)])
		}
		if !anyHolds(texts, fenceName+id.String()) {
			return id.String()
		}
	}
}

// anyHolds reports whether a text has a name in it, however it is written: with
// other letters that look the same, spaces, or HTML's entities.
func anyHolds(texts []string, name string) bool {
	wanted := strings.ReplaceAll(name, "-", "")
	for _, text := range texts {
		for range 3 { // entities may be written as entities
			if holdsLetters(text, wanted) {
				return true
			}
			plain := text
			if strings.Contains(text, "&") {
				plain = html.UnescapeString(text)
			}
			if plain == text {
				break
			}
			text = plain
		}
	}
	return false
}

// holdsLetters reports whether the letters and digits of a text have those wanted
// in a row. The first of these comes once in the name that all of them begin
// with, so that one that does not fit can only be a new first.
func holdsLetters(text, wanted string) bool {
	at := 0
	for _, r := range text {
		c := letterOf(r)
		switch {
		case c == 0:
			continue
		case c == wanted[at]:
			at++
		case c == wanted[0]:
			at = 1
		default:
			at = 0
		}
		if at == len(wanted) {
			return true
		}
	}
	return false
}

// common are the letters that the first runes of Unicode look like, which nearly all
// texts of Europe are written with.
var common = func() (all [0x250]byte) {
	for r := range all {
		all[r] = lookUp(rune(r))
	}
	return all
}()

// twins are letters of other alphabets that look like a Latin one.
var twins = map[rune]string{
	'а': "a", 'с': "c", 'ԁ': "d", 'е': "e", 'һ': "h", 'к': "k", 'м': "m", 'о': "o", 'р': "p", 'г': "r", 'ѕ': "s",
	'т': "t", 'ѵ': "v", 'у': "y", 'х': "x", 'α': "a", 'ϲ': "c", 'κ': "k", 'μ': "m", 'ν': "v", 'ο': "o", 'ρ': "p",
	'τ': "t", 'υ': "u", 'χ': "x", 'ɑ': "a", 'ᴀ': "a", 'ᴄ': "c", 'ᴅ': "d", 'ʀ': "r", 'ᴍ': "m", 'ᴛ': "t",
}

// looksLike is the ASCII letter or digit that a rune looks like, "" if it looks
// like none.
func looksLike(r rune) string {
	if c := letterOf(r); c != 0 {
		return string(c)
	}
	return ""
}

// letterOf is the same as a byte, and 0 for none.
func letterOf(r rune) byte {
	if int(r) < len(common) {
		return common[r]
	}
	return lookUp(r)
}

func lookUp(r rune) byte {
	r = unicode.ToLower(r)
	if twin, ok := twins[r]; ok {
		return twin[0]
	}
	if !unicode.In(r, unicode.L, unicode.N, unicode.So) {
		return 0
	}
	for _, plain := range norm.NFKD.String(string(r)) {
		if c := letter(unicode.ToLower(plain)); c != 0 {
			return c
		}
	}
	return 0
}

func letter(r rune) byte {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return byte(r)
	}
	return 0
}
