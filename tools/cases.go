package tools

import (
	"context"
	"fmt"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

type caseArgs struct {
	ID         flexie.ID `json:"id" doc:"The case's id."`
	Identifier string    `json:"identifier" doc:"Instead of id: its public identifier, e.g. REF-1042."`
}

func (a caseArgs) ref() (flexie.CaseRef, error) {
	ref := flexie.CaseRef{ID: a.ID, Identifier: strings.TrimSpace(a.Identifier)}
	if (ref.ID == 0) == (ref.Identifier == "") {
		return ref, wrong("give either id or identifier, to say which case")
	}
	return ref, nil
}

func (a caseArgs) String() string {
	if a.ID != 0 {
		return fmt.Sprintf("case %d", a.ID)
	}
	return "case " + strings.TrimSpace(a.Identifier)
}

func caseReplyTools() []Tool {
	return inCore("get_case_replies add_case_reply", getCaseReplies(), addCaseReply())
}

func getCaseReplies() Tool {
	return define(Tool{
		Name: "get_case_replies", Title: "Get case replies", Act: Read, Toolset: "cases",
		Description: "Read the conversation of a case: each reply, when and by whom. get_case has the case itself.",
		Endpoints:   []string{"cases.replies", "cases.replies_by_identifier"},
	}, func(ctx context.Context, c *flexie.Client, a caseArgs) (resources.Answer, error) {
		ref, err := a.ref()
		if err != nil {
			return resources.Answer{}, err
		}
		page, err := c.CaseReplies(ctx, ref)
		return resources.RepliesAnswer(a.String(), page), err
	})
}

func addCaseReply() Tool {
	type args struct {
		caseArgs
		Text       string    `json:"text" doc:"The reply, plain text or HTML."`
		TemplateID flexie.ID `json:"template_id" doc:"Instead of text: id of a reply template."`
	}
	return define(Tool{
		Name: "add_case_reply", Title: "Reply to case", Act: Send, Toolset: "cases",
		Description: "Reply to the customer on a case. The customer sees it and it can't be taken back; read get_case_replies first. For an internal remark use add_note.",
		Endpoints:   []string{"cases.reply", "cases.reply_by_identifier"},
	}, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		ref, err := a.ref()
		if err != nil {
			return resources.Answer{}, err
		}
		if (strings.TrimSpace(a.Text) == "") == (a.TemplateID == 0) {
			return resources.Answer{}, wrong("give either text or template_id: it is what the customer gets")
		}
		reply, err := c.AddCaseReply(ctx, ref, flexie.Reply{Text: a.Text, TemplateID: a.TemplateID})
		answer := wrote("Replied to "+a.String(), resources.Reply, reply)
		if reply.Values.Len() == 0 {
			answer = done("Replied to %s. get_case_replies shows it.", a.String())
		}
		if at := resources.Case.At(ref.ID.String()); at != "" {
			answer = changing(answer, at, at+"/replies")
		}
		return answer, err
	})
}
