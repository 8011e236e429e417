package server

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// call runs a tool for whoever asks.
func (o Options) call(t tools.Tool) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, request mcp.CallToolRequest) (answer *mcp.CallToolResult, _ error) {
		ctx, done := whileStreaming(ctx)
		defer done()
		ctx, ended := o.Observing.call(ctx, t, request)
		defer func() { ended(answer) }()
		who, err := o.caller(ctx, request)
		if err != nil {
			return errorResult(err), nil
		}
		who.Events = o.Observing.Metrics
		ctx, told := withProgress(ctx, request.Params.Meta)
		defer told()
		c := call{o, t, who, argumentsOf(request), 0}
		if t.Act.ReadOnly {
			return c.run(ctx, ""), nil
		}
		return o.whileAwaited(ctx, func() *mcp.CallToolResult { return c.first(ctx, request.Params) }), nil
	}
}

// call is one call of a tool.
type call struct {
	Options
	tool      tools.Tool
	who       tools.Caller
	arguments json.RawMessage
	asked     int // how often its user has answered a question about it
}

// first makes the call, or makes it again with the user's answer to the question
// that it ended with before.
func (c call) first(ctx context.Context, params mcp.CallToolParams) *mcp.CallToolResult {
	if params.RequestState == "" {
		return c.run(ctx, "")
	}
	answer := mcpserver.ElicitationResponse(params.InputResponses, questionID)
	if answer == nil {
		c.void(ctx, params.RequestState)
		return unchanged("The question came back without its answer. Nothing was changed: make the call again, and the user is asked once more.")
	}
	return c.answered(ctx, answer.ElicitationResponse, params.RequestState)
}

// run makes the call; agreed is the code of the question that the user said yes
// to, if one was asked.
func (c call) run(ctx context.Context, agreed string) *mcp.CallToolResult {
	c.who.Agreed = agreed
	answer, err := c.tool.Run(ctx, c.who, c.arguments)
	var question *tools.Question
	switch {
	case errors.As(err, &question):
		return c.ask(ctx, question)
	case err != nil:
		return c.failed(ctx, err)
	}
	c.subscriptions.changed(ctx, answer)
	r := result(answer.Link, c.affordable(ctx, answer))
	if answer.Picture != nil {
		r.Content = append(r.Content, mcp.NewImageContent(base64.StdEncoding.EncodeToString(answer.Picture), "image/png"))
	}
	return r
}

func argumentsOf(request mcp.CallToolRequest) json.RawMessage {
	if len(request.Params.RawArguments) > 0 {
		return request.Params.RawArguments
	}
	return encode(request.Params.Arguments)
}

// affordable writes an answer. One over its budget it cuts, and keeps the whole of
// it under an address that the cut one names.
func (o Options) affordable(ctx context.Context, a resources.Answer) resources.Written {
	budget := a.Budget(o.AnswerTokens)
	whole := a.Write()
	if whole.Fits(budget) {
		return whole
	}
	uri, err := o.Results.Keep(ctx, o.ownerOf(ctx), a)
	if err != nil {
		o.Log.WarnContext(ctx, "an answer that was cut could not be kept whole", "reason", err)
	}
	return a.Cut(budget, uri).Write()
}

// ownerOf is whose a result is, where several servers keep theirs in one place.
func (o Options) ownerOf(ctx context.Context) string {
	if a := askingOf(ctx); a != nil && a.Caller != "" {
		return strings.TrimSpace(a.Caller + " " + a.Credential) // one assistant may have read what another may not
	}
	return o.Safety.Workspace + " " + o.Safety.Caller
}

// result is an answer as MCP carries it: its text, the same as data, and a link
// to the record that it is about.
func result(link string, w resources.Written) *mcp.CallToolResult {
	r := &mcp.CallToolResult{Content: []mcp.Content{mcp.NewTextContent(w.Text)}, RawStructuredContent: w.Data}
	if link != "" {
		r.Content = append(r.Content, mcp.NewResourceLink(link, link, "", "text/markdown"))
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
