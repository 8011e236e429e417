package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/tailscale/hujson"
)

// jsonc changes JSON, which may have comments and trailing commas.
type jsonc struct{}

// maxDepth is how deep a file may be nested: a parser that calls itself must come to
// an end.
const maxDepth = 5000

func (jsonc) decode(text []byte) (map[string]any, error) {
	if hasNoValue(text) {
		return map[string]any{}, nil
	}
	root, err := parseJSON(bytes.Clone(text)) // what follows writes over it
	if err != nil {
		return nil, err
	}
	if root.Value.Kind() != '{' {
		return nil, errors.New("the whole of it is not an object in braces: mend that first")
	}
	root.Standardize()
	decoder := json.NewDecoder(bytes.NewReader(root.Pack()))
	decoder.UseNumber()
	document := map[string]any{}
	if err := decoder.Decode(&document); err != nil {
		return nil, errors.New("it is not JSON") // the error may quote the file
	}
	return document, nil
}

func isBlank(text []byte) bool { return len(trimmed(text)) == 0 }

// trimmed is a text without what all the formats take for white space, which is less
// than Go does.
func trimmed(text []byte) []byte { return bytes.Trim(text, " \t\r\n") }

func parseJSON(text []byte) (hujson.Value, error) {
	depth := 0
	for _, b := range text {
		switch b {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth > maxDepth {
			return hujson.Value{}, errors.New("it is nested too deep to be a file of settings")
		}
	}
	root, err := hujson.Parse(text)
	if err == nil {
		return root, nil
	}
	if root, again := hujson.Parse(append(bytes.Clone(text), '\n')); again == nil {
		return root, nil // its last comment had no end
	}
	return root, notJSON(err)
}

// jsonPlace finds in an error of the parser where it is. The rest may quote the file,
// and that may be a key.
var jsonPlace = regexp.MustCompile(`line \d+, column \d+`)

func notJSON(err error) error {
	what := "something else is expected there"
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(err.Error(), "unexpected EOF"):
		what = "it ends too early"
	case strings.Contains(err.Error(), ": invalid literal"):
		what = "this is no value: text stands in double quotes"
	}
	if place := jsonPlace.FindString(err.Error()); place != "" {
		what = place + ": " + what
	}
	return fmt.Errorf("it is not JSON: %s", what)
}

// hasNoValue reports whether there is nothing but white space and comments.
func hasNoValue(text []byte) bool {
	if isBlank(text) {
		return true
	}
	if !bytes.HasPrefix(trimmed(text), []byte("/")) {
		return false
	}
	root, err := hujson.Parse(append(bytes.Clone(text), "\n{}"...))
	if err != nil {
		return false
	}
	object, ok := root.Value.(*hujson.Object)
	return ok && len(object.Members) == 0 && root.StartOffset >= len(text)
}

// member is the value of a key of an object; nil if it has none.
func member(text []byte, object *hujson.Object, key string) (found *hujson.ObjectMember, err error) {
	for i := range object.Members {
		m := &object.Members[i]
		if !isNamed(m.Name, key) {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%q is there twice, in lines %d and %d: remove one of them first", key, lineOf(text, found.Name.StartOffset), lineOf(text, m.Name.StartOffset))
		}
		found = m
	}
	return found, nil
}

func lineOf(text []byte, at int) int { return bytes.Count(text[:at], []byte("\n")) + 1 }

// place is an object of a text, with what surrounds it.
type place struct {
	text   []byte
	root   *hujson.Object
	start  int // of the root
	object *hujson.Object
	value  *hujson.Value
}

// walk goes down a way as far as there are objects, and says how many steps that was.
func walk(text []byte, at []string) (place, int, error) {
	root, err := parseJSON(text)
	if err != nil {
		return place{}, 0, err
	}
	p := place{text: text, value: &root, start: root.StartOffset}
	p.object, _ = root.Value.(*hujson.Object)
	p.root = p.object
	for i, key := range at {
		m, err := member(text, p.object, key)
		if err != nil {
			return p, i, err
		}
		if m == nil {
			return p, i, nil
		}
		inner, ok := m.Value.Value.(*hujson.Object)
		if !ok {
			return p, i, errUnsafe
		}
		p.object, p.value = inner, &m.Value
	}
	return p, len(at), nil
}

func (j jsonc) put(text []byte, at []string, e entry) ([]byte, error) {
	switch end := lineEnd(text); {
	case isBlank(text):
		text = []byte("{}" + end)
	case hasNoValue(text):
		if !bytes.HasSuffix(text, []byte("\n")) {
			text = append(bytes.Clone(text), end...)
		}
		text = append(bytes.Clone(text), "{}"+end...)
	}
	p, depth, err := walk(text, at)
	if err != nil {
		return nil, err
	}
	if depth < len(at) {
		var value any = e.present()
		for _, key := range reversed(at[depth+1:]) {
			value = entry{{key: key, value: value}}
		}
		return p.insert(at[depth], value), nil
	}
	for _, f := range e.goneLast() {
		if text, err = j.set(text, at, f); err != nil {
			return nil, err
		}
	}
	return text, nil
}

func reversed(words []string) (back []string) {
	for i := len(words) - 1; i >= 0; i-- {
		back = append(back, words[i])
	}
	return back
}

// set writes one field of an object that is there.
func (j jsonc) set(text []byte, at []string, f field) ([]byte, error) {
	p, depth, err := walk(text, at)
	if err != nil || depth < len(at) {
		return nil, errors.Join(err, errUnsafeIf(depth < len(at)))
	}
	m, err := member(text, p.object, f.key)
	if err != nil {
		return nil, err
	}
	inner, nested := f.value.(entry)
	switch {
	case f.gone && m == nil, m != nil && f.once:
		return text, nil
	case f.gone:
		return p.cut(f.key), nil
	case nested && m != nil:
		return j.put(text, append(append([]string{}, at...), f.key), inner)
	case m == nil && nested && len(inner.present()) == 0:
		return text, nil
	case m == nil && nested:
		return p.insert(f.key, inner.present()), nil
	case m == nil:
		return p.insert(f.key, f.value), nil
	}
	if same, err := (jsonc{}).has(m.Value, f); err != nil || same {
		return text, err
	}
	indent, _ := indentAt(text, m.Name.StartOffset)
	return splice(text, m.Value.StartOffset, m.Value.EndOffset, render(f.value, indent, p.unit(), lineEnd(text), false)), nil
}

func errUnsafeIf(yes bool) error {
	if yes {
		return errUnsafe
	}
	return nil
}

// has reports whether a value is what a field wants already.
func (jsonc) has(v hujson.Value, f field) (bool, error) {
	text := bytes.Clone(v.Pack())
	text, err := hujson.Standardize(text)
	if err != nil {
		return false, errUnsafe
	}
	var have any
	if err := json.Unmarshal(text, &have); err != nil {
		return false, errUnsafe // the error may quote the file
	}
	return fits(have, true, f), nil
}

func (jsonc) cut(text []byte, at []string) ([]byte, error) {
	last := len(at) - 1
	p, depth, err := walk(text, at[:last])
	if err != nil || depth < last {
		return nil, errors.Join(err, errUnsafeIf(depth < last))
	}
	if _, err := member(text, p.object, at[last]); err != nil {
		return nil, err
	}
	return p.cut(at[last]), nil
}

// render writes a value: objects a member a line, lists on one.
func render(value any, indent, unit, end string, compact bool) string {
	switch v := value.(type) {
	case []string:
		var words []string
		for _, word := range v {
			words = append(words, quoted(word))
		}
		return "[" + strings.Join(words, ", ") + "]"
	case entry:
		return renderEntry(v, indent, unit, end, compact)
	}
	return quoted(fmt.Sprint(value))
}

func renderEntry(e entry, indent, unit, end string, compact bool) string {
	if len(e) == 0 {
		return "{}"
	}
	between, before, after, colon := ","+end+indent+unit, end+indent+unit, end+indent, ": "
	if compact {
		between, before, after, colon = ",", "", "", ":"
	}
	var members []string
	for _, f := range e {
		members = append(members, quoted(f.key)+colon+render(f.value, indent+unit, unit, end, compact))
	}
	return "{" + before + strings.Join(members, between) + after + "}"
}

func quoted(text string) string { return string(hujson.String(text)) }
