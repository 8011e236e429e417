package tools

import (
	"context"
	"fmt"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
)

// Caller is who asks for something to be done, and what stands between them and
// Flexie. It is made for one call.
type Caller struct {
	Client *flexie.Client

	// Workspace tells the workspace apart from others: the address of its API.
	Workspace string

	// Name tells them apart from all other callers; it is never a key.
	Name string

	// By tells apart what the same caller asks by, as two assistants of one person; ""
	// where that is but one thing. A code is good only by what it was given to.
	By string

	// User is what they are called by people, "" if not known.
	User string

	// Via is the program they ask through, "claude-ai 1.2".
	Via string

	// Operator may see and take back the changes of every caller of the
	// workspace: whoever runs the server, on stdio and the command line.
	Operator bool

	// Allows is the error of a tool that they may not use; nil allows all.
	Allows func(Tool) error

	// Reaches reports whether they can call a tool, by itself or through another;
	// nil is any. What they can't read they are told no changes of.
	Reaches func(tool string) bool

	// Confirm is how risky writes are confirmed; "" is Auto.
	Confirm Confirmation

	// CanAsk is set where the client can put a question to its user.
	CanAsk bool

	// Agreed is the code of the question that the user has just said yes to.
	Agreed string

	// Declined is set where the user has just said no to the question about the
	// call: it is not made, and not asked about again for a while.
	Declined bool

	// Journal has every write on disk before it is sent. Without it none is.
	Journal *journal.Journal

	// Codes make and check the codes of previews.
	Codes *confirm.Codes

	// Writes are those under way, which must be waited for; nil waits for none.
	Writes *Writes

	// Shown is what they have been shown of records; nil remembers nothing.
	Shown *Shown

	// LookAgain is how long to wait before a second look for a write whose answer
	// was lost and that the first look did not find; 0 looks once.
	LookAgain time.Duration

	// Events is told of the writes of the call; nil is told nothing.
	Events Events

	undoing *undoing // the change that the call takes back
}

// Confirmation is a way of confirming what is risky.
type Confirmation string

// The ways there are.
const (
	Auto    Confirmation = "auto"    // Ask where the client can, else Preview
	Ask     Confirmation = "ask"     // ask the user, and refuse where that can't be
	Preview Confirmation = "preview" // show what would change, with a code that does it
	Never   Confirmation = "never"   // do it at once
)

// Events takes in what becomes of writes, as numbers for whoever runs the server:
// it is told no caller, tool or record. It is safe for concurrent use.
type Events interface {
	// Confirmation is a step of confirming a risky write.
	Confirmation(step string)

	// Change is what becomes of a change: Begun or NotBegun, and a journal.Outcome
	// at its end.
	Change(outcome string)
}

// Steps of confirming a write.
const (
	Asked     = "asked"     // the question that goes to the user was made
	Previewed = "previewed" // a preview with a code was given instead
	Accepted  = "accepted"  // a yes or a code was taken
	Declined  = "declined"  // the user said no, or closed the question
	Expired   = "expired"   // the code was too old, or the user did not answer
	Refused   = "refused"   // the code did not fit, or nobody could be asked
)

// What becomes of a change before it is sent.
const (
	Begun    = "begun"
	NotBegun = "refused" // it could not be recorded, and so was not made
)

func (who Caller) confirmation(step string) {
	if who.Events != nil {
		who.Events.Confirmation(step)
	}
}

func (who Caller) changed(outcome string) {
	if who.Events != nil {
		who.Events.Change(outcome)
	}
}

// allowed is nil for a tool that the caller may use.
func (who Caller) allowed(t Tool) error {
	if who.Allows == nil {
		return nil
	}
	if err := who.Allows(t); err != nil {
		return &Failure{err.Error(), err}
	}
	return nil
}

// mayAs refuses a write that is another tool's work, which may not be used: to
// update what is there through a tool that creates.
func (a *attempt) mayAs() error {
	if a.write.as == nil {
		return nil
	}
	if err := a.who.allowed(*a.write.as); err != nil {
		return &Failure{fmt.Sprintf("Nothing was changed. %s would do here what %s does. %v", a.tool.Name, a.write.as.Name, sentence(err.Error())), err}
	}
	return nil
}

// change is one of the caller's own changes, or for the operator any, if it is
// about what they can read.
func (who Caller) change(ctx context.Context, id int64) (journal.Entry, error) {
	e, err := who.Journal.Get(ctx, id)
	switch {
	case err == nil && e.Workspace == who.Workspace && who.sees(e) && who.sight().of(e):
		return e, nil
	case err == nil, isNoEntry(err):
		whose := " of yours"
		if who.Operator {
			whose = ""
		}
		return journal.Entry{}, wrong("there is no change %d%s in this workspace%s: list_changes has them", id, whose, who.sight().limit())
	}
	return e, fmt.Errorf("the journal can't be read: %w", err)
}
