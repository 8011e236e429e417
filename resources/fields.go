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
		t.Rows = append(t.Rows, []string{Cell(f.Alias), Cell(f.Label), Cell(f.Type), Cell(f.Category), fieldNotes(f)})
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
		notes = append(notes, "default "+Cell(f.Default))
	}
	if len(f.Options) > 0 {
		notes = append(notes, "one of: "+optionsText(f.Options))
	}
	return strings.Join(notes, "; ")
}

// mostOptions bounds what a field's choices take of an answer, in bytes.
const mostOptions = 2_000

// optionsText lists choices, each whole, and says how many more there are.
func optionsText(options []flexie.Option) string {
	var b strings.Builder
	for i, o := range options {
		text := optionText(o)
		if i > 0 && b.Len()+len(text) > mostOptions {
			fmt.Fprintf(&b, " … and %d more", len(options)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(text)
	}
	return b.String()
}

// optionText is a value to send, and what people call it where that differs.
func optionText(o flexie.Option) string {
	if o.Label == o.Value {
		return oneLine(o.Value)
	}
	return fmt.Sprintf("%s (%s)", oneLine(o.Value), Cell(o.Label))
}
