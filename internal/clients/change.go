package clients

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
)

// editor changes texts of one format. at is the way to an entry, its name last.
type editor interface {
	// decode reads a text as maps, lists and plain values; an empty one is an empty map.
	decode(text []byte) (map[string]any, error)
	// put writes the fields of an entry, and leaves all else as it is.
	put(text []byte, at []string, e entry) ([]byte, error)
	// cut takes out what stands there, and leaves all else as it is.
	cut(text []byte, at []string) ([]byte, error)
}

var editors = map[Format]editor{JSON: jsonc{}, TOML: tomlText{}, YAML: yamlText{}}

// mark is the byte order mark that some editors put at the start of a file.
var mark = []byte("\ufeff")

// errOther is of an entry of that name which is somebody else's.
var errOther = errors.New("has an entry of that name that does not start this program: take another name, with --name, or remove that entry")

// with is a client's text with the server's entry in it; the same bytes if it is
// there already.
func (c Client) with(text []byte, s Server) ([]byte, error) {
	ed := editors[c.Format]
	bom, body := cutMark(text)
	before, err := ed.decode(body)
	if err != nil {
		return nil, err
	}
	at := c.wayTo(before, s.Name)
	there, found, err := lookUp(before, at)
	if err != nil {
		return nil, err
	}
	if found && !c.isOurs(there) {
		return nil, fmt.Errorf("%s: %w", strings.Join(at, "."), errOther)
	}
	e, err := c.entryOf(s, there)
	if err != nil {
		return nil, err
	}
	if found && e.fitsAll(there) {
		return text, nil
	}
	after, err := ed.put(body, at, e)
	if err != nil {
		return nil, err
	}
	if err := checkPut(ed, before, after, at, e); err != nil {
		return nil, err
	}
	return append(bom, after...), nil
}

// without is a client's text less the entry of that name; found is false if there is
// none. was is the text before the entry was put in, nil if not known: if that is
// what comes of it but for the white space and brackets around the entry, it is
// was to the byte.
func (c Client) without(text []byte, name string, was []byte) (after []byte, found bool, err error) {
	ed := editors[c.Format]
	bom, body := cutMark(text)
	before, err := ed.decode(body)
	if err != nil {
		return nil, false, err
	}
	at := c.wayTo(before, name)
	there, found, err := lookUp(before, at)
	if err != nil || !found {
		return text, false, err
	}
	if !c.isOurs(there) {
		return nil, true, fmt.Errorf("%s: %w", strings.Join(at, "."), errOther)
	}
	body, err = ed.cut(body, at)
	if err != nil {
		return nil, true, err
	}
	if err := checkCut(ed, before, body, at); err != nil {
		return nil, true, err
	}
	after = append(bom, body...)
	if was == nil || bytes.Equal(after, was) {
		return after, true, nil
	}
	for shorter := at[:len(at)-1]; ; shorter = shorter[:len(shorter)-1] {
		if isNearly(append(bytes.Clone(bom), body...), was) {
			return was, true, nil
		}
		if len(shorter) == 0 || !isEmptyAt(ed, body, shorter) {
			return after, true, nil
		}
		if body, err = ed.cut(body, shorter); err != nil {
			return after, true, nil
		}
	}
}

func cutMark(text []byte) (bom, body []byte) {
	if body, ok := bytes.CutPrefix(text, mark); ok {
		return bytes.Clone(mark), body
	}
	return nil, text
}

// wayTo is where the entry of that name stands, or would.
func (c Client) wayTo(document map[string]any, name string) []string {
	at := c.At
	if c.Newer != nil && hasNewer(document, c.Newer) {
		at = c.Newer
	}
	return append(append([]string{}, at...), name)
}

// hasNewer reports whether there is a map of servers at the newer place, and not a
// server that is called as the newer key is.
func hasNewer(document map[string]any, at []string) bool {
	there, found, err := lookUp(document, at)
	if err != nil || !found {
		return false
	}
	for _, key := range []string{"type", "command", "enabled", "url"} {
		if _, isTable := there[key].(map[string]any); there[key] != nil && !isTable {
			return false
		}
	}
	return true
}

// lookUp is the table at a place. An error is of a place that something else has.
func lookUp(document map[string]any, at []string) (table map[string]any, found bool, err error) {
	table = document
	for i, key := range at {
		value, there := table[key]
		if !there {
			return nil, false, nil
		}
		inner, ok := value.(map[string]any)
		if !ok {
			return nil, false, fmt.Errorf("%s is %s, where an object with names is expected: mend that first", strings.Join(at[:i+1], "."), kindOf(value))
		}
		table = inner
	}
	return table, true, nil
}

func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case []any:
		return "a list"
	case string:
		return "text"
	}
	return "a plain value"
}

// errUnsafe is of a change that did more or less than it should have: nothing is
// written then.
var errUnsafe = errors.New("it is written in a way that this program can't change without touching the rest: change it by hand; --print shows what to paste")

// checkPut makes sure that the entry is there, and all else is what it was.
func checkPut(ed editor, before map[string]any, text []byte, at []string, e entry) error {
	after, err := ed.decode(text)
	if err != nil {
		return errUnsafe
	}
	there, found, err := lookUp(after, at)
	if err != nil || !found || !e.fitsAll(there) {
		return errUnsafe
	}
	was, _, _ := lookUp(before, at)
	if !sameBut(e, was, there) || !isSame(pruned(before, at), pruned(after, at)) {
		return errUnsafe
	}
	return nil
}

// sameBut reports whether two tables differ in nothing but an entry's fields.
func sameBut(e entry, was, is map[string]any) bool {
	was, is = shallow(was), shallow(is)
	for _, f := range e {
		inner, nested := f.value.(entry)
		a, aIs := was[f.key].(map[string]any)
		b, bIs := is[f.key].(map[string]any)
		if nested && aIs && bIs && !sameBut(inner, a, b) {
			return false
		}
		delete(was, f.key)
		delete(is, f.key)
	}
	return isSame(was, is)
}

// isSame reports whether two documents say the same. Not a number is not equal to
// itself, and yet the same.
func isSame(a, b map[string]any) bool { return reflect.DeepEqual(calm(a), calm(b)) }

// calm is a value with a word for what is not a number.
func calm(value any) any {
	switch v := value.(type) {
	case float64:
		if math.IsNaN(v) {
			return "\x00not a number"
		}
	case map[string]any:
		copied := map[string]any{}
		for key, inner := range v {
			copied[key] = calm(inner)
		}
		return copied
	case []any:
		var copied []any
		for _, inner := range v {
			copied = append(copied, calm(inner))
		}
		return copied
	}
	return value
}

func shallow(table map[string]any) map[string]any {
	copied := map[string]any{}
	for key, value := range table {
		copied[key] = value
	}
	return copied
}

// checkCut makes sure that the entry is gone, and all else is what it was.
func checkCut(ed editor, before map[string]any, text []byte, at []string) error {
	after, err := ed.decode(text)
	if err != nil || !isSame(pruned(before, at), pruned(after, at)) {
		return errUnsafe
	}
	if _, found, err := lookUp(after, at); found || err != nil {
		return errUnsafe
	}
	return nil
}

// pruned is a document less what is at a place, and less the tables on the way there
// that have nothing else.
func pruned(document map[string]any, at []string) map[string]any {
	copied := shallow(document)
	if len(at) == 1 {
		delete(copied, at[0])
		return copied
	}
	inner, ok := copied[at[0]].(map[string]any)
	if !ok {
		return copied
	}
	if inner = pruned(inner, at[1:]); len(inner) == 0 {
		delete(copied, at[0])
	} else {
		copied[at[0]] = inner
	}
	return copied
}

func isEmptyAt(ed editor, text []byte, at []string) bool {
	document, err := ed.decode(text)
	if err != nil {
		return false
	}
	table, found, err := lookUp(document, at)
	return err == nil && found && len(table) == 0
}

// isNearly reports whether two texts differ in one place alone, and there in nothing
// but white space, commas and braces.
func isNearly(a, b []byte) bool {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(bytes.Trim(a, " \t\r\n,{}")) == 0 && len(bytes.Trim(b, " \t\r\n,{}")) == 0
}

// lineEnd is what the lines of a text end in.
func lineEnd(text []byte) string {
	if at := bytes.IndexByte(text, '\n'); at > 0 && text[at-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// splice is a text with something else in place of [from, to).
func splice(text []byte, from, to int, with string) []byte {
	return append(append(append([]byte{}, text[:from]...), with...), text[to:]...)
}

// indentAt is the white space that the line of a position begins with, and whether
// there is nothing else before it.
func indentAt(text []byte, at int) (indent string, first bool) {
	start := bytes.LastIndexByte(text[:at], '\n') + 1
	line := text[start:at]
	rest := bytes.TrimLeft(line, " \t")
	return string(line[:len(line)-len(rest)]), len(rest) == 0
}
