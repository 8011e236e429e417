package storetest

import (
	"path/filepath"
	"testing"

	"flexie-mcp/internal/store"
)

// Everywhere runs a test in memory and where several processes can be at once.
func Everywhere(t *testing.T, test func(t *testing.T, o store.Options)) {
	t.Run("memory", func(t *testing.T) { test(t, store.Options{Memory: true}) })
	Shared(t, test)
}

// Shared runs a test on files and in Postgres.
func Shared(t *testing.T, test func(t *testing.T, o store.Options)) {
	t.Run("file", func(t *testing.T) { test(t, store.Options{Dir: filepath.Join(t.TempDir(), "a", "b")}) })
	t.Run("postgres", func(t *testing.T) { test(t, store.Options{Database: Postgres(t)}) })
}
