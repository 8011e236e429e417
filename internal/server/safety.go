package server

import (
	"context"
	"log/slog"
	"time"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/tools"
)

// lookAgain is how long a write that was not found at first is given before it is
// taken for not done.
const lookAgain = 1500 * time.Millisecond

// safetyOf is what the settings ask to stand between callers and Flexie. It
// opens nothing yet.
func safetyOf(s config.Settings, log *slog.Logger) Safety {
	inMemory := s.Sandbox && s.SandboxFile == ""
	j := journal.New(journal.Options{
		Dir: s.StateDir, Memory: inMemory, Log: log,
		KeepFor: time.Duration(s.KeepChanges) * 24 * time.Hour, KeepBytes: int64(s.KeepChangesMB) << 20,
	})
	safety := Safety{
		Confirm: tools.Confirmation(s.Confirm), Journal: j,
		Codes:     confirm.New(confirm.Options{Dir: s.StateDir, Memory: inMemory, Once: j.Once}),
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
// end of.
func (w *Workspace) Settle(ctx context.Context, log *slog.Logger) {
	if w.client != nil {
		w.settleWith(ctx, tools.Caller{Client: w.client, Workspace: w.Safety.Workspace, Name: w.Safety.Caller}, log)
	}
}

func (w *Workspace) settleWith(ctx context.Context, who tools.Caller, log *slog.Logger) {
	who.Journal, who.LookAgain = w.Safety.Journal, w.Safety.LookAgain
	if err := tools.Settle(ctx, who); err != nil {
		log.WarnContext(ctx, "the end of earlier changes could not be found out", "error", err)
	}
}
