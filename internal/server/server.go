// Package server makes an MCP server of tools and resources, and serves it on
// stdio and over HTTP. It is the only package that knows mcp-go: what a tool
// or a resource does is decided in tools and resources.
package server

import (
	"context"
	"log/slog"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// Options are what a server is made of.
type Options struct {
	Tools []tools.Tool
	About resources.Workspace

	// Client gives the client of whoever is asking. Its error is told to the
	// assistant, which is all that most people see.
	Client func(context.Context) (*flexie.Client, error)

	Log *slog.Logger
}

// New makes a server. It sends nothing to Flexie.
func New(o Options) *mcpserver.MCPServer {
	s := mcpserver.NewMCPServer("flexie-mcp", o.About.Version,
		mcpserver.WithTitle("Flexie CRM"),
		mcpserver.WithDescription("A Flexie CRM workspace: contacts, leads, accounts, deals, cases, custom records, tasks, notes and more."),
		mcpserver.WithInstructions(Instructions(o.About)),
		mcpserver.WithToolCapabilities(false),
		mcpserver.WithResourceCapabilities(false, false),
		mcpserver.WithRecovery(),
		mcpserver.WithResourceRecovery(),
		mcpserver.WithLogger(o.Log),
		mcpserver.WithHooks(&mcpserver.Hooks{}), // ServeStdio adds one
	)
	for _, t := range o.Tools {
		s.AddTool(Describe(t), o.call(t))
	}
	o.addResources(s)
	return s
}

// Describe is a tool as clients see it.
func Describe(t tools.Tool) mcp.Tool {
	described := mcp.NewToolWithRawSchema(t.Name, t.Description, encode(t.Schema))
	described.Title = t.Title
	described.Annotations = mcp.ToolAnnotation{
		ReadOnlyHint:    mcp.ToBoolPtr(t.Act.ReadOnly),
		DestructiveHint: mcp.ToBoolPtr(t.Act.Destructive),
		IdempotentHint:  mcp.ToBoolPtr(t.Act.Idempotent),
		OpenWorldHint:   mcp.ToBoolPtr(t.Act.OpenWorld),
	}
	return described
}
