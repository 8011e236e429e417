package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	serveIfAsked()
	os.Exit(m.Run())
}

// TestKilled is a short run of the command: no write without an entry that was
// there before, and what is said of each in the end is so.
func TestKilled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := run(ctx, 8, 1)
	require.NoError(t, err)
	require.True(t, s.flawless(), "%s", s)
	require.Equal(t, 8, s.kills)
	require.Positive(t, s.arrived, "%s", s)
	require.Positive(t, s.orphans, "%s", s)
}
