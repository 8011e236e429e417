package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const assumptionsExample = `
# --- Assumptions ---

# Where this workspace is otherwise than is guessed of Flexie (docs/assumptions.md).
# Name only what differs. This table comes last: all that follows its heading
# belongs to it. It has no flags.
#[assumptions]
`

const assumptionsIntro = `
## Assumptions

What is guessed of Flexie, and how a guess is tested, is told in [assumptions.md](assumptions.md). Where a workspace is otherwise, the table ` + "`[assumptions]`" + ` of the file says how, without a new version of this program. Name only what differs:

` + "```toml" + `
[assumptions]
list_totals = ["meta.count"]
filter_operators = { gte = ">=", is = "eq" }
field_names = { required = ["mandatory"] }
` + "```" + `

- The table comes last in the file: all that follows its heading belongs to it.
- A list replaces the present one, and ` + "`[]`" + ` is none at all. In a table, entries that are not named stay as they are.
- In names of members, dots lead inside: ` + "`meta.count`" + ` is the count in ` + "`\"meta\": {\"count\": 7}`" + `. A name is tried before those after it.
- There are no flags. In variables, lists are written with commas (` + "`total,count`" + `), and tables as ` + "`gte=>=,is=eq`" + `; several names of one entry with ` + "`|`" + ` between.
- Changes hold from the next start; what is remembered of fields is read again after five minutes.

| Under ` + "`[assumptions]`" + ` | Environment | Default | What it does |
|---|---|---|---|
`

// exampleAssumptions is the end of config.example.toml.
func exampleAssumptions() string {
	var b strings.Builder
	b.WriteString(assumptionsExample)
	for _, g := range guesses {
		b.WriteString("\n")
		for _, line := range wrap(g.help, 77) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		fmt.Fprintf(&b, "# %s; the default is:\n#%s = %s\n", g.env(), g.name, g.tomlOf(g.present))
	}
	return b.String()
}

// markdownAssumptions is the end of docs/settings.md.
func markdownAssumptions() string {
	var b strings.Builder
	b.WriteString(assumptionsIntro)
	for _, g := range guesses {
		fmt.Fprintf(&b, "| `%s` | `%s` | `%s` | %s |\n", g.name, g.env(), g.tomlOf(g.present), g.help)
	}
	return b.String()
}

// MendedRows is the table of docs/assumptions.md that says which of its rows
// settings can mend, in the order of these.
func MendedRows() string {
	var rows []string
	by := map[string][]string{}
	for _, g := range guesses {
		for _, row := range g.rows {
			if by[row] == nil {
				rows = append(rows, row)
			}
			by[row] = append(by[row], "`"+g.name+"`")
		}
	}
	var b strings.Builder
	b.WriteString("| row | under `[assumptions]` |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", row, strings.Join(by[row], ", "))
	}
	return b.String()
}

// example is how to write a value.
func (g guess) example() string { return g.name + " = " + g.tomlOf(g.present) }

// tomlOf writes a value as it stands in the file.
func (g guess) tomlOf(value any) string {
	var parts []string
	switch value := value.(type) {
	case string:
		return strconv.Quote(value)
	case []string:
		for _, name := range value {
			parts = append(parts, strconv.Quote(name))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case map[string]string:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+" = "+g.tomlOf(value[key]))
		}
	case map[string][]string:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+" = "+g.tomlOf(value[key]))
		}
	default:
		return fmt.Sprint(value)
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}
