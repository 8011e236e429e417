package flexie

import (
	"fmt"
	"strings"
)

// This file reads the choices of selects, by value or by what people see.

func (f Field) choices() string {
	var all []string
	for _, o := range f.Options[:min(mostShown, len(f.Options))] {
		all = append(all, o.String())
	}
	if more := len(f.Options) - len(all); more > 0 {
		return fmt.Sprintf("%s … and %d more", strings.Join(all, ", "), more)
	}
	return strings.Join(all, ", ")
}

// String is the value of the option, and its label where that is another.
func (o Option) String() string {
	if o.Label == "" || o.Label == o.Value {
		return short(o.Value)
	}
	return fmt.Sprintf("%s (%s)", short(o.Value), short(o.Label))
}

// acceptOption takes a choice by its value, or else by what just one choice is
// called whatever the case. Where the workspace won't tell the choices, all do.
func acceptOption(f Field, v any) (any, bool) {
	if text, ok := v.(string); ok {
		v = strings.TrimSpace(text)
	}
	text := stringOf(v)
	var alike []Option
	for _, o := range f.Options {
		if o.Value == text {
			return v, true
		}
		if strings.EqualFold(o.Value, text) || strings.EqualFold(strings.TrimSpace(o.Label), text) {
			alike = append(alike, o)
		}
	}
	if len(alike) == 1 {
		return alike[0].Value, true
	}
	return v, len(f.Options) == 0
}

// acceptOptions takes a list, or a text like "a|b", and keeps its form.
func acceptOptions(f Field, v any) (any, bool) {
	text, isText := v.(string)
	if !isText {
		return acceptEach(f, v)
	}
	var parts []any
	for _, part := range strings.Split(text, "|") {
		parts = append(parts, part)
	}
	chosen, ok := acceptEach(f, parts)
	if !ok {
		return chosen, false
	}
	var values []string
	for _, c := range list(chosen) {
		values = append(values, stringOf(c))
	}
	return strings.Join(values, "|"), true
}

func acceptEach(f Field, v any) (any, bool) {
	items, ok := v.([]any)
	if !ok {
		items = []any{v} // a lone value for a list
	}
	chosen := make([]any, len(items))
	for i, item := range items {
		option, ok := acceptOption(f, item)
		if !ok || stringOf(option) == "" {
			return item, false
		}
		chosen[i] = option
	}
	return chosen, true
}
