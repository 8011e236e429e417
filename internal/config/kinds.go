package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// kind is a sort of value: what --help calls it, and how it is read from text.
// The error of read goes on where "FLEXIE_TIMEOUT: " stopped.
type kind struct {
	name string
	read func(f field, text string) (any, error)
}

// kinds are the sorts of value there are. kindOf says which field has which.
var kinds = map[string]kind{
	"bool":       {"bool", readBool},
	"duration":   {"duration", readDuration},
	"int":        {"int", readInt},
	"list":       {"list", readList},
	"number":     {"number", readNumber},
	"path":       {"path", readPath},
	"public_url": {"url", readPublicURL},
	"redirect":   {"url", readRedirect},
	"secret":     {"secret", readSecret},
	"subdomain":  {"name", readSubdomain},
	"text":       {"text", readText},
	"url":        {"url", readURL},
}

// textual reports whether the value is text, which TOML wants in quotes.
func (k kind) textual() bool {
	return !slices.Contains([]string{"bool", "int", "number"}, k.name)
}

// read turns what a flag, the environment or TOML holds into the setting's
// value. Everything but a list of TOML goes by way of text, so that a value
// means the same wherever it stands.
func (f field) read(raw any) (any, error) {
	switch raw := raw.(type) {
	case string:
		return f.kind.read(f, strings.TrimSpace(raw))
	case []string: // a flag, each time it was given
		if f.kind.name == "list" {
			return f.kind.read(f, strings.Join(raw, ","))
		}
		return f.kind.read(f, strings.TrimSpace(raw[len(raw)-1]))
	case []any:
		return f.readArray(raw)
	case bool, int64, float64:
		if f.kind.textual() {
			return nil, fmt.Errorf("%s goes in quotes here, like %s", f.shown(raw), f.literal())
		}
		return f.kind.read(f, fmt.Sprint(raw))
	}
	return nil, fmt.Errorf("a table or a date is no value here; write it like %s", f.literal())
}

// readArray reads a TOML array, which only a list can be.
func (f field) readArray(items []any) (any, error) {
	if f.kind.name != "list" {
		return nil, fmt.Errorf("one value goes here, not a list of them; write it like %s", f.literal())
	}
	var texts []string
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%v is not text; write the list like %s", item, f.literal())
		}
		texts = append(texts, s)
	}
	return f.kind.read(f, strings.Join(texts, ","))
}

// shown is a value as a problem may show it, which a secret may not.
func (f field) shown(value any) string {
	if f.secret() {
		return "the value"
	}
	return fmt.Sprint(value)
}

func readText(f field, text string) (any, error) {
	if len(f.choices) == 0 {
		return text, nil
	}
	if chosen := strings.ToLower(text); slices.Contains(f.choices, chosen) {
		return chosen, nil
	}
	return nil, fmt.Errorf("%q is not one of %s", text, strings.Join(f.choices, ", "))
}

// bools are the words for yes and no, those of environments and of people.
var bools = map[string]bool{
	"1": true, "true": true, "yes": true, "on": true,
	"0": false, "false": false, "no": false, "off": false,
}

func readBool(_ field, text string) (any, error) {
	value, ok := bools[strings.ToLower(text)]
	if !ok {
		return nil, fmt.Errorf("%q is neither true nor false", text)
	}
	return value, nil
}

func readInt(f field, text string) (any, error) {
	n, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a whole number", text)
	}
	return within(f, n, strconv.Atoi)
}

func readNumber(f field, text string) (any, error) {
	parse := func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
	n, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a number", text)
	}
	return within(f, n, parse)
}

func readDuration(f field, text string) (any, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not a duration, like 30s or 2m", text)
	}
	return within(f, d, time.ParseDuration)
}

// within refuses a value outside the field's bounds, which parse reads.
// NaN counts as lower than any number.
func within[T cmp.Ordered](f field, value T, parse func(string) (T, error)) (any, error) {
	low, lowErr := parse(f.min)
	high, highErr := parse(f.max)
	below := lowErr == nil && cmp.Compare(value, low) < 0
	above := highErr == nil && cmp.Compare(value, high) > 0
	switch {
	case !below && !above:
		return value, nil
	case f.max != "":
		return nil, fmt.Errorf("%v is not between %s and %s", value, f.min, f.max)
	}
	return nil, fmt.Errorf("%v is too small: %s is the least", value, f.min)
}

// readList splits at commas. Empty items are dropped, so that "" and a comma
// at the end do no harm.
func readList(_ field, text string) (any, error) {
	items := []string{}
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items, nil
}

// readPath puts the home directory for a leading ~: programs that start an MCP
// server do so without a shell that would.
func readPath(_ field, text string) (any, error) {
	rest, ok := strings.CutPrefix(text, "~/")
	if !ok {
		return text, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, errors.New("there is no home directory to put for ~; write the whole path")
	}
	return filepath.Join(home, rest), nil
}
