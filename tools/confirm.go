package tools

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

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
	if code := cmp.Or(a.who.Agreed, a.guard.Confirm); code != "" {
		return a.accept(ctx, code)
	}
	answer, err := a.ask(ctx)
	return answer, false, err
}

// ask says what would be done, and wants a yes to that.
func (a *attempt) ask(ctx context.Context) (resources.Answer, error) {
	asking := a.who.CanAsk && a.who.Confirm != Preview
	if !asking && a.who.Confirm == Ask {
		a.who.confirmation(Refused)
		return resources.Answer{}, &Failure{fmt.Sprintf("%s must be confirmed by the user, and this client can't ask them. Nothing was changed. The operator of this server can set FLEXIE_CONFIRM=preview, which shows what would change and takes a code for a yes.", a.tool.Name), nil}
	}
	code, err := a.who.Codes.Issue(a.binding())
	if err != nil {
		a.who.confirmation(Refused)
		return resources.Answer{}, &Failure{fmt.Sprintf("Nothing was changed: the confirmation that %s needs can't be made: %v", a.tool.Name, err), err}
	}
	if asking {
		a.who.confirmation(Asked)
		return resources.Answer{}, &Question{a.preview(ctx, "").Text() + "\n\nGo ahead?", code}
	}
	a.who.confirmation(Previewed)
	answer := a.preview(ctx, "Nothing was changed yet.")
	answer.Parts = append(answer.Parts, ours("To do it, once the user agrees, make the same call with confirm set to this code, within ten minutes.\nconfirm: "+code))
	return answer, nil
}

// accept takes a code for a yes, if it is one to just this.
func (a *attempt) accept(ctx context.Context, code string) (resources.Answer, bool, error) {
	err := a.who.Codes.Accept(ctx, code, a.binding())
	a.who.confirmation(stepOf(err))
	if err == nil {
		return resources.Answer{}, true, nil
	}
	why, fits := map[error]string{
		confirm.ErrMalformed: "That is no code of this server",
		confirm.ErrOther:     "That code is for another call: other arguments, another tool or another caller",
		confirm.ErrChanged:   "It has changed since the preview was made",
		confirm.ErrExpired:   "That code has expired: they last ten minutes",
		confirm.ErrUsed:      "That code has been used: each works once. list_changes shows whether the change was made",
	}[root(err)]
	if !fits {
		return resources.Answer{}, false, &Failure{fmt.Sprintf("Nothing was changed: the code can't be checked: %v", err), err}
	}
	again, askErr := a.ask(ctx)
	if q := (*Question)(nil); errors.As(askErr, &q) {
		q.Text = why + ". " + q.Text
	}
	if askErr != nil {
		return again, false, askErr
	}
	again.Summary = why + ". " + again.Summary
	return again, false, nil
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

// root is which of the errors of confirm this is.
func root(err error) error {
	for _, known := range []error{confirm.ErrMalformed, confirm.ErrOther, confirm.ErrChanged, confirm.ErrExpired, confirm.ErrUsed} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

// binding is all that a yes is a yes to.
func (a *attempt) binding() confirm.Binding {
	return confirm.Binding{
		Caller:    a.who.Workspace + "\n" + a.who.Name,
		Tool:      a.tool.Name,
		Arguments: confirm.Canonical(a.arguments),
		State:     a.write.fingerprint(),
	}
}

// preview says what would be done.
func (a *attempt) preview(ctx context.Context, first string) resources.Answer {
	w := a.write
	summary := strings.TrimSpace(first + " This would " + w.does + ".")
	parts, cautions := changeParts(w.changes), w.cautions
	if len(parts) == 0 && len(w.changes) > 0 && w.act != replies {
		cautions = append([]string{"It is so already: no value would become another"}, cautions...)
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
	if w.shows != nil {
		answer.Parts = append(answer.Parts, w.shows(ctx)...)
	}
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
			table.Add(c.Field, c.From, c.To)
		}
	}
	if len(table.Rows) == 0 {
		return nil
	}
	return []resources.Part{{Table: table}}
}

// ours is a text that is this server's own, and no data.
func ours(text string) resources.Part { return resources.Part{Text: text, Ours: true} }

// againWithin is for how long the same write is taken for a repetition that
// nobody wants: a client that gave up waiting tries again.
const againWithin = 10 * time.Minute

// beware makes a write that has just been made, and would be made a second
// time, one to be confirmed.
func (a *attempt) beware(ctx context.Context) error {
	if a.write.act != creates && a.write.act != replies && a.write.act != sends || a.who.undoing != nil {
		return nil
	}
	before, _, err := a.who.Journal.List(ctx, journal.Filter{
		Workspace: a.who.Workspace, Caller: a.who.Name, Tool: a.tool.Name, Limit: 100,
		Since:    time.Now().Add(-againWithin),
		Outcomes: []journal.Outcome{journal.Pending, journal.Done, journal.Unknown},
	})
	if err != nil {
		return &Failure{err.Error(), err}
	}
	same := confirm.Canonical(masked(a.arguments))
	for _, e := range before {
		if e.UndoneBy == 0 && confirm.Canonical(e.Arguments) == same {
			a.write.surely = true
			a.write.cautions = append(a.write.cautions, a.repeats(e))
			return nil
		}
	}
	return nil
}

func (a *attempt) repeats(e journal.Entry) string {
	how := map[journal.Outcome]string{
		journal.Pending: "is under way", journal.Done: "was done", journal.Unknown: "may have been done",
	}[e.Outcome]
	ago := time.Since(e.Began).Round(time.Second)
	about := ""
	if e.Record != "" && a.write.act == creates {
		about = fmt.Sprintf(", %s %s", a.write.of.noun.One, resources.Named(e.Record))
	}
	return fmt.Sprintf("The very same call %s %s ago (change %d%s): it would be done twice", how, ago, e.ID, about)
}
