package resources

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// Hits are the records of one kind that a search for a text found, the best
// first.
type Hits struct {
	Noun Noun

	hits  []hit
	total int64 // how many there are, or at least so many
	more  bool  // whether there may be others beyond the total
}

// hit is one record, and how well it fits.
type hit struct {
	record flexie.Record
	rank   rank
	where  string // which field matched, and how
	hidden taken  // in what where shows
}

type rank int

const (
	byName   rank = iota // the text is its name
	inName               // it is in the name
	anywhere             // it is in another field, or in none that is shown
)

// hitColumns are the few that say which of several hits is meant, beside id and
// name.
var hitColumns = map[string][]string{
	"contact": {"email", "company", "status"},
	"lead":    {"email", "company", "status"},
	"account": {"status", "industry", "billing_city"},
	"deal":    {"amount", "stage_id", "stage", "status"},
	"case":    {"identifier", "priority", "public_status"},
	"task":    {"due_date", "overdue", "is_completed", "owner"},
	"record":  {"status", "amount"},
}

// HitsOf ranks what a search for a text found.
func HitsOf(n Noun, p flexie.Page, text string) Hits {
	h := Hits{Noun: n, total: max(p.Total, int64(len(p.Records))), more: p.Total < 0}
	for _, r := range p.Records {
		h.hits = append(h.hits, hitOf(n, r, text))
	}
	slices.SortStableFunc(h.hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	return h
}

// WithWords keeps the records that hold all words of a text, in whatever fields:
// a search for one word finds more.
func WithWords(p flexie.Page, text string) flexie.Page {
	kept := flexie.Page{Total: -1}
	for _, r := range p.Records {
		if holdsWords(r, text) {
			kept.Records = append(kept.Records, r)
		}
	}
	if p.More() == 0 {
		kept.Total = int64(len(kept.Records))
	}
	return kept
}

// Len is how many records were found.
func (h Hits) Len() int { return len(h.hits) }

// Better reports whether the best of these fits better than the best of others.
func (h Hits) Better(others Hits) int { return cmp.Compare(h.best(), others.best()) }

func (h Hits) best() rank {
	if len(h.hits) == 0 {
		return anywhere + 1
	}
	return h.hits[0].rank
}

// Part shows the first hits under a title, a line each.
func (h Hits) Part(title string, most int) Part {
	shown := h.hits[:min(most, len(h.hits))]
	var records []flexie.Record
	for _, one := range shown {
		records = append(records, one.record)
	}
	columns := among(hitColumns[h.Noun.One], filledColumns(records))
	columns = columns[:min(4, len(columns))]
	t := tableOf(records, columns)
	part := Part{Title: title + h.count(len(shown))}
	t.Columns = slices.Concat([]string{"id", "name"}, t.Columns, []string{"matched"})
	for i, one := range shown {
		n := one.hidden
		t.Rows[i] = slices.Concat([]string{n.cell(one.record.ID), n.cell(nameOf(one.record.Values))}, t.Rows[i], []string{one.where})
		part.hidden += n
	}
	part.Table = t
	return part
}

func (h Hits) count(shown int) string {
	count := fmt.Sprint(shown)
	switch {
	case h.more:
		count += fmt.Sprintf(" of %d or more", h.total)
	case int64(shown) < h.total:
		count += fmt.Sprintf(" of %d", h.total)
	}
	return " (" + count + ")"
}

// hitOf finds where a record holds a text: as a whole, or else word for word.
// Names go first, and properties that every record has, last.
func hitOf(n Noun, r flexie.Record, text string) hit {
	h := hit{record: r, rank: anywhere, where: "matched elsewhere"}
	name := Name(r)
	wanted := looked(text)
	switch {
	case looked(name) == wanted:
		return hit{record: r, rank: byName, where: "name"}
	case holds(name, text) || wordsIn(name, text):
		return hit{record: r, rank: inName, where: "name"}
	}
	for _, look := range []func(string) string{
		func(value string) string { return snippet(value, text) },
		func(value string) string { return wordSnippet(value, text) },
	} {
		var fields []place
		for field, value := range r.Values.All() {
			if found := look(Text(value)); field != "id" && found != "" {
				fields = append(fields, placeOf(n, field, found))
			}
		}
		if len(fields) > 0 {
			h.where, h.hidden = summary(fields)
			return h
		}
	}
	return h
}

// place is where a text was found.
type place struct {
	order  int // lists of the kind show the first ones
	text   string
	hidden taken
}

// placeOf names a field that matched, and shows what of it did unless it has a
// column of its own.
func placeOf(n Noun, field, found string) place {
	p := place{order: len(n.Columns)}
	if i := slices.Index(n.Columns, field); i >= 0 {
		p.order = i
	}
	p.text = p.hidden.name(field)
	if !slices.Contains(hitColumns[n.One], field) {
		p.text += ": " + p.hidden.cell(found)
	}
	return p
}

// summary tells the first two of the places that matched, and how many more.
func summary(places []place) (said string, hidden taken) {
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(a.order, b.order) })
	var told []string
	for _, p := range places[:min(2, len(places))] {
		told = append(told, p.text)
		hidden += p.hidden
	}
	said = strings.Join(told, "; ")
	if more := len(places) - 2; more > 0 {
		said += fmt.Sprintf("; and %d more", more)
	}
	return said, hidden
}

// looked is a text as it is looked for.
func looked(text string) string {
	letters, _ := flexie.Letters(strings.TrimSpace(text))
	return string(letters)
}

func holds(value, text string) bool { return strings.Contains(looked(value), looked(text)) }

func wordsIn(value, text string) bool {
	for _, word := range strings.Fields(text) {
		if !holds(value, word) {
			return false
		}
	}
	return true
}

func holdsWords(r flexie.Record, text string) bool {
	var all strings.Builder
	for _, value := range r.Values.All() {
		all.WriteString(Text(value) + "\n")
	}
	return wordsIn(all.String(), text)
}

// around is how much a snippet shows before and after a match, in runes.
const around = 20

// snippet is the part of a value around a text, "" if it is not in it.
func snippet(value, text string) string {
	letters, places := flexie.Letters(value)
	wanted, _ := flexie.Letters(strings.TrimSpace(text))
	at := indexOf(letters, wanted)
	if at < 0 {
		return ""
	}
	from, to := max(0, at-around), min(len(letters), at+len(wanted)+around)
	cut := value[places[from]:places[to]]
	if from > 0 {
		cut = "…" + cut
	}
	if to < len(letters) {
		cut += "…"
	}
	return cut
}

// wordSnippet is the part around the first of the words that is there.
func wordSnippet(value, text string) string {
	for _, word := range strings.Fields(text) {
		if found := snippet(value, word); found != "" && len(word) > 2 {
			return found
		}
	}
	return ""
}

func indexOf(all, part []rune) int {
	for i := 0; i+len(part) <= len(all); i++ {
		if slices.Equal(all[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}
