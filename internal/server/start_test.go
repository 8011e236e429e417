package server_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/server"
)

// A first start waits for no file to be made: the journal is with the first change,
// and the cache with what is learnt first.
func TestAStartMakesNoFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	s := config.Settings{BaseURL: "http://127.0.0.1:1/api", StateDir: dir, LearnFields: true}.WithKey("", "k-1")
	log := slog.New(slog.DiscardHandler)
	w, err := server.Open(s, "1.2.3", log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	require.NotNil(t, w.Knowledge()(t.Context()).Known())
	ctx, end := context.WithCancel(t.Context())
	defer end()
	w.Settle(ctx, log)
	require.NoDirExists(t, dir)

	id, err := w.Safety.Journal.Begin(t.Context(), journal.Entry{Tool: "create_contact", Workspace: w.Safety.Workspace, Caller: w.Safety.Caller})
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(dir, "journal.db"))
	require.NoError(t, w.Safety.Journal.End(t.Context(), id, journal.Ending{Outcome: journal.Done}))
}
