package tools

import (
	"context"
	"fmt"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

func emailTools() []Tool {
	n := resources.Email
	return []Tool{
		searchTool(n, "Find emails for send_email, e.g. newsletters.", (*flexie.Client).SearchEmails),
		getTool(n, "Read one email by id: subject, content, status.", (*flexie.Client).Email),
		sendEmail(),
	}
}

func sendEmail() Tool {
	type args struct {
		idArg
		Limit int64 `json:"limit" jsonschema:"minimum=1" doc:"Send to at most so many people."`
	}
	return defineWrite(Tool{
		Name: "send_email", Title: "Send email", Act: Send, Toolset: "emails", Endpoints: []string{"emails.send"},
		Description: "Send an existing email to the people it is addressed to, now; it can't be taken back. Read it with get_email first. Returns how many got it.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		email, err := c.Email(ctx, a.ID)
		if err != nil {
			return Write{}, beforehand(err)
		}
		there := flexie.NewObject()
		there.Set("sent", email.Values.Get("sentCount"))
		to := recipients(email, a.Limit)
		return Write{
			act: sends, of: emailSubject, id: a.ID.String(), endpoint: "emails.send", before: email, there: there,
			does:   "send " + emailSubject.title(email) + " to " + to,
			state:  stateOfEmail(email) + to,
			noUndo: "whoever gets an email has it",
			shows:  func(context.Context) []resources.Part { return resources.RecordAnswer(resources.Email, email).Parts },
			send:   func(ctx context.Context) (flexie.Record, error) { return c.SendEmail(ctx, a.ID, a.Limit) },
			answer: func(sent flexie.Record) resources.Answer { return sentAnswer(a.ID, sent) },
		}, nil
	})
}

// recipients are who gets an email, as far as it says.
// Assumption: email-recipients.
func recipients(email flexie.Record, limit int64) string {
	to := "the people it is addressed to: Flexie does not say here how many"
	if lists := listsOf(email); lists != "" {
		to = "everybody on " + lists + ": Flexie does not say here how many"
	}
	for _, name := range []string{"pendingCount", "recipientCount", "queuedCount"} {
		if n := count(email.Values.Get(name)); n >= 0 {
			to = fmt.Sprintf("%d people", n)
		}
	}
	if limit > 0 {
		to += fmt.Sprintf(", at most %d of them", limit)
	}
	return to
}

// listsOf calls the lists of an email by their names, or by their ids where it
// does not say more: list 1.
func listsOf(email flexie.Record) string {
	all, isMany := email.Values.Get("lists").([]any)
	if !isMany {
		all = []any{email.Values.Get("lists")}
	}
	var names []string
	for _, list := range all {
		switch text := resources.Text(list); {
		case text == "":
		case textOf(plainID(list)) == text:
			names = append(names, "list "+resources.Named(text))
		default:
			names = append(names, "list "+resources.Quote(text))
		}
	}
	return strings.Join(names, " and ")
}

// stateOfEmail is what of an email a yes is bound to. How often it has been read
// changes by itself.
func stateOfEmail(email flexie.Record) string {
	var b strings.Builder
	for name, value := range email.Values.All() {
		if !strings.HasSuffix(name, "Count") {
			fmt.Fprintf(&b, "%s=%s\n", name, encoded(value))
		}
	}
	return b.String()
}

func sentAnswer(id flexie.ID, sent flexie.Record) resources.Answer {
	count, failed := resources.Cell(sent.Values.Get("sentCount")), resources.Cell(sent.Values.Get("failedCount"))
	if count == "" {
		return done("Flexie took email %d to send, and did not say to how many.", id)
	}
	if failed == "" || failed == "0" {
		return done("Sent email %d to %s; none failed.", id, people(count))
	}
	return done("Sent email %d to %s; %s failed.", id, people(count), failed)
}

func people(count string) string {
	if count == "1" {
		return "1 person"
	}
	return count + " people"
}
