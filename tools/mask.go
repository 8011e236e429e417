package tools

import (
	"encoding/json"
	"regexp"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
)

// hidden stands for a secret in what is recorded or shown.
const hidden = "(hidden)"

// secretName finds the names of arguments and properties that hold secrets.
// Other words, like token or key, may be names of fields for what customers buy.
var secretName = regexp.MustCompile(`(?i)passwor[dt]|passwd|passphrase|passcode|kennwort`)

// masked are arguments without the secrets in them.
func masked(arguments json.RawMessage) json.RawMessage {
	v, err := flexie.DecodeJSON(arguments)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	return encoded(maskedValue(v))
}

func maskedValue(v any) any {
	switch v := v.(type) {
	case *flexie.Object:
		kept := flexie.NewObject()
		for name, value := range v.All() {
			if secretName.MatchString(name) && value != nil {
				value = hidden
			}
			kept.Set(name, maskedValue(value))
		}
		return kept
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = maskedValue(item)
		}
		return items
	}
	return v
}

func maskedChanges(changes []journal.Change) []journal.Change {
	kept := make([]journal.Change, len(changes))
	for i, c := range changes {
		if secretName.MatchString(c.Field) {
			c.From, c.To = nil, hidden
		}
		kept[i] = c
	}
	return kept
}

// withoutSecrets keeps secrets out of a record, should Flexie answer with them.
func withoutSecrets(r flexie.Record) flexie.Record {
	kept := flexie.NewObject()
	for name, value := range r.Values.All() {
		if !secretName.MatchString(name) {
			kept.Set(name, value)
		}
	}
	r.Values = kept
	return r
}
