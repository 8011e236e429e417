// Package resources says how what Flexie holds is shown: as text an assistant
// reads, and as resources with a flexie:// address.
package resources

import (
	"fmt"
	"regexp"
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

	// Shown are the records that it shows, as Flexie answered them.
	Shown []Shown

	// Picture is a PNG of what the parts say in numbers, nil for none.
	Picture []byte

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

	// Quoted has a mark before each line of the text, so that none can be taken for
	// something that stands around it.
	Quoted bool

	// Ours is set on what has nothing of Flexie's in it, such as what to do next.
	Ours bool

	hidden taken // out of its title and its text
}

// Value is a named value, already text.
type Value struct {
	Name, Text string

	hidden taken // out of the two
}

// Table has a header and rows of cells, already text, one line each.
type Table struct {
	Columns []string
	Rows    [][]string

	numeric []bool  // which columns are set to the right, if any
	header  taken   // what was hidden in the columns
	hidden  []taken // and in each row, if in any
}

// Text writes the answer for a model: short, and no more decoration than it
// takes to tell the parts apart, and what came from Flexie from what is ours.
func (a Answer) Text() string { return a.guarded().text() }

func (g guarded) text() string {
	data, ours := g.split(Part.plain)
	return g.assemble(data, ours, "")
}

// Markdown writes the answer as a document.
func (a Answer) Markdown() string {
	g := a.guarded()
	data, ours := g.split(Part.markdown)
	if data != "" {
		data = "\n" + data + "\n" // or its first line would be HTML to a renderer
	}
	g.summary = "# " + a.Summary
	return g.assemble(data, ours, "\n")
}

// split writes the parts that have something of Flexie's, and ours.
func (g guarded) split(write func(Part) string) (data, ours string) {
	var theirs, own []string
	for _, p := range g.parts {
		switch text := strings.TrimRight(write(p), "\n"); {
		case text == "":
		case p.Ours:
			own = append(own, text)
		default:
			theirs = append(theirs, text)
		}
	}
	return strings.Join(theirs, "\n\n"), strings.Join(own, "\n\n")
}

func (g guarded) assemble(data, ours, end string) string {
	blocks := []string{Harmless(g.summary)}
	if data != "" {
		blocks = append(blocks, Fence(data, g.summary, ours))
	}
	if ours != "" {
		blocks = append(blocks, ours)
	}
	if g.hidden > 0 {
		blocks = append(blocks, "("+g.hidden.String()+")")
	}
	return strings.Join(blocks, "\n\n") + end
}

// plain writes a part as text. The further lines of a value are set in: each could
// be taken for another value, or a title.
func (p Part) plain() string {
	var b strings.Builder
	if p.Title != "" {
		b.WriteString(p.Title + "\n")
	}
	b.Grow(p.valuesLength())
	for _, v := range p.Values {
		b.WriteString(v.Name)
		b.WriteString(": ")
		b.WriteString(strings.ReplaceAll(v.Text, "\n", "\n  "))
		b.WriteByte('\n')
	}
	if len(p.Table.Rows) > 0 {
		b.WriteString(strings.Join(p.Table.lines(), "\n") + "\n")
	}
	if p.Text != "" {
		b.WriteString(p.quotedText())
	}
	return b.String()
}

// valuesLength is about how many bytes its values take as text.
func (p Part) valuesLength() (n int) {
	for _, v := range p.Values {
		n += len(v.Name) + len(v.Text) + len(": \n")
	}
	return n
}

// quotedText is the text of a part, marked where it has to be. A reply could have
// lines that look like the title of another one.
func (p Part) quotedText() string {
	if !p.Quoted && !isReplyTitle(p.Title) {
		return p.Text
	}
	lines := strings.Split(p.Text, "\n")
	for i, line := range lines {
		if p.Quoted || looksLikeReplyTitle(line) {
			lines[i] = "> " + line
		}
	}
	return strings.Join(lines, "\n")
}

// looksLikeReplyTitle goes by the first letters of a line, whatever stands before
// and between them and whatever alphabet they are of.
func looksLikeReplyTitle(line string) bool {
	var letters strings.Builder
	for _, r := range line {
		letters.WriteString(looksLike(r))
		if letters.Len() >= len(replyWord) {
			break
		}
	}
	return strings.HasPrefix(letters.String(), replyWord)
}

func (p Part) markdown() string {
	var b strings.Builder
	if p.Title != "" {
		b.WriteString("## " + noTags(p.Title) + "\n\n")
	}
	for _, v := range p.Values {
		fmt.Fprintf(&b, "- **%s**: %s\n", noTags(v.Name), strings.ReplaceAll(noTags(v.Text), "\n", "\n  "))
	}
	if len(p.Table.Rows) > 0 {
		b.WriteString(markdownRow(p.Table.Columns))
		b.WriteString(p.Table.rule())
		for _, row := range p.Table.Rows {
			b.WriteString(markdownRow(row))
		}
	}
	if p.Text != "" {
		b.WriteString(noTags(p.quotedText()))
	}
	return b.String()
}

// noTags keeps a renderer from taking for a tag what is text, <Customer name>: it
// would not show it.
func noTags(s string) string { return tagLike.ReplaceAllString(s, `\<$1`) }

var tagLike = regexp.MustCompile(`<([a-zA-Z/!?])`)

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

func markdownRow(cells []string) string { return "| " + noTags(strings.Join(cells, " | ")) + " |\n" }
