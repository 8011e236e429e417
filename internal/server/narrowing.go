package server

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// allows is the check of a tool by what a caller is narrowed to.
func (a *asking) allows(t tools.Tool) error {
	toolsets := []string{t.Toolset}
	if t.Core {
		toolsets = append(toolsets, "core")
	}
	switch {
	case a == nil:
		return nil
	case a.ReadOnly && !t.Act.ReadOnly:
		return tools.NotAllowed(t.Name + " is not allowed here: this connection only reads")
	case !a.Identity.Allows(t.Name, toolsets...):
		return tools.NotAllowed(t.Name + " is not allowed here: this connection is limited to other tools")
	}
	return nil
}

// isNarrowed reports whether there is anything that a caller is not allowed.
func (a *asking) isNarrowed() bool { return a != nil && (a.ReadOnly || len(a.Narrowed) > 0) }

// followNarrowing leaves out of lists what a caller is not allowed; addPrompts does
// that for prompts. It is no filter of mcp-go's, which would also have calls fail as of tools that there
// are not.
func (o Options) followNarrowing(hooks *mcpserver.Hooks) {
	byName := map[string]tools.Tool{}
	for _, t := range o.Tools {
		byName[t.Name] = t
	}
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		if a := askingOf(ctx); a.isNarrowed() {
			result.Tools = left(result.Tools, func(t mcp.Tool) bool { return a.allows(byName[t.Name]) == nil })
		}
	})
	hooks.AddAfterListResources(func(ctx context.Context, _ any, _ *mcp.ListResourcesRequest, result *mcp.ListResourcesResult) {
		if askingOf(ctx).isNarrowed() {
			result.Resources = left(result.Resources, func(r mcp.Resource) bool { return o.mayRead(ctx, r.URI) })
		}
	})
	hooks.AddAfterListResourceTemplates(func(ctx context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, result *mcp.ListResourceTemplatesResult) {
		if askingOf(ctx).isNarrowed() {
			result.ResourceTemplates = left(result.ResourceTemplates, func(t mcp.ResourceTemplate) bool { return o.mayRead(ctx, t.URITemplate.Raw()) })
		}
	})
	o.instructEach(hooks)
}

// mayRead reports whether whoever asks may use the tool that shows what an
// address, or a template of addresses, does.
func (o Options) mayRead(ctx context.Context, uri string) bool {
	for _, t := range resources.Templates {
		if t.URI == strings.TrimSuffix(uri, ".json") {
			client, err := o.Client(ctx)
			return err != nil || o.mayUse(ctx, client, t.Tool) == nil
		}
	}
	return true // it shows what no tool does
}

// instructEach begins with instructions for whoever asks, and not for all.
func (o Options) instructEach(hooks *mcpserver.Hooks) {
	hooks.AddAfterInitialize(func(ctx context.Context, _ any, _ *mcp.InitializeRequest, result *mcp.InitializeResult) {
		if a := askingOf(ctx); a != nil {
			result.Instructions = o.instructions(a)
		}
	})
	hooks.AddAfterDiscover(func(ctx context.Context, _ any, _ *mcp.DiscoverRequest, result *mcp.DiscoverResult) {
		if a := askingOf(ctx); a != nil {
			result.Instructions = o.instructions(a)
		}
	})
}

func (o Options) instructions(a *asking) string {
	tables := o.Tables
	if a.elsewhere {
		tables = nil
	}
	offered := left(o.Tools, func(t tools.Tool) bool { return a.allows(t) == nil })
	return Instructions(o.about(a), offered, tables)
}

// about is the workspace of whoever asks, as far as they may know it.
func (o Options) about(a *asking) resources.Workspace {
	about := o.About
	if a == nil {
		return about
	}
	if a.elsewhere {
		about.BaseURL, about.Sandbox = a.Root, false
	}
	about.ReadOnly = about.ReadOnly || a.ReadOnly
	return about
}

// left are the items that may stay, as a list that is not null.
func left[T any](all []T, may func(T) bool) []T {
	some := []T{}
	for _, item := range all {
		if may(item) {
			some = append(some, item)
		}
	}
	return some
}
