package server

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/tools"
)

// Questions to the user about what is to be done. Up to revision 2025-11-25 the
// server asks while the call waits; from 2026-07-28 on the call ends with the
// question, and the client makes it again with the answer.

const (
	// questionID names the one question of a call.
	questionID = "confirm"

	// answerTime is how long a user has. Some clients declare that they can ask,
	// and then show nothing.
	answerTime = 2 * time.Minute
)

// canAsk reports whether the client of a call can put a question to its user.
func canAsk(ctx context.Context, request mcp.CallToolRequest) bool {
	if mcp.IsModernProtocol(mcpserver.RequestProtocolVersion(ctx)) {
		declared := request.Params.Meta.ClientCapabilities()
		return declared != nil && takesForms(declared.Elicitation)
	}
	session := mcpserver.ClientSessionFromContext(ctx)
	_, able := session.(mcpserver.SessionWithElicitation)
	told, ok := session.(mcpserver.SessionWithClientInfo)
	return able && ok && takesForms(told.GetClientCapabilities().Elicitation)
}

// takesForms reports whether a client shows forms, which is what one that says
// no more than that it can ask does.
func takesForms(c *mcp.ElicitationCapability) bool {
	return c != nil && (c.Form != nil || c.URL == nil)
}

// ask puts a question to the user, and makes the call again when they say yes.
func (o Options) ask(ctx context.Context, q *tools.Question, again func(code string) *mcp.CallToolResult) *mcp.CallToolResult {
	params := mcp.ElicitationParams{Message: forPeople(q.Text), RequestedSchema: yesOrNo}
	if mcp.IsModernProtocol(mcpserver.RequestProtocolVersion(ctx)) {
		return mcpserver.NewInputRequestBuilder(q.Code).Elicit(questionID, params).ToolResult()
	}
	asking, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := mcpserver.ServerFromContext(ctx).RequestElicitation(asking, mcp.ElicitationRequest{Params: params})
	switch {
	case err == nil && answer != nil:
		return o.answered(answer.ElicitationResponse, q.Code, again)
	case ctx.Err() != nil:
		return unchanged("The call was cancelled while the user was asked. Nothing was changed.")
	case asking.Err() != nil:
		o.Observing.Metrics.Confirmation(tools.Expired)
		return unchanged("The user did not answer within two minutes. Nothing was changed." + unseen)
	}
	o.Observing.Metrics.Confirmation(tools.Refused)
	return unchanged("The user could not be asked. Nothing was changed." + unseen)
}

// unchanged is the answer of a call that ended with its question.
func unchanged(why string) *mcp.CallToolResult { return errorResult(&tools.Failure{Message: why}) }

// unseen is for those whose client declares questions and shows none.
const unseen = " If no question was seen, this client does not show any: the operator of this server can set FLEXIE_CONFIRM=preview."

// answered goes on by what the user said.
func (o Options) answered(answer mcp.ElicitationResponse, code string, again func(code string) *mcp.CallToolResult) *mcp.CallToolResult {
	if answer.Action == mcp.ElicitationResponseActionAccept && !saidNo(answer.Content) {
		return again(code)
	}
	o.Observing.Metrics.Confirmation(tools.Declined)
	if answer.Action == mcp.ElicitationResponseActionCancel {
		return unchanged("The user closed the question without an answer. Nothing was changed: do not try it another way, ask them first." + unseen)
	}
	return unchanged("The user said no. Nothing was changed, and that is final: do not try it another way." + unseen)
}

// yesOrNo is the form of a question. One without a field is shown by some
// clients as nothing.
var yesOrNo = map[string]any{
	"type": "object",
	"properties": map[string]any{
		questionID: map[string]any{"type": "boolean", "title": "Do it", "default": true},
	},
}

// saidNo reports whether the form was sent with anything but a yes in it.
func saidNo(content any) bool {
	form, _ := content.(map[string]any)
	yes, given := form[questionID]
	return given && yes != true && yes != "true"
}

// fences are the lines that tell a model what is data. A person needs none.
var fences = regexp.MustCompile(`(?m)^</?crm-data-[a-z]+>\n?`)

// mostAsked is how long a question may be, in bytes: a window has no more room.
const mostAsked = 4000

// forPeople is a question as a person reads it, who must see its end.
func forPeople(text string) string {
	text = fences.ReplaceAllString(text, "")
	if len(text) <= mostAsked {
		return text
	}
	question := max(strings.LastIndex(text, "\n\n"), 0)
	begin := strings.ToValidUTF8(text[:min(question, mostAsked)], "")
	return begin + "…\n\n(There is more, which is cut off here.)" + text[question:]
}
