package server

import (
	"context"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/prompts"
	"flexie-mcp/tools"
)

// addPrompts offers the jobs whose tools can all be called.
func (o Options) addPrompts(s *mcpserver.MCPServer) {
	for _, p := range o.prompts() {
		options := []mcp.PromptOption{mcp.WithPromptDescription(p.Description)}
		for _, a := range p.Arguments {
			options = append(options, mcp.WithArgument(a.Name, describeArgument(a)...))
		}
		described := mcp.NewPrompt(p.Name, options...)
		described.Title = p.Title
		s.AddPrompt(described, getPrompt(p))
	}
}

func (o Options) prompts() []prompts.Prompt {
	reachable := map[string]bool{}
	for _, t := range tools.Reachable(o.Tools) {
		reachable[t.Name] = true
	}
	return prompts.Offered(prompts.All(), func(tool string) bool { return reachable[tool] })
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

func (o Options) completions() completions {
	return completions{prompts.Completer{
		Client: o.Client, Tables: o.Tables, Prompts: o.prompts(), Templates: o.templateURIs(),
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
