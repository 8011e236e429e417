package tools

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
)

// Failure is an error as the assistant reads it: what happened, and on lines
// of their own each thing that was wrong and what to do next.
type Failure struct {
	Message string
	cause   error
}

func (f *Failure) Error() string { return f.Message }
func (f *Failure) Unwrap() error { return f.cause }

// ErrDeclined is why a call did nothing whose user said no.
var ErrDeclined = errors.New("the user said no")

// SaidNo is the error of such a call.
func SaidNo(why string) error { return &Failure{why, ErrDeclined} }

// wrong refuses arguments that are each right and together make no sense.
func wrong(format string, args ...any) error {
	return &schema.ArgumentError{Problems: []string{fmt.Sprintf(format, args...)}}
}

// explain turns any error of a tool into a Failure. It is the one place where
// an error becomes an assistant's next step.
func (t Tool) explain(err error) error {
	var arguments *schema.ArgumentError
	var call *flexie.Error
	var explained *Failure
	switch {
	case errors.As(err, &explained):
		return explained // by the tool that this one ran
	case errors.As(err, &arguments):
		return &Failure{fmt.Sprintf("%s was not called:\n- %s", t.Name, strings.Join(arguments.Problems, "\n- ")), err}
	case errors.As(err, &call) && call.Kind == flexie.Invalid && call.Status == 0:
		return t.explain(&schema.ArgumentError{Problems: problemsOf(call)}) // refused before it was sent
	case errors.As(err, &call):
		return &Failure{t.explainCall(call), err}
	}
	return &Failure{fmt.Sprintf("%s failed: %v", t.Name, err), err}
}

func problemsOf(e *flexie.Error) []string {
	if len(e.Problems) > 0 {
		return e.Problems
	}
	return []string{e.Message}
}

func (t Tool) explainCall(e *flexie.Error) string {
	parts := []string{sentence(e.Error())}
	if next := t.nextStep(e); next != "" {
		parts = append(parts, next)
	}
	if !t.Act.ReadOnly {
		parts = append(parts, t.outcome(e))
	}
	return strings.Join(parts, "\n")
}

// sentence makes one of a message. An alias in front stays as it is: it would
// be copied.
func sentence(message string) string {
	first, _, _ := strings.Cut(message, " ")
	if !strings.HasSuffix(first, ":") && !strings.Contains(first, "_") {
		message = resources.Capital(message)
	}
	return strings.TrimRight(message, ".") + "."
}

func (t Tool) nextStep(e *flexie.Error) string {
	switch e.Kind {
	case flexie.Unauthorized:
		return "Flexie does not take this API key. It is shown in Flexie under account name / Accounts / API Settings; set it as FLEXIE_API_KEY, check that the subdomain is the same workspace's, and start this server again."
	case flexie.Denied:
		return "The key's user may not do this: get_current_user says who it is, and an administrator of the workspace can change what they may."
	case flexie.NotFound:
		return t.findFirst()
	case flexie.Invalid:
		return t.describeFirst()
	case flexie.Conflict:
		return "Read it again, and decide from what is there now."
	case flexie.Limited:
		return "Flexie takes no more requests for now: try again " + after(e.RetryAfter) + "."
	case flexie.Unavailable, flexie.Lost, flexie.Timeout:
		switch {
		case t.Act.ReadOnly:
			return "Nothing was changed: try again " + after(e.RetryAfter) + "."
		case !e.Uncertain && e.RetryAfter > 0:
			return "Try again " + after(e.RetryAfter) + "."
		}
	case flexie.Unreachable:
		return "Check the network, and that the subdomain or base URL is right."
	}
	return ""
}

// outcome says of a failed write whether it happened: the one thing that must
// never be guessed.
func (t Tool) outcome(e *flexie.Error) string {
	if !e.Uncertain {
		return "Nothing was changed."
	}
	return fmt.Sprintf("It is NOT known whether this was done. Do not repeat it blindly: %s first, and do it again only if it did not happen.", t.look())
}

// failure is the error of a write that was not done, or of which that is not
// known.
func (a *attempt) failure(e journal.Entry, f finding, unrecorded error) error {
	if f.refused && unrecorded == nil {
		return f.err // it says itself that nothing was changed
	}
	lines := []string{sentence(f.err.Error())}
	switch {
	case f.refused:
		lines = []string{a.tool.explain(f.err).Error()}
	case f.outcome == journal.NotDone:
		lines = append(lines, "It was looked up, and did not happen. "+f.why+"\nNothing was changed: it can be done again.")
	default:
		lines = append(lines, strings.TrimSpace("It is NOT known whether this was done. "+f.why)+fmt.Sprintf("\nDo not repeat it blindly: %s first, and do it again only if it did not happen.", a.tool.look()))
	}
	if !f.refused {
		lines = append(lines, fmt.Sprintf("It is change %d in list_changes.", e.ID))
	}
	if unrecorded != nil {
		lines = append(lines, fmt.Sprintf("The journal could not record what came of it: %v.", unrecorded))
	}
	return &Failure{strings.Join(lines, "\n"), f.err}
}

// look says how to see whether a write of this tool happened.
func (t Tool) look() string {
	switch {
	case t.Name == "add_case_reply":
		return "look in get_case_replies"
	case strings.HasSuffix(t.Name, "_note"):
		return "look at the record's notes (get_contact or its siblings, include notes)"
	case strings.HasSuffix(t.Name, "_list"):
		return fmt.Sprintf("look at the record's lists (get_%s, include lists)", t.one())
	case t.Act == Create || t.Act == Upsert:
		return fmt.Sprintf("look with search_%s for what would have been created", t.Toolset)
	}
	return fmt.Sprintf("read it with get_%s", t.one())
}

func (t Tool) findFirst() string {
	switch {
	case t.Name == workspaceName:
		return ""
	case t.Name == "add_note":
		return "search_contacts and its siblings find the ids of records; entity_type is " + recordTypes + "."
	case t.Name == "add_case_reply":
		return "search_cases finds ids of cases. Templates can't be listed here: give a text instead, or ask the user for the template's id."
	case t.Toolset == "notes":
		return "Ids of notes come with a record: get_contact and its siblings, include notes."
	case hasTable(t):
		return "If it is the record that is missing, search_custom_records finds ids. If it is the table: Flexie can't list its tables, so ask the user for the exact name."
	case strings.HasSuffix(t.Name, "_list"):
		return fmt.Sprintf("search_%s finds ids of records, list_%s_lists those of lists.", t.Toolset, t.one())
	}
	return fmt.Sprintf("search_%s finds ids.", t.Toolset)
}

// recordTypes are what a note or a task can be about.
const recordTypes = "contact, lead, account, deal, case, or a custom table's name"

func (t Tool) describeFirst() string {
	if t.Toolset == "tasks" {
		return "Tasks have task, owner_id, due_date, is_completed, association_type (" + recordTypes + ") and association_id."
	}
	if !hasFields(t.Toolset) {
		return ""
	}
	return fmt.Sprintf("describe_%s_fields lists the fields, their types and allowed values.", t.one())
}

func hasFields(toolset string) bool {
	for _, kind := range flexie.Kinds {
		if kind.Group == toolset {
			return true
		}
	}
	return false
}

// one is what a single thing of the tool's group is called in tool names.
func (t Tool) one() string { return strings.TrimSuffix(t.Toolset, "s") }

func after(wait time.Duration) string {
	if wait > 0 {
		return "in " + wait.String()
	}
	return "in a moment"
}
