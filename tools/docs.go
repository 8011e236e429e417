package tools

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/schema"
)

// Markdown describes tools as a document, a section a toolset.
func Markdown(all []Tool) string {
	var sections []string
	for _, group := range slices.Concat([]string{"core"}, flexie.Groups, []string{discover}) {
		if s := section(group, all); s != "" {
			sections = append(sections, s)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Tools\n\n<!-- Generated: go test ./tools -update. Don't edit. -->\n\n")
	fmt.Fprintf(&b, "%s. Those marked ● are in `core`, the toolset offered unless others are set.\n", counted(all, len(sections)))
	b.WriteString(strings.Join(sections, ""))
	return b.String()
}

// counted tells those that do something apart from those that find and run them.
func counted(all []Tool, toolsets int) string {
	finders := len(keep(all, func(t Tool) bool { return t.Toolset == discover }))
	text := many(len(all), "tool")
	if finders > 0 && finders < len(all) {
		text = fmt.Sprintf("%s, and %d of `%s` that find and run them", many(len(all)-finders, "tool"), finders, discover)
	}
	return text + ", in " + many(toolsets, "toolset")
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func section(group string, all []Tool) string {
	var b strings.Builder
	for _, t := range all {
		if t.Toolset != group {
			continue
		}
		if b.Len() == 0 {
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		t.describe(&b)
	}
	return b.String()
}

func (t Tool) describe(b *strings.Builder) {
	mark := ""
	if t.Core {
		mark = " ●"
	}
	fmt.Fprintf(b, "\n### `%s`%s\n\n%s\n\n", t.Name, mark, t.Description)
	describeArguments(b, "", t.Schema)
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

// describeArguments lists what an object has, and what is in lists of objects
// below each.
func describeArguments(b *strings.Builder, indent string, s *schema.Schema) {
	for name, p := range s.Properties.FromOldest() {
		kind, inner := typeOf(p), p
		if p.Items != nil {
			inner = p.Items
		}
		if inner.Properties.Len() > 0 {
			kind = strings.Replace(kind, typeOf(inner), "object", 1)
		}
		if slices.Contains(s.Required, name) {
			kind += ", required"
		}
		fmt.Fprintf(b, "%s\n", strings.TrimRight(fmt.Sprintf("%s- `%s` (%s) %s", indent, name, kind, p.Description), " "))
		if inner.Properties.Len() > 0 {
			describeArguments(b, indent+"  ", inner)
		}
	}
}
