package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"flexie-mcp/flexie"
)

// assumptionsKey is the table of the file that says where Flexie is otherwise
// than guessed. Its keys are the fields of flexie.Assumptions: they are declared
// there, with what is guessed at present. They have no flags.
const assumptionsKey = "assumptions"

// guess is one key of that table.
type guess struct {
	field            // its key, "assumptions.list_totals", and its help
	name    string   // "list_totals"
	rows    []string // of docs/assumptions.md, which it can mend
	present any      // what is guessed, of the type of the field
}

// guesses are all keys of the table, in the order of their declaration.
var guesses = readGuesses()

func readGuesses() (all []guess) {
	present := reflect.ValueOf(flexie.PresentAssumptions())
	for i := range present.NumField() {
		tag := present.Type().Field(i).Tag
		all = append(all, guess{
			field:   field{key: assumptionsKey + "." + tag.Get("key"), help: tag.Get("help"), index: i},
			name:    tag.Get("key"),
			rows:    strings.Split(tag.Get("rows"), ","),
			present: present.Field(i).Interface(),
		})
	}
	return all
}

func guessNames() (names []string) {
	for _, g := range guesses {
		names = append(names, g.name)
	}
	return names
}

// assume takes in what one place says of assumptions: a table, or nil for none.
func (l *loader) assume(from layer, table any) {
	given, ok := table.(map[string]any)
	if !ok && table != nil {
		l.problem("%s: it is a table: write its keys below a line [assumptions]", from.label(field{key: assumptionsKey}))
		return
	}
	here := flexie.Assumptions{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := slices.IndexFunc(guesses, func(g guess) bool { return g.name == name })
		if at < 0 {
			l.problem("%s: no such assumption: %s", from.label(field{key: assumptionsKey + "." + name}), adviceOnGuess(name))
			continue
		}
		g := guesses[at]
		value, err := g.readGuess(given[name])
		if err != nil {
			l.problem("%s: %v", from.label(g.field), err)
			continue
		}
		reflect.ValueOf(&here).Elem().Field(g.index).Set(reflect.ValueOf(value))
		l.from[g.key] = from
	}
	for _, problem := range here.Check() {
		name, rest, _ := strings.Cut(problem, ":")
		name, entry, _ := strings.Cut(name, ".")
		if entry != "" {
			rest = " " + entry + ":" + rest
		}
		l.problem("%s:%s", from.label(field{key: assumptionsKey + "." + name}), rest)
	}
	l.assumed = laidOver(l.assumed, here)
}

// adviceOnGuess is what was probably meant by a key that is none of the table's.
func adviceOnGuess(name string) string {
	if _, isSetting := find(name); isSetting {
		return "it is another setting; write it above the line [assumptions]"
	}
	if near := nearest(strings.ToLower(name), guessNames(), max(2, len(name)/3)); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "there are " + strings.Join(guessNames(), ", ")
}

// laidOver are assumptions with those of another place over them, entry by entry.
func laidOver(below, above flexie.Assumptions) flexie.Assumptions {
	to, from := reflect.ValueOf(&below).Elem(), reflect.ValueOf(above)
	for i := range from.NumField() {
		switch given := from.Field(i); {
		case given.IsZero():
		case given.Kind() == reflect.Map && !to.Field(i).IsZero():
			for entries := given.MapRange(); entries.Next(); {
				to.Field(i).SetMapIndex(entries.Key(), entries.Value())
			}
		default:
			to.Field(i).Set(given)
		}
	}
	return below
}

// assumptionsPrefix starts the variables of the table. No other program's begin so.
const assumptionsPrefix = envPrefix + "ASSUMPTIONS_"

func isAssumption(variable string) bool { return strings.HasPrefix(variable, assumptionsPrefix) }

// assumptionsIn are the variables of an environment that are of the table, as if
// they stood there; nil for none.
func assumptionsIn(environ []string) any {
	table := map[string]any{}
	for _, v := range environ {
		name, value, _ := strings.Cut(v, "=")
		key := strings.TrimPrefix(name, assumptionsPrefix)
		if isAssumption(name) && strings.TrimSpace(value) != "" {
			table[strings.ToLower(key)] = value
		}
	}
	if len(table) == 0 {
		return nil
	}
	return table
}

// readGuess reads a value of TOML, or the text of a variable.
func (g guess) readGuess(raw any) (any, error) {
	switch present := g.present.(type) {
	case []string:
		return g.names(raw, ",")
	case string:
		return g.word(raw)
	case int:
		return g.count(raw)
	case map[string]string:
		return entriesOf(g, raw, present, g.word)
	case map[string][]string:
		return entriesOf(g, raw, present, func(raw any) ([]string, error) { return g.names(raw, "|") })
	}
	return nil, fmt.Errorf("a %T can't be set", g.present)
}

// entriesOf reads a table, or "key=value,key=value". It may only have keys that
// the present one has.
func entriesOf[T any](g guess, raw any, present map[string]T, read func(any) (T, error)) (any, error) {
	table, ok := raw.(map[string]any)
	if text, isText := raw.(string); isText {
		table, ok = pairs(text)
	}
	if !ok {
		return nil, fmt.Errorf("a table goes here; write it like %s", g.example())
	}
	known := slices.Sorted(maps.Keys(present))
	entries := map[string]T{}
	for _, key := range slices.Sorted(maps.Keys(table)) {
		if !slices.Contains(known, key) {
			if near := nearest(key, known, max(2, len(key)/3)); near != "" {
				return nil, fmt.Errorf("there is no %q in it; did you mean %q?", key, near)
			}
			return nil, fmt.Errorf("there is no %q in it, but %s", key, strings.Join(known, ", "))
		}
		value, err := read(table[key])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		entries[key] = value
	}
	return entries, nil
}

// pairs reads "key=value,key=value" as a table.
func pairs(text string) (map[string]any, bool) {
	table := map[string]any{}
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, false
		}
		table[strings.TrimSpace(key)] = strings.TrimSpace(value)
	}
	return table, true
}

// names reads a list, or a text with the names in it between separators. An empty
// one is none at all, which is another thing than nothing said.
func (g guess) names(raw any, separator string) ([]string, error) {
	items, ok := raw.([]any)
	if text, isText := raw.(string); isText {
		ok = true
		for item := range strings.SplitSeq(text, separator) {
			if item = strings.TrimSpace(item); item != "" {
				items = append(items, item)
			}
		}
	}
	if !ok {
		return nil, fmt.Errorf("a list goes here; write it like %s", g.example())
	}
	names := []string{}
	for _, item := range items {
		name, err := g.word(item)
		if err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, nil
}

func (g guess) word(raw any) (string, error) {
	text, ok := raw.(string)
	if !ok {
		return "", fmt.Errorf("text goes here, in quotes; write it like %s", g.example())
	}
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsFunc(text, unicode.IsControl) {
		return "", errors.New("a name is empty, or more than a line")
	}
	return text, nil
}

func (g guess) count(raw any) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(fmt.Sprint(raw)))
	if err != nil {
		return 0, fmt.Errorf("a whole number goes here; write it like %s", g.example())
	}
	if n < 1 {
		return 0, fmt.Errorf("%d is too small: 1 is the least", n)
	}
	return n, nil
}

// AssumptionRows are the assumptions that are set, for the config command.
func (l *Loaded) AssumptionRows() (rows []Row) {
	given := reflect.ValueOf(l.Assumptions)
	for _, g := range guesses {
		if value := given.Field(g.index); !value.IsZero() {
			rows = append(rows, Row{g.key, guessText(value.Interface()), l.origins[g.key]})
		}
	}
	return rows
}

// changedAssumptions are the keys of those that differ.
func changedAssumptions(before, now flexie.Assumptions) (keys []string) {
	was, is := reflect.ValueOf(before), reflect.ValueOf(now)
	for _, g := range guesses {
		if !reflect.DeepEqual(was.Field(g.index).Interface(), is.Field(g.index).Interface()) {
			keys = append(keys, g.key)
		}
	}
	return keys
}

// guessText writes a value as it would stand in the environment.
func guessText(value any) string {
	var parts []string
	switch value := value.(type) {
	case []string:
		return strings.Join(value, ",")
	case map[string]string:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+"="+value[key])
		}
	case map[string][]string:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, key+"="+strings.Join(value[key], "|"))
		}
	default:
		return fmt.Sprint(value)
	}
	return strings.Join(parts, ",")
}
