package tools

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// subject is a kind of thing that writes are about: one of the six kinds of
// record, or a task, a note, a workflow, a user, an email.
type subject struct {
	name  string // as in the names of tools: contact, custom_record, task
	noun  resources.Noun
	kind  flexie.Kind // of records
	table string      // of custom records
}

func subjectOfRecords(kind flexie.Kind, table string) subject {
	if !kind.Custom() {
		table = ""
	}
	return subject{kind.Name, resources.NounOf(kind).In(table), kind, table}
}

var (
	taskSubject     = subject{name: "task", noun: resources.Task}
	noteSubject     = subject{name: "note", noun: resources.Note}
	workflowSubject = subject{name: "workflow", noun: resources.Workflow}
	userSubject     = subject{name: "user", noun: resources.User}
	emailSubject    = subject{name: "email", noun: resources.Email}
)

var otherReads = map[string]read{
	"task":     (*flexie.Client).Task,
	"note":     (*flexie.Client).Note,
	"workflow": (*flexie.Client).Workflow,
	"user":     (*flexie.Client).User,
	"email":    (*flexie.Client).Email,
}

// subjectNamed is the subject of a journal entry.
func subjectNamed(name, table string) (subject, bool) {
	for _, kind := range flexie.Kinds {
		if kind.Name == name {
			return subjectOfRecords(kind, table), true
		}
	}
	for _, s := range []subject{taskSubject, noteSubject, workflowSubject, userSubject, emailSubject} {
		if s.name == name {
			return s, true
		}
	}
	return subject{}, false
}

// isRecord reports whether it is one of the six kinds.
func (s subject) isRecord() bool { return s.kind.Name != "" }

// read reads one of them as it is now.
func (s subject) read(ctx context.Context, c *flexie.Client, id flexie.ID) (flexie.Record, error) {
	if s.isRecord() {
		return c.Records(s.kind, s.table).Get(ctx, id)
	}
	return otherReads[s.name](c, ctx, id)
}

// title calls one of them by kind, id and name, and the custom table it is in.
func (s subject) title(r flexie.Record) string {
	title := resources.Title(s.noun, r)
	return strings.ToLower(title[:1]) + title[1:] + s.inTable()
}

// inTable says of custom records, which are all but called records, in which
// table they are.
func (s subject) inTable() string {
	if s.table == "" {
		return ""
	}
	return fmt.Sprintf(" (table %s)", resources.Named(s.table))
}

// at is the address of one of them.
func (s subject) at(id string) string { return s.noun.At(id) }

// recordKind is the kind of record that a task or a note is about, or a custom
// table.
func recordKind(entityType string) (kind flexie.Kind, table string) {
	i := slices.IndexFunc(flexie.Kinds, func(k flexie.Kind) bool { return !k.Custom() && k.Name == entityType })
	if i >= 0 {
		return flexie.Kinds[i], ""
	}
	return flexie.CustomRecord, entityType
}
