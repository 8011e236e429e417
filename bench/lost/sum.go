package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"
)

// row is what came of all of one kind.
type row struct {
	name                  string
	asked                 int
	lostBefore, lostAfter int // answers to writes, by whether it was carried out
	done, undone, unknown int // told
	made                  int // how many more there are in the workspace
	duplicates, missing   int
	wrong                 int // told otherwise than it was
	errors                []string
}

// judge counts what was told of a call, of which so many writes were carried out.
func (r *row) judge(said string, failed bool, acted int) verdict {
	is, clear := verdictOf(said, failed)
	switch is {
	case wasDone:
		r.done++
	case wasNot:
		r.undone++
	case notKnown:
		r.unknown++
	}
	if !clear || acted > 1 || is == wasDone && acted == 0 || is == wasNot && acted > 0 {
		r.wrong++
		r.errors = append(r.errors, fmt.Sprintf("%d were carried out, and it was told: %s", acted, said))
	}
	return is
}

func (r *row) add(o row) {
	r.asked, r.lostBefore, r.lostAfter = r.asked+o.asked, r.lostBefore+o.lostBefore, r.lostAfter+o.lostAfter
	r.done, r.undone, r.unknown = r.done+o.done, r.undone+o.undone, r.unknown+o.unknown
	r.made, r.duplicates, r.missing, r.wrong = r.made+o.made, r.duplicates+o.duplicates, r.missing+o.missing, r.wrong+o.wrong
	r.errors = append(r.errors, o.errors...)
}

// sum is what came of all, a row for each kind and one for all.
type sum []row

// run asks for n records, the kinds in turn, in so many workspaces at a time.
func run(ctx context.Context, n, lanes int, seed uint64) (sum, error) {
	results, errs := make([]sum, lanes), make([]error, lanes)
	var wg sync.WaitGroup
	for at := range lanes {
		wg.Go(func() { results[at], errs[at] = runLane(ctx, at, n, lanes, seed) })
	}
	wg.Wait()
	all := append(newSum(), row{name: "all"})
	for _, s := range results {
		for k := range s {
			all[k].add(s[k])
			all[len(kinds)].add(s[k])
		}
	}
	return all, errors.Join(errs...)
}

func newSum() (s sum) {
	for _, k := range kinds {
		s = append(s, row{name: k.name})
	}
	return s
}

// runLane asks for every so manieth.
func runLane(ctx context.Context, at, n, lanes int, seed uint64) (sum, error) {
	s := newSum()
	l, err := openLane(ctx, at, seed<<8+uint64(at))
	if err != nil {
		return s, err
	}
	defer l.close()
	before := l.counts()
	for i := 0; i*lanes+at < n; i++ {
		k := (i + at) % len(kinds)
		if err := l.get(ctx, kinds[k], i, &s[k]); err != nil {
			return s, err
		}
	}
	for k, n := range l.counts() {
		s[k].made = n - before[k]
	}
	return s, nil
}

// flawless reports whether there is just one of all that was asked for, and all
// that was told is so.
func (s sum) flawless() bool {
	all := s[len(s)-1]
	return all.wrong == 0 && all.duplicates == 0 && all.missing == 0 && all.made == all.asked
}

// mostShown is how many of those that went wrong are shown.
const mostShown = 5

func (s sum) String() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kind\tasked for\tlost before\tlost after\ttold done\ttold not done\ttold not known\tmade\tduplicates\tmissing\ttold wrong\t")
	for _, r := range s {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", r.name, r.asked, r.lostBefore, r.lostAfter,
			r.done, r.undone, r.unknown, r.made, r.duplicates, r.missing, r.wrong)
	}
	t.Flush()
	for i, e := range s[len(s)-1].errors {
		if i == mostShown {
			fmt.Fprintf(&b, "wrong: and %d more\n", len(s[len(s)-1].errors)-i)
			break
		}
		fmt.Fprintln(&b, "wrong:", e)
	}
	return b.String()
}
