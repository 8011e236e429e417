package config

import (
	"fmt"
	"strconv"
	"strings"
)

// exampleIntro opens config.example.toml.
const exampleIntro = `# Settings of flexie-mcp: a copy of this file, with what you need uncommented,
# is read when --config or FLEXIE_CONFIG names it. A flag wins over the
# environment, which wins over this file.
#
# Generated from internal/config/settings.go. Don't edit; run:
#   go test ./internal/config -update
`

// markdownIntro opens docs/settings.md.
const markdownIntro = `<!-- Generated from internal/config/settings.go. Don't edit; run: go test ./internal/config -update -->

# Settings

A setting is looked for in four places, and the first that has it wins:

1. its flag, ` + "`--subdomain acme`" + `
2. its environment variable, ` + "`FLEXIE_SUBDOMAIN=acme`" + `; one that is empty counts as not set
3. the TOML file that ` + "`--config`" + ` or ` + "`FLEXIE_CONFIG`" + ` names, ` + "`subdomain = \"acme\"`" + `
4. its default

[config.example.toml](../config.example.toml) is a file with every setting, to copy and uncomment. ` +
	"`flexie-mcp config`" + ` lists what is set and where it came from, without showing secrets.

- Lists are written with commas in flags and the environment (` + "`core,cases`" + `), and as arrays in TOML (` + "`[\"core\", \"cases\"]`" + `). A flag given more than once adds up. A list from one place replaces those of the places below it.
- Durations are written with their unit: ` + "`500ms`, `30s`, `2m`" + `.
- Yes and no are ` + "`true` and `false`, `1` and `0`, `yes` and `no`, or `on` and `off`" + `; a flag alone (` + "`--read-only`" + `) is yes.
- Those marked ↻ can change while ` + "`flexie-mcp http`" + ` runs: it reads the file again when it has changed, and at SIGHUP ([http.md](http.md#changing-settings)). The others hold from the next start.
- Paths may start with ` + "`~/`" + `. A relative path in the TOML file starts at that file.

Whatever is wrong is reported at once, every problem on its own line with the place it came from. A misspelt setting is an error; other programs' ` + "`FLEXIE_…`" + ` variables are left alone.
`

// ExampleTOML is config.example.toml: every setting, commented out.
func ExampleTOML() string {
	var b strings.Builder
	b.WriteString(exampleIntro)
	group := ""
	for _, f := range fields {
		if !f.inFile() {
			continue
		}
		if f.group != group {
			group = f.group
			fmt.Fprintf(&b, "\n# --- %s ---\n", group)
		}
		b.WriteString("\n")
		for _, line := range wrap(f.usage(), 77) {
			fmt.Fprintf(&b, "# %s\n", line)
		}
		fmt.Fprintf(&b, "# %s; %s.\n", f.env(), f.defaultNote())
		fmt.Fprintf(&b, "#%s = %s\n", f.key, f.literal())
	}
	b.WriteString(exampleAssumptions())
	return b.String()
}

// Markdown is docs/settings.md: a table for each group.
func Markdown() string {
	var b strings.Builder
	b.WriteString(markdownIntro)
	group := ""
	for _, f := range fields {
		if f.group != group {
			group = f.group
			fmt.Fprintf(&b, "\n## %s\n\n", group)
			b.WriteString("| In the file | Flag | Environment | Default | What it does |\n|---|---|---|---|---|\n")
		}
		inFile := ""
		if f.inFile() {
			inFile = code(f.key)
		}
		if f.reloads {
			inFile += " ↻"
		}
		cells := []string{inFile, code("--" + f.flag()), code(f.env()), code(f.defaultText()), f.usage()}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	b.WriteString(markdownAssumptions())
	return b.String()
}

// usage is the help, with what the setting may be where that is short to say.
func (f field) usage() string {
	switch {
	case len(f.choices) > 0:
		return fmt.Sprintf("%s One of %s.", f.help, strings.Join(f.choices, ", "))
	case f.min != "" && f.max != "":
		return fmt.Sprintf("%s From %s to %s.", f.help, f.min, f.max)
	}
	return f.help
}

// zeroTexts are the defaults of fields that declare none, by kind.
var zeroTexts = map[string]string{"bool": "false", "duration": "0s", "int": "0", "number": "0"}

// defaultText is the default as it would stand in the environment; "" if the
// setting is not set by default.
func (f field) defaultText() string {
	if f.initial != "" {
		return f.initial
	}
	return zeroTexts[f.kind.name]
}

func (f field) defaultNote() string {
	if text := f.defaultText(); text != "" {
		return "default " + text
	}
	return "not set by default"
}

// literal is the default as TOML, or the example where there is no default.
func (f field) literal() string {
	value := f.defaultText()
	if value == "" {
		value = f.example
	}
	switch {
	case f.kind.name == "list":
		return `["` + strings.ReplaceAll(value, ",", `", "`) + `"]`
	case f.kind.textual():
		return strconv.Quote(value)
	}
	return value
}

// code sets text as code, and nothing as nothing.
func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// wrap breaks text into lines of at most width characters, between words.
func wrap(text string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}
