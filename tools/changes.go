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
		RecordType string `json:"record_type" doc:"E.g. contact, task, or a custom table's name."`
		RecordID   ref    `json:"record_id"`
		Tool       string `json:"tool"`
		Client     string `json:"client" doc:"Program that asked."`
		Since      string `json:"since" doc:"E.g. 2026-06-22 14:00."`
		Until      string `json:"until"`
		pageArgs
	}
	return defineCall(strings.NewReplacer(), Tool{
		Name: changesName, Title: "List changes", Act: Read, Toolset: "core", Core: true,
		Description: "List the changes made through this server, newest first: when, what, from what to what, whether they can be undone.",
	}, func(ctx context.Context, who Caller, a args) (resources.Answer, error) {
		f := journal.Filter{
			Workspace: who.Workspace, Client: a.Client, Start: a.Start, Limit: cmp.Or(a.Limit, 30), Brief: true,
		}
		if !who.Operator {
			f.Caller = who.Name
		}
		seen := who.sight()
		f.Kinds, f.Without = seen.kinds, seen.without
		byTool(&f, Renamed.Resolve(a.Tool))
		var err error
		if err = who.byRecord(ctx, &f, a.RecordType, a.RecordID); err != nil {
			return resources.Answer{}, err
		}
		if f.Since, err = when(ctx, who.Client, "since", a.Since, 0); err != nil {
			return resources.Answer{}, err
		}
		if f.Until, err = when(ctx, who.Client, "until", a.Until, 1); err != nil {
			return resources.Answer{}, err
		}
		answer, err := changesAnswer(ctx, who, f)
		if err == nil && len(answer.Parts) == 0 && f.Kind == flexie.CustomRecord.Name && f.Table != "" {
			answer.Summary += fmt.Sprintf(" record_type %s was taken for the name of a custom table; other kinds are %s.", resources.Named(f.Table), flexie.Or(changedKinds()))
		}
		return seen.noted(asideNoted(who, answer)), err
	})
}

// byTool filters by a tool. One that creates may update what is there, and is
// then found by the tool that updates as well.
func byTool(f *journal.Filter, tool string) {
	f.Tool = tool
	for _, kind := range flexie.Kinds {
		if tool == "update_"+kind.Name {
			f.Or = journal.Through{Tool: "create_" + kind.Name, Endpoint: kind.Group + ".update"}
		}
	}
}

// byRecord filters by a kind of record, and one of them with the notes on it. A
// case may be given by its public identifier.
func (who Caller) byRecord(ctx context.Context, f *journal.Filter, said string, one ref) error {
	if said != "" {
		f.Kind, f.Table = journalKind(said)
	}
	switch id, isID := flexie.ParseID(string(one)); {
	case one == "":
		return nil
	case isID:
		f.Record = id.String()
	case f.Kind == flexie.Case.Name:
		var found flexie.Record
		err := errNotLooked // where they could not look it up themselves, that tells nothing of it
		if who.sight().reads(flexie.Case.Name) {
			found, err = caseOf(ctx, who.Client, flexie.CaseRef{Identifier: strings.TrimSpace(string(one))})
		}
		if err != nil {
			return wrong("record_id: the case %s could not be looked up: give its id", resources.Named(string(one)))
		}
		f.Record = found.ID
	default:
		return wrong("record_id must be a whole number, like 42, or with record_type case its public identifier, like REF-1042; got %s", resources.Quote(string(one)))
	}
	if f.Kind != "" {
		f.Notes = noteOn(cmp.Or(f.Table, f.Kind), f.Record)
	}
	return nil
}

// idText is an id as the journal has it, "" for none.
func idText(id flexie.ID) string {
	if id == 0 {
		return ""
	}
	return id.String()
}

// noteOn is how the data of a note's change begin.
func noteOn(entityType, id string) string {
	on := flexie.NewObject()
	on.Set("entity_type", entityType)
	on.Set("entity_id", id)
	return strings.TrimSuffix(string(encoded(on)), "}")
}

// data is what is recorded beside the change: of a note also whose it is, so that
// it is listed with the record that it is on, if Flexie says that (see remakeNote).
func (w Write) data() *flexie.Object {
	entity, id := textOf(w.before.Values.Get("entityType")), textOf(w.before.Values.Get("entityId"))
	if w.of.name != noteSubject.name || w.there.Has("entity_id") || entity == "" || id == "" {
		return w.there
	}
	all := flexie.NewObject()
	all.Set("entity_type", entity)
	all.Set("entity_id", id)
	for name, value := range w.there.All() {
		all.Set(name, value)
	}
	return all
}

// userName is what a caller is called in the journal: also by the user that their
// key is of, if that has been read before. No write waits for it.
func (who Caller) userName() string {
	user, _ := who.Client.KnownUser()
	switch name := resources.PlainName(user); {
	case name == "" || name == who.User:
		return who.User
	case who.User == "":
		return name
	default:
		return fmt.Sprintf("%s (in Flexie %s)", who.User, name)
	}
}

// changedKinds are the kinds of what is changed here.
func changedKinds() (names []string) {
	for _, kind := range flexie.Kinds {
		names = append(names, kind.Name)
	}
	return append(names, "task", "note", "workflow", "user", "email")
}

// AsideFor is for how long it is told that a journal was set aside.
const AsideFor = 7 * 24 * time.Hour

// asideNoted tells of changes that are missing since the journal was damaged.
func asideNoted(who Caller, answer resources.Answer) resources.Answer {
	if files := who.Journal.SetAside(time.Now().Add(-AsideFor)); len(files) > 0 {
		answer.Parts = append(answer.Parts, ours(fmt.Sprintf("An earlier journal was damaged and set aside as %s: the changes in it are not listed, and can't be taken back here.", strings.Join(files, ", "))))
	}
	return answer
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

// when reads a moment, a time of today, or a day: its beginning, or that of so
// many days later.
func when(ctx context.Context, c *flexie.Client, argument, said string, later int) (time.Time, error) {
	said = strings.TrimSpace(said)
	if said == "" {
		return time.Time{}, nil
	}
	zone := c.Zone(ctx)
	today := time.Now().In(zone).Format(time.DateOnly)
	text := said
	switch strings.ToLower(said) {
	case "today":
		text = today
	case "yesterday":
		text = time.Now().In(zone).AddDate(0, 0, -1).Format(time.DateOnly)
	}
	if at, err := time.ParseInLocation(time.DateOnly, text, zone); err == nil {
		return at.AddDate(0, 0, later), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	if at, err := time.ParseInLocation("2006-01-02 15:04", today+" "+text, zone); err == nil {
		return at, nil
	}
	return time.Time{}, wrong("%s must be a date, a date and time like 2026-06-22 14:00, a time of today like 14:00, today or yesterday; got %s", argument, resources.Quote(said))
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
	o.Set("record", recordText(e))
	o.Set("what", changesText(e.Changes, zone))
	o.Set("outcome", map[journal.Outcome]string{
		journal.Pending: "under way", journal.Done: "done", journal.NotDone: "not done", journal.Unknown: "not known",
	}[e.Outcome])
	o.Set("undo", undoText(e))
	if who.Operator {
		o.Set("by", By(e))
	}
	return flexie.Record{ID: fmt.Sprint(e.ID), Values: o}
}

// By says who made a change, and through which program.
func By(e journal.Entry) string {
	if e.User == "" || e.Client == "" {
		return e.User + e.Client
	}
	return e.User + ", " + e.Client
}

// recordText says what a change is about, and of a note whose it is.
func recordText(e journal.Entry) string {
	words := []string{cmp.Or(e.Table, e.Kind), e.Record}
	if there := thereOf(e); e.Kind == noteSubject.name && there.Has("entity_id") {
		words = append(words, "on", textOf(there.Get("entity_type")), textOf(there.Get("entity_id")))
	}
	return strings.Join(strings.Fields(strings.Join(append(words, e.Name), " ")), " ")
}

func undoText(e journal.Entry) string {
	switch {
	case e.UndoneBy != 0:
		return fmt.Sprintf("taken back by %d", e.UndoneBy)
	case e.Undoes != 0 && e.Outcome == journal.Done:
		return fmt.Sprintf("took back %d", e.Undoes)
	}
	_, err := inverse(e, func(string) bool { return false })
	if err == nil || e.Brief && e.Outcome == journal.Done && e.NoUndo == "" && e.Record != "" {
		return "yes" // of one that is large, not all was read that it takes
	}
	return "no"
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
