package journal

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"

	"flexie-mcp/internal/store"
)

// columns are those of an entry, as they are read and written here.
const columns = `began, ended, outcome, note, workspace, caller, user_name, client, tool, endpoint, act,
	kind, table_name, record, name, no_undo, undoes, undone_by,
	arguments, changes, data, record_before, record_after`

// damaged is why an entry can't be undone of which a part can't be read.
const damaged = "what the journal holds of it is damaged"

// check refuses what would not come back as it is.
func (e *Entry) check() error {
	for name, text := range map[string]json.RawMessage{
		"arguments": e.Arguments, "record before": e.Before, "record after": e.After, "data": e.Data,
	} {
		if len(text) > 0 && !json.Valid(text) {
			return fmt.Errorf("its %s is not JSON", name)
		}
	}
	return nil
}

// values are those of the columns.
func (e *Entry) values() ([]any, error) {
	var changes any
	if len(e.Changes) > 0 {
		text, err := json.Marshal(e.Changes)
		if err != nil {
			return nil, err
		}
		changes = string(text)
	}
	return []any{
		store.FormatTime(e.Began), store.FormatTime(e.Ended), string(e.Outcome), e.Note,
		e.Workspace, e.Caller, e.User, e.Client, e.Tool, e.Endpoint, e.Act,
		e.Kind, e.Table, e.Record, e.Name, e.NoUndo, e.Undoes, e.UndoneBy,
		jsonText(e.Arguments), changes, jsonText(e.Data), jsonText(e.Before), jsonText(e.After),
	}, nil
}

func jsonText(text json.RawMessage) any {
	if len(text) == 0 {
		return nil
	}
	return string(text)
}

// scan reads an entry from "id, " and the columns. What can't be read as what
// it should be, since someone else has written to the file, is left out, and
// the entry says that it can't be undone.
func scan(row interface{ Scan(...any) error }) (Entry, error) {
	var e Entry
	var cells [23][]byte
	into := []any{&e.ID}
	for i := range cells {
		into = append(into, (*cell)(&cells[i]))
	}
	if err := row.Scan(into...); err != nil {
		return Entry{}, err
	}
	for i, to := range []*string{
		3: &e.Note, 4: &e.Workspace, 5: &e.Caller, 6: &e.User, 7: &e.Client, 8: &e.Tool, 9: &e.Endpoint, 10: &e.Act,
		11: &e.Kind, 12: &e.Table, 13: &e.Record, 14: &e.Name, 15: &e.NoUndo,
	} {
		if to != nil {
			*to = string(cells[i])
		}
	}
	e.Began, e.Ended = store.ParseTime(cells[0]), store.ParseTime(cells[1])
	whole := e.scanOutcome(cells[2])
	whole = scanID(cells[16], &e.Undoes) && whole
	whole = scanID(cells[17], &e.UndoneBy) && whole
	for i, to := range []*json.RawMessage{18: &e.Arguments, 20: &e.Data, 21: &e.Before, 22: &e.After} {
		if to != nil {
			whole = scanJSON(cells[i], to) && whole
		}
	}
	whole = e.scanChanges(cells[19]) && whole
	if !whole && e.NoUndo == "" {
		e.NoUndo = damaged
	}
	return e, nil
}

func (e *Entry) scanOutcome(text []byte) bool {
	switch e.Outcome = Outcome(text); e.Outcome {
	case Pending, Done, NotDone, Unknown:
		return true
	}
	e.Outcome = Unknown
	return false
}

func scanID(text []byte, to *int64) bool {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err == nil {
		*to = n
	}
	return err == nil
}

func scanJSON(text []byte, to *json.RawMessage) bool {
	switch {
	case len(text) == 0:
		return true
	case !json.Valid(text):
		return false
	}
	*to = json.RawMessage(text)
	return true
}

func (e *Entry) scanChanges(text []byte) bool {
	if len(text) == 0 {
		return true
	}
	var changes []Change
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&changes); err != nil || !json.Valid(text) {
		return false
	}
	e.Changes = changes
	return true
}

// cell takes whatever a column holds, since SQLite lets any column hold
// anything.
type cell []byte

func (c *cell) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c = nil
	case []byte:
		*c = bytes.Clone(v)
	case string:
		*c = []byte(v)
	default:
		*c = fmt.Append(nil, v)
	}
	return nil
}

var _ sql.Scanner = (*cell)(nil)
