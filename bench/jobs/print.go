package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// list shows the jobs.
func list(out io.Writer, jobs []*Job) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, j := range jobs {
		fmt.Fprintf(w, "%s\t%s\t%s\n", j.Name, j.Kind, strings.Join(strings.Fields(j.Ask), " "))
	}
	return w.Flush()
}

// sums are those of all results.
type sums struct {
	By     string  `json:"by"` // the model, or scripts
	Runs   int     `json:"runs"`
	Jobs   int     `json:"jobs"`
	Done   float64 `json:"done"`       // jobs of a run, the mean
	Least  int     `json:"done_least"` // of one run
	Most   int     `json:"done_most"`
	Always int     `json:"always_done"` // jobs that were done in every run
	Calls  int     `json:"calls"`       // in all runs
	In     int     `json:"tokens_in"`
	Out    int     `json:"tokens_out"`
	// Unknown: the address left out how many tokens an answer took, so there are more.
	Unknown bool `json:"tokens_unknown,omitempty"`
}

func sum(by string, runs int, all []result) sums {
	s := sums{By: by, Runs: runs, Jobs: len(all), Least: len(all)}
	perRun := make([]int, runs)
	for _, r := range all {
		always := true
		for i, o := range r.Outcomes {
			if o.Done {
				perRun[i]++
			}
			always = always && o.Done
			s.Calls, s.In, s.Out, s.Unknown = s.Calls+len(o.Calls), s.In+o.In, s.Out+o.Out, s.Unknown || o.Unknown
		}
		if always {
			s.Always++
		}
	}
	s.Least, s.Most = slices.Min(perRun), slices.Max(perRun)
	for _, n := range perRun {
		s.Done += float64(n) / float64(runs)
	}
	return s
}

// print writes the results out. Its error is that not all was done.
func print(out io.Writer, f flags, all []result) error {
	s := sum(cmp.Or(f.model, "scripts"), f.runs, all)
	var err error
	if f.asJSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(struct {
			All  sums     `json:"all"`
			Jobs []result `json:"jobs"`
		}{s, all})
	} else {
		err = table(out, s, all)
	}
	if err == nil && s.Always < s.Jobs {
		return errors.New("not every job was done")
	}
	return err
}

func table(out io.Writer, s sums, all []result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "job\tkind\tdone\tcalls\ttokens in\ttokens out")
	for _, r := range all {
		done := 0
		var calls, in, out []int
		for _, o := range r.Outcomes {
			if o.Done {
				done++
			}
			calls, in, out = append(calls, len(o.Calls)), append(in, o.In), append(out, o.Out)
		}
		fmt.Fprintf(w, "%s\t%s\t%d of %d\t%s\t%s\t%s\n", r.Job, r.Kind, done, len(r.Outcomes), spread(calls), spread(in), spread(out))
	}
	fmt.Fprintf(w, "all\t\t%.1f of %d\t%d\t%d\t%d\n", s.Done, s.Jobs, s.Calls, s.In, s.Out)
	if err := w.Flush(); err != nil {
		return err
	}
	return remarks(out, s, all)
}

// spread is the median, with the least and the most where they differ.
func spread(n []int) string {
	slices.Sort(n)
	if n[0] == n[len(n)-1] {
		return fmt.Sprint(n[0])
	}
	return fmt.Sprintf("%d (%d..%d)", n[len(n)/2], n[0], n[len(n)-1])
}

// remarks say what the table has no room for.
func remarks(out io.Writer, s sums, all []result) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nBy %s, %d run(s): %d to %d of %d jobs done in a run, %d in every one.\n", s.By, s.Runs, s.Least, s.Most, s.Jobs, s.Always)
	if s.Unknown {
		b.WriteString("The address did not say of each answer how many tokens it took: there were more than are counted.\n")
	}
	for _, r := range all {
		for i, o := range r.Outcomes {
			if !o.Done {
				fmt.Fprintf(&b, "\n%s, run %d:\n", r.Job, i+1)
				for _, line := range append(slices.Clone(o.Wrong), o.Ended) {
					if line != "" {
						fmt.Fprintf(&b, "- %s\n", line)
					}
				}
			}
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
