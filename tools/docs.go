package tools

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Markdown describes tools as a document, a section a toolset.
func Markdown(all []Tool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Tools\n\n<!-- Generated: go test ./tools -update. Don't edit. -->\n\n")
	groups := append(slices.Clone(flexie.Groups), discover)
	fmt.Fprintf(&b, "%d tools in %d toolsets. Those marked ● are in `core`, the toolset offered unless others are set.\n", len(all), len(groups))
	b.WriteString("Those of `discover` reach all the others.\n")
	for _, group := range groups {
		section(&b, group, all)
	}
	return b.String()
}

func section(b *strings.Builder, group string, all []Tool) {
	started := false
	for _, t := range all {
		if t.Toolset != group {
			continue
		}
		if !started {
			fmt.Fprintf(b, "\n## %s\n", group)
			started = true
		}
		t.describe(b)
	}
}

func (t Tool) describe(b *strings.Builder) {
	mark := ""
	if t.Core {
		mark = " ●"
	}
	fmt.Fprintf(b, "\n### `%s`%s\n\n%s\n\n", t.Name, mark, t.Description)
	for name, p := range t.Schema.Properties.FromOldest() {
		kind := p.Type
		if p.Items != nil {
			kind = "list of " + p.Items.Type
		}
		for _, required := range t.Schema.Required {
			if required == name {
				kind += ", required"
			}
		}
		fmt.Fprintf(b, "- `%s` (%s) %s\n", name, kind, p.Description)
	}
	fmt.Fprintf(b, "\nAct: %s.", t.Act.Name)
	if len(t.Endpoints) == 0 {
		b.WriteString("\n")
		return
	}
	var endpoints []string
	for _, name := range t.Endpoints {
		e, _ := flexie.EndpointNamed(name)
		endpoints = append(endpoints, fmt.Sprintf("`%s %s`", e.Method, e.Path))
	}
	fmt.Fprintf(b, " Endpoints: %s.\n", strings.Join(endpoints, ", "))
}
