package doctor

import (
	"fmt"
	"strings"
)

// labels are how a result stands in the text.
var labels = map[Result]string{OK: "ok", Warning: "warning", Wrong: "WRONG", Skipped: "skipped"}

// nameRoom is how wide the names of checks and guesses are.
const nameRoom = 22

// Text is the report for people.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "flexie-mcp doctor, version %s, %s UTC\n\n", r.Version, r.Made.Format("2006-01-02 15:04"))
	writeFindings(&b, r.Checks)
	if len(r.WriteTest) > 0 {
		b.WriteString("\nThe write test:\n\n")
		writeFindings(&b, r.WriteTest)
	}
	writeGuesses(&b, r.Assumptions)
	b.WriteString("\n" + r.closing() + "\n")
	return b.String()
}

func writeFindings(b *strings.Builder, findings []Finding) {
	for _, f := range findings {
		fmt.Fprintf(b, "%-8s %-*s %s\n", labels[f.Result], nameRoom, f.Name, sentence(f.Found))
		if f.Detail != "" {
			indent(b, "("+f.Detail+")")
		}
		if f.Next != "" {
			indent(b, "-> "+sentence(f.Next))
		}
	}
}

func indent(b *strings.Builder, text string) {
	b.WriteString(strings.Repeat(" ", 10+nameRoom) + text + "\n")
}

// writeGuesses tells of each guess that is false, and of those that could not be
// told here; of the true ones it gives the names.
func writeGuesses(b *strings.Builder, all []Guess) {
	by := map[Holds][]Guess{}
	for _, g := range all {
		by[g.Holds] = append(by[g.Holds], g)
	}
	fmt.Fprintf(b, "\nWhat is assumed of Flexie (docs/assumptions.md): of %d, %d true here, %d false, %d not told (%d of these no read can test)\n\n",
		len(all), len(by[True]), len(by[False]), len(by[Unknown]), beyondReads(by[Unknown]))
	for _, g := range by[False] {
		fmt.Fprintf(b, "%-8s %-*s %s\n", "FALSE", nameRoom, g.Name, sentence(g.Found))
		indent(b, "assumed: "+g.Assumed)
		indent(b, "so: "+g.Changes)
		if len(g.MendedBy) > 0 {
			indent(b, "-> Set "+strings.Join(g.MendedBy, " or ")+" under [assumptions] in the settings: see docs/settings.md.")
		}
	}
	for _, g := range by[True] {
		fmt.Fprintf(b, "%-8s %-*s %s\n", "true", nameRoom, g.Name, sentence(g.Found))
	}
	writeUnknown(b, by[Unknown])
}

// beyondReads is how many of some no read can test.
func beyondReads(all []Guess) (n int) {
	for _, g := range all {
		if tested[g.Name] == nil {
			n++
		}
	}
	return n
}

// writeUnknown tells those together of which the same is to be said.
func writeUnknown(b *strings.Builder, all []Guess) {
	var why []string
	names := map[string][]string{}
	for _, g := range all {
		if names[g.Found] == nil {
			why = append(why, g.Found)
		}
		names[g.Found] = append(names[g.Found], g.Name)
	}
	for _, found := range why {
		if some := names[found]; len(some) == 1 {
			fmt.Fprintf(b, "%-8s %-*s %s\n", "?", nameRoom, some[0], sentence(found))
			continue
		}
		fmt.Fprintf(b, "%-8s %s:\n", "?", strings.TrimSuffix(sentence(found), "."))
		line := strings.Repeat(" ", 8)
		for _, name := range names[found] {
			if len(line)+len(name) > 78 {
				b.WriteString(line + "\n")
				line = strings.Repeat(" ", 8)
			}
			line += " " + name
		}
		b.WriteString(line + "\n")
	}
}

func (r Report) closing() string {
	counts := map[Result]int{}
	for _, f := range append(append([]Finding{}, r.Checks...), r.WriteTest...) {
		counts[f.Result]++
	}
	text := fmt.Sprintf("%d wrong, %d with a warning, %d ok, %d skipped.", counts[Wrong], counts[Warning], counts[OK], counts[Skipped])
	if r.Private {
		return text + " There are private things in this report: run doctor without --show-private for one to be shown to others."
	}
	return text + " No names, addresses or data of yours are in this report: it can be pasted into an issue."
}

// counted is a number of things: "1 login", "2 logins".
func counted(n int, one string) string { return countedAs(n, one, one+"s") }

func countedAs(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// sentence makes one of what was found. A name keeps its small letter.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if text == "" {
		return ""
	}
	if strings.ContainsAny(first, "=-_:") {
		return text + "."
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
