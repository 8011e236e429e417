package setup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// Setting is one that the file is to have.
type Setting struct {
	Key   string
	Value any // a string, a []string, a bool, or a number as json.Number; nil to take it out
}

// Changed is what becomes of a file of settings.
type Changed struct {
	Lines  []string // what is different, a line of it each, without any secret
	Secret bool     // a secret is in it

	text []byte
}

// secrets are the keys whose values are never shown.
var secrets = []string{"api_key", "oauth_client_secret", "encryption_key", "introspection_secret", "database_url"}

// heading begins a new file.
const heading = "# Written by flexie-mcp init. What else can stand here is in docs/settings.md.\n"

var errNotTOML = errors.New("it is not TOML that can be changed: mend it, or name another file with --config")

// With is the file with these settings, and everything else as it is: comments, order
// and what is written behind a value.
func (f File) With(settings []Setting) (c Changed, err error) {
	before, err := decode(f.text)
	if err != nil {
		return c, fmt.Errorf("%s: %w", f.Path, err)
	}
	c.text = bytes.Clone(f.text)
	if !f.Exists {
		c.text = []byte(heading)
	}
	want := maps.Clone(before)
	for _, s := range settings {
		value := written(s.Value)
		had, there := before[s.Key]
		delete(want, s.Key)
		if s.Value != nil {
			if want[s.Key], err = valueOf(value); err != nil {
				return c, err
			}
		}
		if there == (s.Value != nil) && reflect.DeepEqual(had, want[s.Key]) {
			continue
		}
		if c.text, err = put(c.text, s.Key, value); err != nil {
			return c, fmt.Errorf("%s: %w", f.Path, err)
		}
		c.Lines = append(c.Lines, difference(s, value, had, there))
	}
	is, err := decode(c.text)
	if err != nil || !reflect.DeepEqual(is, want) {
		return c, fmt.Errorf("%s: %w", f.Path, errNotTOML)
	}
	c.Secret = slices.ContainsFunc(secrets, func(key string) bool { return is[key] != nil })
	return c, nil
}

func difference(s Setting, value string, had any, there bool) string {
	switch {
	case s.Value == nil:
		return s.Key + " is taken out"
	case !there:
		return s.Key + " = " + value
	case slices.Contains(secrets, s.Key):
		return s.Key + " is changed"
	}
	return fmt.Sprintf("%s = %s, where %s was", s.Key, value, written(had))
}

func decode(text []byte) (map[string]any, error) {
	document := map[string]any{}
	if err := toml.Unmarshal(withoutMark(text), &document); err != nil {
		return nil, errNotTOML // its own words quote the file, which may hold a key
	}
	return document, nil
}

// mark is the byte order mark that some editors put at the start of a file.
const mark = "\ufeff"

func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte(mark)) }

func valueOf(written string) (any, error) {
	var of struct{ V any }
	err := toml.Unmarshal([]byte("V = "+written), &of)
	return of.V, err
}

// written is a value as TOML; what JSON escapes in text, TOML escapes in the same way.
func written(value any) string {
	if list := reflect.ValueOf(value); list.Kind() == reflect.Slice {
		var items []string
		for i := range list.Len() {
			items = append(items, written(list.Index(i).Interface()))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // of these kinds it can't fail
	return strings.ReplaceAll(strings.TrimSpace(b.String()), "\x7f", `\u007f`)
}

// put writes one setting of the file, or takes it out; value is TOML.
func put(text []byte, key, value string) ([]byte, error) {
	lines, table, err := settingsOf(text)
	if err != nil {
		return nil, err
	}
	behind := 0 // where a new one goes: behind the last, but in no table
	for _, l := range lines {
		if l.key == key {
			return change(text, l, value), nil
		}
		behind = endOfLine(text, l.to)
	}
	if len(lines) == 0 {
		behind = table
	}
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	line := key + " = " + value + end
	if behind > 0 && text[behind-1] != '\n' {
		line = end + line
	}
	return slices.Concat(text[:behind], []byte(line), text[behind:]), nil
}

func change(text []byte, l setting, value string) []byte {
	if value == "null" {
		begin := bytes.LastIndexByte(text[:l.from], '\n') + 1
		if begin == 0 && bytes.HasPrefix(text, []byte(mark)) {
			begin = len(mark)
		}
		return slices.Concat(text[:begin], text[endOfLine(text, l.to):])
	}
	return slices.Concat(text[:l.value], []byte(value), text[l.to:])
}

// setting is where one stands in the text.
type setting struct {
	key             string
	from, value, to int
}

// settingsOf are those at the top of a text that decode has read, and where its first
// table begins, or else where it ends.
func settingsOf(text []byte) (all []setting, table int, err error) {
	skip := len(text) - len(withoutMark(text))
	p := unstable.Parser{}
	p.Reset(text[skip:])
	for p.NextExpression() {
		node := p.Expression()
		var keys []string
		first := -1
		for k := node.Key(); k.Next(); {
			keys = append(keys, string(k.Node().Data))
			if first < 0 {
				first = int(k.Node().Raw.Offset) + skip
			}
		}
		switch {
		case node.Kind == unstable.Table, node.Kind == unstable.ArrayTable:
			return all, bytes.LastIndexByte(text[:first], '\n') + 1, p.Error()
		case node.Kind != unstable.KeyValue:
			continue
		}
		s := setting{key: strings.Join(keys, "."), from: int(node.Raw.Offset) + skip}
		s.to = s.from + int(node.Raw.Length)
		s.value = s.from + bytes.IndexByte(text[s.from:], '=') + 1
		s.value += len(text[s.value:]) - len(bytes.TrimLeft(text[s.value:], " \t"))
		all = append(all, s)
	}
	return all, len(text), p.Error()
}

// endOfLine is where the line of a position ends, behind its line break.
func endOfLine(text []byte, at int) int {
	if next := bytes.IndexByte(text[at:], '\n'); next >= 0 {
		return at + next + 1
	}
	return len(text)
}
