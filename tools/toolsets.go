package tools

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Toolsets are the names a choice of tools is made of: core (what a working day
// takes, what is of no one group, and what reaches the rest), all, discover and
// the fifteen groups.
func Toolsets() []string { return append([]string{"core", "all", discover}, flexie.Groups...) }

// Choice says which tools to offer.
type Choice struct {
	Toolsets []string
	Tools    []string // these as well, by name
	Exclude  []string // but not these, nor through those that reach others
	Access   Level    // and of all of them only those up to this level; "" is AccessAdmin
	ReadOnly bool     // short for AccessRead, which then holds whatever Access is
}

// Choose picks tools, in the order of all, and after them those of the toolset
// discover, made to reach all that the choice allows. A name that there is not,
// in any of the three lists or for the level, is an error that names them all.
func Choose(all []Tool, c Choice) ([]Tool, error) {
	c.Tools, c.Exclude = Renamed.resolveAll(c.Tools), Renamed.resolveAll(c.Exclude)
	if err := c.check(all); err != nil {
		return nil, err
	}
	allowed := c.withinReach(keep(all, c.allows))
	chosen := keep(slices.Concat(allowed, Discover(allowed)), c.has)
	return keep(chosen, c.allows), nil
}

// withinReach makes the tool that looks in all kinds pass over those whose own
// search is excluded, and the one that takes changes back run what is allowed.
func (c Choice) withinReach(allowed []Tool) []Tool {
	for i, t := range allowed {
		switch t.Name {
		case workspaceName:
			allowed[i] = searchWorkspace(c.Exclude)
		case undoName:
			allowed[i] = undoChange(allowed)
		}
	}
	return allowed
}

func keep(all []Tool, kept func(Tool) bool) []Tool {
	var some []Tool
	for _, t := range all {
		if kept(t) {
			some = append(some, t)
		}
	}
	return some
}

func (c Choice) allows(t Tool) bool { return c.Allows(t) == nil }

// has reports whether a tool is asked for. The toolset all is every tool itself,
// so those that reach the others would add nothing to it.
func (c Choice) has(t Tool) bool {
	return slices.Contains(c.Tools, t.Name) || slices.Contains(c.Toolsets, t.Toolset) ||
		t.Core && slices.Contains(c.Toolsets, "core") ||
		t.Toolset != discover && slices.Contains(c.Toolsets, "all")
}

func (c Choice) check(all []Tool) error {
	var problems []string
	for _, name := range c.Toolsets {
		if !slices.Contains(Toolsets(), name) {
			problems = append(problems, fmt.Sprintf("there is no toolset %q; there are %s", name, strings.Join(Toolsets(), ", ")))
		}
	}
	names := Names(slices.Concat(all, Discover(nil)))
	for _, name := range slices.Concat(c.Tools, c.Exclude) {
		if !slices.Contains(names, name) {
			problems = append(problems, fmt.Sprintf("there is no tool %q; did you mean %s?", name, flexie.Closest(name, names)))
		}
	}
	if c.Access != "" && !slices.Contains(Levels, c.Access) {
		problems = append(problems, fmt.Sprintf("there is no access level %q; there are read, write, delete and admin", c.Access))
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
