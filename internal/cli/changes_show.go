package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/journal"
	"flexie-mcp/tools"
)

func (a *app) changesShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show all that is recorded of one change",
		Long: `show prints one change whole: who asked for what, the record before and after,
and what came of it. Its number is in the list of changes, and in the answer to
the call that made it.`,
		Example: `  flexie-mcp changes show 17
  flexie-mcp changes show 17 --json | jq .record_before`,
		Args: oneChange,
	}
	asJSON := cmd.Flags().Bool("json", false, "as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.showChange(cmd, args[0], *asJSON) }
	return cmd
}

// oneChange wants the number of a change.
func oneChange(cmd *cobra.Command, args []string) error {
	if len(args) != 1 || !isID(args[0]) {
		return fmt.Errorf("%s takes the number of a change, like 17 (flexie-mcp changes lists them)", strings.TrimPrefix(cmd.CommandPath(), "flexie-mcp "))
	}
	return nil
}

func (a *app) showChange(cmd *cobra.Command, number string, asJSON bool) error {
	w, who, err := a.openJournal(cmd)
	if err != nil {
		return err
	}
	defer w.Close()
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return err
	}
	e, err := who.Journal.Get(cmd.Context(), id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && who.Workspace != "" && e.Workspace != who.Workspace {
		return failed(fmt.Errorf("there is no change %d in this workspace: flexie-mcp changes lists them", id))
	}
	if err != nil {
		return failed(err)
	}
	if asJSON {
		return failed(writeJSON(a.Out, shownEntry(e)))
	}
	writeEntry(a.Out, e, who.Client.ZoneShown(cmd.Context()))
	return nil
}

// shown is a change as JSON, by the names that its columns have in the journal.
type shown struct {
	ID           int64            `json:"id"`
	Began        string           `json:"began"`
	Ended        string           `json:"ended"`
	Outcome      string           `json:"outcome"`
	Note         string           `json:"note"`
	Workspace    string           `json:"workspace"`
	Caller       string           `json:"caller"`
	UserName     string           `json:"user_name"`
	Client       string           `json:"client"`
	Tool         string           `json:"tool"`
	Endpoint     string           `json:"endpoint"`
	Act          string           `json:"act"`
	Kind         string           `json:"kind"`
	TableName    string           `json:"table_name"`
	Record       string           `json:"record"`
	Name         string           `json:"name"`
	NoUndo       string           `json:"no_undo"`
	Undoes       int64            `json:"undoes"`
	UndoneBy     int64            `json:"undone_by"`
	Arguments    json.RawMessage  `json:"arguments"`
	Changes      []journal.Change `json:"changes"`
	Data         json.RawMessage  `json:"data"`
	RecordBefore json.RawMessage  `json:"record_before"`
	RecordAfter  json.RawMessage  `json:"record_after"`
}

func shownEntry(e journal.Entry) shown {
	return shown{
		e.ID, moment(e.Began), moment(e.Ended), string(e.Outcome), e.Note, e.Workspace, e.Caller, e.User, e.Client, e.Tool,
		e.Endpoint, e.Act, e.Kind, e.Table, e.Record, e.Name, e.NoUndo, e.Undoes, e.UndoneBy, e.Arguments, e.Changes,
		e.Data, e.Before, e.After,
	}
}

func shownEntries(entries []journal.Entry) []shown {
	all := []shown{}
	for _, e := range entries {
		all = append(all, shownEntry(e))
	}
	return all
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// writeEntry writes a change for a person. What is empty is left out.
func writeEntry(to io.Writer, e journal.Entry, zone *time.Location) {
	var b strings.Builder
	fmt.Fprintf(&b, "Change %d\n", e.ID)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name, printable(text))
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format("2006-01-02 15:04:05 MST")
	}
	line("tool", e.Tool)
	line("record", strings.Join(strings.Fields(strings.Join([]string{e.Kind, e.Table, e.Record, e.Name}, " ")), " "))
	line("outcome", strings.ReplaceAll(string(e.Outcome), "_", " "))
	line("note", e.Note)
	line("began", at(e.Began))
	line("ended", at(e.Ended))
	line("workspace", e.Workspace)
	line("by", tools.By(e))
	line("undo", undoOf(e))
	for _, part := range []struct {
		title string
		text  json.RawMessage
	}{{"arguments", e.Arguments}, {"changes", changesJSON(e)}, {"before", e.Before}, {"after", e.After}} {
		var indented bytes.Buffer
		if len(part.text) > 0 && json.Indent(&indented, part.text, "", "  ") == nil {
			fmt.Fprintf(&b, "\n%s\n%s\n", part.title, printable(strings.TrimSpace(indented.String())))
		}
	}
	io.WriteString(to, b.String())
}

func undoOf(e journal.Entry) string {
	switch {
	case e.UndoneBy != 0:
		return fmt.Sprintf("taken back by change %d", e.UndoneBy)
	case e.NoUndo != "":
		return "can't be taken back: " + e.NoUndo
	case e.Undoes != 0:
		return fmt.Sprintf("took back change %d", e.Undoes)
	case e.Outcome == journal.Done:
		return fmt.Sprintf("flexie-mcp undo %d", e.ID)
	}
	return ""
}

func changesJSON(e journal.Entry) json.RawMessage {
	if len(e.Changes) == 0 {
		return nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(e.Changes) != nil {
		return nil
	}
	return b.Bytes()
}

// printable writes what a terminal would obey as escapes, which JSON has too.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case unicode.IsPrint(r), r == '\n':
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
