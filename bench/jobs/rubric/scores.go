package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"

	"github.com/pelletier/go-toml/v2"
)

// dimensions are those of the rubric, and weights what each counts.
var (
	dimensions = []string{"purpose", "when", "effects", "arguments", "brevity", "complete"}
	weights    = []float64{.25, .20, .20, .15, .10, .10}
)

//go:embed scores.toml
var scores []byte

// group is some tools whose descriptions are alike.
type group struct {
	Name   string `toml:"name"`
	Tools  string `toml:"tools"`  // a regular expression of whole names; the first group that fits has a tool
	Scores []int  `toml:"scores"` // in the order of dimensions
	Why    string `toml:"why"`    // what they lose points for

	tools []tool
}

// loadScores reads the scores, and says which tools have none.
func loadScores(all []tool) ([]*group, error) {
	var file struct {
		Groups []*group `toml:"group"`
	}
	if err := toml.NewDecoder(bytes.NewReader(scores)).DisallowUnknownFields().Decode(&file); err != nil {
		return nil, fmt.Errorf("scores.toml: %w", err)
	}
	for _, t := range all {
		if err := give(t, file.Groups); err != nil {
			return nil, err
		}
	}
	for _, g := range file.Groups {
		if len(g.tools) == 0 || len(g.Scores) != len(dimensions) {
			return nil, fmt.Errorf("scores.toml: %q has no tool, or not %d scores", g.Name, len(dimensions))
		}
	}
	return file.Groups, nil
}

func give(t tool, groups []*group) error {
	for _, g := range groups {
		if regexp.MustCompile(`^(?:` + g.Tools + `)$`).MatchString(t.Name) {
			g.tools = append(g.tools, t)
			return nil
		}
	}
	return fmt.Errorf("scores.toml has no scores for %s: read its description, and add them", t.Name)
}

func (g *group) score() float64 {
	total := 0.0
	for i, n := range g.Scores {
		total += float64(n) * weights[i]
	}
	return total
}

// sums are the mean of all tools' scores, and the least.
func sums(groups []*group) (mean, least float64) {
	n := 0
	least = 5
	for _, g := range groups {
		mean += g.score() * float64(len(g.tools))
		n += len(g.tools)
		least = min(least, g.score())
	}
	return mean / float64(n), least
}
