package flexie

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	mostListLimit = 1000 // that any list is taken to give at once
	longestName   = 100  // in characters: nothing in an answer is called by more
)

// neverEmpty are the entries without a name for which nothing is found at all.
// Elsewhere an empty list means that there is no such thing.
var neverEmpty = []string{"field_names.alias", "field_names.option_value", "report_names.rows"}

// noPaths are the keys whose texts are no names of members, and may have any dots.
var noPaths = []string{"success_words", "field_types", "filter_operators", "filter_types", "note_entity_types", "query_names", "system_filters", "times_zone"}

// badNames says which names can't be those of anything, each as "key: what" or
// "key.entry: what".
func (a Assumptions) badNames() (problems []string) {
	all := reflect.ValueOf(a)
	for i := range all.NumField() {
		key := all.Type().Field(i).Tag.Get("key")
		switch given := all.Field(i).Interface().(type) {
		case string:
			problems = append(problems, badIn(key, key, given)...)
		case []string:
			problems = append(problems, badIn(key, key, given...)...)
		case map[string]string:
			for _, entry := range slices.Sorted(maps.Keys(given)) {
				problems = append(problems, badIn(key, key+"."+entry, given[entry])...)
			}
		case map[string][]string:
			for _, entry := range slices.Sorted(maps.Keys(given)) {
				if len(given[entry]) == 0 && slices.Contains(neverEmpty, key+"."+entry) {
					problems = append(problems, fmt.Sprintf("%s.%s: it is empty: write at least one name, or leave it out", key, entry))
				}
				problems = append(problems, badIn(key, key+"."+entry, given[entry]...)...)
			}
		}
	}
	return append(problems, a.alikeInQuery()...)
}

// badIn says what is wrong with the names of one place.
func badIn(key, place string, names ...string) (problems []string) {
	for _, name := range names {
		switch {
		case utf8.RuneCountInString(name) > longestName:
			problems = append(problems, fmt.Sprintf("%s: a name of %d characters is too long: %d are the most", place, utf8.RuneCountInString(name), longestName))
		case name != "" && !slices.Contains(noPaths, key) && slices.Contains(strings.Split(name, "."), ""):
			problems = append(problems, fmt.Sprintf("%s: %s is no name: dots stand between names, as in meta.total", place, quoted(name)))
		}
	}
	return problems
}

// alikeInQuery says which parameters of a list would be called the same.
func (a Assumptions) alikeInQuery() (problems []string) {
	names := a.whole().QueryNames
	of := map[string]string{}
	for _, parameter := range slices.Sorted(maps.Keys(names)) {
		name := names[parameter]
		if other := of[name]; other != "" {
			problems = append(problems, fmt.Sprintf("query_names: %s and %s are both called %s: each needs a name of its own", other, parameter, quoted(name)))
		}
		of[name] = parameter
	}
	return problems
}
