package tools

import (
	"bytes"
	"encoding/json"

	"flexie-mcp/internal/confirm"
	"flexie-mcp/schema"
)

// clearDryRun refuses a call of which it is not clear whether it is a dry run:
// Decode takes what is empty for what was left out, and of what is given twice the
// last, and the call would write.
func clearDryRun(raw json.RawMessage) error {
	if text := ""; json.Unmarshal(raw, &text) == nil { // JSON inside a string
		raw = []byte(text)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil // for the tool's own schema to refuse
	}
	var said []string
	for d.More() {
		key, err := d.Token()
		var value json.RawMessage
		if err != nil || d.Decode(&value) != nil {
			return nil
		}
		name, _ := key.(string)
		if meant, _ := schema.Meant(guardSchema, name); meant == "dry_run" {
			said = append(said, confirm.Canonical(value))
		} else if name == "arguments" { // those of the tool that the call runs
			if err := clearDryRun(value); err != nil {
				return err
			}
		}
	}
	for _, value := range said {
		switch {
		case value == "null" || value == `""`:
			return wrong("dry_run must be true or false; leave it out to make the change")
		case value != said[0]:
			return wrong("dry_run is given twice, and once otherwise: give it once")
		}
	}
	return nil
}
