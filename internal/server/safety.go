package server

import (
	"context"
	"log/slog"
	"time"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// lookAgain is for how long a write that was not found at first is looked for
// before its caller is told.
const lookAgain = 5 * time.Second

// safetyOf is what the settings ask to stand between callers and Flexie, kept in
// a store. It opens nothing yet.
func safetyOf(s config.Settings, kept store.Store, log *slog.Logger) Safety {
	safety := Safety{
		Confirm: tools.Confirmation(s.Confirm),
		Journal: journal.New(journal.Options{
			Store: kept, Log: log,
			KeepFor: time.Duration(s.KeepChanges) * 24 * time.Hour, KeepBytes: int64(s.KeepChangesMB) << 20,
		}),
		Codes:     confirm.New(confirm.Options{Store: kept}),
		Workspace: s.Root(), Caller: auth.CallerOf(s.Root(), s.Key()), LookAgain: lookAgain,
	}
	if s.Sandbox {
		safety.Workspace = sandboxURL
		if s.SandboxFile != "" {
			safety.Workspace = "sandbox:" + s.SandboxFile
		}
	}
	return safety.whole()
}

// Settle finds out what came of writes that an earlier process did not learn the
// end of. Until the context ends it goes on so with what can only be known later.
func (w *Workspace) Settle(ctx context.Context, log *slog.Logger) {
	there := w.reachDatabase(ctx, log)
	if w.client == nil {
		return
	}
	who := tools.Caller{Client: w.client, Workspace: w.Safety.Workspace, Name: w.Safety.Caller}
	var left []journal.Entry
	if there {
		left = w.settleWith(ctx, who, log)
	}
	go func() {
		for sleep(ctx, settleEvery(w.client)) {
			left = w.settleWith(ctx, who, log, left...)
		}
	}()
}

// reachDatabase has a database that can't be used show at the start, and not only
// with the first change. Without one there is nothing to reach.
func (w *Workspace) reachDatabase(ctx context.Context, log *slog.Logger) bool {
	if w.state.Postgres == nil {
		return true
	}
	_, err := w.state.Postgres.DB(ctx)
	if err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "the database can't be used", "reason",
			store.NewProblem(w.state.Postgres, "changes are refused, since they can't be recorded", "; reading goes on", err))
	}
	return err == nil
}

// settleEvery is how often it is looked for what was not known at the time: after
// that long Flexie is no longer at it.
func settleEvery(c *flexie.Client) time.Duration { return 2 * c.Timeout() }

// sleep reports whether the time has passed before the context ended.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// settleWith looks once, and gives what is to be looked for again.
func (w *Workspace) settleWith(ctx context.Context, who tools.Caller, log *slog.Logger, left ...journal.Entry) []journal.Entry {
	if file, ok := w.state.Durable.(*store.SQLite); ok && file.Empty() {
		return left // nothing was ever written: a journal is made with the first change
	}
	who.Journal, who.Events = w.Safety.Journal, w.observing.Metrics
	later, err := tools.Settle(ctx, who, left...)
	if err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "the end of earlier changes could not be found out", "error", err)
	}
	return later
}
