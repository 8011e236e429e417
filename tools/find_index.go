package tools

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// index ranks tools by how well they fit a question. A word counts by where it
// stands in a tool's declaration, and the more the fewer tools have it (BM25
// without its length of documents: they are all short).
type index struct {
	entries []entry
	rarity  map[string]float64 // by stem
}

type entry struct {
	tool    Tool
	name    []string           // stems of its name
	weights map[string]float64 // how much a stem says about the tool
	subject map[string]bool    // stems that say what it is about, not what it does
}

// How much a word says about a tool, by where it stands.
const (
	inName        = 3
	inTitle       = 1
	inToolset     = 1
	inHint        = 1
	inDescription = 1
	inArgument    = 0.4
)

// asSynonym is what a synonym counts, as a share of the word itself.
const asSynonym = 0.8

func newIndex(all []Tool) index {
	x := index{rarity: map[string]float64{}}
	names := Names(all)
	for _, t := range all {
		e := entryOf(t, names)
		x.entries = append(x.entries, e)
		for s := range e.weights {
			x.rarity[s]++
		}
	}
	for s, count := range x.rarity {
		x.rarity[s] = math.Log(1 + float64(len(all))/count)
	}
	return x
}

func entryOf(t Tool, names []string) entry {
	e := entry{tool: t, name: stems(t.Name), weights: map[string]float64{}, subject: map[string]bool{}}
	_, object, _ := strings.Cut(t.Name, "_")
	for _, s := range stems(object + " " + t.Toolset) {
		e.subject[s] = true
	}
	e.add(t.Name, inName)
	e.add(t.Title, inTitle)
	e.add(t.Toolset, inToolset)
	e.add(hints[t.Name], inHint)
	e.add(withoutNames(t.Description, names), inDescription)
	for name := range t.Schema.Properties.KeysFromOldest() {
		if slices.Contains(t.guards(), name) {
			continue // every write has them
		}
		for _, s := range stems(name) {
			e.weights[s] = max(e.weights[s], inArgument)
		}
	}
	return e
}

func (e entry) add(text string, weight float64) {
	for _, s := range stems(text) {
		e.weights[s] += weight
	}
}

// withoutNames takes the sentences that name tools out of a description: they
// say what is done with others.
func withoutNames(description string, names []string) string {
	var kept []string
	for _, sentence := range strings.SplitAfter(description, ".") {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(sentence, name) }) {
			kept = append(kept, sentence)
		}
	}
	return strings.Join(kept, " ")
}

// best are the tools that fit a question, at most so many, the best first and
// those that fit alike in their own order. What fits less than a third as well as
// the best is left out.
func (x index) best(question string, most int) []Tool {
	type scored struct {
		tool  Tool
		score float64
	}
	var fit []scored
	terms := termsOf(question)
	for _, e := range x.entries {
		if e.fits(terms) {
			fit = append(fit, scored{e.tool, x.score(e, terms)})
		}
	}
	slices.SortStableFunc(fit, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var best []Tool
	for _, f := range fit[:min(most, len(fit))] {
		if f.score > fit[0].score/3 {
			best = append(best, f.tool)
		}
	}
	return best
}

// fits reports whether a word of a question says what the tool is about, or all
// of them say something of it. A verb alone is not enough: "create a playlist"
// is nothing that a CRM does.
func (e entry) fits(terms []term) bool {
	known := 0
	words := slices.DeleteFunc(slices.Clone(terms), term.isNumber)
	for _, t := range words {
		if slices.ContainsFunc(t, func(s string) bool { return e.subject[s] }) {
			return true
		}
		if slices.ContainsFunc(t, func(s string) bool { return e.weights[s] > 0 }) {
			known++
		}
	}
	return known > 0 && known == len(words)
}

// score adds up what the words of a question say of a tool. It counts less if
// much of the tool's name was not asked for, so that create_contact comes
// before add_contact_to_list.
func (x index) score(e entry, terms []term) float64 {
	var sum float64
	asked := map[string]bool{}
	for _, t := range terms {
		sum += x.value(e, t)
		for _, s := range t {
			asked[s] = true
		}
	}
	var named float64
	for _, s := range e.name {
		if asked[s] {
			named++
		}
	}
	return sum * (0.7 + 0.3*named/float64(len(e.name)))
}

// value is what the best meaning of a word says of a tool.
func (x index) value(e entry, t term) float64 {
	var most float64
	for i, s := range t {
		w := e.weights[s]
		v := x.rarity[s] * w / (w + 1)
		if i > 0 {
			v *= asSynonym
		}
		most = max(most, v)
	}
	return most
}
