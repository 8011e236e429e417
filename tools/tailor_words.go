package tools

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

// This file writes names and values of a workspace, which can be of any length
// and hold anything, so that they cost few tokens, break no schema and tell a
// model nothing but names: what stands in a list of tools is read as if this
// server had said it.

const (
	longestName   = 40 // bytes of an alias, a table or a value that is shown
	longestLabel  = 24 // runes; longer ones are cut
	mostWords     = 4  // of a value or a label: more is a sentence
	optionsTokens = 18 // what the values of one field may cost
)

// fieldNames lists fields as "email*, status: New|Open|Won, …", the key ones
// first, until they would cost more than the budget.
func fieldNames(fields []flexie.Field, kind flexie.Kind, budget int) string {
	var names []string
	said := map[string]bool{}
	for _, f := range keyFirst(fields, kind) {
		if said[f.Alias] || !isSayable(f.Alias) {
			continue
		}
		said[f.Alias] = true
		name := fieldName(f)
		if budget -= tokensOf(name) + 1; budget < 0 {
			return strings.Join(append(names, "…"), ", ")
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// keyFirst sorts unique fields before required ones, before those that lists of
// the kind show, before the rest.
func keyFirst(fields []flexie.Field, kind flexie.Kind) []flexie.Field {
	columns := resources.NounOf(kind).Columns
	rank := func(f flexie.Field) int {
		switch {
		case f.Unique:
			return 0
		case f.Required:
			return 1
		case slices.Contains(columns, f.Alias):
			return 2
		}
		return 3
	}
	sorted := slices.Clone(fields)
	slices.SortStableFunc(sorted, func(a, b flexie.Field) int { return cmp.Compare(rank(a), rank(b)) })
	return sorted
}

// fieldName is a field's alias, marked if it is required, with its label if the
// alias says nothing, and with its values if it is a select.
func fieldName(f flexie.Field) string {
	name := f.Alias
	if f.Required {
		name += "*"
	}
	if saysNothing.MatchString(f.Alias) {
		if label := sayableLabel(f.Label); label != "" {
			name += " (" + label + ")"
		}
	}
	if values := optionNames(f.Options); values != "" {
		name += ": " + values
	}
	return name
}

// saysNothing are aliases that were made up by a program.
var saysNothing = regexp.MustCompile(`(?i)^(custom_?)?(field|attribute|property|column|cf|f|c)?_?\d+$`)

// optionNames lists the first values of a select: "New|Open|Won|…", with the
// label of one that says nothing by itself, like 1=New.
func optionNames(options []flexie.Option) string {
	names, budget := "", optionsTokens
	for i, o := range options {
		name := o.Value
		if saysNothing.MatchString(o.Value) && o.Label != o.Value {
			if label := sayableLabel(o.Label); label != "" {
				name += "=" + label
			}
		}
		if budget -= tokensOf(name) + 1; budget < 0 || len(o.Value) > longestName || !isSayableText(o.Value) {
			if i == 0 {
				return ""
			}
			return names + "|…"
		}
		if i > 0 {
			names += "|"
		}
		names += name
	}
	return names
}

// sayable lists names until they would cost more than the budget.
func sayable(names []string, budget int) string {
	var said []string
	for _, name := range names {
		if !isSayable(name) {
			continue
		}
		if budget -= tokensOf(name) + 1; budget < 0 {
			said = append(said, "…")
			break
		}
		said = append(said, name)
	}
	if len(said) == 1 && said[0] == "…" {
		return ""
	}
	return strings.Join(said, ", ")
}

// isSayable reports whether a name can be written as it is: one word. One that
// can't is left out, since by any other name there is no such thing.
func isSayable(name string) bool {
	return len(name) <= longestName && oneWord.MatchString(name) && resources.Cell(name) == name && !namesTool(name)
}

// Sayable are the names that can be told to a model as they are.
func Sayable(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !isSayable(name) })
}

var (
	oneWord = regexp.MustCompile(`^[\pL\pM\pN_-]+$`)

	// fewWords has what labels and values need, and no punctuation of sentences,
	// addresses or markup.
	fewWords = regexp.MustCompile(`^[\pL\pM\pN ._%&'’()/+°#€$£-]+$`)
	address  = regexp.MustCompile(`//|\pL\.\pL|\. |^www\.`)
)

// isSayableText reports whether a value can be written as it is: a few words that
// make no sentence and no address.
func isSayableText(text string) bool {
	return fewWords.MatchString(text) && !address.MatchString(text) && resources.Cell(text) == text &&
		strings.Count(text, " ") < mostWords && !namesTool(text)
}

// sayableLabel is a label, which is there to be read only, made fit; "" if it is
// more than a label.
func sayableLabel(label string) string {
	label = strings.NewReplacer("(", "", ")", "").Replace(label)
	if !isSayableText(label) {
		return ""
	}
	if runes := []rune(label); len(runes) > longestLabel {
		label = strings.TrimSpace(string(runes[:longestLabel])) + "…"
	}
	return label
}

// toolName is what the names of tools look like.
var toolName = regexp.MustCompile(`(?i)(search|get|create|update|delete|describe|list|add|remove|complete|reopen|send|check|find|run|undo)_(write_|current_)?(contact|lead|account|deal|case|custom_record|task|note|email|workflow|form|page|report|user|role|workspace|tool|change)`)

// namesTool reports whether a tool is named in a text: it could be told to call
// it.
func namesTool(text string) bool { return toolName.MatchString(text) }

// tokensOf is the most that a name may cost: for what is not English, a token a
// byte, since the vocabulary may have no word of it; and what JSON writes as an
// escape is four.
func tokensOf(name string) int {
	plain, escaped := 0, 0
	for _, r := range name {
		switch {
		case strings.ContainsRune("<>&", r):
			escaped++
		case r < 0x80:
			plain++
		}
	}
	return max(resources.Tokens(name), (plain+1)/2+4*escaped+len(name)-plain-escaped)
}
