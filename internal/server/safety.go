package server

import (
	"context"
	"log/slog"
	"time"

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

// shareTimeout is how long to wait for the database for the key of codes.
const shareTimeout = 5 * time.Second

// safetyOf is what the settings ask to stand between callers and Flexie, kept in
// a database unless that is nil. It opens nothing yet.
func safetyOf(s config.Settings, database *store.Postgres, log *slog.Logger) Safety {
	records := journal.Options{
		Dir: s.StateDir, Memory: s.Fleeting(), Log: log,
		KeepFor: time.Duration(s.KeepChanges) * 24 * time.Hour, KeepBytes: int64(s.KeepChangesMB) << 20,
	}
	codes := confirm.Options{Dir: s.StateDir, Memory: s.Fleeting()}
	if database != nil {
		records.Database = database
		codes.Share = func(fresh []byte) ([]byte, error) {
			ctx, cancel := context.WithTimeout(context.Background(), shareTimeout)
			defer cancel()
			return database.Secret(ctx, "confirm", fresh)
		}
	}
	j := journal.New(records)
	codes.Once = j.Once
	safety := Safety{
		Confirm: tools.Confirmation(s.Confirm), Journal: j,
		Codes:     confirm.New(codes),
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
	if w.client == nil {
		return
	}
	who := tools.Caller{Client: w.client, Workspace: w.Safety.Workspace, Name: w.Safety.Caller}
	left := w.settleWith(ctx, who, log)
	go func() {
		for sleep(ctx, settleEvery(who)) {
			left = w.settleWith(ctx, who, log, left...)
		}
	}()
}

// settleEvery is how often it is looked for what was not known at the time: after
// that long Flexie is no longer at it.
func settleEvery(who tools.Caller) time.Duration { return 2 * who.Client.Timeout() }

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
	who.Journal, who.Events = w.Safety.Journal, w.observing.Metrics
	later, err := tools.Settle(ctx, who, left...)
	if err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "the end of earlier changes could not be found out", "error", err)
	}
	return later
}
