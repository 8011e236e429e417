package tools

import (
	"context"
	"errors"
	"strings"
)

// Settle finds out what came of the writes whose process ended before it knew,
// and records that. What can't be found out stays unknown; what could not be
// looked for, since Flexie could not be asked, is left to the next start.
func Settle(ctx context.Context, who Caller) error {
	orphans, err := who.Journal.Orphans(ctx, who.Workspace)
	for _, e := range orphans {
		f := findOut(ctx, who, e)
		if f.unseen {
			continue
		}
		end := f.ending(act(e.Act), e.Record)
		end.Note = strings.TrimSpace("The program ended before it knew what came of this. " + f.why)
		err = errors.Join(err, who.Journal.End(ctx, e.ID, end))
		who.changed(string(end.Outcome))
	}
	return err
}
