package resources

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"flexie-mcp/flexie"
)

const (
	maxCell  = 200    // runes of a value in a table
	maxValue = 10_000 // runes of a value on its own
)

// Text writes any value of Flexie's as text a person would: HTML without its
// tags, an owner by name, never Go's or JSON's syntax. It may have many lines.
func Text(v any) string { return cut(clean(plain(v)), maxValue) }

// textAt is Text, which says where all of a text that it cut can be read.
func textAt(v any, address string) string {
	text := Text(v)
	if address != "" && strings.HasSuffix(text, "…") && len(text) > maxValue {
		text += " (all of it: " + address + ".json)"
	}
	return text
}

// Cell writes a value as one line of a table.
func Cell(v any) string {
	return cut(strings.ReplaceAll(oneLine(plain(v)), "|", "\\|"), maxCell)
}

// oneLine is a text on one line, as it is but for what can't be seen.
func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

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
	if name := nameOf(o); name != "" {
		if id := plain(o.Get("id")); id != "" {
			return name + " (" + id + ")"
		}
		return name
	}
	var parts []string
	for key, value := range o.All() {
		if text := plain(value); text != "" {
			parts = append(parts, key+" "+text)
		}
	}
	return strings.Join(parts, ", ")
}

// clean takes out what a reader can't see but a model reads: control
// characters, zero-width ones, and those that turn the direction of writing.
func clean(s string) string {
	var previous rune
	return strings.Map(func(r rune) rune {
		before := previous
		previous = r
		switch {
		case r == '\n' || r == '\t':
			return r
		case (r == '\u200c' || r == '\u200d') && before > '\u02ff':
			return r // joiners belong to the writing of Persian and Hindi, and to emoji
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029', r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
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

// nameOf finds what a record is called: a person's two names, or else its name.
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
			return Cell(name)
		}
	}
	return ""
}
