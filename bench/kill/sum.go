package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"flexie-mcp/internal/journal"
)

// sum is what came of all.
type sum struct {
	kills, opened   int
	entries         int // of the journal
	arrived         int // writes that reached the workspace
	acted           int // those that it carried out
	recorded        int // those with an entry that was begun before
	records, images int // those about a record, and those of them with it as it was before
	orphans         int // changes whose program ended before it knew
	found           map[journal.Outcome]int
	again           int // those still unknown since the same field has a third value by now
	faults          []string
}

func newSum() *sum { return &sum{found: map[journal.Outcome]int{}} }

func (s *sum) fault(format string, args ...any) {
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// flawless reports whether all that was promised was kept.
func (s *sum) flawless() bool {
	return len(s.faults) == 0 && s.opened == s.kills && s.recorded == s.arrived && s.images == s.records
}

// mostShown is how many faults are shown.
const mostShown = 5

func (s *sum) String() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, line := range []struct {
		what string
		n    int
	}{
		{"times killed", s.kills},
		{"journal opened after it", s.opened},
		{"changes in the journal", s.entries},
		{"writes that reached the workspace", s.arrived},
		{"  of those carried out", s.acted},
		{"  with an entry begun before", s.recorded},
		{"  about a record", s.records},
		{"    with the record before", s.images},
		{"changes whose end the program did not see", s.orphans},
		{"  found out later: done", s.found[journal.Done]},
		{"  found out later: not done", s.found[journal.NotDone]},
		{"  still not known", s.found[journal.Unknown]},
		{"    as the field was changed again meanwhile", s.again},
		{"faults", len(s.faults)},
	} {
		fmt.Fprintf(t, "%s\t%6d\n", line.what, line.n)
	}
	t.Flush()
	for i, f := range s.faults {
		if i == mostShown {
			break
		}
		fmt.Fprintln(&b, "fault:", f)
	}
	return b.String()
}
