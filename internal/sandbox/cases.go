package sandbox

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

var caseFields = []field{
	{alias: "title", label: "Title", typ: "text", group: "core", required: true, unique: true},
	{alias: "identifier", label: "Identifier", typ: "text", group: "core", unique: true, readOnly: true},
	{alias: "source", label: "Source", typ: "select", group: "core", options: []string{"Email", "Phone", "Web form", "Chat"}},
	{alias: "category", label: "Category", typ: "select", group: "core", options: []string{"Bug", "Question", "Billing", "Delivery", "Feature request"}},
	{alias: "priority", label: "Priority", typ: "select", group: "core", options: []string{"Low", "Medium", "High", "Urgent"}, initial: "Medium"},
	{alias: "public_status", label: "Public status", typ: "select", group: "core", options: []string{"New Opened", "In Process", "Waiting for Customer", "Resolved", "Closed"}, initial: "New Opened"},
	{alias: "internalStatus", label: "Internal status", typ: "select", group: "core", options: []string{"open", "pending", "escalated", "closed"}, initial: "open"},
	{alias: "owner_id", label: "Owner", typ: "owner", group: "core", target: "user"},
	{alias: "contact_id", label: "Contact", typ: "lookup", group: "core", target: "contact"},
	{alias: "account_id", label: "Account", typ: "lookup", group: "core", target: "account"},
	{alias: "description", label: "Description", typ: "textarea", group: "details"},
	{alias: "due_at", label: "Due at", typ: "datetime", group: "details"},
	{alias: "satisfaction", label: "Satisfaction (1-5)", typ: "number", group: "details"},
	{alias: "is_billable", label: "Billable", typ: "boolean", group: "details", initial: false},
	{alias: "labels", label: "Labels", typ: "multiselect", group: "details", options: []string{"Login", "API", "Mobile app", "Invoice", "Hardware", "Integration"}},
	{alias: "tracker", label: "Tracker link", typ: "url", group: "details"},
}

// A reply's type says which way it went: incoming, outgoing or internal.
var replyFields = []field{
	{alias: "text", typ: "textarea", required: true},
	{alias: "type", typ: "text"},
	{alias: "is_public", typ: "boolean", as: "isPublic"},
	{alias: "author", typ: "text"},
	{alias: "author_email", typ: "email", as: "authorEmail"},
	{alias: "template_id", typ: "lookup", target: "email", as: "templateId"},
	{alias: "case_id", typ: "lookup", as: "caseId"},
}

// identifier is a case's public name, as REF-1042 on Flexie's page.
func identifier(id int64) string { return fmt.Sprintf("REF-%d", 1000+id) }

func finishCase(_ *call, it *item, _ problems) error {
	it.data["identifier"] = identifier(it.id)
	return nil
}

// caseOf is the case that the path names, by its id or its identifier.
func (c *call) caseOf() (*item, error) {
	name, byName := c.path["identifier"]
	if !byName {
		return c.item()
	}
	var id int64
	err := c.QueryRow(`SELECT id FROM item WHERE kind = 'case' AND sandbox_fold(data ->> 'identifier') = ?`, fold(name)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, notFound("No case has the identifier %q.", name)
	}
	if err != nil {
		return nil, err
	}
	return c.find(cases, id)
}

// caseReplies answers a case's replies, the oldest first.
func caseReplies(c *call) (any, error) {
	it, err := c.caseOf()
	if err != nil {
		return nil, err
	}
	q, err := c.query(replies, listRequest{})
	if err != nil {
		return nil, err
	}
	q.order = "created, id"
	q.and(`data ->> 'case_id' = ?`, it.id)
	return c.answerPage(replies, q)
}

// addReply answers the customer: with a text, or with what a template says.
func addReply(c *call) (any, error) {
	it, err := c.caseOf()
	if err != nil {
		return nil, err
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	implied := values{"case_id": number64(it.id), "type": "outgoing", "is_public": true}
	if err := c.fillReply(it, body, implied); err != nil {
		return nil, err
	}
	if err := c.touch(it); err != nil {
		return nil, err
	}
	if err := c.put(it); err != nil {
		return nil, err
	}
	return c.createWith(replies, body, implied)
}

// fillReply checks what a reply is made of, and says who speaks. Guess: a
// template is an email whose type is template.
func (c *call) fillReply(it *item, body, implied values) error {
	bad := problems{}
	for alias := range body {
		if alias != "text" && alias != "template_id" {
			bad.add(alias, "Unknown field.")
		}
	}
	if isEmpty(body["text"]) == isEmpty(body["template_id"]) {
		bad.add("text", "A reply has either a text or a template_id.")
	}
	if err := bad.err(); err != nil {
		return err
	}
	if err := c.loadNames(); err != nil {
		return err
	}
	implied["author"], implied["author_email"] = c.names[c.user.id].full(), c.user.data["email"]
	if isEmpty(body["template_id"]) {
		return nil
	}
	text, err := c.fromTemplate(it, body["template_id"])
	delete(body, "text") // it was empty
	implied["text"] = text
	return err
}

// fromTemplate is a template's text, addressed to the case's contact.
func (c *call) fromTemplate(it *item, id any) (string, error) {
	text, _ := plain(id)
	n, _ := number(text)
	template, err := c.find(emails, integer(n))
	if err != nil || template.data["email_type"] != "template" {
		return "", notFound("No template has the id %s.", shown(id))
	}
	html, _ := template.data["custom_html"].(string)
	name := "there"
	if contact, err := c.find(contacts, integer(it.data["contact_id"])); err == nil {
		name, _ = contact.data["first_name"].(string)
	}
	return strings.ReplaceAll(html, "{first_name}", name), nil
}
