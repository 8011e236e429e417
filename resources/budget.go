package resources

import (
	"fmt"
	"sort"
)

const (
	// ListBudget is what a list may cost unless set, in tokens, both halves
	// together.
	ListBudget = 2_500

	// MostBudget is the most that any answer may cost.
	MostBudget = 10_000

	// longText is what is left of a long text in an answer over its budget, in
	// runes.
	longText = 1_200
)

// Cost is what an answer costs a model whose client shows it both halves, in
// estimated tokens.
func (a Answer) Cost() int { return a.Write().Cost() }

// Budget is what the answer may cost, where lists may cost forLists.
func (a Answer) Budget(forLists int) int {
	if a.reword == nil {
		return MostBudget
	}
	return min(forLists, MostBudget)
}

// Cut shortens an answer until it costs at most budget: long texts first, then
// what is at the end, at a value or a row. whole is the address under which all
// of it can be read; "" if it can't.
func (a Answer) Cut(budget int, whole string) Answer {
	all := a.lines()
	a = a.head(budget).shorten(whole) // each line costs more than a token, so no more can fit
	n := sort.Search(a.lines(), func(n int) bool { return a.cutTo(n+1, all, whole).Cost() > budget })
	return a.cutTo(max(n, 1), all, whole)
}

// lines counts what can be cut between.
func (a Answer) lines() int {
	n := 0
	for _, p := range a.Parts {
		n += p.lines()
	}
	return n
}

func (p Part) lines() int {
	n := len(p.Values) + len(p.Table.Rows)
	if p.Text != "" {
		n++
	}
	return n
}

// cutTo keeps the first n of all lines, and says so in the summary.
func (a Answer) cutTo(n, all int, whole string) Answer {
	cut := a.head(n)
	if a.reword != nil {
		cut.Summary = a.reword(n)
	}
	if n < all {
		cut.Summary += fmt.Sprintf(" Cut after %d of %d lines", n, all)
		if whole != "" {
			cut.Summary += "; all: " + whole
		} else {
			cut.Summary += "; the rest could not be kept: ask for less at a time."
		}
	}
	return cut
}

// head keeps the first n lines.
func (a Answer) head(n int) Answer {
	parts := a.Parts
	a.Parts = nil
	for _, p := range parts {
		kept := p
		kept.Values = p.Values[:min(n, len(p.Values))]
		n -= len(kept.Values)
		kept.Table.Rows = p.Table.Rows[:min(n, len(p.Table.Rows))]
		kept.Table.hidden = p.Table.hidden[:min(len(p.Table.hidden), len(kept.Table.Rows))]
		n -= len(kept.Table.Rows)
		if n == 0 {
			kept.Text = ""
		}
		if kept.lines() > 0 || p.lines() == 0 {
			a.Parts = append(a.Parts, kept)
		}
		if kept.Text != "" {
			n--
		}
	}
	return a
}

// shorten cuts the long texts of an answer.
func (a Answer) shorten(whole string) Answer {
	parts := make([]Part, len(a.Parts))
	for i, p := range a.Parts {
		p.Text = shorter(p.Text, whole)
		values := make([]Value, len(p.Values))
		for j, v := range p.Values {
			values[j] = Value{v.Name, shorter(v.Text, whole), v.hidden}
		}
		p.Values = values
		parts[i] = p
	}
	a.Parts = parts
	return a
}

func shorter(text, whole string) string {
	runes := []rune(text)
	if len(runes) <= longText {
		return text
	}
	if whole != "" {
		whole = ": " + whole
	}
	return fmt.Sprintf("%s… (%d more characters%s)", string(runes[:longText]), len(runes)-longText, whole)
}
