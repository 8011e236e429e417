package resources

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"flexie-mcp/flexie"
)

const (
	maxCell  = 200    // runes of a value in a table
	maxValue = 10_000 // runes of a value on its own
)

// Text writes any value of Flexie's as text a person would: HTML without its
// tags, links as text, an owner by name, never Go's or JSON's syntax, and nothing
// that can't be seen. It may have many lines.
func Text(v any) string { return new(taken).text(v) }

// Cell writes a value as one line of a table.
func Cell(v any) string { return new(taken).cell(v) }

// ValueOf is a value under a name, as Text and Cell write them.
func ValueOf(name string, v any) Value {
	var n taken
	return Value{Name: n.name(name), Text: n.text(v), hidden: n}
}

// PartOf is a text under a title of ours, as Text writes it.
func PartOf(title string, v any) Part {
	var n taken
	return Part{Title: title, Text: n.text(v), hidden: n}
}

// Plain is a value on one line, of at most so many runes that can be seen. What
// is hidden is still in it: it is no text to show, but a piece of a value that
// Add or ValueOf is given, which count that.
func Plain(v any, most int) string {
	s := oneLine(plain(v))
	if _, _, rest := stripTo(s, most); rest != "" {
		return strings.TrimSuffix(s, rest) + "…"
	}
	return s
}

// taken counts what was hidden in texts that are shown without it.
type taken int

func (n *taken) text(v any) string { return n.shown(plain(v), maxValue) }

// textAt is text, which says where all of a text that it cut can be read.
func (n *taken) textAt(v any, address string) string {
	text := n.text(v)
	if address != "" && strings.HasSuffix(text, "…") && len(text) > maxValue {
		text += " (all of it: " + address + ".json)"
	}
	return text
}

func (n *taken) cell(v any) string {
	return cut(strings.ReplaceAll(n.line(v, maxCell), "|", "\\|"), maxCell)
}

// name is a cell that stands before a colon, where brackets would make it the
// name of a link.
func (n *taken) name(v any) string {
	if alias, ok := v.(string); ok && isAlias(alias) {
		return alias
	}
	return withoutBrackets.Replace(n.cell(v))
}

// isAlias reports whether a text is a name as most fields have one, which is shown
// as it is.
func isAlias(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return len(s) <= maxCell
}

var withoutBrackets = strings.NewReplacer("[", "(", "]", ")")

// line is a value on one line.
func (n *taken) line(v any, most int) string {
	return oneLine(n.shown(oneLine(plain(v)), most))
}

// shown is a text as it is shown, of at most so many runes.
func (n *taken) shown(s string, most int) string {
	if isQuiet(s) {
		return cut(s, most)
	}
	visible, removed := strip(s)
	text := cut(asText(visible), most)
	if removed > 0 && len(text) < len(visible) {
		_, removed, _ = stripTo(s, most) // of what was cut off, none is told
	}
	*n += taken(removed)
	return text
}

func oneLine(s string) string {
	if isOneLine(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// isOneLine reports whether a text has no spaces but single ones between words, as
// far as that can be told at a glance.
func isOneLine(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && before == ' ' {
			return false
		}
		before = c
	}
	return s == "" || before != ' '
}

func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return withoutHTML(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return plainList(v)
	case *flexie.Object:
		return plainObject(v)
	}
	return fmt.Sprint(v)
}

func plainList(items []any) string {
	var parts []string
	for _, item := range items {
		if text := plain(item); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// plainObject names what has a name, "Sales (3)", and lists the values of the
// rest.
func plainObject(o *flexie.Object) string {
	if name := plain(nameOf(o)); name != "" {
		if id := plain(o.Get("id")); id != "" {
			return name + " (" + id + ")"
		}
		return name
	}
	var parts []string
	for key, value := range o.All() {
		if text := plain(value); text != "" {
			parts = append(parts, plain(key)+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most]) + "…"
}

// nameProperties are what a record may be called by, best first.
var nameProperties = []string{"name", "title", "subject", "task", "label", "username", "company", "email"}

// nameOf finds what a record is called, as it was written: a person's two names,
// or else its name.
func nameOf(o *flexie.Object) string {
	for _, pair := range [][2]string{{"first_name", "last_name"}, {"firstname", "lastname"}, {"firstName", "lastName"}} {
		first, _ := o.Get(pair[0]).(string)
		last, _ := o.Get(pair[1]).(string)
		if full := strings.TrimSpace(first + " " + last); full != "" {
			return full
		}
	}
	for _, property := range nameProperties {
		if name, ok := o.Get(property).(string); ok && name != "" {
			return name
		}
	}
	return ""
}
