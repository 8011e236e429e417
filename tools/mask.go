package tools

import (
	"encoding/json"
	"regexp"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/schema"
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

// Loggable are the arguments of any call as a log may have them: without secrets,
// and without the code that says yes to a write. What is no JSON is left out.
func Loggable(arguments []byte) []byte {
	v, err := flexie.DecodeJSON(arguments)
	if err != nil {
		return []byte(`{}`)
	}
	return encoded(loggable(v))
}

func loggable(v any) any {
	switch v := v.(type) {
	case *flexie.Object:
		return loggableObject(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = loggable(item)
		}
		return items
	case string: // JSON inside a string, which schema.Decode takes
		inner, err := flexie.DecodeJSON([]byte(v))
		if _, isScalar := inner.(string); err == nil && !isScalar {
			return string(encoded(loggable(inner)))
		}
	}
	return v
}

// loggableObject hides by the names of its members, and all of a condition on a
// field that holds a secret.
func loggableObject(o *flexie.Object) *flexie.Object {
	kept, isAboutSecret := flexie.NewObject(), false
	for name, value := range o.All() {
		field, isText := value.(string)
		isAboutSecret = isAboutSecret || strings.EqualFold(name, "field") && isText && secretName.MatchString(field)
	}
	for name, value := range o.All() {
		meant, _ := schema.Meant(guardSchema, name)
		if value != nil && (isAboutSecret || meant == "confirm" || secretName.MatchString(name)) {
			value = hidden
		}
		kept.Set(name, loggable(value))
	}
	return kept
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
