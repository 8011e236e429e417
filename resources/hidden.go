package resources

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file takes out of texts what a reader can't see but a model reads: a
// stranger could write orders with it that nobody would find.

// strip takes them out, and says how many there were. What only differs in how
// it looks is not one of them: other spaces become a space, and other ends of
// lines \n.
func strip(s string) (stripped string, removed int) {
	stripped, removed, _ = stripTo(s, len(s))
	return stripped, removed
}

// stripTo stops when most runes are kept, and says what was left then.
func stripTo(s string, most int) (stripped string, removed int, rest string) {
	if isPlain(s) && len(s) <= most {
		return s, 0, ""
	}
	var b strings.Builder
	b.Grow(min(len(s), 4*most))
	var before rune // the last that was kept
	for kept := 0; s != ""; {
		if kept == most {
			return b.String(), removed, s
		}
		r, size := utf8.DecodeRuneInString(s)
		s = s[size:]
		next, _ := utf8.DecodeRuneInString(s)
		switch {
		case r >= ' ' && r < 0x7f: // most are
		case r == '\r' && next == '\n':
			continue
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			r = '\n'
		case r != ' ' && unicode.Is(unicode.Zs, r):
			r = ' '
		case isHidden(r, before, next):
			removed++
			continue
		}
		b.WriteRune(r)
		before = r
		kept++
	}
	return b.String(), removed, ""
}

// isPlain reports whether a text is of ASCII alone, with nothing hidden.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
	}
	return true
}

// neverSeen are runes that show as nothing beside those that Unicode calls
// controls, formats and private: fillers, selectors of variants, and what is
// reserved for their like.
var neverSeen = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // joins graphemes
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // Hangul fillers
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // Khmer vowels that are inherent
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, // Mongolian selectors
		{Lo: 0x2060, Hi: 0x206F, Stride: 1}, // invisible operators and the reserved one
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // a Braille cell without dots
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // Hangul filler
		{Lo: 0xFDD0, Hi: 0xFDEF, Stride: 1}, // no characters
		{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1}, // selectors
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // Hangul filler
		{Lo: 0xFFF0, Hi: 0xFFFB, Stride: 1}, // reserved, and interlinear notes
		{Lo: 0xFFFD, Hi: 0xFFFF, Stride: 1}, // what could not be read, and no characters
	},
	R32: []unicode.Range32{
		{Lo: 0x1D159, Hi: 0x1D159, Stride: 1}, // a note head that is none
		{Lo: 0xE0000, Hi: 0xE0FFF, Stride: 1}, // tags, selectors, and what is reserved for more
	},
}

// isHidden reports whether a rune between two others shows as nothing.
func isHidden(r, before, next rune) bool {
	const nonJoiner, joiner, asText, asEmoji, keycap = '\u200c', '\u200d', '\ufe0e', '\ufe0f', '\u20e3'
	switch {
	case r == '\n' || r == '\t':
		return false
	case r == nonJoiner || r == joiner:
		inEmoji := r == joiner && (isEmoji(before) || before == asEmoji) && isEmoji(next)
		return !inEmoji && !(isJoined(before) && isJoined(next))
	case r == asText || r == asEmoji:
		return !isEmoji(before) && !(strings.ContainsRune("0123456789#*", before) && next == keycap)
	case unicode.Is(unicode.Prepended_Concatenation_Mark, r):
		return false // they are formats by name, and can be seen
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, neverSeen) || r&0xFFFE == 0xFFFE
}

// isJoined reports whether a rune is of a script in which joiners are written:
// those of Persian, Hindi and their kin.
func isJoined(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Nko, unicode.Mongolian,
		unicode.Devanagari, unicode.Bengali, unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil,
		unicode.Telugu, unicode.Kannada, unicode.Malayalam, unicode.Sinhala, unicode.Tibetan, unicode.Khmer,
		unicode.Myanmar, unicode.Balinese, unicode.Javanese) ||
		r >= 0x064B && r <= 0x0655 // vowels of Arabic, which are of no script
}

// isEmoji reports whether a rune is a picture, or makes one with a selector.
func isEmoji(r rune) bool {
	return unicode.Is(unicode.So, r) || r >= 0x1F3FB && r <= 0x1F3FF || strings.ContainsRune("‼⁉ℹ↔〰▪▫◽◾", r)
}

// escapeHidden writes what is hidden in a JSON document, which can stand in its
// strings alone, as escapes: it is then seen, and nothing is lost.
func escapeHidden(document string) string {
	if isPlain(document) {
		return document
	}
	var b strings.Builder
	var before rune
	for rest := document; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		next, _ := utf8.DecodeRuneInString(rest)
		if isHidden(r, before, next) {
			b.WriteString(escaped(r))
		} else {
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}
