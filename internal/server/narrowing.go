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
	case a.LeftOut(t.Name, toolsets...):
		return tools.NotAllowed(t.Name + " is not allowed here: whoever connected this assistant left the area " + strings.ReplaceAll(t.Toolset, "_", " ") + " out; they can connect it again and choose that as well")
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
func (f *Offer) followNarrowing(hooks *mcpserver.Hooks) {
	hooks.AddAfterListTools(func(ctx context.Context, _ any, _ *mcp.ListToolsRequest, result *mcp.ListToolsResult) {
		if a := askingOf(ctx); a.isNarrowed() {
			byName := f.options().byName
			result.Tools = left(result.Tools, func(t mcp.Tool) bool { return a.allows(byName[t.Name]) == nil })
		}
	})
	hooks.AddAfterListResources(func(ctx context.Context, _ any, _ *mcp.ListResourcesRequest, result *mcp.ListResourcesResult) {
		o := f.options()
		result.Resources = left(result.Resources, func(r mcp.Resource) bool { return o.lists(ctx, r.URI) })
	})
	hooks.AddAfterListResourceTemplates(func(ctx context.Context, _ any, _ *mcp.ListResourceTemplatesRequest, result *mcp.ListResourceTemplatesResult) {
		o := f.options()
		result.ResourceTemplates = left(result.ResourceTemplates, func(t mcp.ResourceTemplate) bool { return o.lists(ctx, t.URITemplate.Raw()) })
	})
	f.instructEach(hooks)
}

// lists reports whether whoever asks sees an address, or a template of addresses,
// in a list.
func (o *Options) lists(ctx context.Context, uri string) bool {
	return o.shows(uri) && (!askingOf(ctx).isNarrowed() || o.mayRead(ctx, uri))
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

// mayWatch is nil if whoever asks may read what is at an address, or nothing is.
func (f *Offer) mayWatch(ctx context.Context, uri string) error {
	o := f.options()
	address, err := resources.AddressOf(uri)
	if err != nil {
		return nil
	}
	client, err := o.Client(ctx)
	if err != nil {
		return nil // there is nothing to read yet
	}
	return o.mayUse(ctx, client, address.Tool)
}

// instructEach begins with instructions for whoever asks, by what is offered now,
// and not for all.
func (f *Offer) instructEach(hooks *mcpserver.Hooks) {
	hooks.AddAfterInitialize(func(ctx context.Context, _ any, _ *mcp.InitializeRequest, result *mcp.InitializeResult) {
		result.Instructions = f.options().instructions(askingOf(ctx))
	})
	hooks.AddAfterDiscover(func(ctx context.Context, _ any, _ *mcp.DiscoverRequest, result *mcp.DiscoverResult) {
		result.Instructions = f.options().instructions(askingOf(ctx))
	})
}

func (o Options) instructions(a *asking) string {
	offered := left(o.Tools, func(t tools.Tool) bool { return a.allows(t) == nil })
	return Instructions(o.about(a), offered, o.tables(a))
}

// tables are those of the settings for whoever works in the workspace of the
// settings.
func (o Options) tables(a *asking) []string {
	if a != nil && a.elsewhere {
		return nil
	}
	return o.Tables
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
