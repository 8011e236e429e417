package clients

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// tomlText changes TOML. It writes tables of their own, and changes such tables;
// what stands in a line of another table it only takes out.
type tomlText struct{}

func (tomlText) decode(text []byte) (map[string]any, error) {
	document := map[string]any{}
	err := toml.Unmarshal(text, &document)
	if of := new(toml.DecodeError); errors.As(err, &of) {
		line, column := of.Position()
		return nil, fmt.Errorf("it is not TOML: line %d, column %d: %s", line, column, tomlKind(err))
	}
	if err != nil {
		return nil, fmt.Errorf("it is not TOML: %s", tomlKind(err))
	}
	return document, nil
}

// tomlKind is what is wrong, in words of our own: those of the parser may quote the
// file, and that may be a key.
func tomlKind(err error) string {
	if strings.Contains(err.Error(), "already") {
		return "a name is there twice"
	}
	return "something else is expected there"
}

// tomlLine is a header or an assignment.
type tomlLine struct {
	table    int      // of which header it is, by its place in the list; -1 for the root's
	header   bool     // it begins a table
	list     bool     // of an array of tables
	path     []string // from the root of the document
	own      []string // the key as it stands there
	from, to int      // without white space and comment around it
	value    int      // where the value begins
}

// tomlLines are those of a text that decode has read.
func tomlLines(text []byte) (lines []tomlLine, err error) {
	p := unstable.Parser{}
	p.Reset(text)
	table, prefix := -1, []string(nil)
	for p.NextExpression() {
		node := p.Expression()
		line := tomlLine{table: table}
		first := -1
		for keys := node.Key(); keys.Next(); {
			if first < 0 {
				first = int(keys.Node().Raw.Offset)
			}
			line.own = append(line.own, string(keys.Node().Data))
		}
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			line.header, line.list = true, node.Kind == unstable.ArrayTable
			line.path, prefix = line.own, line.own
			line.table = len(lines)
			table = len(lines)
			line.from = bytes.LastIndexByte(text[:first], '\n') + 1
			line.to = first + bytes.IndexByte(text[first:], ']') + 1
		case unstable.KeyValue:
			line.path = append(slices.Clone(prefix), line.own...)
			line.from, line.to = int(node.Raw.Offset), int(node.Raw.Offset+node.Raw.Length)
			line.value = line.from + bytes.IndexByte(text[line.from:], '=') + 1
			line.value += len(text[line.value:]) - len(bytes.TrimLeft(text[line.value:], " \t"))
		}
		lines = append(lines, line)
	}
	return lines, p.Error()
}

// endOfLine is where the line of a position ends, behind its line break.
func endOfLine(text []byte, at int) int {
	if next := bytes.IndexByte(text[at:], '\n'); next >= 0 {
		return at + next + 1
	}
	return len(text)
}

func (t tomlText) put(text []byte, at []string, e entry) ([]byte, error) {
	lines, err := tomlLines(text)
	if err != nil {
		return nil, err
	}
	for _, line := range lines {
		if !line.header && (isPrefix(line.path, at) || isPrefix(at, line.path) && line.table >= 0 && !isPrefix(at, lines[line.table].path)) {
			return nil, errUnsafe
		}
	}
	if !slices.ContainsFunc(lines, func(l tomlLine) bool { return l.header && isPrefix(at, l.path) }) {
		return t.append(text, at, e.present()), nil
	}
	for _, f := range e.goneLast() {
		if text, err = t.set(text, at, f); err != nil {
			return nil, err
		}
	}
	return text, nil
}

func isPrefix(short, long []string) bool {
	return len(short) <= len(long) && slices.Equal(short, long[:len(short)])
}

// append writes new tables behind all others.
func (tomlText) append(text []byte, at []string, e entry) []byte {
	end := lineEnd(text)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(bytes.Clone(text), end...)
	}
	if !isBlank(text) {
		text = append(bytes.Clone(text), end...)
	}
	return append(bytes.Clone(text), tomlTable(at, e, end)...)
}

// tomlTable writes a table, and those inside it after it.
func tomlTable(at []string, e entry, end string) string {
	var own, inner strings.Builder
	own.WriteString(tomlHeader(at) + end)
	for _, f := range e {
		if table, ok := f.value.(entry); ok {
			inner.WriteString(end + tomlTable(append(slices.Clone(at), f.key), table, end))
			continue
		}
		own.WriteString(tomlKey(f.key) + " = " + tomlValue(f.value) + end)
	}
	return own.String() + inner.String()
}

func tomlHeader(at []string) string {
	var keys []string
	for _, key := range at {
		keys = append(keys, tomlKey(key))
	}
	return "[" + strings.Join(keys, ".") + "]"
}

var bareKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func tomlKey(key string) string {
	if bareKey.MatchString(key) {
		return key
	}
	return quoted(key)
}

// tomlValue writes a value. What JSON escapes in text, TOML escapes in the same way.
func tomlValue(value any) string {
	return strings.ReplaceAll(render(value, "", "", "", true), "\x7f", `\u007f`)
}

// set writes one field of a table that is there.
func (t tomlText) set(text []byte, at []string, f field) ([]byte, error) {
	lines, err := tomlLines(text)
	if err != nil {
		return nil, err
	}
	if inner, ok := f.value.(entry); ok && !f.gone {
		return t.setTable(text, lines, append(slices.Clone(at), f.key), inner)
	}
	table := slices.IndexFunc(lines, func(l tomlLine) bool { return l.header && !l.list && slices.Equal(l.path, at) })
	if table < 0 {
		return nil, errUnsafe
	}
	last := lines[table]
	for _, line := range lines[table+1:] {
		if line.header {
			break
		}
		if slices.Equal(line.own, []string{f.key}) {
			return t.change(text, line, f)
		}
		last = line
	}
	if f.gone {
		return text, nil
	}
	return insertLine(text, last.to, tomlKey(f.key)+" = "+tomlValue(f.value)), nil
}

func (tomlText) change(text []byte, line tomlLine, f field) ([]byte, error) {
	switch {
	case f.gone:
		return splice(text, bytes.LastIndexByte(text[:line.from], '\n')+1, endOfLine(text, line.to), ""), nil
	case f.once:
		return text, nil
	}
	var have struct{ V any }
	if err := toml.Unmarshal([]byte("V = "+string(text[line.value:line.to])), &have); err == nil && fits(have.V, true, f) {
		return text, nil
	}
	return splice(text, line.value, line.to, tomlValue(f.value)), nil
}

// setTable writes a table inside an entry, where it has one: below a header of its
// own, or in braces.
func (t tomlText) setTable(text []byte, lines []tomlLine, at []string, e entry) (_ []byte, err error) {
	outer := at[:len(at)-1]
	last := -1
	for _, line := range lines {
		if line.header && slices.Equal(line.path, at) {
			for _, f := range e.goneLast() {
				if text, err = t.set(text, at, f); err != nil {
					return nil, err
				}
			}
			return text, nil
		}
		if !line.header && slices.Equal(line.path, at) {
			return inBraces(text, line, e)
		}
		if line.table >= 0 && slices.Equal(lines[line.table].path, outer) {
			last = line.to
		}
	}
	switch {
	case len(e.present()) == 0:
		return text, nil
	case last < 0:
		return nil, errUnsafe
	}
	end := lineEnd(text)
	return insertLine(text, last, end+strings.TrimSuffix(tomlTable(at, e.present(), end), end)), nil
}

// inBraces writes the variables of a table that stands in braces, in its order.
func inBraces(text []byte, line tomlLine, e entry) ([]byte, error) {
	var have struct{ V map[string]string }
	written := string(text[line.value:line.to])
	if err := toml.Unmarshal([]byte("V = "+written), &have); err != nil || strings.Contains(written, "\n") {
		return nil, errUnsafe
	}
	order, err := keysOf("V = " + written)
	if err != nil {
		return nil, err
	}
	for _, f := range e {
		delete(have.V, f.key)
		order = slices.DeleteFunc(order, func(key string) bool { return key == f.key })
		if !f.gone {
			order = append(order, f.key)
			have.V[f.key] = fmt.Sprint(f.value)
		}
	}
	var parts []string
	for _, key := range order {
		parts = append(parts, tomlKey(key)+" = "+tomlValue(have.V[key]))
	}
	after := "{ " + strings.Join(parts, ", ") + " }"
	if len(parts) == 0 {
		after = "{}"
	}
	return splice(text, line.value, line.to, after), nil
}

// keysOf are the keys of the table in braces that a text of one line assigns.
func keysOf(text string) (keys []string, err error) {
	p := unstable.Parser{}
	p.Reset([]byte(text))
	if !p.NextExpression() {
		return nil, errUnsafe
	}
	for inner := p.Expression().Value().Children(); inner.Next(); {
		for key := inner.Node().Key(); key.Next(); {
			keys = append(keys, string(key.Node().Data))
		}
	}
	return keys, nil
}

// insertLine writes a line behind the one of a position.
func insertLine(text []byte, at int, line string) []byte {
	end, next := lineEnd(text), endOfLine(text, at)
	if next == len(text) && (next == 0 || text[next-1] != '\n') {
		return splice(text, next, next, end+line+end)
	}
	return splice(text, next, next, line+end)
}

func (tomlText) cut(text []byte, at []string) ([]byte, error) {
	lines, err := tomlLines(text)
	if err != nil {
		return nil, err
	}
	for i := len(lines) - 1; i >= 0; i-- {
		line := lines[i]
		if !isPrefix(at, line.path) {
			continue
		}
		from, to := bytes.LastIndexByte(text[:line.from], '\n')+1, endOfLine(text, line.to)
		if line.header {
			for _, own := range lines[i+1:] {
				if own.header {
					break
				}
				to = from // its assignments are gone already, and what is between them
			}
			to = max(to, endOfLine(text, line.from))
			from = withBlankBefore(text, from, to)
		}
		text = splice(text, from, to, "")
	}
	return text, nil
}

// withBlankBefore is where the blank line before a table begins, if there is one and
// the table is followed by another, or by nothing.
func withBlankBefore(text []byte, from, to int) int {
	rest := text[to:]
	if len(rest) > 0 && rest[0] != '\n' && rest[0] != '\r' {
		return from
	}
	before := bytes.TrimSuffix(bytes.TrimSuffix(text[:from], []byte("\n")), []byte("\r"))
	if len(before) < from && (len(before) == 0 || before[len(before)-1] == '\n') {
		return len(before)
	}
	return from
}
