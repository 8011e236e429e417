package tools

import (
	"encoding/json"
	"fmt"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
	"flexie-mcp/schema"
)

// hidden stands for a secret in what is recorded or shown.
const hidden = "(hidden)"

// masked are the arguments of a write without the secrets in them, by whatever
// spelling of their names they were given, and short enough to be recorded.
func masked(arguments json.RawMessage) json.RawMessage {
	v, err := flexie.DecodeJSON(arguments)
	if err != nil {
		return json.RawMessage(`{}`)
	}
	v = maskedValue(v, true)
	if all := encoded(v); len(all) <= mostRecorded {
		return all
	}
	if all := encoded(shorter(v)); len(all) <= mostRecorded {
		return all
	}
	return encoded(fmt.Sprintf("(%d bytes, not recorded)", len(arguments)))
}

// mostRecorded is the most of a call's arguments that is recorded, in bytes. To
// take a change back it takes none of them.
const mostRecorded = 256 << 10

// longestRecorded is the most of a text in those that are longer, in bytes.
const longestRecorded = 1 << 10

// shorter cuts long texts, and says so.
func shorter(v any) any {
	if text, ok := v.(string); ok && len(text) > longestRecorded {
		return fmt.Sprintf("%s… (cut: %d bytes in all)", strings.ToValidUTF8(text[:longestRecorded], ""), len(text))
	}
	return inside(v, func(_ string, v any) any { return shorter(v) })
}

// inside is an object or a list with f of each member, by its name, or of each
// item. What has nothing inside stays as it is.
func inside(v any, f func(name string, v any) any) any {
	switch v := v.(type) {
	case *flexie.Object:
		made := flexie.NewObject()
		for name, value := range v.All() {
			made.Set(name, f(name, value))
		}
		return made
	case []any:
		made := make([]any, len(v))
		for i, item := range v {
			made[i] = f("", item)
		}
		return made
	}
	return v
}

// insideText is a text with f of what it holds, if that is JSON, which schema.Decode
// takes in place of the value itself.
func insideText(text string, f func(any) any) string {
	v, err := flexie.DecodeJSON([]byte(text))
	if _, isText := v.(string); err != nil || isText {
		return text
	}
	return string(encoded(f(v)))
}

// maskedRecord is a record without the secrets in it. A text of it that is JSON
// stays as it is: undone, it must be just that again.
func maskedRecord(values *flexie.Object) json.RawMessage { return encoded(maskedValue(values, false)) }

// maskedValue also looks into JSON inside of strings, if it is to.
func maskedValue(v any, inStrings bool) any {
	if text, ok := v.(string); ok && inStrings && schema.IsSecret(text) {
		return insideText(text, func(v any) any { return maskedValue(v, true) })
	}
	return inside(v, func(name string, v any) any {
		if v != nil && schema.IsSecret(name) {
			return hidden
		}
		return maskedValue(v, inStrings)
	})
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

// loggable hides by the names of members, and all of a condition on a field that
// holds a secret.
func loggable(v any) any {
	if text, ok := v.(string); ok {
		return insideText(text, loggable)
	}
	about := isAboutSecret(v)
	return inside(v, func(name string, v any) any {
		meant, _ := schema.Meant(guardSchema, name)
		if v != nil && (about || meant == "confirm" || schema.IsSecret(name)) {
			return hidden
		}
		return loggable(v)
	})
}

func isAboutSecret(v any) bool {
	o, ok := v.(*flexie.Object)
	if !ok {
		return false
	}
	for name, value := range o.All() {
		if field, isText := value.(string); isText && strings.EqualFold(name, "field") && schema.IsSecret(field) {
			return true
		}
	}
	return false
}

func maskedChanges(changes []journal.Change) []journal.Change {
	kept := make([]journal.Change, len(changes))
	for i, c := range changes {
		if schema.IsSecret(c.Field) {
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
		if !schema.IsSecret(name) {
			kept.Set(name, value)
		}
	}
	r.Values = kept
	return r
}
