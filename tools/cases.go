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
	to := recipientOf(ctx, c, ref)
	w := Write{
		act: replies, of: subjectOfRecords(flexie.Case, ""), does: "reply to the customer on " + a.String(), endpoint: "cases.reply",
		id: cmp.Or(idText(ref.ID), to.caseID), there: there, state: string(encoded([]any{idsOf(conversation.Records), to.state})),
		noUndo: "the customer gets it", own: replyText(reply),
		shows:  func(context.Context) []resources.Part { return replyParts(to, conversation, reply) },
		send:   func(ctx context.Context) (flexie.Record, error) { return c.AddCaseReply(ctx, ref, reply) },
		answer: func(r flexie.Record) resources.Answer { return replied(a, ref, r) },
	}
	if reply.Text != "" {
		w.changes = []journal.Change{{Field: "text", To: reply.Text}}
	}
	if reply.TemplateID != 0 {
		there.Set("template", reply.TemplateID.String())
	}
	if ref.ID == 0 {
		w.endpoint = "cases.reply_by_identifier"
		there.Set("identifier", ref.Identifier)
	}
	return w, nil
}

// longestLast is how much of the last reply is shown beside a new one, in runes.
const longestLast = 500

// replyParts are whom a reply goes to, the reply, and what was said last. The
// reply comes before what others wrote, and each line of both is marked: nothing
// in the one can be taken for the other.
func replyParts(to recipient, conversation flexie.Page, reply flexie.Reply) []resources.Part {
	own := resources.PartOf("Your reply", reply.Text)
	own.Text, own.Quoted = replyText(reply), reply.TemplateID == 0
	parts := []resources.Part{{Values: to.values}, own}
	if n := len(conversation.Records); n > 0 {
		parts = append(parts, resources.LastReply(conversation.Records[n-1], longestLast))
	}
	return parts
}

// replyText is what goes out, as far as it is known here.
func replyText(reply flexie.Reply) string {
	if reply.TemplateID != 0 {
		return fmt.Sprintf("template %d, whose text is filled in by Flexie", reply.TemplateID)
	}
	return resources.Text(reply.Text)
}

// longestEmail is the most of an address that is shown, in runes: it may be as
// long.
const longestEmail = 254

// recipient is the case of a reply and its customer, as far as they can be read.
type recipient struct {
	caseID string // "" if not known
	values []resources.Value
	state  []any // what of it a yes is bound to
}

// recipientOf looks up whom a reply goes to. Assumption: case-recipient.
func recipientOf(ctx context.Context, c *flexie.Client, ref flexie.CaseRef) recipient {
	record, err := caseOf(ctx, c, ref)
	if err != nil {
		return recipient{values: []resources.Value{{Name: "to", Text: "the customer of the case, who could not be read"}}}
	}
	to := recipient{caseID: record.ID, values: []resources.Value{resources.ValueOf("case", resources.PlainName(record))}}
	id, ok := flexie.ParseID(textOf(record.Values.Get("contact_id")))
	if !ok {
		to.values = append(to.values, resources.Value{Name: "to", Text: "the customer of the case"})
		return to
	}
	to.state = []any{id.String()}
	contact, err := c.Records(flexie.Contact, "").Get(ctx, id)
	if err != nil {
		to.values = append(to.values, resources.Value{Name: "to", Text: fmt.Sprintf("contact %d", id)})
		return to
	}
	email := contact.Values.Get("email")
	to.state = append(to.state, resources.PlainName(contact), email)
	text := fmt.Sprintf("%s, %s (contact %d)", resources.PlainName(contact), resources.Plain(email, longestEmail), id)
	to.values = append(to.values, resources.ValueOf("to", text))
	return to
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
