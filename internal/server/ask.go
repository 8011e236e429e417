package server

import (
	"context"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/resources"
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

// mostAskedAgain is how often a user is asked once more within one call, as what
// they said yes to had become another by then.
const mostAskedAgain = 2

// ask puts a question to the user, and makes the call again when they say yes.
// With any other end of it its code is void.
func (c call) ask(ctx context.Context, q *tools.Question) *mcp.CallToolResult {
	if c.asked > mostAskedAgain {
		c.void(ctx, q.Code)
		return unchanged("It was changed again each time that the user had said yes. Nothing was changed by this call: wait until it is no longer worked on.")
	}
	params := mcp.ElicitationParams{Message: forPeople(q.Text), RequestedSchema: yesOrNo}
	if mcp.IsModernProtocol(mcpserver.RequestProtocolVersion(ctx)) {
		return mcpserver.NewInputRequestBuilder(q.Code).Elicit(questionID, params).ToolResult()
	}
	asking, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	answer, err := mcpserver.ServerFromContext(ctx).RequestElicitation(asking, mcp.ElicitationRequest{Params: params})
	if err == nil && answer != nil {
		c.asked++
		return c.answered(ctx, answer.ElicitationResponse, q.Code)
	}
	c.void(ctx, q.Code)
	switch {
	case ctx.Err() != nil:
		return unchanged("The call was cancelled while the user was asked. Nothing was changed.")
	case asking.Err() != nil:
		c.Observing.Metrics.Confirmation(tools.Expired)
		return unchanged("The user did not answer within two minutes. Nothing was changed." + tools.UnseenQuestion)
	}
	c.Observing.Metrics.Confirmation(tools.Refused)
	return unchanged("The user could not be asked. Nothing was changed." + tools.UnseenQuestion)
}

// unchanged is the answer of a call that ended with its question.
func unchanged(why string) *mcp.CallToolResult { return errorResult(&tools.Failure{Message: why}) }

// no is the answer of a call whose user does not want it.
func no(why string) *mcp.CallToolResult { return errorResult(tools.SaidNo(why)) }

// void makes the code of a question of no use, also when the call is over. What
// can't be voided ends by itself within ten minutes.
func (c call) void(ctx context.Context, code string) {
	if c.who.Codes != nil {
		_ = c.who.Codes.Void(context.WithoutCancel(ctx), code)
	}
}

// answered goes on by what the user said.
func (c call) answered(ctx context.Context, answer mcp.ElicitationResponse, code string) *mcp.CallToolResult {
	if answer.Action == mcp.ElicitationResponseActionAccept && !saidNo(answer.Content) {
		return c.run(ctx, code)
	}
	c.void(ctx, code)
	c.Observing.Metrics.Confirmation(tools.Declined)
	if answer.Action == mcp.ElicitationResponseActionCancel {
		return no("The user closed the question without an answer. Nothing was changed: do not try it another way, ask them first." + tools.UnseenQuestion)
	}
	return c.declined(ctx)
}

// declined tells the tool of the no, which remembers it for this call.
func (c call) declined(ctx context.Context) *mcp.CallToolResult {
	c.who.Declined = true
	_, _ = c.tool.Run(ctx, c.who, c.arguments) // it makes nothing, and should it fail, a no is a no
	return no(tools.UserSaidNo)
}

// yesOrNo is the form of a question. One without a field is shown by some clients
// as nothing. A form that is sent as it stands is no yes.
var yesOrNo = map[string]any{
	"type": "object",
	"properties": map[string]any{
		questionID: map[string]any{"type": "boolean", "title": "Do it", "default": false},
	},
	"required": []string{questionID},
}

// saidNo reports whether the form was sent with anything but a yes in it. Without
// the field it is a yes: clients that show no forms but two buttons, Codex for one,
// accept with nothing or an empty object, and have no other way to say it. Those
// that show the form send what stands in it, as it is required.
func saidNo(content any) bool {
	form, _ := content.(map[string]any)
	yes, given := form[questionID]
	return given && yes != true && yes != "true"
}

// Unfenced is the text of an answer as a person reads it.
func Unfenced(text string) string { return resources.Unfenced(text) }

// forPeople is a question as a person reads it, who must see its end.
func forPeople(text string) string {
	text = Unfenced(text)
	if len(text) <= tools.MostAsked {
		return text
	}
	question := max(strings.LastIndex(text, "\n\n"), 0)
	begin := strings.ToValidUTF8(text[:min(question, tools.MostAsked)], "")
	return begin + "…\n\n(There is more, which is cut off here.)" + text[question:]
}
