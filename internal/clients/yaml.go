package clients

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlText changes YAML that is written in blocks, a key a line. What is written in
// braces, or over several documents, it leaves alone.
type yamlText struct{}

func (yamlText) decode(text []byte) (map[string]any, error) {
	if bytes.ContainsAny(bytes.ReplaceAll(text, []byte("\r\n"), nil), "\r\u0085\u2028\u2029") {
		return nil, errors.New("its lines end in other signs than line feeds: write it with those first")
	}
	if isBlank(text) {
		return map[string]any{}, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := decoder.Decode(&root); err != nil {
		if errors.Is(err, io.EOF) { // nothing but comments
			return map[string]any{}, nil
		}
		return nil, notYAML(err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, errors.New("it holds more than one YAML document, or something behind the first: mend that first")
	}
	document := map[string]any{}
	if root.Content[0].Tag == "!!null" {
		return document, nil
	}
	if root.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("the whole of it is not a mapping of keys: mend that first")
	}
	if err := root.Decode(&document); err != nil {
		return nil, notYAML(err)
	}
	return document, nil
}

// yamlPlace finds in an error of the parser the line, and yamlKind what is wrong, if
// that is one of the sentences that quote nothing of the file.
var (
	yamlPlace = regexp.MustCompile(`line \d+`)
	yamlKind  = regexp.MustCompile(`^(did not find|could not find|found|mapping values|block) [a-z ,-]+$`)
)

func notYAML(err error) error {
	line := yamlPlace.FindString(err.Error())
	_, what, _ := strings.Cut(err.Error(), line+": ")
	if line == "" || !yamlKind.MatchString(what) {
		return fmt.Errorf("it is not YAML%s", map[bool]string{true: "", false: ": see " + line}[line == ""])
	}
	return fmt.Errorf("it is not YAML: %s: %s", line, what)
}

// yamlBlock is a mapping in blocks: its node, and the lines of the text.
type yamlBlock struct {
	lines []string
	node  *yaml.Node
	outer int // how far the key that it belongs to is indented; -1 for the root
}

func yamlRoot(text []byte) (yamlBlock, error) {
	var root yaml.Node
	b := yamlBlock{lines: slices.Collect(strings.Lines(string(text))), outer: -1}
	if err := yaml.Unmarshal(text, &root); err != nil {
		return b, notYAML(err)
	}
	if len(root.Content) > 0 && root.Content[0].Tag != "!!null" {
		b.node = root.Content[0]
	}
	if b.node != nil && b.node.Style&yaml.FlowStyle != 0 {
		return b, errUnsafe
	}
	return b, nil
}

// child is the place of a key in the mapping, -1 if it has none.
func (b yamlBlock) child(key string) int {
	if b.node != nil {
		for i := 0; i < len(b.node.Content); i += 2 {
			if b.node.Content[i].Value == key {
				return i
			}
		}
	}
	return -1
}

// below is the mapping of a key.
func (b yamlBlock) below(i int) (yamlBlock, bool) {
	key, value := b.node.Content[i], b.node.Content[i+1]
	ok := value.Kind == yaml.MappingNode && value.Style&yaml.FlowStyle == 0 && value.Anchor == "" && value.Line > key.Line
	return yamlBlock{lines: b.lines, node: value, outer: key.Column - 1}, ok
}

// end is the line behind the last one that belongs to the i-th key: the next line that
// says something and is indented no further than the key is. Comments and blank lines
// before it belong to what follows, unless they are indented further.
func (b yamlBlock) end(i int) int {
	key := b.node.Content[i]
	last := key.Line // counted from one, and so the line behind
	for n := key.Line; n < len(b.lines); n++ {
		line := strings.TrimRight(b.lines[n], " \t\r\n")
		said := strings.TrimLeft(line, " ")
		if said == "" {
			continue
		}
		deep := len(line) - len(said)
		isListOfIt := deep == key.Column-1 && strings.HasPrefix(said, "-") && b.node.Content[i+1].Kind == yaml.SequenceNode
		if deep > key.Column-1 || isListOfIt {
			last = n + 1
		} else if !strings.HasPrefix(said, "#") {
			break
		}
	}
	return last
}

func (y yamlText) put(text []byte, at []string, e entry) ([]byte, error) {
	b, err := yamlRoot(text)
	if err != nil {
		return nil, err
	}
	var value any = e.present()
	for _, key := range reversed(at[1:]) {
		value = entry{{key: key, value: value}}
	}
	for depth, key := range at {
		i := b.child(key)
		if i < 0 {
			return b.add(text, key, value, depth == 0), nil
		}
		inner, ok := b.below(i)
		if !ok {
			if depth < len(at)-1 {
				return b.fill(i, value.(entry)[0])
			}
			return nil, errUnsafe
		}
		b = inner
		if depth < len(at)-1 {
			value = value.(entry)[0].value
		}
	}
	for _, f := range e.goneLast() {
		if text, err = y.set(text, at, f); err != nil {
			return nil, err
		}
	}
	return text, nil
}

// add writes a new key behind the others of the mapping.
func (b yamlBlock) add(text []byte, key string, value any, isRoot bool) []byte {
	end := lineEnd(text)
	at, indent := len(b.lines), ""
	if b.node != nil {
		at = b.end(len(b.node.Content) - 2)
		indent = strings.Repeat(" ", b.node.Content[0].Column-1)
	}
	written := yamlLines(key, value, indent, end)
	if isRoot {
		at = len(b.lines)
		if !isBlank(text) {
			written = end + written
		}
	}
	return []byte(b.joined(at, written, end))
}

// joined is the text with something between its lines.
func (b yamlBlock) joined(at int, written, end string) string {
	before, after := strings.Join(b.lines[:at], ""), strings.Join(b.lines[at:], "")
	if before != "" && !strings.HasSuffix(before, "\n") {
		before += end
	}
	return before + written + after
}

// fill writes the first key below one that has empty braces.
func (b yamlBlock) fill(i int, first field) ([]byte, error) {
	key, value := b.node.Content[i], b.node.Content[i+1]
	n := key.Line - 1
	line := strings.TrimRight(b.lines[n], "\r\n")
	at := len(string([]rune(line)[:min(value.Column-1, len([]rune(line)))])) // columns count characters
	if value.Line != key.Line || value.Anchor != "" || !strings.HasPrefix(line[at:], "{}") {
		return nil, errUnsafe
	}
	end := lineEnd([]byte(strings.Join(b.lines, "")))
	lines := slices.Clone(b.lines)
	lines[n] = strings.TrimRight(line[:at], " ") + line[at+2:] + end
	inner := yamlLines(first.key, first.value, strings.Repeat(" ", key.Column+1), end)
	return []byte(yamlBlock{lines: lines}.joined(n+1, inner, end)), nil
}

// yamlLines writes a key with its value, a line each.
func yamlLines(key string, value any, indent, end string) string {
	start := indent + yamlScalar(key) + ":"
	switch v := value.(type) {
	case entry:
		text := start + end
		for _, f := range v {
			text += yamlLines(f.key, f.value, indent+"  ", end)
		}
		return text
	case []string:
		if len(v) == 0 {
			return start + " []" + end
		}
		text := start + end
		for _, word := range v {
			text += indent + "  - " + yamlScalar(word) + end
		}
		return text
	}
	return start + " " + yamlScalar(fmt.Sprint(value)) + end
}

// plainScalar is what needs no quotes, whatever reads it.
var plainScalar = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9_./-]*$`)

func yamlScalar(text string) string {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return quoted(text)
	}
	if plainScalar.MatchString(text) {
		return text
	}
	return quoted(text)
}

// set writes one field of an entry that is there.
func (y yamlText) set(text []byte, at []string, f field) ([]byte, error) {
	b, err := yamlAt(text, at)
	if err != nil {
		return nil, err
	}
	i := b.child(f.key)
	inner, nested := f.value.(entry)
	switch {
	case i < 0 && (f.gone || nested && len(inner.present()) == 0), i >= 0 && f.once:
		return text, nil
	case i < 0 && nested:
		return b.add(text, f.key, inner.present(), false), nil
	case i < 0:
		return b.add(text, f.key, f.value, false), nil
	case f.gone:
		return y.cut(text, append(slices.Clone(at), f.key))
	case nested:
		return y.put(text, append(slices.Clone(at), f.key), inner)
	}
	return b.change(i, f)
}

func yamlAt(text []byte, at []string) (yamlBlock, error) {
	b, err := yamlRoot(text)
	for _, key := range at {
		i := -1
		if err == nil {
			i = b.child(key)
		}
		if i < 0 {
			return b, errors.Join(err, errUnsafe)
		}
		inner, ok := b.below(i)
		if !ok {
			return b, errUnsafe
		}
		b = inner
	}
	return b, err
}

// change writes another value behind a key, and leaves the comment behind it.
func (b yamlBlock) change(i int, f field) ([]byte, error) {
	key, value := b.node.Content[i], b.node.Content[i+1]
	var have any
	if err := value.Decode(&have); err != nil {
		return nil, errUnsafe
	}
	if fits(have, true, f) {
		return []byte(strings.Join(b.lines, "")), nil
	}
	lines := slices.Clone(b.lines)
	n := key.Line - 1
	if value.Line != key.Line || b.end(i) != key.Line {
		end := lineEnd([]byte(strings.Join(lines, "")))
		lines = slices.Replace(lines, n, b.end(i), yamlLines(f.key, f.value, strings.Repeat(" ", key.Column-1), end))
		return []byte(strings.Join(lines, "")), nil
	}
	rest := ""
	if value.LineComment != "" {
		rest = lines[n][strings.LastIndex(lines[n], value.LineComment):]
		rest = " " + rest
	} else {
		rest = lines[n][len(strings.TrimRight(lines[n], "\r\n")):]
	}
	lines[n] = strings.TrimRight(yamlLines(f.key, f.value, strings.Repeat(" ", key.Column-1), ""), "\r\n") + rest
	return []byte(strings.Join(lines, "")), nil
}

// cut takes a key out, and those above it that have nothing else: a key without a
// value would be refused.
func (y yamlText) cut(text []byte, at []string) ([]byte, error) {
	for depth := len(at) - 1; depth >= 0; depth-- {
		b, err := yamlAt(text, at[:depth])
		if err != nil {
			return nil, err
		}
		i := b.child(at[depth])
		if i < 0 {
			return nil, errUnsafe
		}
		if len(b.node.Content) == 2 && depth > 0 {
			continue
		}
		from := b.node.Content[i].Line - 1
		to := b.end(i)
		if emptied := b.emptied(i); depth < len(at)-1 && emptied != "" { // a comment stays
			return []byte(strings.Join(slices.Replace(slices.Clone(b.lines), from, to, emptied), "")), nil
		}
		if from > 0 && to == len(b.lines) && strings.TrimSpace(b.lines[from-1]) == "" {
			from--
		}
		return []byte(strings.Join(slices.Delete(slices.Clone(b.lines), from, to), "")), nil
	}
	return nil, errUnsafe
}

// yamlComment is a comment behind a key that has its value below.
var yamlComment = regexp.MustCompile(`:([ \t]+#[^\r\n]*\r?\n?)$`)

// emptied is the line of a key that has a comment behind it, with empty braces in
// place of what is below; "" if there is no comment.
func (b yamlBlock) emptied(i int) string {
	key, value := b.node.Content[i], b.node.Content[i+1]
	line := b.lines[key.Line-1]
	found := yamlComment.FindStringSubmatchIndex(line)
	if found == nil || value.Line == key.Line {
		return ""
	}
	return line[:found[2]] + " {}" + line[found[2]:]
}
