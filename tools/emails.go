package tools

import (
	"context"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func emailTools() []Tool {
	n := resources.Email
	return []Tool{
		searchTool(n, "Find emails by text, filters and order.", (*flexie.Client).SearchEmails),
		getTool(n, "Read one email by id: subject, content, status.", (*flexie.Client).Email),
		sendEmail(),
	}
}

func sendEmail() Tool {
	type args struct {
		idArg
		Limit int64 `json:"limit" jsonschema:"minimum=1" doc:"Send to at most so many people."`
	}
	return define(Tool{
		Name: "send_email", Title: "Send email", Act: Send, Toolset: "emails", Endpoints: []string{"emails.send"},
		Description: "Send an existing email to the people it is addressed to, now; it can't be taken back. Read it with get_email first. Returns how many got it.",
	}, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		sent, err := c.SendEmail(ctx, a.ID, a.Limit)
		return sentAnswer(a.ID, sent), err
	})
}

func sentAnswer(id flexie.ID, sent flexie.Record) resources.Answer {
	count, failed := resources.Cell(sent.Values.Get("sentCount")), resources.Cell(sent.Values.Get("failedCount"))
	if count == "" {
		return done("Flexie took email %d to send, and did not say to how many.", id)
	}
	if failed == "" || failed == "0" {
		return done("Sent email %d to %s; none failed.", id, count)
	}
	return done("Sent email %d to %s; %s failed.", id, count, failed)
}
