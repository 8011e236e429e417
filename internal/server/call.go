package server

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// call runs a tool for whoever asks. mcp-go logs that and for how long it ran;
// a failure is logged here by its kind alone, since arguments and the texts of
// errors are people's data.
func (o Options) call(t tools.Tool) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		ctx, done := whileStreaming(ctx)
		defer done()
		answer, err := o.run(ctx, t, request)
		if err != nil {
			o.Log.InfoContext(ctx, "tool call failed", "tool", t.Name, "kind", kindOf(err))
			return errorResult(err), nil
		}
		o.subscriptions.changed(answer)
		return result(o.affordable(answer)), nil
	}
}

func (o Options) run(ctx context.Context, t tools.Tool, request mcp.CallToolRequest) (resources.Answer, error) {
	client, err := o.Client(ctx)
	if err != nil {
		return resources.Answer{}, err
	}
	arguments := request.Params.RawArguments
	if len(arguments) == 0 {
		arguments = encode(request.Params.Arguments)
	}
	return t.Run(ctx, client, arguments)
}

// affordable cuts an answer to its budget, and keeps the whole of it under an
// address that the cut one names.
func (o Options) affordable(a resources.Answer) resources.Answer {
	budget := a.Budget(o.AnswerTokens)
	if a.Cost() <= budget {
		return a
	}
	return a.Cut(budget, o.Results.Keep(caller, a))
}

// caller is who asks. One server works for one person so far.
const caller = ""

// result is an answer as MCP carries it: its text, the same as data, and a link
// to the record that it is about.
func result(a resources.Answer) *mcp.CallToolResult {
	r := mcp.NewToolResultStructured(a.Structured(), a.Text())
	if a.Link != "" {
		r.Content = append(r.Content, mcp.NewResourceLink(a.Link, a.Link, "", "text/markdown"))
	}
	return r
}

// encode writes what can't fail to be written: schemas, and arguments that
// were just read.
func encode(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}
