package resources

import (
	"fmt"
	"strings"

	"flexie-mcp/flexie"
)

// FieldsAnswer shows the fields of a kind of record and their categories.
func FieldsAnswer(n Noun, fields []flexie.Field, categories []flexie.Record) Answer {
	t := Table{Columns: []string{"alias", "label", "type", "category", "notes"}}
	for _, f := range fields {
		t.Rows = append(t.Rows, []string{Cell(f.Alias), Cell(f.Label), Cell(f.Type), Cell(f.Category), Cell(fieldNotes(f))})
	}
	a := Answer{Summary: fmt.Sprintf("%d fields of a %s. Use the alias in fields, filters and columns.", len(fields), n.One)}
	a.Parts = append(a.Parts, Part{Table: t})
	if len(categories) > 0 {
		a.Parts = append(a.Parts, ListPart("Categories", Category, categories))
	}
	return a
}

func fieldNotes(f flexie.Field) string {
	var notes []string
	if f.Required {
		notes = append(notes, "required")
	}
	if f.Unique {
		notes = append(notes, "unique")
	}
	if f.Default != "" {
		notes = append(notes, "default "+f.Default)
	}
	if len(f.Options) > 0 {
		var values []string
		for _, o := range f.Options {
			values = append(values, optionText(o))
		}
		notes = append(notes, "one of: "+strings.Join(values, ", "))
	}
	return strings.Join(notes, "; ")
}

// optionText is a value to send, and what people call it where that differs.
func optionText(o flexie.Option) string {
	if o.Label == o.Value {
		return o.Value
	}
	return fmt.Sprintf("%s (%s)", o.Value, o.Label)
}
