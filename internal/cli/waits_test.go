//go:build unix

package cli_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTakesAPipe for the key, as shells make one of <(pass flexie).
func TestTakesAPipe(t *testing.T) {
	for _, args := range [][]string{{"config"}, {"tools"}} {
		c := command(t, nil, append(args, "--api-key-file", "/dev/stdin")...)
		c.Stdin = strings.NewReader("k-1\n")
		out, err := c.CombinedOutput()
		require.NoError(t, err, string(out))
	}
}

// TestEndsWhileItWaits for what may never come: input, or the rest of a pipe.
func TestEndsWhileItWaits(t *testing.T) {
	const morePipe = 1<<16 + 1 // than a pipe holds: once it is written, somebody reads
	for name, args := range map[string][]string{
		"for arguments":        {"call", "--sandbox", "search_contacts", "-"},
		"for settings":         {"config", "--config", "FIFO"},
		"for the key":          {"--subdomain", "acme", "--api-key-file", "FIFO"},
		"for the key, on http": {"http", "--subdomain", "acme", "--api-key-file", "FIFO"},
	} {
		t.Run(name, func(t *testing.T) {
			fifo := filepath.Join(t.TempDir(), "fifo")
			require.NoError(t, syscall.Mkfifo(fifo, 0o600))
			writer, err := os.OpenFile(fifo, os.O_RDWR, 0)
			require.NoError(t, err)
			defer writer.Close()
			reads := slices.Index(args, "FIFO")
			if reads >= 0 {
				args[reads] = fifo
			}
			p := start(t, nil, args...)
			var to io.Writer = p.in
			if reads >= 0 {
				to = writer
			}
			_, err = to.Write(bytes.Repeat([]byte(" "), morePipe))
			require.NoError(t, err)
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
			require.Equal(t, 1, p.end())
			require.Equal(t, "flexie-mcp: interrupted\n", p.errors.String())
		})
	}
}
