package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Names are those of the toolsets and tools there are.
type Names struct {
	Toolsets, Tools []string

	// Renamed gives the present name of a tool that had another; nil if none had.
	Renamed func(string) string
}

// toolsets are the toolsets of a list with commas.
func (n Names) toolsets(list string) ([]string, error) {
	names := split(list)
	if problem := n.unknownToolset(names); problem != "" {
		return nil, errors.New(problem)
	}
	return names, nil
}

// tools are the tools of a list with commas, by their present names.
func (n Names) tools(list string) ([]string, error) {
	names := n.present(split(list))
	if problem := n.unknownTool(names); problem != "" {
		return nil, errors.New(problem)
	}
	return names, nil
}

func (n Names) unknownToolset(names []string) string {
	for _, name := range names {
		if !slices.Contains(n.Toolsets, name) {
			return fmt.Sprintf("there is no toolset %q; there are %s", short(name), strings.Join(n.Toolsets, ", "))
		}
	}
	return ""
}

func (n Names) unknownTool(names []string) string {
	for _, name := range names {
		if !slices.Contains(n.Tools, name) {
			return fmt.Sprintf("there is no tool %q; did you mean %s?", short(name), flexie.Closest(short(name), n.Tools))
		}
	}
	return ""
}

// present are the names that tools have now.
func (n Names) present(names []string) []string {
	if n.Renamed == nil {
		return names
	}
	var all []string
	for _, name := range names {
		all = append(all, n.Renamed(name))
	}
	return all
}

// split is a list with commas; empty items are left out.
func split(list string) (items []string) {
	for item := range strings.SplitSeq(list, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// short is a name as an error repeats it; none that there is is longer.
func short(name string) string {
	if len(name) > 64 {
		return strings.ToValidUTF8(name[:64], "") + "…"
	}
	return name
}
