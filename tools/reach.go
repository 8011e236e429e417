package tools

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// discover is the toolset of the tools that reach the others. It is no group of
// Flexie's, and they have no endpoints of their own.
const discover = "discover"

// Discover are the three tools by which a client that is offered few others
// reaches all that are allowed. Reads and writes are run by different ones,
// since a client asks its user about a call by the tool's name and annotations.
func Discover(allowed []Tool) []Tool {
	return []Tool{findTools(allowed), runTool(allowed), runWriteTool(allowed)}
}

// Reachable are the tools that can be called of those chosen: themselves, and
// what run_tool and run_write_tool among them run.
func Reachable(chosen []Tool) []Tool {
	all, seen := []Tool{}, map[string]bool{}
	for _, t := range chosen {
		runs := t.runs
		if t.Name == undoName {
			runs = nil // it runs what takes a change back, and nothing else
		}
		for _, reached := range append([]Tool{t}, runs...) {
			if !seen[reached.Name] {
				seen[reached.Name] = true
				all = append(all, reached)
			}
		}
	}
	return all
}

func runTool(allowed []Tool) Tool {
	return runner(allowed, Tool{
		Name: "run_tool", Title: "Run a reading tool", Act: Read,
		Description: "Run a tool that only reads, with the name and arguments that find_tools gives. Nothing is changed.",
	})
}

func runWriteTool(allowed []Tool) Tool {
	return runner(allowed, Tool{
		Name: "run_write_tool", Title: "Run a writing tool", Act: AnyWrite,
		Description: "Run a tool that creates, changes, deletes or sends, with the name and arguments that find_tools gives. It acts as that tool does by itself; some acts can't be taken back.",
	})
}

// runner makes a tool that runs others: those that only read if it does itself,
// else those that don't. They run as if called directly.
func runner(allowed []Tool, t Tool) Tool {
	type args struct {
		Name      string         `json:"name" jsonschema:"required" doc:"The tool's name."`
		Arguments *flexie.Object `json:"arguments" doc:"Its own arguments."`
	}
	t.Toolset, t.Core = discover, true
	for _, other := range allowed {
		if other.Act.ReadOnly == t.Act.ReadOnly {
			t.runs = append(t.runs, other)
		}
	}
	return defineCall(strings.NewReplacer(), t, func(ctx context.Context, who Caller, a args) (resources.Answer, error) {
		name := Renamed.Resolve(strings.TrimSpace(a.Name))
		i := slices.IndexFunc(t.runs, func(other Tool) bool { return other.Name == name })
		if i < 0 {
			return resources.Answer{}, who.whyNot(name, allowed)
		}
		arguments, err := json.Marshal(a.Arguments)
		if err != nil {
			return resources.Answer{}, err
		}
		return t.runs[i].Run(ctx, who, arguments)
	})
}

// whyNot says why a tool is not run by the one that was asked to.
func (who Caller) whyNot(name string, allowed []Tool) error {
	all := All()
	there := slices.IndexFunc(all, func(t Tool) bool { return t.Name == name })
	if there >= 0 {
		if err := who.allowed(all[there]); err != nil {
			return err
		}
	}
	i := slices.IndexFunc(allowed, func(t Tool) bool { return t.Name == name })
	switch {
	case i >= 0 && allowed[i].Act.ReadOnly:
		return wrong("%s only reads: use run_tool", name)
	case i >= 0:
		return wrong("%s does not only read: use run_write_tool", name)
	case slices.Contains(Names(Discover(nil)), name):
		return wrong("%s is no tool to run: call it itself", name)
	case there >= 0:
		return wrong("%s is left out by this server's settings", name)
	}
	return wrong("there is no tool %q; did you mean %s? find_tools finds tools by what they do", name, flexie.Closest(name, Names(allowed)))
}
