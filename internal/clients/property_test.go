package clients_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flexie-mcp/internal/clients"
)

// style is how somebody writes a file.
type style struct {
	t        *rapid.T
	end      string
	comments []string
}

func (s *style) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(s.t, label)
}

func (s *style) comment(open, shut string) string {
	text := fmt.Sprintf("%s note %d { [ \" ' %s", open, len(s.comments), shut)
	s.comments = append(s.comments, strings.TrimSpace(text))
	return text
}

// space is white space of JSON, perhaps with a comment.
func (s *style) space() string {
	switch s.pick("space", "", " ", "line", "tabs", "//", "/*", "own //") {
	case "":
		return ""
	case " ":
		return " "
	case "line":
		return s.end + "  "
	case "tabs":
		return s.end + s.end + "\t"
	case "//":
		return " " + s.comment("//", "") + s.end
	case "/*":
		return s.comment("/*", "*/")
	}
	return s.end + "    " + s.comment("//", "") + s.end + "    "
}

// object is an object of JSON with those members and some more.
func (s *style) object(depth int, fixed ...string) string {
	members := slices.Clone(fixed)
	for i := range rapid.IntRange(0, 3).Draw(s.t, "members") {
		members = append(members, fmt.Sprintf(`"k%d"%s:%s%s`, i, s.space(), s.space(), s.value(depth-1)))
	}
	members = rapid.Permutation(members).Draw(s.t, "order")
	text := "{"
	for i, m := range members {
		text += s.space() + m + s.space()
		if i < len(members)-1 || rapid.Bool().Draw(s.t, "trailing comma") {
			text += ","
		}
	}
	return text + s.space() + "}"
}

func (s *style) value(depth int) string {
	if depth > 0 && rapid.Bool().Draw(s.t, "nested") {
		return s.object(depth)
	}
	return s.pick("value", `1.50`, `null`, `true`, `"a // b"`, `"}\","`, `[1, {"x": [] } ]`, `[]`, `"ü\u00fc"`)
}

func (s *style) json() string {
	var fixed []string
	if rapid.Bool().Draw(s.t, "has servers") {
		fixed = append(fixed, `"mcpServers"`+s.space()+":"+s.space()+s.object(2))
	}
	return s.space() + s.object(2, fixed...) + s.space()
}

func (s *style) toml() (text string) {
	line := func(words string) {
		if rapid.Bool().Draw(s.t, "comment") {
			words += " " + s.comment("#", "")
		}
		text += words + s.end + s.pick("gap", "", "", s.end, "  "+s.end)
	}
	line("model = 'x'")
	for i, table := range []string{"[mcp_servers.docs]", "[mcp_servers.docs.env]", "[mcp_servers]", "[[rules]]", "[other.\"a.b\"]"} {
		if rapid.Bool().Draw(s.t, "table") {
			line(table)
			line(fmt.Sprintf("k%d = %s", i, s.pick("value", "1", "[ # x"+s.end+"1,"+s.end+"]", `"#"`, "'''"+s.end+"[no]"+s.end+"'''", "{ a = 1 }")))
		}
	}
	return strings.TrimSuffix(text, s.pick("last", "", s.end))
}

func (s *style) yaml() (text string) {
	line := func(indent int, words string) {
		if rapid.Bool().Draw(s.t, "comment") {
			text += strings.Repeat(" ", s.t0(indent)) + s.comment("#", "") + s.end
		}
		text += strings.Repeat(" ", indent) + words + s.end + s.pick("gap", "", "", s.end)
	}
	values := []string{"1", "'a # b'", "|" + s.end + "        # not one" + s.end + "        text", "[a, b]", "{a: 1}"}
	line(0, "version: 1.2.1")
	if rapid.Bool().Draw(s.t, "has servers") {
		indent := rapid.SampledFrom([]int{2, 4}).Draw(s.t, "indent")
		line(0, "mcpServers:")
		for i := range rapid.IntRange(1, 3).Draw(s.t, "servers") {
			line(indent, fmt.Sprintf("s%d:", i))
			line(indent+2, "url: "+s.pick("value", values...))
		}
	}
	if rapid.Bool().Draw(s.t, "more") {
		line(0, "cache: true")
		line(0, "list:")
		line(0, "- a")
	}
	if strings.HasSuffix(text, "text"+s.end) { // whose line break is part of a value
		return text
	}
	return strings.TrimSuffix(text, s.pick("last", "", s.end))
}

func (s *style) t0(indent int) int {
	return rapid.SampledFrom([]int{0, indent}).Draw(s.t, "comment at")
}

// TestWhatIsNotOursIsUntouched: whatever somebody's file looks like, putting the entry
// in only adds to it, does nothing the second time, and can be taken back to the byte.
// Without the copy that was made before, what is taken out leaves all comments.
func TestWhatIsNotOursIsUntouched(t *testing.T) {
	for id, write := range map[string]func(*style) string{"cursor": (*style).json, "codex": (*style).toml, "librechat": (*style).yaml} {
		t.Run(id, func(t *testing.T) {
			c, _ := clients.Named(id)
			rapid.Check(t, func(t *rapid.T) {
				s := &style{t: t, end: rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "line end")}
				before := []byte(rapid.SampledFrom([]string{"", "\ufeff"}).Draw(t, "mark") + write(s))
				after, err := clients.With(c, before, acme)
				require.NoError(t, err, string(before))
				requireAdded(t, before, after)
				again, err := clients.With(c, after, acme)
				require.NoError(t, err)
				require.Equal(t, string(after), string(again))

				other := acme
				other.Command, other.Env = "/opt/flexie-mcp", []clients.Variable{{Name: "FLEXIE_SUBDOMAIN", Gone: true}, {Name: "FLEXIE_SANDBOX", Value: "1"}}
				changed, err := clients.With(c, after, other)
				require.NoError(t, err, string(after))
				back, err := clients.With(c, changed, clients.Server{Name: "flexie", Command: acme.Command, Env: append([]clients.Variable{{Name: "FLEXIE_SANDBOX", Gone: true}}, acme.Env...)})
				require.NoError(t, err)
				require.Equal(t, string(after), string(back))

				out, found, err := clients.Without(c, after, "flexie", before)
				require.NoError(t, err, string(after))
				require.True(t, found)
				require.Equal(t, string(before), string(out))
				out, _, err = clients.Without(c, after, "flexie", nil)
				require.NoError(t, err)
				for _, comment := range s.comments {
					require.Contains(t, string(out), comment)
				}
			})
		})
	}
}

// requireAdded: after is before with at most a comma and one block more, and white
// space in empty braces less.
func requireAdded(t *rapid.T, before, after []byte) {
	i := common(before, after)
	rest := after[i:]
	if i < len(before) && bytes.HasPrefix(rest, []byte(",")) {
		j := common(before[i:], rest[1:])
		if bytes.HasSuffix(rest, before[i+j:]) {
			return
		}
	}
	left := bytes.TrimLeft(before[i:], " \t\r\n")
	require.True(t, bytes.HasSuffix(rest, left), "%q\n%q", before, after)
	require.Contains(t, string(rest[:len(rest)-len(left)]), "flexie")
}

func common(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
