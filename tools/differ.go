package tools

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// A preview must let see what becomes another, also where that is deep in a long
// text, in spaces or in HTML.

const (
	// longestSide is the most that is shown of a value before or after, in runes:
	// with what is said of the rest, it fits a cell of a table.
	longestSide = 150

	// leadIn is how much of what stays the same stands before what differs.
	leadIn = 40

	// mostRead is up to which size in bytes Text gives a text whole.
	mostRead = 8 << 10
)

// fromTo are the two values of a change as a table shows them: of long texts the
// part where they differ.
func fromTo(c journal.Change) (from, to any) {
	was, isText := c.From.(string)
	is, alsoText := c.To.(string)
	if !alsoText || c.From != nil && !isText {
		return c.From, c.To
	}
	a, b := oneLine(was), oneLine(is)
	if a == b && was != is {
		return a, b + " (the same but for HTML, spaces or what can't be seen)"
	}
	if utf8.RuneCountInString(a) <= longestSide && utf8.RuneCountInString(b) <= longestSide {
		return c.From, c.To
	}
	start := commonStart(a, b)
	return side(a, start), side(b, start)
}

// oneLine is a text as a person reads it. One that is too long for that is
// compared as it is.
func oneLine(text string) string {
	if len(text) < mostRead {
		text = resources.Text(text)
	}
	return strings.Join(strings.Fields(text), " ")
}

// commonStart is the length in bytes of what two texts begin with, up to the
// lead-in of what differs.
func commonStart(a, b string) int {
	var starts []int // of the runes that are the same
	for i, r := range a {
		other, _ := utf8.DecodeRuneInString(b[min(i, len(b)):])
		if other != r || i >= len(b) {
			break
		}
		starts = append(starts, i)
	}
	if len(starts) <= leadIn {
		return 0
	}
	return starts[len(starts)-leadIn]
}

// side is a text from a place on, short, and says how long it is where it is cut.
func side(text string, start int) string {
	shown := text[min(start, len(text)):]
	if start > 0 && start < len(text) {
		shown = "…" + shown
	}
	if runes := []rune(shown); len(runes) > longestSide {
		shown = fmt.Sprintf("%s… (%d characters in all)", string(runes[:longestSide]), utf8.RuneCountInString(text))
	}
	return shown
}

// soAlready says that nothing would become another, and which texts would be
// written otherwise: a|b for b|a, 1 for 1.0, or with spaces.
func soAlready(changes []journal.Change) string {
	const already = "It is so already: no value would become another"
	var rewritten []string
	for _, c := range maskedChanges(changes) {
		was, isText := c.From.(string)
		is, alsoText := c.To.(string)
		if isText && alsoText && was != is && flexie.Same(was, is) {
			rewritten = append(rewritten, resources.Named(c.Field))
		}
	}
	if len(rewritten) == 0 {
		return already
	}
	return already + " in meaning, but these would be written otherwise: " + strings.Join(rewritten, ", ")
}

// unshownHTML finds what a reader of the text does not see: comments, styles,
// scripts, and what is styled away.
var unshownHTML = regexp.MustCompile(`(?i)<!--|<(?:style|script|template|noscript|head|title|meta|link|object|embed|iframe|svg|form|input)\b|<[a-z][^>]*\b(?:style|class|hidden|on[a-z]+)\b[^>]*>`)

// hiddenHTML is the caution that more is sent than the preview shows, "" if not.
func hiddenHTML(changes []journal.Change) string {
	for _, c := range changes {
		if text, ok := c.To.(string); ok && c.To != hidden && unshownHTML.MatchString(text) {
			return "It also has HTML that is not shown here (comments, styles or scripts)"
		}
	}
	return ""
}
