// Package server makes an MCP server of tools and resources, and serves it on
// stdio and over HTTP. It is the only package that knows mcp-go: what a tool
// or a resource does is decided in tools and resources.
package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// Options are what a server is made of.
type Options struct {
	Tools []tools.Tool
	About resources.Workspace

	// Client gives the client of whoever is asking. Its error is told to the
	// assistant, which is all that most people see.
	Client func(context.Context) (*flexie.Client, error)

	// Safety is what stands between callers and Flexie.
	Safety Safety

	// HideForbidden leaves out the tools that Flexie lets the user of whoever is
	// asking not use.
	HideForbidden bool

	// AnswerTokens is what a list may cost; 0 is resources.ListBudget.
	AnswerTokens int

	// Results keep what was cut off answers; nil makes a store.
	Results *resources.Results

	// Tables are the custom tables that are known by name.
	Tables []string

	// Knowledge is what calls of whoever is asking learn of the workspace; nil
	// describes tools the same for everyone.
	Knowledge func(context.Context) *flexie.Knowledge

	Log *slog.Logger

	// Observing is what an operator sees of it.
	Observing Observing

	subscriptions *subscriptions
	forbidden     *forbidden
	byName        map[string]tools.Tool // Tools
	reachable     map[string]tools.Tool // those that can be called, in any way, as far as the settings say
}

// New makes a server. It sends nothing to Flexie.
func New(o Options) *mcpserver.MCPServer { return newOffer(o, false).MCPServer }

func newOffer(o Options, changes bool) *Offer {
	o.subscriptions = &subscriptions{}
	o = o.prepared()
	f := &Offer{changes: changes}
	f.now.Store(&o)
	learner := f.learner()
	hooks := &mcpserver.Hooks{} // ServeStdio and the learner add to them
	resolveOldNames(hooks)
	o.subscriptions.follow(hooks, f.mayWatch)
	f.followNarrowing(hooks)
	o.Observing.follow(hooks)
	f.followForbidden(hooks)
	f.MCPServer = mcpserver.NewMCPServer("flexie-mcp", o.About.Version, slices.Concat(o.Observing.options(o.Log), f.capabilities(learner), []mcpserver.ServerOption{
		mcpserver.WithTitle("Flexie CRM"),
		mcpserver.WithDescription("A Flexie CRM workspace: contacts, leads, accounts, deals, cases, custom records, tasks, notes and more."),
		mcpserver.WithInstructions(Instructions(o.About, o.Tools, o.Tables)),
		mcpserver.WithRecovery(),
		mcpserver.WithResourceRecovery(),
		mcpserver.WithCompletions(),
		mcpserver.WithPromptCompletionProvider(f),
		mcpserver.WithResourceCompletionProvider(f),
		mcpserver.WithHooks(hooks),
	})...)
	f.AddTools(f.serverTools()...)
	f.addResources()
	f.addPrompts()
	learner.serve(f.MCPServer)
	return f
}

// prepared fills in what is not given, and what follows from the rest.
func (o Options) prepared() Options {
	if o.AnswerTokens == 0 {
		o.AnswerTokens = resources.ListBudget
	}
	if o.Results == nil {
		o.Results = resources.NewResults()
	}
	o.Safety = o.Safety.whole()
	o.reachable = o.withinReach()
	o.byName = map[string]tools.Tool{}
	for _, t := range o.Tools {
		o.byName[t.Name] = t
	}
	o.forbidden = nil
	if o.HideForbidden {
		o.forbidden = newForbidden(o.Tools, o.Client, o.Log)
	}
	return o
}

// resolveOldNames lets tools be called by names that they had once.
func resolveOldNames(hooks *mcpserver.Hooks) {
	hooks.AddBeforeCallTool(func(_ context.Context, _ any, request *mcp.CallToolRequest) {
		request.Params.Name = tools.Renamed.Resolve(request.Params.Name)
	})
}

// outputSchema is that of every tool. It says no more than that there is a
// summary, since each word of it is paid for ninety times.
var outputSchema = json.RawMessage(`{"type":"object"}`)

// Describe is a tool as clients see it.
func Describe(t tools.Tool) mcp.Tool {
	described := mcp.NewToolWithRawSchema(t.Name, t.Description, encode(schema.Shown(t.Schema)))
	described.Title = t.Title
	described.RawOutputSchema = outputSchema
	described.Annotations = mcp.ToolAnnotation{
		ReadOnlyHint:    mcp.ToBoolPtr(t.Act.ReadOnly),
		DestructiveHint: mcp.ToBoolPtr(t.Act.Destructive),
		OpenWorldHint:   mcp.ToBoolPtr(t.Act.OpenWorld),
	}
	if t.Act.Idempotent && !t.Act.ReadOnly { // elsewhere it is the default, or means nothing
		described.Annotations.IdempotentHint = mcp.ToBoolPtr(true)
	}
	return described
}
