package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
)

// TestLooksTwice: what is in the file for a moment, while it is being written, is
// not taken; what stays is, and trouble is told once.
func TestLooksTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		load := func(access string) reading {
			loaded, err := config.Load(nil, []string{"FLEXIE_ACCESS=" + access})
			return reading{loaded, err}
		}
		file, log, applied := load("read"), &bytes.Buffer{}, []string{}
		r := &reloading{
			read:  func() (*config.Loaded, error) { return file.loaded, file.err },
			check: func(*config.Loaded) error { return nil },
			apply: func(l *config.Loaded) { applied = append(applied, l.Access) },
			log:   slog.New(slog.NewTextHandler(log, nil)),
		}
		r.begin(file.loaded)
		ctx, cancel := context.WithCancel(t.Context())
		hangups := make(chan struct{}, 1)
		go r.run(ctx, hangups)

		time.Sleep(lookEvery - time.Millisecond)
		file = load("admin") // as an empty file would be
		time.Sleep(steadyTime / 2)
		file = load("read")
		time.Sleep(3 * lookEvery)
		require.Empty(t, applied)

		file = load("write")
		time.Sleep(lookEvery + steadyTime)
		synctest.Wait()
		require.Equal(t, []string{"write"}, applied)

		file = reading{err: &config.Error{Problems: []string{"one", "two"}}}
		time.Sleep(3 * lookEvery)
		require.Equal(t, []string{"write"}, applied)
		require.Equal(t, 2, strings.Count(log.String(), "level=ERROR"), "a line for each, once: %s", log)

		file = load("delete")
		hangups <- struct{}{}
		synctest.Wait()
		require.Equal(t, []string{"write", "delete"}, applied, "at once")

		file = reading{err: errors.New("unreadable")}
		hangups <- struct{}{}
		synctest.Wait()
		hangups <- struct{}{}
		synctest.Wait()
		require.Equal(t, 2, strings.Count(log.String(), "problem=unreadable"), "each time somebody asks")
		cancel()
		synctest.Wait()
	})
}

// TestPipesAreReadOnce: a key that a shell has piped in is not looked for again.
func TestPipesAreReadOnce(t *testing.T) {
	pipe, log := filepath.Join(t.TempDir(), "key"), &bytes.Buffer{}
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	read := 0
	r := &reloading{
		read: func() (*config.Loaded, error) {
			read++
			return nil, errors.New("a pipe that nothing has been written to")
		},
		log: slog.New(slog.NewTextHandler(log, nil)),
	}
	r.begin(&config.Loaded{Settings: config.Settings{APIKeyFile: pipe}})
	r.look(t.Context())
	require.Empty(t, log.String())
	r.all(t.Context())
	require.Contains(t, log.String(), "since a file that they name is a pipe")
	require.Zero(t, read)
}
