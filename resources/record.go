package resources

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// RecordAnswer shows one record: its values, and the names of its empty fields
// in one line.
func RecordAnswer(n Noun, r flexie.Record) Answer { return GroupedAnswer(n, r, nil) }

// GroupedAnswer shows one record by the categories that its fields are arranged
// in, and choices by their names as well.
func GroupedAnswer(n Noun, r flexie.Record, fields []flexie.Field) Answer {
	return Answer{Summary: Title(n, r) + ".", Parts: groupsOf(r, fields, n.At(r.ID)), Link: n.At(r.ID), Shown: shownOf(n, r)}
}

// Title calls a record by its kind, id and name: Contact 42: "Jane Doe".
func Title(n Noun, r flexie.Record) string {
	title := strings.ToUpper(n.One[:1]) + n.One[1:]
	if r.ID != "" {
		title += " " + idOrQuote(r.ID)
	}
	if name := Name(r); name != "" {
		title += ": " + Quote(name)
	}
	return title
}

// groupsOf are the values of a record, a part a category. What belongs to none,
// system properties above all, comes first, and with it what is empty.
func groupsOf(r flexie.Record, fields []flexie.Field, address string) []Part {
	described := make(map[string]*flexie.Field, len(fields))
	for i := range fields {
		described[fields[i].Alias] = &fields[i]
	}
	parts := []Part{{Values: make([]Value, 0, r.Values.Len())}}
	place := map[string]int{"": 0}
	var empty []string
	for name, value := range r.Values.All() {
		f := described[name]
		if f == nil {
			f = &flexie.Field{}
		}
		var n taken
		text := n.withChoice(n.textAt(value, address), f)
		if text == "" {
			empty = append(empty, n.name(name))
			parts[0].hidden += n
			continue
		}
		at, ok := place[f.Category]
		if !ok {
			at = len(parts)
			place[f.Category] = at
			parts = append(parts, Part{Title: Capital(Cell(f.Category))})
		}
		parts[at].Values = append(parts[at].Values, Value{n.name(name), text, n})
	}
	if len(empty) > 0 {
		parts[0].Values = append(parts[0].Values, Value{Name: "(empty)", Text: strings.Join(empty, ", ")})
	}
	return parts
}

// withChoice adds what people call the value of a select, "3 (Negotiation)".
func (n *taken) withChoice(text string, f *flexie.Field) string {
	for _, o := range f.Options {
		if o.Value == text && o.Label != text {
			return n.optionText(o)
		}
	}
	return text
}

// At is the address of the one with an id; "" if it has none.
func (n Noun) At(id string) string {
	if n.Address == "" || !isID(id) {
		return ""
	}
	return Scheme + n.Address + "/" + id
}

// isID reports whether an id can stand in an address: a number, and no text that
// leads elsewhere.
func isID(id string) bool {
	n, err := number(id)
	return err == nil && n.String() == id
}

func idOrQuote(id string) string {
	if isID(id) {
		return id
	}
	return Quote(id)
}

// RepliesAnswer shows the replies of a case, each whole.
func RepliesAnswer(about string, p flexie.Page) Answer {
	if len(p.Records) == 0 {
		return Answer{Summary: fmt.Sprintf("No replies to %s.", about)}
	}
	a := Answer{Summary: fmt.Sprintf("%s %s to %s.", HowMany(p), Reply.count(len(p.Records)), about)}
	for _, r := range p.Records {
		var n taken
		part := Part{Title: n.replyTitle(r), Text: n.text(r.Values.Get("text"))}
		part.hidden = n
		a.Parts = append(a.Parts, part)
	}
	return a
}

// mostReplies is how many replies of a long conversation are shown.
const mostReplies = 30

// LastReplies shows the end of a conversation, and says where all of it is.
func LastReplies(about string, p flexie.Page, id string) Answer {
	left := len(p.Records) - mostReplies
	if left <= 0 {
		return RepliesAnswer(about, p)
	}
	last := p
	last.Records = p.Records[left:]
	a := RepliesAnswer(about, last)
	a.Summary = fmt.Sprintf("The last %d of %s replies to %s, oldest first.", mostReplies, HowMany(p), about)
	if at := Case.At(id); at != "" {
		a.Summary += " All of them: " + at + "/replies"
	} else {
		a.Summary += " All of them: by the id of the case."
	}
	return a
}

// LastReply shows the end of a conversation beside something else: a reply,
// quoted, with at most so many runes of its text.
func LastReply(r flexie.Record, most int) Part {
	part := RepliesAnswer("", flexie.Page{Records: []flexie.Record{r}}).Parts[0]
	part.Title, part.Text, part.Quoted = lastTitlePrefix+part.Title, cut(part.Text, most), true
	return part
}

const (
	replyTitlePrefix = "Reply "
	replyWord        = "reply" // as looksLike writes it
	lastTitlePrefix  = "Last so far: "
)

func isReplyTitle(title string) bool {
	return strings.HasPrefix(strings.TrimPrefix(title, lastTitlePrefix), replyTitlePrefix)
}

// replyTitle says which reply this is, when it was written and by whom.
// Assumption: reply-shape.
func (n *taken) replyTitle(r flexie.Record) string {
	parts := []string{replyTitlePrefix + n.cell(r.ID)}
	for _, property := range []string{"date_added", "created_by_user", "author", "type"} {
		if text := n.cell(r.Values.Get(property)); text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
