package server_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
	"flexie-mcp/resources"
)

func TestInstructionsAreShort(t *testing.T) {
	for _, about := range []resources.Workspace{
		{},
		{ReadOnly: true},
		{ReadOnly: true, Sandbox: true, Today: "Monday 2026-06-22"},
	} {
		text := server.Instructions(about)
		require.LessOrEqual(t, len(strings.Fields(text)), 250, text)
		require.Equal(t, about.ReadOnly, strings.Contains(text, "Only reading"))
		require.Equal(t, about.Sandbox, strings.Contains(text, "sandbox"))
		require.Equal(t, about.Sandbox, strings.Contains(text, "2026-06-22"))
	}
}
