package tools

import (
	"context"
	"slices"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/journal"
)

// This file tells what a write made whose answer was lost from what others made.

// unclaimed are those that no other change in the journal is known to have made.
func (s search) unclaimed(ctx context.Context, found []flexie.Record) (free []flexie.Record, err error) {
	f := journal.Filter{Workspace: s.e.Workspace, Kind: s.e.Kind, Table: s.e.Table, Outcomes: []journal.Outcome{journal.Done}}
	if act(s.e.Act) == replies { // their entries have the id of the case
		f.Tool, f.Since, f.Limit = s.e.Tool, s.e.Began.Add(-againWithin), mostClaims
	}
	for _, r := range found {
		if act(s.e.Act) != replies {
			f.Record = r.ID
		}
		others, _, err := s.who.Journal.List(ctx, f)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(others, func(o journal.Entry) bool {
			return o.ID != s.e.ID && o.Act == s.e.Act && o.Ended.After(s.e.Began.Add(-planning)) && (f.Record != "" || recordOf(o.After).ID == r.ID)
		}) {
			free = append(free, r)
		}
	}
	return free, nil
}

// mostClaims is how many entries are looked through for what they made.
const mostClaims = 1000

// rival is another change to the same, of which it is not known either whether
// it was made, and which may have been under way at the same time; 0 if there is
// none.
func (s search) rival(ctx context.Context) (int64, error) {
	others, _, err := s.who.Journal.List(ctx, journal.Filter{
		Workspace: s.e.Workspace, Kind: s.e.Kind, Table: s.e.Table, Limit: mostClaims,
		Outcomes: []journal.Outcome{journal.Pending, journal.Unknown}, Since: s.e.Began.Add(-2 * s.c.Timeout()),
	})
	for _, o := range others {
		if o.ID != s.e.ID && o.Act == s.e.Act && string(encoded(o.Changes)) == string(encoded(s.e.Changes)) {
			return o.ID, nil
		}
	}
	return 0, err
}
