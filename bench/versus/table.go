package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"flexie-mcp/bench/internal/measure"
)

// finding is a line of the table. Where there is no goal, it only informs.
type finding struct {
	Key   string          `json:"key,omitempty"` // for pictures
	What  string          `json:"what"`
	Cells map[string]cell `json:"cells"` // by column
	Goal  string          `json:"goal,omitempty"`
	Met   bool            `json:"met"`
}

// cell is what was measured of one of those compared.
type cell struct {
	Shown  string    `json:"shown"`
	Median float64   `json:"median"`
	Rounds []float64 `json:"rounds,omitempty"` // where there were several
}

// several is a cell of rounds, written by format.
func several(r measure.Rounds, format string) cell {
	c := cell{Shown: r.Show(format), Median: r.Median()}
	if len(r) > 1 {
		c.Rounds = r
	}
	return c
}

// single is a cell of one figure, written by format.
func single(n float64, format string) cell { return several(measure.Rounds{n}, format) }

// goal is a line that holds a figure of flexie-mcp against a goal.
func goal(what string, c cell, goal string, met bool) finding {
	return finding{What: "  " + what, Cells: map[string]cell{oursName: c}, Goal: goal, Met: met}
}

// atMost and atLeast are such lines of quotients. Without rounds of the other there is
// nothing to hold it against.
func atMost(what string, r measure.Rounds, most float64) []finding {
	return quotient(what, r, fmt.Sprintf("at most %.2fx", most), r.Median() <= most)
}

func atLeast(what string, r measure.Rounds, least float64) []finding {
	return quotient(what, r, fmt.Sprintf("at least %.2fx", least), r.Median() >= least)
}

func quotient(what string, r measure.Rounds, words string, met bool) []finding {
	if len(r) == 0 {
		return nil
	}
	return []finding{goal(what, several(r, "%.2fx"), words, met)}
}

// over divides, where there is something to divide by.
func over(r, other measure.Rounds) measure.Rounds {
	if len(r) != len(other) {
		return nil
	}
	return r.Over(other)
}

func (f finding) verdict() string {
	switch {
	case f.Goal == "":
		return ""
	case f.Met:
		return "met"
	}
	return "MISSED"
}

// report is all that was measured.
type report struct {
	About    string    `json:"about"`
	Findings []finding `json:"findings"`
}

// print writes the table; missing says why there is nothing of a column.
func (r report) print(to io.Writer, missing map[string]string) error {
	fmt.Fprintln(to, r.About)
	out := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprint(out, "what\t")
	for _, name := range columns {
		fmt.Fprint(out, name, "\t")
	}
	fmt.Fprintln(out, "goal\t")
	for _, f := range r.Findings {
		fmt.Fprint(out, f.What, "\t")
		for _, name := range columns {
			c, measured := f.Cells[name]
			if !measured && len(f.Cells) > 1 {
				c.Shown = missing[name]
			}
			fmt.Fprint(out, c.Shown, "\t")
		}
		fmt.Fprintf(out, "%s\t%s\n", f.Goal, f.verdict())
	}
	return out.Flush()
}

func (r report) missed() (n int) {
	for _, f := range r.Findings {
		if f.verdict() == "MISSED" {
			n++
		}
	}
	return n
}

func (r report) write(file string) error {
	data, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o644)
}

func readReport(file string) (r report, err error) {
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	return r, err
}
