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
	switch v := v.(type) {
	case *flexie.Object:
		kept := flexie.NewObject()
		for name, value := range v.All() {
			kept.Set(name, shorter(value))
		}
		return kept
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = shorter(item)
		}
		return items
	case string:
		if len(v) > longestRecorded {
			return fmt.Sprintf("%s… (cut: %d bytes in all)", strings.ToValidUTF8(v[:longestRecorded], ""), len(v))
		}
	}
	return v
}

// maskedRecord is a record without the secrets in it. A text of it that is JSON
// stays as it is: undone, it must be just that again.
func maskedRecord(values *flexie.Object) json.RawMessage { return encoded(maskedValue(values, false)) }

// maskedValue also looks into JSON inside of strings, if it is to, since
// schema.Decode takes that.
func maskedValue(v any, inStrings bool) any {
	switch v := v.(type) {
	case *flexie.Object:
		kept := flexie.NewObject()
		for name, value := range v.All() {
			if schema.IsSecret(name) && value != nil {
				value = hidden
			}
			kept.Set(name, maskedValue(value, inStrings))
		}
		return kept
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = maskedValue(item, inStrings)
		}
		return items
	case string:
		if inStrings && schema.IsSecret(v) {
			return maskedText(v)
		}
	}
	return v
}

// maskedText is a text that says password somewhere: masked, if it is JSON.
func maskedText(text string) string {
	inner, err := flexie.DecodeJSON([]byte(text))
	if _, isText := inner.(string); err != nil || isText {
		return text
	}
	return string(encoded(maskedValue(inner, true)))
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
		isAboutSecret = isAboutSecret || strings.EqualFold(name, "field") && isText && schema.IsSecret(field)
	}
	for name, value := range o.All() {
		meant, _ := schema.Meant(guardSchema, name)
		if value != nil && (isAboutSecret || meant == "confirm" || schema.IsSecret(name)) {
			value = hidden
		}
		kept.Set(name, loggable(value))
	}
	return kept
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
