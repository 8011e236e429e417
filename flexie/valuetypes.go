package flexie

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// valueType is what values of some types of field look like.
type valueType struct {
	names   []string
	is      string // what a value must be, with an example; "" for one of the options
	several bool   // whether it takes a list

	// accept gives the value to send, or else the one that won't do.
	accept func(Field, any) (any, bool)

	// compare does the same for a value that a filter compares with; nil takes
	// all of them.
	compare func(Field, any) (any, bool)
}

// valueTypes check the values of the fields that can be written. The names are
// guesses but for those on Flexie's page, and values of fields of yet another
// type go as they are. Assumption: value-types.
var valueTypes = []valueType{
	{names: []string{"integer", "int"}, is: "a whole number without separators, like 12500", accept: acceptInteger},
	{names: numericTypes, is: "a number without separators, like 12500 or 12.5", accept: acceptNumber},
	{names: []string{"boolean", "bool", "yesno"}, is: "true or false", accept: acceptBoolean, compare: acceptBoolean},
	{names: []string{"date"}, is: "a day like 2026-09-30", accept: acceptDay, compare: acceptDate},
	{names: []string{"datetime"}, is: "a date and time like 2026-09-30 14:00 or 2026-09-30T14:00:00+02:00", accept: acceptMoment, compare: acceptDate},
	{names: []string{"email"}, is: "one email address, like jane@acme.com", accept: acceptEmail},
	{names: textTypes, is: "a text", accept: acceptText},
	{names: []string{"select", "radio", "dropdown"}, accept: acceptOption, compare: acceptOption},
	{names: []string{"multiselect", "checkboxes"}, several: true, accept: acceptOptions, compare: acceptOption},
}

func (f Field) valueType() (valueType, bool) {
	name := f.kind()
	i := slices.IndexFunc(valueTypes, func(t valueType) bool { return slices.Contains(t.names, name) })
	if i < 0 {
		return valueType{}, false
	}
	return valueTypes[i], true
}

// accept is the value to send, or what is wrong with it.
func (f Field) accept(v any) (value any, problem string) {
	t, checked := f.valueType()
	if items := list(v); checked && !t.several && len(items) == 1 {
		v = items[0] // a list of one for a value
	}
	switch {
	case isBlank(v) && f.Required:
		return nil, "is required and can't be empty" + f.hint()
	case !checked || v == nil || isBlank(v) && t.several:
		return v, ""
	case isBlank(v):
		return "", ""
	}
	value, ok := t.accept(f, v)
	if !ok && t.is != "" {
		value = v
	}
	if !ok {
		return nil, f.refusal(value)
	}
	return value, ""
}

// comparisons are the operators that compare whole values; the others look
// into texts, or take none.
var comparisons = []string{"is", "is_not", "gt", "gte", "lt", "lte", "between", "in", "not_in"}

// compared is what a filter compares the field with, or what is wrong with it.
func (f Field) compared(op string, v any) (value any, problem string) {
	t, checked := f.valueType()
	if !checked || t.compare == nil || isBlank(v) || !slices.Contains(comparisons, op) {
		return v, "" // what must not be blank is for the operator to say
	}
	items, ok := v.([]any)
	if !ok {
		if value, ok := t.compare(f, v); ok {
			return value, ""
		}
		return nil, f.refusal(v)
	}
	values := slices.Clone(items)
	for i, item := range items {
		if values[i], ok = t.compare(f, item); !ok && !isBlank(item) {
			return nil, f.refusal(item)
		}
	}
	return values, ""
}

// refusal says what is wrong with a value, as the end of a sentence about it.
func (f Field) refusal(v any) string {
	if t, _ := f.valueType(); t.is != "" {
		return fmt.Sprintf("must be %s; got %s", t.is, told(v))
	}
	return fmt.Sprintf("can't be %s%s", told(v), f.hint())
}

// hint says what the field takes, as the end of a sentence.
func (f Field) hint() string {
	t, checked := f.valueType()
	switch {
	case checked && t.is != "":
		return ": " + t.is
	case checked && len(f.Options) > 0:
		return "; use one of " + f.choices()
	}
	return ""
}

// told is a value that was given, as it is told in an error.
func told(v any) string {
	if text, ok := v.(string); ok {
		return quoted(text)
	}
	data, err := EncodeJSON(v)
	if err != nil {
		return fmt.Sprintf("a %T", v)
	}
	return short(string(data))
}

// acceptNumber keeps a number's digits as they came.
func acceptNumber(_ Field, v any) (any, bool) {
	switch v := v.(type) {
	case json.Number:
		return v, true
	case string:
		return exactNumber(strings.TrimSpace(v))
	}
	return nil, false
}

func acceptInteger(f Field, v any) (any, bool) {
	n, ok := acceptNumber(f, v)
	return n, ok && !strings.ContainsAny(stringOf(n), ".eE")
}

// truths are the ways to say yes and no.
var truths = map[string]bool{"true": true, "yes": true, "1": true, "false": false, "no": false, "0": false}

func acceptBoolean(_ Field, v any) (any, bool) {
	truth, ok := truths[strings.ToLower(strings.TrimSpace(stringOf(v)))]
	return truth, ok
}

// midnight is a moment that only says which day: programs write days so.
var midnight = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[T ]00:00(:00(\.0+)?)?( ?(Z|[+-]\d\d:?\d\d))?$`)

func acceptDay(_ Field, v any) (any, bool) {
	text, _ := v.(string)
	text = strings.TrimSpace(text)
	if day := midnight.FindStringSubmatch(text); day != nil {
		text = day[1]
	}
	_, err := time.Parse(time.DateOnly, text)
	return text, err == nil
}

// acceptMoment takes a day as its midnight.
func acceptMoment(_ Field, v any) (any, bool) {
	text, _ := v.(string)
	text = strings.TrimSpace(text)
	if _, err := time.Parse(time.DateOnly, text); err == nil {
		text += " 00:00"
	}
	t, err := parseTime(text, time.UTC)
	if err != nil {
		return nil, false
	}
	return t.UTC().Format(time.DateTime), true
}

// acceptDate takes a day or a moment, as both can be compared with either.
func acceptDate(_ Field, v any) (any, bool) {
	text, _ := v.(string)
	return v, isDate(strings.TrimSpace(text))
}

// email is as much as an address must be: the server that gets it knows best.
var email = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s.]+$`)

func acceptEmail(_ Field, v any) (any, bool) {
	text, _ := v.(string)
	text = strings.TrimSpace(text)
	return text, email.MatchString(text)
}

func acceptText(_ Field, v any) (any, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number: // a phone number without quotes
		return v.String(), true
	}
	return nil, false
}
