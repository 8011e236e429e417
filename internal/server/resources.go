package server

import (
	"context"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// addResources offers the workspace, the addresses of records, and what was cut
// off answers. What tools may not show, resources don't.
func (o Options) addResources(s *mcpserver.MCPServer) {
	s.AddResource(mcp.NewResource(resources.WorkspaceURI, "workspace",
		mcp.WithResourceDescription("Whose workspace this is, as whom, and with which tools."),
		mcp.WithMIMEType("text/markdown")), o.readWorkspace)
	for _, t := range o.templates() {
		if t.Fixed() {
			s.AddResource(describeFixed(t, t.URI, t.Name, "text/markdown"), o.readResource)
			s.AddResource(describeFixed(t, t.URI+".json", t.Name+"_json", "application/json"), o.readResource)
			continue
		}
		s.AddResourceTemplate(describeTemplate(t, t.URI, t.Name, "text/markdown"), o.readResource)
		s.AddResourceTemplate(describeTemplate(t, t.URI+".json", t.Name+"_json", "application/json"), o.readResource)
	}
	for _, uri := range []string{resources.ResultsURI + "{id}", resources.ResultsURI + "{id}/{page}"} {
		s.AddResourceTemplate(mcp.NewResourceTemplate(uri, "result",
			mcp.WithTemplateDescription("An answer that was too long to be given whole."),
			mcp.WithTemplateMIMEType("text/plain")), o.readResult)
	}
}

// templates are those whose tool can be called as well.
func (o Options) templates() []resources.Template {
	var offered []resources.Template
	reachable := tools.Reachable(o.Tools)
	for _, t := range resources.Templates {
		if slices.ContainsFunc(reachable, func(tool tools.Tool) bool { return tool.Name == t.Tool }) {
			offered = append(offered, t)
		}
	}
	return offered
}

func (o Options) templateURIs() (uris []string) {
	for _, t := range o.templates() {
		if !t.Fixed() {
			uris = append(uris, t.URI, t.URI+".json")
		}
	}
	return uris
}

func describeFixed(t resources.Template, uri, name, mime string) mcp.Resource {
	described := mcp.NewResource(uri, name, mcp.WithResourceDescription(t.Description), mcp.WithMIMEType(mime))
	described.Title = t.Title
	return described
}

func describeTemplate(t resources.Template, uri, name, mime string) mcp.ResourceTemplate {
	described := mcp.NewResourceTemplate(uri, name,
		mcp.WithTemplateDescription(t.Description), mcp.WithTemplateMIMEType(mime))
	described.Title = t.Title
	return described
}

func (o Options) readWorkspace(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	return o.read(ctx, request.Params.URI, func(ctx context.Context, c *flexie.Client) (resources.Content, error) {
		text, err := o.About.Markdown(ctx, c)
		return resources.Content{MIMEType: "text/markdown", Text: text}, err
	})
}

func (o Options) readResource(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	return o.read(ctx, request.Params.URI, func(ctx context.Context, c *flexie.Client) (resources.Content, error) {
		return resources.Read(ctx, c, request.Params.URI)
	})
}

// read reads a resource, bounded and logged as call does it.
func (o Options) read(ctx context.Context, uri string, content func(context.Context, *flexie.Client) (resources.Content, error)) ([]mcp.ResourceContents, error) {
	ctx, done := whileStreaming(ctx)
	defer done()
	client, err := o.Client(ctx)
	var c resources.Content
	if err == nil {
		c, err = content(ctx, client)
	}
	if err != nil {
		o.Log.InfoContext(ctx, "resource read failed", "uri", uri, "kind", kindOf(err))
		return nil, err
	}
	return contents(uri, c), nil
}

// readResult asks nothing of Flexie: results are kept here.
func (o Options) readResult(_ context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	c, err := o.Results.Read(caller, request.Params.URI)
	if err != nil {
		return nil, err
	}
	return contents(request.Params.URI, c), nil
}

func contents(uri string, c resources.Content) []mcp.ResourceContents {
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: c.MIMEType, Text: c.Text}}
}
