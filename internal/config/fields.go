package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// envPrefix starts the name of every environment variable that is ours.
const envPrefix = "FLEXIE_"

// configKey is the one setting that cannot stand in the file: it names it.
const configKey = "config"

// field is one setting, as the declaration in Settings has it.
type field struct {
	key     string // "api_key"
	group   string
	kind    kind
	initial string // the default as text; "" for the zero value
	example string
	help    string
	min     string
	max     string
	choices []string
	reloads bool
	index   int // of the field in Settings
}

// fields are all settings, in the order they were declared.
var fields = readFields(reflect.TypeFor[Settings]())

func readFields(t reflect.Type) []field {
	var all []field
	group := ""
	for i := range t.NumField() {
		tag := t.Field(i).Tag
		key, ok := tag.Lookup("key")
		if !ok {
			continue
		}
		if heading := tag.Get("group"); heading != "" {
			group = heading
		}
		all = append(all, field{
			key:     key,
			group:   group,
			kind:    kindOf(t.Field(i)),
			initial: tag.Get("default"),
			example: tag.Get("example"),
			help:    tag.Get("help"),
			min:     tag.Get("min"),
			max:     tag.Get("max"),
			choices: choices[key],
			reloads: tag.Get("reload") == "yes",
			index:   i,
		})
	}
	return all
}

// kindOf is the row of kinds for a struct field: by its type, and for strings
// by the tag "as".
func kindOf(f reflect.StructField) kind {
	switch f.Type {
	case reflect.TypeFor[time.Duration]():
		return kinds["duration"]
	case reflect.TypeFor[[]string]():
		return kinds["list"]
	case reflect.TypeFor[bool]():
		return kinds["bool"]
	case reflect.TypeFor[int]():
		return kinds["int"]
	case reflect.TypeFor[float64]():
		return kinds["number"]
	}
	if as := f.Tag.Get("as"); as != "" {
		return kinds[as]
	}
	return kinds["text"]
}

func (f field) flag() string { return strings.ReplaceAll(f.key, "_", "-") }

func (f field) env() string { return envPrefix + strings.ToUpper(strings.ReplaceAll(f.key, ".", "_")) }

func (f field) secret() bool { return f.kind.name == "secret" }

// inFile reports whether the setting can be written in the TOML file.
func (f field) inFile() bool { return f.key != configKey }

// of is the setting's value, as text.
func (f field) of(s Settings) string {
	return text(reflect.ValueOf(s).Field(f.index).Interface())
}

// masked is of, except that a secret is only said to be there.
func (f field) masked(s Settings) string {
	value := f.of(s)
	if f.secret() && value != "" {
		return hidden
	}
	return value
}

// text writes a value as it would stand in the environment.
func text(value any) string {
	if list, ok := value.([]string); ok {
		return strings.Join(list, ",")
	}
	return fmt.Sprint(value)
}

// find is the field with that key.
func find(key string) (field, bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

// describe lists the settings that are not at their zero value, secrets masked.
func describe(s Settings) string {
	var parts []string
	for _, f := range fields {
		if reflect.ValueOf(s).Field(f.index).IsZero() {
			continue
		}
		parts = append(parts, fmt.Sprintf("%s=%q", f.key, f.masked(s)))
	}
	return "{" + strings.Join(parts, " ") + "}"
}
