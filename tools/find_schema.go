package tools

import (
	"fmt"
	"strings"

	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// signature says in few words what arguments a schema takes, one on a line:
// "id integer required: Its id." JSON Schema says the same in three
// times as many tokens.
func signature(s *schema.Schema) string {
	if s.Properties.Len() == 0 {
		return "(no arguments)"
	}
	var lines []string
	for name, p := range s.Properties.FromOldest() {
		line := name + " " + typeOf(p)
		for _, required := range s.Required {
			if required == name {
				line += " required"
			}
		}
		if p.Description != "" {
			line += ": " + p.Description
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func typeOf(s *schema.Schema) string {
	switch {
	case len(s.Enum) > 0:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(s.Enum), "[]"), " ", "|")
	case s.Items != nil:
		return "list of " + typeOf(s.Items)
	case s.Properties != nil:
		return "{" + strings.Join(propertiesOf(s), ", ") + "}"
	case s.Minimum != "" && s.Maximum != "":
		return fmt.Sprintf("%s %s..%s", s.Type, s.Minimum, s.Maximum)
	}
	return s.Type
}

func propertiesOf(s *schema.Schema) (names []string) {
	for name := range s.Properties.KeysFromOldest() {
		names = append(names, name)
	}
	return names
}

// insides says once what is in those arguments that are lists of objects,
// however many of the tools take them.
func insides(found []Tool) []resources.Part {
	var parts []resources.Part
	seen := map[string]bool{}
	for _, t := range found {
		for name, p := range t.Schema.Properties.FromOldest() {
			if p.Items == nil || p.Items.Properties == nil || seen[name] {
				continue
			}
			seen[name] = true
			parts = append(parts, resources.Part{Title: "Each of " + name + " is an object of", Text: signature(p.Items), Ours: true})
		}
	}
	return parts
}
