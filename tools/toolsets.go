package tools

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Toolsets are the names a choice of tools is made of: the fifteen groups, core
// (what a working day takes) and all.
func Toolsets() []string { return append([]string{"core", "all"}, flexie.Groups...) }

// Choice says which tools to offer.
type Choice struct {
	Toolsets []string
	Tools    []string // these as well, by name
	Exclude  []string // but not these
	ReadOnly bool     // and of all of them only those that change nothing
}

// Choose picks tools, in the order of all. A name that there is not, in any of
// the three lists, is an error that names them all.
func Choose(all []Tool, c Choice) ([]Tool, error) {
	if err := c.check(all); err != nil {
		return nil, err
	}
	var chosen []Tool
	for _, t := range all {
		if c.has(t) {
			chosen = append(chosen, t)
		}
	}
	return chosen, nil
}

func (c Choice) has(t Tool) bool {
	in := slices.Contains(c.Tools, t.Name) || slices.Contains(c.Toolsets, "all") ||
		slices.Contains(c.Toolsets, t.Toolset) || t.Core && slices.Contains(c.Toolsets, "core")
	return in && !slices.Contains(c.Exclude, t.Name) && (t.Act.ReadOnly || !c.ReadOnly)
}

func (c Choice) check(all []Tool) error {
	var problems []string
	for _, name := range c.Toolsets {
		if !slices.Contains(Toolsets(), name) {
			problems = append(problems, fmt.Sprintf("there is no toolset %q; there are %s", name, strings.Join(Toolsets(), ", ")))
		}
	}
	names := Names(all)
	for _, name := range slices.Concat(c.Tools, c.Exclude) {
		if !slices.Contains(names, name) {
			problems = append(problems, fmt.Sprintf("there is no tool %q; did you mean %s?", name, flexie.Closest(name, names)))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s", strings.Join(problems, "; "))
	}
	return nil
}

// Names are the names of tools.
func Names(all []Tool) []string {
	var names []string
	for _, t := range all {
		names = append(names, t.Name)
	}
	return names
}
