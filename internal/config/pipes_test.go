//go:build unix

package config

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Pipes are read, since shells make them of <(pass flexie), but not waited for
// when there is nobody to write to them.
func TestPipes(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	for _, flag := range []string{"--config", "--api-key-file"} {
		require.Equal(t, []string{flag + ": DIR/fifo is a pipe that nothing has been written to"}, problems(t, filepath.Dir(fifo), nil, flag, fifo))
	}
	go func() { _ = os.WriteFile(fifo, []byte("k-1\n"), 0o600) }()
	require.Eventually(t, func() bool {
		loaded, err := Load(parsed(t, "--api-key-file", fifo), nil)
		return err == nil && loaded.Key() == "k-1" && !loaded.Rereadable()
	}, 10*time.Second, time.Millisecond)
}
