package server

import (
	"context"
	"slices"

	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// addResources offers the workspace, the addresses of records, and what was cut
// off answers. What tools may not show, resources don't.
func (f *Offer) addResources() {
	readWorkspace, readResource := asOffered(f, Options.readWorkspace), asOffered(f, Options.readResource)
	f.AddResource(mcp.NewResource(resources.WorkspaceURI, "workspace",
		mcp.WithResourceDescription("Whose workspace this is, as whom, and with which tools."),
		mcp.WithMIMEType("text/markdown")), readWorkspace)
	for _, t := range f.allTemplates() {
		if t.Fixed() {
			f.AddResource(describeFixed(t, t.URI, t.Name, "text/markdown"), readResource)
			f.AddResource(describeFixed(t, t.URI+".json", t.Name+"_json", "application/json"), readResource)
			continue
		}
		f.AddResourceTemplate(describeTemplate(t, t.URI, t.Name, "text/markdown"), readResource)
		f.AddResourceTemplate(describeTemplate(t, t.URI+".json", t.Name+"_json", "application/json"), readResource)
	}
	for _, uri := range []string{resources.ResultsURI + "{id}", resources.ResultsURI + "{id}/{page}"} {
		f.AddResourceTemplate(mcp.NewResourceTemplate(uri, "result",
			mcp.WithTemplateDescription("An answer that was too long to be given whole."),
			mcp.WithTemplateMIMEType("text/plain")), asOffered(f, Options.readResult))
	}
}

// templates are those whose tool can be called as well.
func (o Options) templates() []resources.Template {
	var offered []resources.Template
	for _, t := range resources.Templates {
		if _, ok := o.reachable[t.Tool]; ok {
			offered = append(offered, t)
		}
	}
	return offered
}

// withinReach are the tools that can be called, by themselves or through others,
// as far as the settings say.
func (o Options) withinReach() map[string]tools.Tool {
	all := map[string]tools.Tool{}
	for _, t := range tools.Reachable(o.Tools) {
		if o.Safety.Allows == nil || o.Safety.Allows(t) == nil {
			all[t.Name] = t
		}
	}
	return all
}

// mayUse is nil if the client's user may use a tool here: then they may see what
// it shows in other ways as well.
func (o Options) mayUse(ctx context.Context, client *flexie.Client, tool string) error {
	if t, ok := o.reachable[tool]; ok {
		return o.allows(ctx, client)(t)
	}
	all := tools.All()
	if i := slices.IndexFunc(all, func(t tools.Tool) bool { return t.Name == tool }); i >= 0 && o.Safety.Allows != nil {
		if err := o.Safety.Allows(all[i]); err != nil {
			return err
		}
	}
	return tools.NotAllowed(tool + ", which shows the same, is left out by this server's settings")
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
	ctx, told := withProgress(ctx, request.Params.Meta)
	defer told()
	return o.read(ctx, request.Params.URI, func(ctx context.Context, c *flexie.Client) (resources.Content, error) {
		var user *flexie.Record
		if o.mayUse(ctx, c, "get_current_user") == nil {
			self, err := c.Self(ctx)
			if err != nil {
				return resources.Content{}, err
			}
			user = &self
		}
		return resources.Content{MIMEType: "text/markdown", Text: o.about(askingOf(ctx)).Markdown(user)}, nil
	})
}

// readResource reads an address if its tool may be used. Which one that is, the
// template says that the address belongs to, and not the one that mcp-go found.
func (o Options) readResource(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	ctx, told := withProgress(ctx, request.Params.Meta)
	defer told()
	return o.read(ctx, request.Params.URI, func(ctx context.Context, c *flexie.Client) (resources.Content, error) {
		address, err := resources.AddressOf(request.Params.URI)
		if err != nil {
			return resources.Content{}, err
		}
		if err := o.mayUse(ctx, c, address.Tool); err != nil {
			return resources.Content{}, err
		}
		content, err := address.Read(ctx, c)
		if err == nil {
			o.shown(ctx).Keep(content.Shown)
		}
		return content, err
	})
}

// shown is the memory of what whoever asks has been shown.
func (o Options) shown(ctx context.Context) *tools.Shown {
	if a := askingOf(ctx); a != nil {
		return a.shown
	}
	return o.Safety.Shown
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
		return nil, harmlessError{err}
	}
	return contents(uri, c), nil
}

// harmlessError is an error whose text may have words of Flexie's in it.
type harmlessError struct{ error }

func (e harmlessError) Error() string { return resources.Harmless(e.error.Error()) }
func (e harmlessError) Unwrap() error { return e.error }

// readResult asks nothing of Flexie.
func (o Options) readResult(ctx context.Context, request mcp.ReadResourceRequest) ([]mcp.ResourceContents, error) {
	c, err := o.Results.Read(ctx, o.ownerOf(ctx), request.Params.URI)
	if err != nil {
		return nil, err
	}
	return contents(request.Params.URI, c), nil
}

func contents(uri string, c resources.Content) []mcp.ResourceContents {
	return []mcp.ResourceContents{mcp.TextResourceContents{URI: uri, MIMEType: c.MIMEType, Text: c.Text}}
}
