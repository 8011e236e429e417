package server_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// mostAdded is what a workspace's own fields may add to a tool, in tokens.
const mostAdded = 120

// stored is a store that knows something from the start.
type stored map[string]flexie.KeptFields

func (s stored) Load() map[string]flexie.KeptFields    { return s }
func (s stored) Save(key string, of flexie.KeptFields) {}

// storeOf knows a workspace whose kinds, and tables, all have these fields.
func storeOf(fields []flexie.Field, tables ...string) stored {
	kept := stored{}
	for _, kind := range flexie.Kinds {
		kept[kind.Name+"/"] = flexie.KeptFields{Fields: fields}
	}
	for _, table := range tables {
		kept["custom_record/"+table] = flexie.KeptFields{Fields: fields}
	}
	return kept
}

func knowing(fields []flexie.Field, tables ...string) *flexie.Known {
	return flexie.NewKnowledge(flexie.KnowledgeOptions{Store: storeOf(fields, tables...)}).Known()
}

// inSeed is the sandbox, all known.
func inSeed(t *testing.T) *flexie.Known {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	k := flexie.NewKnowledge(flexie.KnowledgeOptions{})
	c, err := flexie.New(flexie.Options{BaseURL: "https://x.invalid/api", Auth: flexie.APIKey(sandbox.Key), Transport: box.Transport(), Knowledge: k})
	require.NoError(t, err)
	for _, kind := range flexie.Kinds {
		_, err := c.Records(kind, "subscriptions").Fields(t.Context())
		require.NoError(t, err)
	}
	_, err = c.Records(flexie.CustomRecord, "equipment").Fields(t.Context())
	require.NoError(t, err)
	return k.Known()
}

const (
	ltr, rtl, override = "\u200e", "\u200f", "\u202e"
	zeroWidth          = "\u200b"
)

// alphabets are what names may be written in.
var alphabets = map[string]string{
	"letters":    "abcdefghijklmnopqrstuvwxyz",
	"mixed":      "aZ0_xQ9jK-v3W",
	"marks":      `_-.!#%&'()+/<=>?@[]^{}~$ ` + "`",
	"digits":     "0123456789",
	"cyrillic":   "абвгдежзийклмнопрстуфхцчшщъыьэюя",
	"han":        "客户姓名电话邮箱状态龘靐齉",
	"thai":       "ชื่อนามสกุลอีเมล",
	"emoji":      "😀🏴‍☠️👩‍👩‍👧‍👦🇦🇱💶",
	"old":        "𐎀𐎁𓀀𓀁ᚠᚢ",
	"whitespace": "a \t\n\u00a0\u2028b",
	"control":    "a\x00\x1b\x7f" + ltr + rtl + override + zeroWidth + "b",
	"quotes":     `a"b\c'$ref`,
}

// random are fields in one alphabet, the same each time.
func random(letters string, n int) []flexie.Field {
	r, from := rand.New(rand.NewPCG(1, 2)), []rune(letters)
	word := func(most int) string {
		var b strings.Builder
		for range 1 + r.IntN(most) {
			b.WriteRune(from[r.IntN(len(from))])
		}
		return b.String()
	}
	var fields []flexie.Field
	for range n {
		f := flexie.Field{Alias: word(20), Label: word(40), Type: "text", Required: r.IntN(3) == 0, Unique: r.IntN(9) == 0}
		if r.IntN(3) == 0 {
			for range 1 + r.IntN(20) {
				f.Options = append(f.Options, flexie.Option{Value: word(12), Label: word(12)})
			}
		}
		fields = append(fields, f)
	}
	return fields
}

// nasty are workspaces that would break schemas, or fill them.
func nasty(t *testing.T) map[string]*flexie.Known {
	label := strings.Repeat("long label ", 500)
	values := make([]flexie.Option, 3000)
	for i := range values {
		values[i] = flexie.Option{Value: fmt.Sprint(i), Label: fmt.Sprintf("Value number %d", i)}
	}
	all := map[string]*flexie.Known{
		"nothing":  nil,
		"sandbox":  inSeed(t),
		"no alias": knowing([]flexie.Field{{Alias: "", Label: "x"}, {Alias: "  "}, {Alias: "\n"}}, "a"),
		"the same": knowing([]flexie.Field{{Alias: "a"}, {Alias: "a"}, {Alias: "a", Required: true}}, "a"),
		"labels":   knowing([]flexie.Field{{Alias: "cf_1", Label: label}, {Alias: "cf_2", Label: `"$ref": {"` + rtl + "\n"}, {Alias: strings.Repeat("a", 5000)}}, "a"),
		"select":   knowing([]flexie.Field{{Alias: "s", Required: true, Options: values}, {Alias: "t", Options: []flexie.Option{{Value: label}}}}, "a"),
		"tables":   knowing(random(alphabets["letters"], 20), strings.Fields(label)[0], "b\n", `"$ref"`, "../x", strings.Repeat("t", 300), "😀😀😀😀😀😀", "ok"),
	}
	var tables []string
	for i := range 300 {
		tables = append(tables, fmt.Sprintf("table_%d", i))
	}
	all["many tables"] = knowing(random(alphabets["mixed"], 600), tables...)
	for name, letters := range alphabets {
		all["600 "+name] = knowing(random(letters, 600), string([]rune(letters)[:2]), "b")
	}
	return all
}

// TestTailoredToolsAreSmallAndPlain, whatever a workspace calls its fields.
func TestTailoredToolsAreSmallAndPlain(t *testing.T) {
	plain := map[string]int{}
	for _, tool := range tools.All() {
		plain[tool.Name] = tokens(t, listed(t, server.Describe(tool)))
	}
	for name, known := range nasty(t) {
		t.Run(name, func(t *testing.T) {
			added, most := 0, 0
			for _, tool := range tools.All() {
				tailored := server.Describe(tools.Tailor(tool, known))
				require.Empty(t, schema.Lint(tailored.RawInputSchema), tool.Name)
				n := tokens(t, listed(t, tailored)) - plain[tool.Name]
				require.LessOrEqual(t, n, mostAdded, "%s: %s", tool.Name, listed(t, tailored))
				added, most = added+n, max(most, n)
			}
			t.Logf("adds %d tokens to all tools, %d at most to one", added, most)
		})
	}
}

// listed is a tool as it goes to clients.
func listed(t *testing.T, tool any) []byte {
	data, err := json.Marshal(tool)
	require.NoError(t, err)
	return data
}
