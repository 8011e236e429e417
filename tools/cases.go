package tools

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
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
	return "case " + resources.Named(strings.TrimSpace(a.Identifier))
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
		return resources.LastReplies(a.String(), page, ref.ID.String()), err
	})
}

func addCaseReply() Tool {
	type args struct {
		caseArgs
		Text       string    `json:"text" doc:"The reply, plain text or HTML."`
		TemplateID flexie.ID `json:"template_id" doc:"Instead of text: id of a reply template."`
	}
	return defineWrite(Tool{
		Name: "add_case_reply", Title: "Reply to case", Act: Send, Toolset: "cases",
		Description: "Reply to the customer on a case. The customer sees it and it can't be taken back; read get_case_replies first. For an internal remark use add_note.",
		Endpoints:   []string{"cases.reply", "cases.reply_by_identifier"},
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		ref, err := a.ref()
		if err != nil {
			return Write{}, err
		}
		if (strings.TrimSpace(a.Text) == "") == (a.TemplateID == 0) {
			return Write{}, wrong("give either text or template_id: it is what the customer gets")
		}
		return planReply(ctx, c, a.caseArgs, ref, flexie.Reply{Text: a.Text, TemplateID: a.TemplateID})
	})
}

// planReply reads the conversation first: a reply to what has been answered
// meanwhile must not go out on an older yes.
func planReply(ctx context.Context, c *flexie.Client, a caseArgs, ref flexie.CaseRef, reply flexie.Reply) (Write, error) {
	conversation, err := wholly(c.CaseReplies(ctx, ref))
	if needed(err) != nil {
		return Write{}, beforehand(err)
	}
	there := flexie.NewObject()
	if err == nil {
		there.Set("there", idsOf(conversation.Records))
	}
	w := Write{
		act: replies, of: subjectOfRecords(flexie.Case, ""), does: "reply to the customer on " + a.String(), endpoint: "cases.reply",
		there: there, state: string(encoded(idsOf(conversation.Records))),
		noUndo: "the customer gets it",
		shows:  func(ctx context.Context) []resources.Part { return replyParts(ctx, c, ref, conversation, reply) },
		send:   func(ctx context.Context) (flexie.Record, error) { return c.AddCaseReply(ctx, ref, reply) },
		answer: func(r flexie.Record) resources.Answer { return replied(a, ref, r) },
	}
	if reply.Text != "" {
		w.changes = []journal.Change{{Field: "text", To: reply.Text}}
	}
	if ref.ID == 0 {
		w.endpoint = "cases.reply_by_identifier"
		there.Set("identifier", ref.Identifier)
	} else {
		w.id = ref.ID.String()
	}
	return w, nil
}

// replyParts are whom a reply goes to, what was said last, and the reply.
func replyParts(ctx context.Context, c *flexie.Client, ref flexie.CaseRef, conversation flexie.Page, reply flexie.Reply) []resources.Part {
	parts := []resources.Part{{Values: recipient(ctx, c, ref)}}
	if n := len(conversation.Records); n > 0 {
		last := resources.RepliesAnswer("", flexie.Page{Records: conversation.Records[n-1:]}).Parts
		last[0].Title = "Last so far: " + last[0].Title
		parts = append(parts, last...)
	}
	part := resources.PartOf("Your reply", reply.Text)
	if reply.TemplateID != 0 {
		part.Text = fmt.Sprintf("template %d, whose text is filled in by Flexie", reply.TemplateID)
	}
	return append(parts, part)
}

// longestEmail is the most of an address that is shown, in runes: it may be as
// long.
const longestEmail = 254

// recipient is the case and its customer, as far as they can be read.
// Assumption: case-recipient.
func recipient(ctx context.Context, c *flexie.Client, ref flexie.CaseRef) []resources.Value {
	record, err := caseOf(ctx, c, ref)
	if err != nil {
		return []resources.Value{{Name: "to", Text: "the customer of the case, who could not be read"}}
	}
	values := []resources.Value{resources.ValueOf("case", resources.PlainName(record))}
	id, ok := flexie.ParseID(textOf(record.Values.Get("contact_id")))
	if !ok {
		return append(values, resources.Value{Name: "to", Text: "the customer of the case"})
	}
	contact, err := c.Records(flexie.Contact, "").Get(ctx, id)
	if err != nil {
		return append(values, resources.Value{Name: "to", Text: fmt.Sprintf("contact %d", id)})
	}
	to := fmt.Sprintf("%s, %s (contact %d)", resources.PlainName(contact), resources.Plain(contact.Values.Get("email"), longestEmail), id)
	return append(values, resources.ValueOf("to", to))
}

func caseOf(ctx context.Context, c *flexie.Client, ref flexie.CaseRef) (flexie.Record, error) {
	all := c.Records(flexie.Case, "")
	if ref.ID != 0 {
		return all.Get(ctx, ref.ID)
	}
	page, err := all.Search(ctx, flexie.Query{Search: ref.Identifier, Limit: 5})
	for _, r := range page.Records {
		if textOf(r.Values.Get("identifier")) == ref.Identifier {
			return r, nil
		}
	}
	return flexie.Record{}, cmp.Or(err, errNotLooked)
}

func replied(a caseArgs, ref flexie.CaseRef, reply flexie.Record) resources.Answer {
	answer := wrote("Replied to "+a.String(), resources.Reply, reply)
	if reply.Values.Len() == 0 {
		answer = done("Replied to %s. get_case_replies shows it.", a.String())
	}
	if at := resources.Case.At(ref.ID.String()); at != "" {
		answer = changing(answer, at, at+"/replies")
	}
	return answer
}
