package main

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
)

// arrived is a write that has reached the workspace.
type arrived struct {
	chaos.Request
	n  int // which of all requests it is
	at time.Time
}

// ledger holds what the journal says against what reached the workspace.
type ledger struct {
	dir   string
	came  map[int64]int  // by entry: which request is its write
	acted map[int64]bool // whether that was carried out: known at the end
}

// entries opens the journal as any program does, and closes it again.
func (l *ledger) entries(ctx context.Context) ([]journal.Entry, error) {
	j := journal.New(journal.Options{Store: store.Durable(store.Options{Dir: l.dir})})
	defer j.Close()
	all, _, err := j.List(ctx, journal.Filter{Limit: 1 << 20})
	return all, err
}

// check looks for the entries of the writes that came since the last time.
func (l *ledger) check(ctx context.Context, writes []arrived, s *sum) error {
	all, err := l.entries(ctx)
	if err != nil {
		return err
	}
	if len(all) < s.entries {
		s.fault("the journal has lost %d changes", s.entries-len(all))
	}
	s.entries = len(all)
	s.arrived += len(writes)
	for _, w := range writes {
		// Of the time before too: what the program had sent may come after its end.
		i := slices.IndexFunc(all, func(e journal.Entry) bool { return isOf(e, w.Request) })
		if i < 0 {
			s.fault("no entry for %s %s %s", w.Method, w.Path, w.Body)
			continue
		}
		_, again := l.came[all[i].ID]
		l.came[all[i].ID] = w.n
		s.match(all[i], w, again)
	}
	return nil
}

var mark = regexp.MustCompile(`mark-\d+-`)

// isOf reports whether an entry is of a request: by the mark in it, or else by
// the record in its path.
func isOf(e journal.Entry, r chaos.Request) bool {
	if e.Endpoint != r.Endpoint {
		return false
	}
	if m := mark.FindString(r.Body); m != "" {
		return strings.Contains(string(e.Arguments), m)
	}
	return slices.Contains(strings.Split(r.Path, "/"), e.Record)
}

// match counts an entry and its write; again is set if it had one already.
func (s *sum) match(e journal.Entry, w arrived, again bool) {
	switch {
	case again:
		s.fault("two requests for change %d: %s %s", e.ID, w.Method, w.Path)
	case e.Began.After(w.at):
		s.fault("change %d began after its request came: %s %s", e.ID, w.Method, w.Path)
	default:
		s.recorded++
	}
	if slices.Contains([]string{"update", "delete", "complete"}, e.Act) {
		s.records++
		if len(e.Before) == 0 {
			s.fault("change %d has no record before it: %s %s", e.ID, w.Method, w.Path)
		} else {
			s.images++
		}
	}
}

// unsettled are the entries whose end is still to be found out.
func unsettled(all []journal.Entry) (n int) {
	for _, e := range all {
		if e.Outcome == journal.Pending || isOrphan(e) && !wasLookedInto(e) {
			n++
		}
	}
	return n
}

// isOrphan reports whether an entry is one whose program ended before it knew,
// and wasLookedInto whether another has looked into it.
func isOrphan(e journal.Entry) bool {
	return strings.HasPrefix(strings.ToLower(e.Note), "the program ended before it knew")
}

func wasLookedInto(e journal.Entry) bool { return strings.HasPrefix(e.Note, "The program ended") }

// verdicts counts what is said of each change in the end, now that nothing is
// under way any more. requests are all that ever came.
func (l *ledger) verdicts(ctx context.Context, requests []chaos.Request, s *sum) error {
	for id, n := range l.came {
		if l.acted[id] = requests[n].Acted(); l.acted[id] {
			s.acted++
		}
	}
	all, err := l.entries(ctx)
	for _, e := range all {
		if isOrphan(e) {
			s.orphans++
			s.found[e.Outcome]++
			if e.Outcome == journal.Unknown && strings.Contains(e.Note, "neither as it was nor as it was to become") {
				s.again++
			}
		}
		if e.Outcome == journal.Done && !l.acted[e.ID] || e.Outcome == journal.NotDone && l.acted[e.ID] {
			s.fault("change %d (%s %s, arguments %s) is said to be %s, and that it was carried out is %v: %s",
				e.ID, e.Tool, e.Record, e.Arguments, e.Outcome, l.acted[e.ID], e.Note)
		}
	}
	return err
}
