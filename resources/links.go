package resources

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
)

// This file shows links as text. A client may render what a model repeats: an
// image would be loaded, and tell its server what stands in its address.

// asText writes out what a Markdown renderer would load, follow or hide, and
// what looks like an address or a fence of ours. Nothing may be hidden in s.
func asText(s string) string {
	if strings.Contains(s, "<") {
		s = autolink.ReplaceAllString(s, "$1")
	}
	s = withoutFence(s)
	if strings.Contains(s, "](") {
		s = withoutMarkdownLinks(s)
	}
	if strings.Contains(s, "://") {
		s = ownScheme.ReplaceAllString(s, "$1 //")
	}
	return harmless(s)
}

// withoutFence breaks what may be taken for the begin or end of a fence.
func withoutFence(s string) string {
	if strings.Contains(s, "<") || strings.Contains(s, "＜") || strings.Contains(s, "﹤") {
		s = fenceLike.ReplaceAllString(s, "‹$1")
	}
	return s
}

// quiet are the bytes of texts that need no look: ASCII that nothing can be hidden
// in, or begin with. Most texts are of these alone.
var quiet = func() (all [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		all[c] = !strings.ContainsRune("<[]:", c)
	}
	all['\n'], all['\t'] = true, true
	return all
}()

func isQuiet(s string) bool {
	for i := range len(s) {
		if !quiet[s[i]] {
			return false
		}
	}
	return true
}

// mayHoldCode reports whether a colon stands behind the last letter of data or
// javascript.
func mayHoldCode(s string) bool {
	for i := 1; i < len(s); i++ {
		if last := s[i-1] | 0x20; s[i] == ':' && (last == 'a' || last == 't') {
			return true
		}
	}
	return false
}

// withoutCode cuts addresses that carry what they lead to.
func withoutCode(s string) string {
	return script.ReplaceAllString(embedded.ReplaceAllString(s, "$1…"), "$1…")
}

// harmless breaks what is left of links, images and tags. It changes nothing
// that it has broken already, and no address of ours.
func harmless(s string) string {
	if mayHoldCode(s) {
		s = withoutCode(s)
	}
	if strings.ContainsAny(s, "[]") {
		s = definition.ReplaceAllString(s, "$1 :")
		s = brackets.Replace(s)
	}
	if strings.Contains(s, "<") {
		s = liveTag.ReplaceAllString(s, "‹$1")
	}
	return s
}

// Harmless is a text that is shown as it is, an error message above all, with
// nothing hidden in it and nothing that a renderer of Markdown would load.
func Harmless(s string) string {
	s, _ = strip(s)
	return harmless(s)
}

var (
	autolink = regexp.MustCompile(`<([a-zA-Z][a-zA-Z0-9+.-]{1,31}:[^\s<>]*|[\w.!#$%&'*+/=?^{|}~-]+@[\w.-]+)>`)

	// fenceLike is the start of what may be taken for one of our fences.
	fenceLike = regexp.MustCompile(`(?i)[<＜﹤](\s*[/／∕⁄\\]?\s*[cсϲ][\s_.-]*[rг][\s_.-]*[mм][\s_.\-‐-―]*[dԁ])`)

	embedded  = regexp.MustCompile(`(?i)\b(data:[a-z]+/[a-z0-9.+-]+)[;,][^\s"'<>)\]]*`)
	script    = regexp.MustCompile(`(?i)\b((?:javascript|vbscript):)[^\s…"]+`)
	ownScheme = regexp.MustCompile(`(?i)\b(flexie:)//`)

	// liveTag begins an HTML element that loads something, leads somewhere or
	// hides what is in it, or an address in angle brackets.
	liveTag = regexp.MustCompile(`(?i)<(/?(?:a[\s/>]|(?:img|image|iframe|frame|frameset|object|embed|applet|portal|svg|math|video|audio|picture|source|track|base|link|meta|style|script|noscript|template|form|input|button|textarea|select|details|html|head|body|title|plaintext|xmp)\b|[a-z][a-z0-9:-]*\s[^<>]*\b(?:style|src|srcset|href|action|background|poster|on[a-z]+)\s*=|[a-z][a-z0-9+.-]{1,31}:[^\s<]|[!?]))`)

	// definition is the start of a line that says where a reference leads. Markdown
	// ends its name at 999 characters: {1,999} would take milliseconds of each start.
	definition = regexp.MustCompile(`(?m)^([\s>*+.)\d-]*\[[^\]]+\]):`)

	brackets = strings.NewReplacer("![", "! [", "](", "] (")
)

const (
	label       = `\[((?:[^\[\]]|\[[^\[\]]*\])*)\]`
	destination = `\(\s*(?:<([^<>\n]*)>|((?:[^\s()]|\([^\s()]*\))*))(?:\s+(?:"[^"]*"|'[^']*'|\([^()]*\)))?\s*\)`
)

var (
	markdownImage = regexp.MustCompile(`!` + label + destination)
	markdownLink  = regexp.MustCompile(label + destination)

	// Brackets of ours stand for themselves only at the end, so that what is
	// around them is not read by them. (These two never are in a stripped text.)
	ourBrackets = strings.NewReplacer("\ue000", "[", "\ue001", "]")
)

// deepest is how many links within links are written out. Those further in are
// broken all the same.
const deepest = 8

// withoutMarkdownLinks writes [t](u) as "t (u)" and ![t](u) as "[image: t, u]".
func withoutMarkdownLinks(s string) string {
	for range deepest {
		before := s
		s = replaceLinks(markdownImage, s, func(text, to string) string {
			if text != "" && to != "" {
				to = ", " + to
			}
			return "\ue000image: " + text + to + "\ue001"
		})
		s = replaceLinks(markdownLink, s, func(text, to string) string {
			if text == to {
				return to
			}
			return strings.TrimSpace(text + " (" + to + ")")
		})
		if s == before {
			break
		}
	}
	return ourBrackets.Replace(s)
}

// replaceLinks replaces those links that lead anywhere: f[i](x) does not.
func replaceLinks(link *regexp.Regexp, s string, replace func(text, to string) string) string {
	return link.ReplaceAllStringFunc(s, func(found string) string {
		m := link.FindStringSubmatch(found)
		text, to := strings.TrimSpace(m[1]), withoutCode(strings.TrimSpace(m[2]+m[3]))
		if found[0] != '!' && !strings.ContainsAny(to, ":/.#@?") {
			return found
		}
		return replace(text, to)
	})
}

// jsonAsText escapes in a JSON document what Markdown would read as a link, an
// image or a tag. It stays the same document.
func jsonAsText(document string) string {
	document = strings.NewReplacer("![", `!\u005b`, "](", `]\u0028`).Replace(document)
	return liveTag.ReplaceAllString(document, `\u003c$1`)
}

// escaped is a rune as JSON writes it if it must not stand by itself.
func escaped(r rune) string {
	if r <= 0xFFFF {
		return fmt.Sprintf(`\u%04x`, r)
	}
	high, low := utf16.EncodeRune(r)
	return fmt.Sprintf(`\u%04x\u%04x`, high, low)
}
