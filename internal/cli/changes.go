package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/tools"
)

func (a *app) changesCommand() *cobra.Command {
	var q changesQuery
	cmd := &cobra.Command{
		Use:   "changes",
		Short: "List what was changed through this program",
		Long: `changes lists the changes that were made through this program in the workspace
that is set, the newest first, whoever asked for them. If none is set, those in
all workspaces. The journal is read, so neither Flexie nor a key is needed; but
if Flexie answers, it is first asked about changes of which the end is not known.`,
		Example: `  flexie-mcp changes --record contact/42
  flexie-mcp changes --tool delete_contact --since 2026-06-22 --json
  flexie-mcp changes show 17`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && isID(args[0]) {
				return fmt.Errorf("to see one change: flexie-mcp changes show %s", args[0])
			}
			return noArguments(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.changes(cmd, q) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&q.record, "record", "", "of this `record` and its notes: contact/42, case/REF-1042")
	flags.StringVar(&q.kind, "kind", "", "of this `kind` of record: contact, task, a custom table's name")
	flags.StringVar(&q.id, "id", "", "of records with this `id`")
	flags.StringVar(&q.tool, "tool", "", "by this `tool`")
	flags.StringVar(&q.client, "client", "", "through this `program`")
	flags.StringVar(&q.since, "since", "", "from this `time` on: \"2026-06-22 14:00\", 14:00, today")
	flags.StringVar(&q.until, "until", "", "up to this `time`, or the end of this day")
	flags.IntVar(&q.limit, "limit", 30, "how many at most")
	flags.IntVar(&q.start, "start", 0, "how many of the newest to skip")
	flags.BoolVar(&q.asJSON, "json", false, "whole, as JSON")
	completeTools(cmd, "tool")
	cmd.AddCommand(a.changesShowCommand())
	return cmd
}

// changesQuery says which changes are asked for.
type changesQuery struct {
	record, kind, id, tool, client, since, until string
	limit, start                                 int
	asJSON                                       bool
}

// arguments are those of list_changes.
func (q changesQuery) arguments() (json.RawMessage, error) {
	if q.record != "" {
		if q.kind != "" || q.id != "" {
			return nil, errors.New("--record says kind and id: leave out --kind and --id")
		}
		parts := strings.Split(q.record, "/") // or an address, flexie://custom_records/TABLE/3
		if len(parts) < 2 {
			return nil, fmt.Errorf("--record is the kind and the id of a record, like contact/42; got %q", q.record)
		}
		q.kind, q.id = parts[len(parts)-2], parts[len(parts)-1]
	}
	if isCase := strings.TrimSuffix(strings.ToLower(q.kind), "s") == "case"; q.id != "" && !isID(q.id) && !isCase {
		return nil, fmt.Errorf("the id of a record is a whole number, like 42; got %q", q.id)
	}
	if names := everyName(); q.tool != "" && !slices.Contains(names, tools.Renamed.Resolve(q.tool)) {
		return nil, fmt.Errorf("--tool: there is no tool %q; did you mean %s?", q.tool, flexie.Closest(q.tool, names))
	}
	given := map[string]any{"limit": q.limit, "start": q.start}
	for name, value := range map[string]string{
		"record_type": q.kind, "record_id": q.id, "tool": q.tool, "client": q.client, "since": q.since, "until": q.until,
	} {
		if value != "" {
			given[name] = value
		}
	}
	return json.Marshal(given)
}

func isID(text string) bool {
	n, err := strconv.ParseUint(text, 10, 63)
	return err == nil && n > 0
}

func (a *app) changes(cmd *cobra.Command, q changesQuery) error {
	arguments, err := q.arguments()
	if err != nil {
		return err
	}
	w, who, err := a.openJournal(cmd)
	if err != nil {
		return err
	}
	defer w.Close()
	answer, err := toolNamed("list_changes").Run(cmd.Context(), who, arguments)
	if err != nil {
		return asFlags(err)
	}
	columns, rows := tableOf(answer)
	var entries []journal.Entry
	if q.asJSON || who.Workspace == "" {
		if entries, err = entriesOf(cmd, who, rows); err != nil {
			return failed(err)
		}
	}
	summary := strings.ReplaceAll(answer.Summary, "start=", "--start ")
	if q.asJSON {
		return failed(writeJSON(a.Out, map[string]any{"summary": summary, "changes": shownEntries(entries)}))
	}
	table := [][]string{}
	if len(rows) > 0 {
		table = append(table, upper(columns))
	}
	table = append(table, rows...)
	if who.Workspace == "" {
		addWorkspaces(table, entries)
	}
	writeTable(a.Out, table, summary)
	if files := who.Journal.SetAside(time.Now().Add(-tools.AsideFor)); len(files) > 0 {
		fmt.Fprintf(a.Err, "flexie-mcp: an earlier journal was damaged and set aside as %s: the changes in it are not listed (docs/journal.md says how to read it)\n", strings.Join(files, ", "))
	}
	return nil
}

func toolNamed(name string) tools.Tool {
	all := tools.All()
	return all[slices.IndexFunc(all, func(t tools.Tool) bool { return t.Name == name })]
}

// tableOf is the table of a list.
func tableOf(a interface{ Structured() *flexie.Object }) (columns []string, rows [][]string) {
	shown := a.Structured() // where nothing is left in it that a terminal would obey
	columns, _ = shown.Get("columns").([]string)
	rows, _ = shown.Get("rows").([][]string)
	return columns, rows
}

// entriesOf are the changes of a list, whole.
func entriesOf(cmd *cobra.Command, who tools.Caller, rows [][]string) ([]journal.Entry, error) {
	var entries []journal.Entry
	for _, row := range rows {
		id, err := strconv.ParseInt(row[0], 10, 64)
		if err != nil {
			return nil, err
		}
		e, err := who.Journal.Get(cmd.Context(), id)
		if errors.Is(err, journal.ErrNotFound) {
			continue // it was dropped just now, being old
		}
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// addWorkspaces says of each change where it was made.
func addWorkspaces(table [][]string, entries []journal.Entry) {
	where := map[string]string{}
	for _, e := range entries {
		where[strconv.FormatInt(e.ID, 10)] = e.Workspace
	}
	for i, row := range table {
		cell := "WORKSPACE"
		if i > 0 {
			cell = printable(where[row[0]])
		}
		table[i] = slices.Insert(slices.Clone(row), 1, cell)
	}
}

func upper(names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, strings.ToUpper(name))
	}
	return all
}

// asFlags tells what is wrong with a tool's arguments as what is wrong with the
// flags that they were given by.
func asFlags(err error) error {
	problems, wrong := strings.CutPrefix(err.Error(), "list_changes was not called:\n- ")
	if !wrong {
		return failed(err)
	}
	return errors.New("--" + strings.ReplaceAll(problems, "\n- ", "\n--"))
}
