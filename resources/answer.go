// Package resources says how what Flexie holds is shown: as text an assistant
// reads, and as resources with a flexie:// address.
package resources

import (
	"fmt"
	"strings"
)

// Answer is what there is to say, before it becomes text. Tools and resources
// both make one, and this file is the only place that writes it out.
type Answer struct {
	// Summary says in one line what this is, and how to get more.
	Summary string

	Parts []Part

	// Link is the flexie:// address of the one record this is about, if any.
	Link string

	// Changed are the addresses of what a write has changed.
	Changed []string

	// reword is the summary of a list of which only so many rows are shown; nil
	// for what is no list.
	reword func(rows int) string

	local bool // its times are in the user's zone
}

// Part is a section of an answer: lines of values, a table, a text, or none.
type Part struct {
	Title  string
	Values []Value
	Table  Table
	Text   string
}

// Value is a named value, already text.
type Value struct{ Name, Text string }

// Table has a header and rows of cells, already text, one line each.
type Table struct {
	Columns []string
	Rows    [][]string

	numeric []bool // which columns are set to the right, if any
}

// Text writes the answer for a model: short, and no more decoration than it
// takes to tell the parts apart.
func (a Answer) Text() string {
	var b strings.Builder
	b.WriteString(a.Summary + "\n")
	for _, p := range a.Parts {
		b.WriteByte('\n')
		if p.Title != "" {
			b.WriteString(p.Title + "\n")
		}
		for _, v := range p.Values {
			fmt.Fprintf(&b, "%s: %s\n", v.Name, v.Text)
		}
		if len(p.Table.Rows) > 0 {
			b.WriteString(strings.Join(p.Table.lines(), "\n") + "\n")
		}
		if p.Text != "" {
			b.WriteString(p.Text + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// Markdown writes the answer as a document.
func (a Answer) Markdown() string {
	var b strings.Builder
	b.WriteString("# " + a.Summary + "\n")
	for _, p := range a.Parts {
		b.WriteByte('\n')
		if p.Title != "" {
			b.WriteString("## " + p.Title + "\n\n")
		}
		for _, v := range p.Values {
			fmt.Fprintf(&b, "- **%s**: %s\n", v.Name, strings.ReplaceAll(v.Text, "\n", "\n  "))
		}
		if len(p.Table.Rows) > 0 {
			b.WriteString(markdownRow(p.Table.Columns))
			b.WriteString(p.Table.rule())
			for _, row := range p.Table.Rows {
				b.WriteString(markdownRow(row))
			}
		}
		if p.Text != "" {
			b.WriteString(p.Text + "\n")
		}
	}
	return b.String()
}

// rule is the line between a Markdown table's header and its rows.
func (t Table) rule() string {
	cells := make([]string, len(t.Columns))
	for i := range cells {
		cells[i] = "---"
		if i < len(t.numeric) && t.numeric[i] {
			cells[i] = "--:"
		}
	}
	return "|" + strings.Join(cells, "|") + "|\n"
}

func markdownRow(cells []string) string { return "| " + strings.Join(cells, " | ") + " |\n" }
