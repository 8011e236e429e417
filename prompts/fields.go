package prompts

import (
	"context"
	"slices"

	"flexie-mcp/flexie"
)

// fieldsOf suggests the aliases of a kind's fields, found by alias or label.
func fieldsOf(kind flexie.Kind) source {
	return fromFields(kind, func(fields []flexie.Field, t typing) []string {
		var found []string
		for _, f := range fields {
			if contains(f.Alias, t.text) || contains(f.Label, t.text) {
				found = append(found, oneLine(f.Alias))
			}
		}
		return best(found, t.text)
	})
}

// optionsNamed suggests the values of the first select field whose alias or
// label has the word: workspaces name their status fields as they like.
func optionsNamed(kind flexie.Kind, word string) source {
	return fromFields(kind, func(fields []flexie.Field, t typing) []string {
		return options(fields, t.text, func(f flexie.Field) bool {
			return len(f.Options) > 0 && (contains(f.Alias, word) || contains(f.Label, word))
		})
	})
}

// optionsOf suggests the values of the field that another argument names.
func optionsOf(kind flexie.Kind, argument string) source {
	return fromFields(kind, func(fields []flexie.Field, t typing) []string {
		return options(fields, t.text, func(f flexie.Field) bool {
			return same(f.Alias, t.known[argument]) || same(f.Label, t.known[argument])
		})
	})
}

func fromFields(kind flexie.Kind, choose func([]flexie.Field, typing) []string) source {
	return func(ctx context.Context, c *flexie.Client, t typing) []string {
		fields, err := c.Records(kind, "").Fields(ctx)
		if err != nil {
			return nil
		}
		return choose(fields, t)
	}
}

// ofValue tells how to read what options suggests.
const ofValue = "New business (1) stands for the value 1."

// options are the values of the one field, those that differ from their label
// behind it: "New business (1)".
func options(fields []flexie.Field, typed string, which func(flexie.Field) bool) []string {
	i := slices.IndexFunc(fields, which)
	if i < 0 {
		return nil
	}
	var values []string
	for _, o := range fields[i].Options {
		value := oneLine(o.Value)
		if label := oneLine(o.Label); label != value {
			value = label + " (" + value + ")"
		}
		values = append(values, value)
	}
	return matching(values, typed)
}
