package tools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

// Question is the error of a call that must ask its user first. A yes is given
// by making the same call again with Caller.Agreed set to Code.
type Question struct {
	Text string // what would be done, and whether to
	Code string
}

func (q *Question) Error() string { return q.Text }

// risky reports whether what the tool does is confirmed first: it destroys,
// reaches somebody, or changes what works for everyone.
func (t Tool) risky() bool {
	return t.Act == Delete || t.Act == Send || t.Level() == AccessAdmin
}

// agreed reports whether the write may be made now. If not, the answer is its
// preview, or the error the question that is to be put to the user.
func (a *attempt) agreed(ctx context.Context) (resources.Answer, bool, error) {
	if a.who.Confirm == Never {
		return resources.Answer{}, true, nil
	}
	if err := a.beware(ctx); err != nil {
		return resources.Answer{}, false, err
	}
	if !a.tool.risky() && !a.write.surely {
		return resources.Answer{}, true, nil
	}
	if code, purpose := a.code(); code != "" {
		return a.accept(ctx, code, purpose)
	}
	answer, err := a.ask(ctx)
	return answer, false, err
}

// What codes are handed out for. One that goes with a question comes back with
// the user's own yes, and must be no use to an assistant that got hold of it.
const (
	forQuestion = "question"
	forPreview  = "preview"
)

// code is the one that the call came with, and what it must have been handed out
// for. Where only the user's own yes counts, an assistant's code is none.
func (a *attempt) code() (code, purpose string) {
	switch {
	case a.who.Agreed != "" && a.who.CanAsk:
		return a.who.Agreed, forQuestion
	case a.who.Confirm != Ask:
		return a.guard.Confirm, forPreview
	}
	return "", ""
}

// ask says what would be done, and wants a yes to that.
func (a *attempt) ask(ctx context.Context) (resources.Answer, error) {
	asking := a.who.CanAsk && a.who.Confirm != Preview && len(a.write.own) <= longestAsked
	answer, err := a.showing(ctx, asking)
	purpose, step := forPreview, Previewed
	if asking {
		purpose, step = forQuestion, Asked
	}
	var code string
	if err == nil {
		if code, err = a.who.Codes.Issue(ctx, a.bound(ctx, purpose)); err != nil {
			err = &Failure{fmt.Sprintf("Nothing was changed: the confirmation that %s needs can't be made: %v", a.tool.Name, err), err}
		}
	}
	if err != nil {
		a.who.confirmation(Refused)
		return resources.Answer{}, err
	}
	a.who.confirmation(step)
	if asking {
		return resources.Answer{}, &Question{marked(answer).Text() + "\n\nGo ahead?", code}
	}
	answer.Parts = append(answer.Parts, ours("To do it, once the user agrees, make the same call with confirm set to this code, within ten minutes.\nconfirm: "+code))
	return answer, nil
}

// MostAsked is how long a question may be, in bytes: a window has no more room.
// longestAsked is how much of that may be a text that goes out, which must be seen
// whole; what is said around it takes no more than the rest.
const (
	MostAsked    = 4000
	longestAsked = 2500
)

// showing is the preview that goes with a question or a code. A text that goes out
// is shown whole, or there is no yes to it.
func (a *attempt) showing(ctx context.Context, asking bool) (resources.Answer, error) {
	if asking {
		return a.preview(ctx, ""), nil
	}
	if a.who.Confirm == Ask {
		const way = "Nothing was changed. The operator of this server can set FLEXIE_CONFIRM=preview, which shows what would change and takes a code for a yes."
		if a.who.CanAsk {
			return resources.Answer{}, &Failure{fmt.Sprintf("%s must be confirmed by the user, and its text is too long for a question, which must show it whole: up to %d characters. Shorten it. %s", a.tool.Name, longestAsked, way), nil}
		}
		return resources.Answer{}, &Failure{fmt.Sprintf("%s must be confirmed by the user, and this client can't ask them. %s", a.tool.Name, way), nil}
	}
	answer := a.preview(ctx, "Nothing was changed yet.")
	if a.write.own != "" && (strings.HasSuffix(a.write.own, "…") || answer.Cost() > resources.MostBudget) {
		return resources.Answer{}, &Failure{"Nothing was changed: the text is so long that it can't be shown whole before it is sent. Shorten it, or send it in parts.", nil}
	}
	return answer, nil
}

// marked is an answer each text of which has its lines marked: a person reads a
// question without the fence around what is data.
func marked(a resources.Answer) resources.Answer {
	for i := range a.Parts {
		a.Parts[i].Quoted = !a.Parts[i].Ours
	}
	return a
}

// bound is what a code is good for: of two assistants of one person, each has its
// own. What the person said no to holds for both (see refused).
func (a *attempt) bound(ctx context.Context, purpose string) confirm.Binding {
	b := a.binding(ctx, purpose)
	b.By = a.who.By
	return b
}

// accept takes a code for a yes, if it is one to just this.
func (a *attempt) accept(ctx context.Context, code, purpose string) (resources.Answer, bool, error) {
	err := a.who.Codes.Accept(ctx, code, a.bound(ctx, purpose))
	a.who.confirmation(stepOf(err))
	if err == nil {
		return resources.Answer{}, true, nil
	}
	i := slices.IndexFunc(notTaken, func(n codeNotTaken) bool { return errors.Is(err, n.err) })
	if i < 0 {
		return resources.Answer{}, false, &Failure{fmt.Sprintf("Nothing was changed: the code can't be checked: %v", err), err}
	}
	answer, err := a.askAgain(ctx, notTaken[i].why)
	return answer, false, err
}

// askAgain asks once more, and says why.
func (a *attempt) askAgain(ctx context.Context, why string) (resources.Answer, error) {
	again, err := a.ask(ctx)
	if q := (*Question)(nil); errors.As(err, &q) {
		q.Text = why + ". " + q.Text
	}
	if err == nil {
		again.Summary = why + ". " + again.Summary
	}
	return again, err
}

// stepOf is which step it is that a code was taken, or was not.
func stepOf(err error) string {
	switch {
	case err == nil:
		return Accepted
	case errors.Is(err, confirm.ErrExpired):
		return Expired
	}
	return Refused
}

// codeNotTaken is why a code was not taken for a yes.
type codeNotTaken struct {
	err error
	why string
}

var notTaken = []codeNotTaken{
	{confirm.ErrMalformed, "That is no code of this server"},
	{confirm.ErrOther, "That code is for another call: other arguments, another tool, or another caller or assistant"},
	{confirm.ErrChanged, "It has changed since the preview was made"},
	{confirm.ErrExpired, "That code has expired: they last ten minutes"},
	{confirm.ErrUsed, "That code has been used: each works once. list_changes shows whether the change was made"},
}

// preview says what would be done.
func (a *attempt) preview(ctx context.Context, first string) resources.Answer {
	w := a.write
	summary := strings.TrimSpace(first + " This would " + w.does + ".")
	parts, cautions := changeParts(w.changes), w.cautions
	if len(parts) == 0 && len(w.changes) > 0 && w.act != replies {
		cautions = append([]string{soAlready(w.changes)}, cautions...)
	}
	if more := hiddenHTML(w.changes); more != "" {
		cautions = append(cautions, more)
	}
	if a.repeated.ID != 0 {
		cautions = append(cautions, a.repeats())
	}
	if w.noUndo != "" {
		cautions = append(cautions, "It can't be taken back: "+w.noUndo)
	}
	for _, c := range cautions {
		summary += " " + sentence(c)
	}
	answer := resources.Answer{Summary: summary}
	if w.act != replies { // its text is shown whole
		answer.Parts = parts
	}
	answer.Parts = append(answer.Parts, a.shown(ctx)...)
	if answer.HasTimes() {
		answer = answer.In(a.who.Client.ZoneShown(ctx))
	}
	return answer
}

// changeParts are what becomes of each field that becomes another.
func changeParts(changes []journal.Change) []resources.Part {
	table := resources.Table{Columns: []string{"field", "from", "to"}}
	for _, c := range maskedChanges(changes) {
		if c.To == hidden || !flexie.Same(c.From, c.To) {
			from, to := fromTo(c)
			table.Add(c.Field, from, to)
		}
	}
	if len(table.Rows) == 0 {
		return nil
	}
	return []resources.Part{{Table: table}}
}

// ours is a text that is this server's own, and no data.
func ours(text string) resources.Part { return resources.Part{Text: text, Ours: true} }
