package clients

import (
	"strings"

	"github.com/tailscale/hujson"
)

// unit is by how much a file indents.
func (p place) unit() string {
	if len(p.root.Members) > 0 {
		outer, _ := indentAt(p.text, p.start)
		indent, first := indentAt(p.text, p.root.Members[0].Name.StartOffset)
		if unit := strings.TrimPrefix(indent, outer); first && unit != "" {
			return unit
		}
	}
	return "  "
}

// indent is that of the members of the object.
func (p place) indent() string {
	if len(p.object.Members) > 0 {
		if indent, first := indentAt(p.text, p.object.Members[0].Name.StartOffset); first {
			return indent
		}
	}
	outer, _ := indentAt(p.text, p.value.StartOffset)
	return outer + p.unit()
}

// insert writes a new member behind the others, in the way in which they are written.
func (p place) insert(key string, value any) []byte {
	end, indent := lineEnd(p.text), p.indent()
	brace := p.value.EndOffset - 1
	inside := string(p.text[p.value.StartOffset:p.value.EndOffset])
	count := len(p.object.Members)
	if count > 0 && !strings.Contains(inside, "\n") {
		after := skip(p.text, p.object.Members[count-1].Value.EndOffset)
		text := quoted(key) + ":" + render(value, "", "", "", true)
		if p.text[after.next] == ',' {
			return splice(p.text, after.next+1, after.next+1, text+",")
		}
		last := p.object.Members[count-1].Value.EndOffset
		return splice(p.text, last, last, ","+text)
	}
	text := end + indent + quoted(key) + ": " + render(value, indent, p.unit(), end, false)
	if count == 0 {
		after := skip(p.text, p.value.StartOffset+1)
		if !strings.Contains(string(p.text[after.said:brace]), "\n") {
			outer, _ := indentAt(p.text, p.value.StartOffset)
			return splice(p.text, after.said, brace, text+end+outer)
		}
		return splice(p.text, after.said, after.said, text)
	}
	last := p.object.Members[count-1].Value.EndOffset
	after := skip(p.text, last)
	if p.text[after.next] == ',' {
		behind := skip(p.text, after.next+1).said
		return splice(p.text, behind, behind, text+",")
	}
	with := splice(p.text, after.said, after.said, text)
	return splice(with, last, last, ",")
}

// cut takes a member out, with its line if it has one to itself, and with the comma
// that is then one too many. Comments stay.
func (p place) cut(key string) []byte {
	i := 0
	for i < len(p.object.Members) && !isNamed(p.object.Members[i].Name, key) {
		i++
	}
	if i == len(p.object.Members) {
		return p.text
	}
	m := p.object.Members[i]
	from, to := m.Name.StartOffset, m.Value.EndOffset
	text := p.text
	after := skip(text, to)
	switch {
	case text[after.next] == ',':
		text = splice(text, after.next, after.next+1, "")
	case i > 0:
		before := skip(text, p.object.Members[i-1].Value.EndOffset).next
		text = splice(text, before, before+1, "")
		from, to = from-1, to-1
	}
	end := to + len(text[to:]) - len(strings.TrimLeft(string(text[to:]), " \t"))
	start := len(strings.TrimRight(string(text[:from]), " \t"))
	switch {
	case atLineEnd(text, end) && start > 0 && text[start-1] == '\n':
		from, to = start-1, end
		if from > 0 && text[from-1] == '\r' {
			from--
		}
	case atLineEnd(text, end):
		from, to = start, end
	case len(p.object.Members) == 1 && text[start-1] == '{' && text[end] == '}':
		from, to = start, end
	case i < len(p.object.Members)-1:
		to = end
	}
	text = splice(text, from, to, "")
	return closeUp(text, p.value.StartOffset)
}

// closeUp writes an object that has nothing in it but white space as {}.
func closeUp(text []byte, brace int) []byte {
	rest := strings.TrimLeft(string(text[brace+1:]), " \t\r\n")
	if strings.HasPrefix(rest, "}") {
		return splice(text, brace+1, len(text)-len(rest), "")
	}
	return text
}

func atLineEnd(text []byte, at int) bool {
	rest := string(text[at:])
	return strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "\r\n")
}

// skipped is what comes after a position: where the last comment ends, the position
// itself if there is none, and where the next token begins.
type skipped struct{ said, next int }

func skip(text []byte, at int) skipped {
	s := skipped{said: at, next: at}
	for s.next < len(text) {
		rest := string(text[s.next:min(s.next+2, len(text))])
		switch {
		case strings.ContainsAny(rest[:1], " \t\r\n"):
			s.next++
			continue
		case rest == "//":
			s.next = until(text, s.next, "\n") // which is no part of it
		case rest == "/*":
			s.next = until(text, s.next+2, "*/") + 2
		default:
			return s
		}
		s.said = s.next
		if s.said > 0 && text[s.said-1] == '\r' {
			s.said--
		}
	}
	return s
}

func until(text []byte, from int, what string) int {
	if at := strings.Index(string(text[from:]), what); at >= 0 {
		return from + at
	}
	return len(text)
}

func isNamed(name hujson.Value, key string) bool {
	literal, _ := name.Value.(hujson.Literal)
	return literal.String() == key
}
