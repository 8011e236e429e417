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
		var n taken
		t.add([]string{n.cell(f.Alias), n.cell(f.Label), n.cell(f.Type), n.cell(f.Category), n.fieldNotes(f)}, n)
	}
	a := Answer{Summary: fmt.Sprintf("%d fields of %s. Use the alias in fields, filters and columns.", len(fields), n.Many)}
	a.Parts = append(a.Parts, Part{Table: t})
	if len(categories) > 0 {
		a.Parts = append(a.Parts, ListPart("Categories", Category, flexie.Page{Records: categories, Total: int64(len(categories))}))
	}
	return a
}

func (n *taken) fieldNotes(f flexie.Field) string {
	var notes []string
	if f.Required {
		notes = append(notes, "required")
	}
	if f.Unique {
		notes = append(notes, "unique")
	}
	if f.Default != "" {
		notes = append(notes, "default "+n.cell(f.Default))
	}
	if len(f.Options) > 0 {
		notes = append(notes, "one of: "+n.optionsText(f.Options))
	}
	return strings.Join(notes, "; ")
}

// mostOptions bounds what a field's choices take of an answer, in bytes.
const mostOptions = 2_000

// optionsText lists choices, each whole, and says how many more there are.
func (n *taken) optionsText(options []flexie.Option) string {
	var b strings.Builder
	for i, o := range options {
		text := n.optionText(o)
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
func (n *taken) optionText(o flexie.Option) string {
	value := n.line(o.Value, mostOptions)
	if o.Label == o.Value {
		return value
	}
	return fmt.Sprintf("%s (%s)", value, n.cell(o.Label))
}
