package resources

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// RecordAnswer shows one record: its values, and the names of its empty fields
// in one line.
func RecordAnswer(n Noun, r flexie.Record) Answer {
	return Answer{Summary: Title(n, r) + ".", Parts: []Part{valuesPart(r)}, Link: n.address(r.ID)}
}

// Title calls a record by its kind, id and name: "Contact 42: Jane Doe".
func Title(n Noun, r flexie.Record) string {
	title := strings.ToUpper(n.One[:1]) + n.One[1:]
	if r.ID != "" {
		title += " " + Cell(r.ID)
	}
	if name := nameOf(r.Values); name != "" {
		title += ": " + Cell(name)
	}
	return title
}

func valuesPart(r flexie.Record) Part {
	var p Part
	var empty []string
	for name, value := range r.Values.All() {
		text := Text(value)
		if text == "" {
			empty = append(empty, Cell(name))
			continue
		}
		p.Values = append(p.Values, Value{Cell(name), text})
	}
	if len(empty) > 0 {
		p.Values = append(p.Values, Value{"(empty)", strings.Join(empty, ", ")})
	}
	return p
}

func (n Noun) address(id string) string {
	if n.Address == "" || !isID(id) {
		return ""
	}
	return fmt.Sprintf("flexie://%s/%s", n.Address, id)
}

// isID reports whether an id can stand in an address: a number, and no text that
// leads elsewhere.
func isID(id string) bool {
	_, err := number(id)
	return err == nil
}

// CustomAddress is the address of a custom record.
func CustomAddress(table, id string) string {
	if !isID(id) {
		return ""
	}
	return fmt.Sprintf("flexie://custom_records/%s/%s", table, id)
}

// RepliesAnswer shows the replies of a case, each whole.
func RepliesAnswer(about string, p flexie.Page) Answer {
	if len(p.Records) == 0 {
		return Answer{Summary: fmt.Sprintf("No replies to %s.", about)}
	}
	a := Answer{Summary: fmt.Sprintf("%d %s to %s.", len(p.Records), Reply.count(len(p.Records)), about)}
	for _, r := range p.Records {
		a.Parts = append(a.Parts, Part{Title: replyTitle(r), Text: Text(r.Values.Get("text"))})
	}
	return a
}

// replyTitle says which reply this is, when it was written and by whom.
// Assumption: reply-shape.
func replyTitle(r flexie.Record) string {
	parts := []string{"Reply " + r.ID}
	for _, property := range []string{"date_added", "created_by_user", "author", "type"} {
		if text := Cell(r.Values.Get(property)); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
