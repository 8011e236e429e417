package tools

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/resources"
)

const changesName = "list_changes"

// change is how entries of the journal are shown.
var changeNoun = resources.Noun{One: "change", Many: "changes", Columns: []string{"id", "when", "tool", "record", "what", "outcome", "undo", "by"}}

func listChanges() Tool {
	type args struct {
		RecordType string    `json:"record_type" doc:"E.g. contact, task, or a custom table's name."`
		RecordID   flexie.ID `json:"record_id"`
		Tool       string    `json:"tool"`
		Client     string    `json:"client" doc:"Program that asked."`
		Since      string    `json:"since" doc:"E.g. 2026-06-22 14:00."`
		Until      string    `json:"until"`
		pageArgs
	}
	return defineCall(strings.NewReplacer(), Tool{
		Name: changesName, Title: "List changes", Act: Read, Toolset: "core", Core: true,
		Description: "List the changes made through this server, newest first: when, what, from what to what, whether they can be undone.",
	}, func(ctx context.Context, who Caller, a args) (resources.Answer, error) {
		f := journal.Filter{
			Workspace: who.Workspace, Record: idText(a.RecordID), Tool: a.Tool, Client: a.Client,
			Start: a.Start, Limit: cmp.Or(a.Limit, 30),
		}
		if !who.Operator {
			f.Caller = who.Name
		}
		if a.RecordType != "" {
			f.Kind, f.Table = journalKind(a.RecordType)
		}
		var err error
		if f.Since, err = when(ctx, who.Client, "since", a.Since, 0); err != nil {
			return resources.Answer{}, err
		}
		if f.Until, err = when(ctx, who.Client, "until", a.Until, 1); err != nil {
			return resources.Answer{}, err
		}
		return changesAnswer(ctx, who, f)
	})
}

func idText(id flexie.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

// journalKind is a kind of record as the journal names it, and its table.
func journalKind(said string) (kind, table string) {
	name := recordType(said)
	for _, s := range []string{name, strings.TrimSuffix(strings.ToLower(name), "s")} {
		if of, ok := subjectNamed(s, ""); ok {
			return of.name, ""
		}
	}
	return flexie.CustomRecord.Name, name
}

// when reads a moment, or a day: its beginning, or that of so many days later.
func when(ctx context.Context, c *flexie.Client, argument, said string, later int) (time.Time, error) {
	said = strings.TrimSpace(said)
	if said == "" {
		return time.Time{}, nil
	}
	zone := c.Zone(ctx)
	if at, err := time.ParseInLocation(time.DateOnly, said, zone); err == nil {
		return at.AddDate(0, 0, later), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, said, zone); err == nil {
			return at, nil
		}
	}
	return time.Time{}, wrong("%s must be a date, or a date and time like 2026-06-22 14:00; got %q", argument, said)
}

func changesAnswer(ctx context.Context, who Caller, f journal.Filter) (resources.Answer, error) {
	entries, total, err := who.Journal.List(ctx, f)
	if err != nil {
		return resources.Answer{}, &Failure{fmt.Sprintf("The journal can't be read: %v", err), err}
	}
	page := flexie.Page{Start: f.Start, Total: int64(total)}
	zone := time.UTC
	if len(entries) > 0 {
		zone = who.Client.ZoneShown(ctx)
	}
	for _, e := range entries {
		page.Records = append(page.Records, who.shownChange(e, zone))
	}
	return resources.ListAnswer(changeNoun, page, flexie.Query{Start: f.Start, Limit: f.Limit}, nil), nil
}

func (who Caller) shownChange(e journal.Entry, zone *time.Location) flexie.Record {
	o := flexie.NewObject()
	o.Set("id", json.Number(fmt.Sprint(e.ID)))
	o.Set("when", e.Began.UTC().Format(time.DateTime))
	o.Set("tool", e.Tool)
	o.Set("record", strings.TrimSpace(strings.Join([]string{cmp.Or(e.Table, e.Kind), e.Record, e.Name}, " ")))
	o.Set("what", changesText(e.Changes, zone))
	o.Set("outcome", map[journal.Outcome]string{
		journal.Pending: "under way", journal.Done: "done", journal.NotDone: "not done", journal.Unknown: "not known",
	}[e.Outcome])
	o.Set("undo", undoText(e))
	if who.Operator {
		o.Set("by", strings.TrimSpace(e.User+" "+e.Client))
	}
	return flexie.Record{ID: fmt.Sprint(e.ID), Values: o}
}

func undoText(e journal.Entry) string {
	switch {
	case e.UndoneBy != 0:
		return fmt.Sprintf("taken back by %d", e.UndoneBy)
	case e.Undoes != 0 && e.Outcome == journal.Done:
		return fmt.Sprintf("took back %d", e.Undoes)
	}
	if _, err := inverse(e, func(string) bool { return false }); err != nil {
		return "no"
	}
	return "yes"
}

// changesText is what became of the fields, short, with times as they are in a
// zone.
func changesText(changes []journal.Change, zone *time.Location) string {
	var parts []string
	for _, c := range changes {
		if c.To == hidden || !same(c.From, c.To) {
			to := shortened(inZone(c.To, zone))
			text := fmt.Sprintf("%s: %s", c.Field, to)
			if from := shortened(inZone(c.From, zone)); from != "" {
				text = fmt.Sprintf("%s: %s → %s", c.Field, from, to)
			}
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "; ")
}

// inZone is a moment as it is in a zone; anything else stays as it is.
func inZone(v any, zone *time.Location) any {
	text, _ := v.(string)
	at, err := time.Parse(time.DateTime, text)
	if err != nil {
		return v
	}
	return at.In(zone).Format("2006-01-02 15:04")
}

// longestChange is the most of a value that is shown of a change, in runes.
const longestChange = 40

func shortened(v any) string { return resources.Plain(v, longestChange) }
