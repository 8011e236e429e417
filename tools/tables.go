package tools

import (
	"encoding/json"
	"fmt"
	"slices"

	"flexie-mcp/flexie"
)

// suggestTable adds to an error what table was probably meant. Flexie does not
// list its tables, so that a name can be known to be wrong only when nothing is
// found by it, and even then it may be the record that there is not.
func (t Tool) suggestTable(c *flexie.Client, arguments json.RawMessage, err error) error {
	if !hasTable(t) || flexie.KindOf(err) != flexie.NotFound {
		return err
	}
	var given struct {
		Table any `json:"table"`
	}
	_ = json.Unmarshal(arguments, &given) // they were read before
	table, tables := fmt.Sprint(given.Table), c.Known().Tables()
	if len(tables) == 0 || slices.Contains(tables, table) {
		return err
	}
	return &Failure{fmt.Sprintf("%v\nPerhaps there is no table %q; did you mean %s?", err, table, flexie.Closest(table, tables)), err}
}
