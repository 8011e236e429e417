package server

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/prompts"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// Offer is a server of which it can change what it offers, while it runs and
// clients are connected.
type Offer struct {
	*mcpserver.MCPServer
	now     atomic.Pointer[Options]
	changes bool
}

// NewOffer is New for a server whose offer may change.
func NewOffer(o Options) *Offer { return newOffer(o, true) }

func (f *Offer) options() *Options { return f.now.Load() }

// Change changes what is offered from now on: what a call of change sets of
// Tools, About, Safety.Allows, Safety.Confirm, HideForbidden, AnswerTokens and
// Observing.Access. The rest must stay. Calls under way end as they began, and
// clients are told of the lists that are others now. One call at a time.
func (f *Offer) Change(change func(*Options)) {
	before := f.options()
	next := *before
	change(&next)
	next = next.prepared()
	if next.forbidden.concerns(before.forbidden) {
		next.forbidden = before.forbidden // which has asked already
	}
	f.now.Store(&next)
	if next.HideForbidden != before.HideForbidden || !maps.EqualFunc(before.described(), next.described(), bytes.Equal) {
		f.SetTools(f.serverTools()...) // which tells of it
	}
	if !slices.EqualFunc(before.prompts(), next.prompts(), func(a, b prompts.Prompt) bool { return a.Name == b.Name }) {
		f.SendNotificationToAllClients(mcp.MethodNotificationPromptsListChanged, nil)
	}
	if !slices.Equal(before.templateNames(), next.templateNames()) {
		f.SendNotificationToAllClients(mcp.MethodNotificationResourcesListChanged, nil)
	}
}

// described are the tools as clients see them, by name.
func (o *Options) described() map[string][]byte {
	all := map[string][]byte{}
	for name, t := range o.byName {
		all[name] = encode(Describe(t))
	}
	return all
}

func (o *Options) templateNames() (names []string) {
	for _, t := range o.templates() {
		names = append(names, t.Name)
	}
	return names
}

// serverTools are the tools offered now, each run as it then is.
func (f *Offer) serverTools() (all []mcpserver.ServerTool) {
	for _, t := range f.options().Tools {
		all = append(all, mcpserver.ServerTool{Tool: Describe(t), Handler: f.call(t.Name)})
	}
	return all
}

// call runs a tool by what is offered when it is called: also when the call is
// made again with its user's answer.
func (f *Offer) call(name string) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		o := f.options()
		t, ok := o.byName[name]
		if !ok {
			return errorResult(tools.NotAllowed(name + " is left out by this server's settings, which have just changed: list the tools anew")), nil
		}
		return o.call(t)(ctx, request)
	}
}

// asOffered handles requests by what is offered when they come.
func asOffered[Q, A any](f *Offer, handle func(Options, context.Context, Q) (A, error)) func(context.Context, Q) (A, error) {
	return func(ctx context.Context, request Q) (A, error) { return handle(*f.options(), ctx, request) }
}

// allTemplates are those that are, or may come to be, offered. mcp-go can't
// exchange them for others in one step, so a list leaves out what is not, and
// reading is refused.
func (f *Offer) allTemplates() []resources.Template {
	if f.changes {
		return resources.Templates
	}
	return f.options().templates()
}

// allPrompts is the same for prompts; offeredPrompts leaves out the others.
func (f *Offer) allPrompts() []prompts.Prompt {
	if f.changes {
		return prompts.All()
	}
	return f.options().prompts()
}

// capabilities say that lists can change, where they can.
func (f *Offer) capabilities(learner *learner) []mcpserver.ServerOption {
	all := []mcpserver.ServerOption{
		learner.offering(),
		mcpserver.WithResourceCapabilities(true, f.changes),
		mcpserver.WithPromptCapabilities(f.changes),
	}
	if f.changes {
		all = append(all, mcpserver.WithToolCapabilities(true), mcpserver.WithPromptFilter(f.offeredPrompts))
	}
	return all
}

func (f *Offer) offeredPrompts(_ context.Context, all []mcp.Prompt) []mcp.Prompt {
	offered := map[string]bool{}
	for _, p := range f.options().prompts() {
		offered[p.Name] = true
	}
	return left(all, func(p mcp.Prompt) bool { return offered[p.Name] })
}

// shows reports whether an address, or a template of addresses, is offered to
// those who are not narrowed.
func (o *Options) shows(uri string) bool {
	for _, t := range resources.Templates {
		if t.URI == strings.TrimSuffix(uri, ".json") {
			_, ok := o.reachable[t.Tool]
			return ok
		}
	}
	return true
}

// CompletePromptArgument implements mcp-go's provider.
func (f *Offer) CompletePromptArgument(ctx context.Context, prompt string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return f.options().completions(ctx).CompletePromptArgument(ctx, prompt, argument, known)
}

// CompleteResourceArgument implements mcp-go's provider.
func (f *Offer) CompleteResourceArgument(ctx context.Context, uri string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	return f.options().completions(ctx).CompleteResourceArgument(ctx, uri, argument, known)
}
