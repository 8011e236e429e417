package main

import (
	"math"
	"os"
	"path/filepath"

	"flexie-mcp/internal/chart"
)

// picture is a chart of lines of the table: a panel for each, or all in one.
type picture struct {
	file, title string
	panels      []panel
}

// panel is a line of the table, by its key, and what it is called in a picture.
type panel struct{ key, name string }

var drawn = []picture{
	{"benchmarks-speed.png", "Speed, beside a bare pass-through and a generic gateway", []panel{
		{"calls", "calls a second, more is better"}, {"start", "ms to the first list of tools"}, {"cpu", "processor time a call, µs"},
	}},
	{"benchmarks-tokens.png", "Tokens that a model reads, fewer is better", []panel{
		{"list all", "list of all tools"}, {"thirty", "30 contacts"}, {"one", "one contact"},
	}},
	{"benchmarks-memory.png", "Resident memory in MiB, less is better", []panel{
		{"idle", "at rest"}, {"after", "after 100,000 calls"},
	}},
}

// draw writes the pictures.
func (r report) draw(dir string) error {
	for _, p := range drawn {
		bars, ok := r.bars(p)
		if !ok {
			continue // it was not measured
		}
		data, err := bars.PNG()
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, p.file), data, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r report) bars(p picture) (chart.Bars, bool) {
	bars := chart.Bars{Title: p.title}
	for i, panel := range p.panels {
		f, ok := r.named(panel.key)
		if !ok {
			return bars, false
		}
		s := chart.Series{Name: panel.name}
		for _, name := range columns {
			c, measured := f.Cells[name]
			if !measured {
				continue
			}
			if i == 0 {
				bars.Labels = append(bars.Labels, name)
			}
			s.Values = append(s.Values, rounded(c.Median))
		}
		bars.Series = append(bars.Series, s)
	}
	return bars, true
}

// rounded is a figure with as much as can be believed of it.
func rounded(n float64) float64 {
	if n < 10 {
		return math.Round(n*10) / 10
	}
	return math.Round(n)
}

func (r report) named(key string) (finding, bool) {
	for _, f := range r.Findings {
		if f.Key == key {
			return f, true
		}
	}
	return finding{}, false
}
