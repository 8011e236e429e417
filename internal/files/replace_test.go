package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/files"
)

// TestReplace: the new text with its mode, and nothing else beside it.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	for _, mode := range []fs.FileMode{0o600, 0o644} {
		require.NoError(t, files.Replace(path, []byte(mode.String()), mode, nil))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, mode.String(), string(text))
		info, err := os.Stat(path)
		require.NoError(t, err)
		if runtime.GOOS != "windows" {
			require.Equal(t, mode, info.Mode().Perm())
		}
	}
	there, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, there, 1)
}

// TestReplaceFails: what was there stays, and nothing is left of the new one.
func TestReplaceFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "taken")
	require.NoError(t, os.Mkdir(path, 0o700))
	err := files.Replace(path, []byte("x"), 0o600, nil)
	require.Error(t, err)
	require.NotContains(t, files.Cannot("write", path, err).Error(), "rename", "the name of the system call")
	there, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, there, 1)
	require.EqualError(t, files.Cannot("write", "x", errors.New("so")), "cannot write x: so")
	require.NoError(t, files.Remove(filepath.Join(dir, "none")))
}
