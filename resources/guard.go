package resources

import (
	"fmt"
	"slices"
	"strings"
)

// This file looks at parts once more before they are written out. Those that
// this package makes pass it as they are; others are made by hand.

// guarded is an answer that can be written out.
type guarded struct {
	summary string
	parts   []Part
	hidden  taken // in all of it
}

func (a Answer) guarded() guarded {
	g := guarded{summary: a.Summary, parts: make([]Part, len(a.Parts))}
	for i, p := range a.Parts {
		p, more := p.guarded()
		g.hidden += p.taken() + more
		g.parts[i] = p
	}
	return g
}

// String says how many hidden characters there were.
func (n taken) String() string {
	if n == 1 {
		return "1 hidden character was removed."
	}
	return fmt.Sprintf("%d hidden characters were removed.", int(n))
}

// taken is what was hidden in all that the part shows.
func (p Part) taken() taken {
	n := p.hidden
	for _, v := range p.Values {
		n += v.hidden
	}
	if len(p.Table.Rows) > 0 {
		n += p.Table.header
	}
	for _, row := range p.Table.hidden {
		n += row
	}
	return n
}

// guarded is the part with nothing hidden in it and no link that works, and how
// much was taken out for that.
func (p Part) guarded() (Part, taken) {
	var n taken
	p.Title, p.Text = oneLine(n.harmless(p.Title)), n.harmless(p.Text)
	if values := n.guardedValues(p.Values); values != nil {
		p.Values = values
	}
	if columns := n.guardedRow(p.Table.Columns); columns != nil {
		p.Table.Columns = columns
	}
	if rows := n.guardedRows(p.Table.Rows); rows != nil {
		p.Table.Rows = rows
	}
	return p, n
}

func (n *taken) harmless(s string) string {
	if isQuiet(s) {
		return s
	}
	visible, removed := strip(s)
	*n += taken(removed)
	return harmless(withoutFence(visible))
}

// guardedValues are the values made harmless; nil if they are already.
func (n *taken) guardedValues(values []Value) []Value {
	var guarded []Value
	for i, v := range values {
		name, text := oneLine(withoutBrackets.Replace(n.harmless(v.Name))), n.harmless(v.Text)
		if name == v.Name && text == v.Text {
			continue
		}
		if guarded == nil {
			guarded = slices.Clone(values)
		}
		guarded[i].Name, guarded[i].Text = name, text
	}
	return guarded
}

func (n *taken) guardedRows(rows [][]string) [][]string {
	var guarded [][]string
	for i, row := range rows {
		changed := n.guardedRow(row)
		if changed == nil {
			continue
		}
		if guarded == nil {
			guarded = slices.Clone(rows)
		}
		guarded[i] = changed
	}
	return guarded
}

// guardedRow does the same with the cells of a row, which have one line each.
func (n *taken) guardedRow(row []string) []string {
	var guarded []string
	for i, cell := range row {
		text := n.harmless(cell)
		if strings.Contains(text, "\n") {
			text = oneLine(text)
		}
		if text == cell {
			continue
		}
		if guarded == nil {
			guarded = slices.Clone(row)
		}
		guarded[i] = text
	}
	return guarded
}
