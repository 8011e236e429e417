package server

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/prompts"
)

// addPrompts offers the jobs whose tools can all be called.
func (f *Offer) addPrompts() {
	for _, p := range f.allPrompts() {
		options := []mcp.PromptOption{mcp.WithPromptDescription(p.Description)}
		for _, a := range p.Arguments {
			options = append(options, mcp.WithArgument(a.Name, describeArgument(a)...))
		}
		described := mcp.NewPrompt(p.Name, options...)
		described.Title = p.Title
		f.AddPrompt(described, getPrompt(p))
	}
	f.GetHooks().AddAfterListPrompts(func(ctx context.Context, _ any, _ *mcp.ListPromptsRequest, result *mcp.ListPromptsResult) {
		result.Prompts = f.options().doable(ctx, result.Prompts)
	})
}

func (o Options) prompts() []prompts.Prompt {
	return prompts.Offered(prompts.All(), func(tool string) bool { _, ok := o.reachable[tool]; return ok })
}

// doable are those listed whose tools whoever is asking may use.
func (o Options) doable(ctx context.Context, listed []mcp.Prompt) []mcp.Prompt {
	client, err := o.Client(ctx)
	if err != nil {
		return listed
	}
	names := map[string]bool{}
	for _, p := range prompts.Offered(o.prompts(), func(tool string) bool { return o.mayUse(ctx, client, tool) == nil }) {
		names[p.Name] = true
	}
	return left(listed, func(p mcp.Prompt) bool { return names[p.Name] })
}

func describeArgument(a prompts.Argument) []mcp.ArgumentOption {
	options := []mcp.ArgumentOption{mcp.ArgumentDescription(a.Description)}
	if a.Required {
		options = append(options, mcp.RequiredArgument())
	}
	return options
}

func getPrompt(p prompts.Prompt) mcpserver.PromptHandlerFunc {
	return func(_ context.Context, request mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
		text, err := p.Text(request.Params.Arguments)
		if err != nil {
			return nil, err
		}
		return mcp.NewGetPromptResult(p.Description, []mcp.PromptMessage{
			mcp.NewPromptMessage(mcp.RoleUser, mcp.NewTextContent(text)),
		}), nil
	}
}

// completions suggest values for the arguments of prompts, and for the
// variables of addresses.
type completions struct{ prompts.Completer }

func (o *Options) completions(ctx context.Context) completions {
	return completions{prompts.Completer{
		Client: o.Client, Tables: o.tables(askingOf(ctx)), Prompts: o.prompts(), Templates: o.templateURIs(),
		Allows: func(ctx context.Context, client *flexie.Client, tool string) bool {
			return o.mayUse(ctx, client, tool) == nil
		},
	}}
}

// CompletePromptArgument implements mcp-go's provider.
func (c completions) CompletePromptArgument(ctx context.Context, prompt string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	values, err := c.Prompt(ctx, prompt, argument.Name, argument.Value, known.Arguments)
	return completion(values), err
}

// CompleteResourceArgument implements mcp-go's provider.
func (c completions) CompleteResourceArgument(ctx context.Context, uri string, argument mcp.CompleteArgument, known mcp.CompleteContext) (*mcp.Completion, error) {
	values, err := c.Resource(ctx, uri, argument.Name, argument.Value, known.Arguments)
	return completion(values), err
}

func completion(values []string) *mcp.Completion {
	if values == nil {
		values = []string{} // an array on the wire, not null
	}
	return &mcp.Completion{Values: values}
}
