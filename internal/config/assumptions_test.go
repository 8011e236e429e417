package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
)

// The table of the file, and the variables over it, entry by entry.
func TestAssumptions(t *testing.T) {
	file := written(t, "config.toml", `
subdomain = "acme"

[assumptions]
list_totals = ["meta.total", "count"]
list_limit = 50
times_zone = "Europe/Tirane"
query_names.start = "offset"
filter_operators = { gte = ">=", is = "eq strict" }
field_names.required = []
field_names.alias = "name"
`)
	loaded := load(t, []string{
		"FLEXIE_CONFIG=" + file,
		"FLEXIE_ASSUMPTIONS_FILTER_OPERATORS=lt=<, gte=ge",
		"FLEXIE_ASSUMPTIONS_REPLY_NAMES=text=body|message",
		"FLEXIE_ASSUMPTIONS_LIST_LIMIT=",
	})
	require.Equal(t, flexie.Assumptions{
		ListTotals:      []string{"meta.total", "count"},
		ListLimit:       50,
		TimesZone:       "Europe/Tirane",
		QueryNames:      map[string]string{"start": "offset"},
		FilterOperators: map[string]string{"gte": "ge", "is": "eq strict", "lt": "<"},
		FieldNames:      map[string][]string{"required": {}, "alias": {"name"}},
		ReplyNames:      map[string][]string{"text": {"body", "message"}},
	}, loaded.Assumptions)
	require.Equal(t, []Row{
		{"assumptions.list_totals", "meta.total,count", Origin("file " + file)},
		{"assumptions.field_names", "alias=name,required=", Origin("file " + file)},
		{"assumptions.filter_operators", "gte=ge,is=eq strict,lt=<", "environment FLEXIE_ASSUMPTIONS_FILTER_OPERATORS"},
		{"assumptions.query_names", "start=offset", Origin("file " + file)},
		{"assumptions.list_limit", "50", Origin("file " + file)},
		{"assumptions.reply_names", "text=body|message", "environment FLEXIE_ASSUMPTIONS_REPLY_NAMES"},
		{"assumptions.times_zone", "Europe/Tirane", Origin("file " + file)},
	}, loaded.AssumptionRows())

	plain := load(t, nil)
	require.Zero(t, plain.Assumptions)
	require.Empty(t, plain.AssumptionRows())
	require.Contains(t, plain.Changed(loaded), "assumptions.list_totals", "a server that runs says that it needs a start")
	require.False(t, plain.Equal(loaded))
}

// What is wrong with an assumption says what is right.
func TestBrokenAssumptions(t *testing.T) {
	for _, tt := range []struct{ toml, want string }{
		{`list_totls = ["n"]`, `assumptions.list_totls: no such assumption: did you mean list_totals?`},
		{`subdomain = "acme"`, `assumptions.subdomain: no such assumption: it is another setting; write it above the line [assumptions]`},
		{`list_totals = 3`, `assumptions.list_totals: a list goes here; write it like list_totals = ["total", "totalResults", "totalCount"]`},
		{`list_totals = { a = "b" }`, `assumptions.list_totals: a list goes here; write it like list_totals = ["total", "totalResults", "totalCount"]`},
		{`list_totals = [3]`, `assumptions.list_totals: text goes here, in quotes; write it like list_totals = ["total", "totalResults", "totalCount"]`},
		{`list_totals = [""]`, `assumptions.list_totals: a name is empty, or more than a line`},
		{`report_names = ["rows"]`, `assumptions.report_names: a table goes here; write it like report_names = { report = ["report"], rows = ["data"] }`},
		{`report_names.row = ["rows"]`, `assumptions.report_names: there is no "row" in it; did you mean "rows"?`},
		{`report_names.lines = ["rows"]`, `assumptions.report_names: there is no "lines" in it, but report, rows`},
		{`query_names.start = 1`, `assumptions.query_names: start: text goes here, in quotes; write it like query_names = { limit = "limit", search = "search", start = "start" }`},
		{`list_limit = "many"`, `assumptions.list_limit: a whole number goes here; write it like list_limit = 30`},
		{`list_limit = 0`, `assumptions.list_limit: 0 is too small: 1 is the least`},
		{`filter_operators.gte = "> equal"`, `assumptions.filter_operators: gte: "equal" is no flag; what may follow the name is strict, starts and ends`},
		{`times_zone = "Tirana"`, `assumptions.times_zone: "Tirana" is not a time zone; write it like Europe/Tirane or UTC`},
	} {
		t.Run(tt.toml, func(t *testing.T) {
			file := written(t, "config.toml", "[assumptions]\n"+tt.toml)
			require.Equal(t, []string{"DIR/config.toml: " + tt.want}, problems(t, filepath.Dir(file), nil, "--config", file))
		})
	}
	for _, tt := range []struct{ toml, want string }{
		{`assumptions = "none"`, `DIR/config.toml: assumptions: it is a table: write its keys below a line [assumptions]`},
		{`list_totals = ["n"]`, `DIR/config.toml: unknown key "list_totals": it goes below a line [assumptions]`},
		{"[assumption]\nlist_limit = 3", `DIR/config.toml: unknown key "assumption": did you mean [assumptions]?`},
	} {
		file := written(t, "config.toml", tt.toml)
		require.Equal(t, []string{tt.want}, problems(t, filepath.Dir(file), nil, "--config", file))
	}
	for _, tt := range []struct{ variable, want string }{
		{"FLEXIE_ASSUMPTIONS_LIST_LIMITS=5", `FLEXIE_ASSUMPTIONS_LIST_LIMITS: no such assumption: did you mean list_limit?`},
		{"FLEXIE_ASUMPTIONS_LIST_LIMIT=5", `FLEXIE_ASUMPTIONS_LIST_LIMIT: no such setting; did you mean FLEXIE_ASSUMPTIONS_LIST_LIMIT?`},
		{"FLEXIE_ASSUMPTIONS_REPORT_NAMES=rows", `FLEXIE_ASSUMPTIONS_REPORT_NAMES: a table goes here; write it like report_names = { report = ["report"], rows = ["data"] }`},
		{"FLEXIE_ASSUMPTIONS_TIMES_ZONE=Local", `FLEXIE_ASSUMPTIONS_TIMES_ZONE: "Local" is not a time zone; write it like Europe/Tirane or UTC`},
	} {
		require.Equal(t, []string{tt.want}, problems(t, "DIR", []string{tt.variable}))
	}
}

// The example, uncommented, says what is guessed at present; so does the text of
// each value, as a variable.
func TestPresentAssumptionsInEveryPlace(t *testing.T) {
	values, err := toml.Parser().Unmarshal([]byte(commentedOut.ReplaceAllString(ExampleTOML(), "$1")))
	require.NoError(t, err)
	for _, g := range guesses {
		require.NotEmpty(t, g.help, g.name)
		require.NotContains(t, g.help, "|", "%s would break the table", g.name)
		for _, raw := range []any{values[assumptionsKey].(map[string]any)[g.name], guessText(g.present)} {
			value, err := g.readGuess(raw)
			require.NoError(t, err, g.name)
			require.Equal(t, g.present, value, g.name)
		}
		for _, row := range g.rows {
			require.Contains(t, flexie.MendedBy(row), g.name)
		}
	}
}

// docs/assumptions.md says which of its rows a setting mends, and has these rows.
func TestMendedRows(t *testing.T) {
	const path, begin, end = "../../docs/assumptions.md", "<!-- Generated; run: go test ./internal/config -update -->\n", "<!-- Generated until here. -->\n"
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(content), begin)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+MendedRows()+end+after), 0o644))
		table = MendedRows()
	}
	require.Equal(t, MendedRows(), table, "%s is out of date; run: go test ./internal/config -update", path)
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z-]+) \| .`).FindAllStringSubmatch(MendedRows(), -1) {
		if row[1] != "row" {
			require.Contains(t, before, "| `"+row[1]+"` |", "%s is a row of the document", row[1])
		}
	}
}
