package store_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

var ctx = context.Background()

// noon is when the clock of a test begins.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// opened is the state of another process.
func opened(t testing.TB, o store.Options) *store.State {
	t.Helper()
	s := store.Open(o)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func TestNothingIsMadeBeforeItIsNeeded(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		s := store.Open(o)
		require.NoError(t, s.Close())
		require.NoError(t, s.Close())
		if o.Dir != "" {
			require.NoDirExists(t, o.Dir)
		}
		for _, s := range []store.Store{s.Durable, s.Cache} {
			require.ErrorIs(t, s.Do(ctx, func(*store.Tx) error { return nil }), store.ErrClosed)
		}
	})
}

func TestWithoutAPlaceNothingIsKept(t *testing.T) {
	s := opened(t, store.Options{})
	for _, s := range []store.Store{s.Durable, s.Cache} {
		require.ErrorIs(t, s.Do(ctx, func(*store.Tx) error { return nil }), store.ErrNoPlace)
		_, err := s.Secret(ctx, "a", make([]byte, 8))
		require.ErrorContains(t, err, "set state_dir")
	}
}

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := opened(t, o).Durable
		err := s.Do(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO used (token, until) VALUES (?, ?)`, "a", "b")
			require.NoError(t, err)
			return os.ErrInvalid
		})
		require.ErrorIs(t, err, os.ErrInvalid)
		first, err := store.Once(ctx, s, "a", noon, noon)
		require.NoError(t, err)
		require.True(t, first)
	})
}

func TestOnce(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		now := noon
		s := opened(t, o)
		once := func(s *store.State, token string) bool {
			first, err := store.Once(ctx, s.Durable, token, now, now.Add(time.Minute))
			require.NoError(t, err)
			return first
		}
		require.True(t, once(s, "a"))
		require.False(t, once(s, "a"))
		require.True(t, once(s, "b"))
		if !o.Memory {
			require.False(t, once(opened(t, o), "b"), "in another process")
			require.NoError(t, s.Close())
			s = opened(t, o)
			require.False(t, once(s, "a"), "after a restart")
		}
		now = noon.Add(2 * time.Minute)
		require.True(t, once(s, "a"), "it was forgotten")
	})
}

// TestASecretIsOneForAll, whoever asks first, however many start at once.
func TestASecretIsOneForAll(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		states := make([]*store.State, 6)
		secrets := make([]string, len(states))
		var all sync.WaitGroup
		for i := range states {
			if states[i] = states[0]; !o.Memory || i == 0 {
				states[i] = opened(t, o)
			}
			all.Go(func() {
				value, err := states[i].Durable.Secret(ctx, "confirm", []byte{byte(i), 0, 255})
				if err != nil {
					t.Error(err)
				}
				secrets[i] = string(value)
			})
		}
		all.Wait()
		require.Len(t, secrets[0], 3)
		for _, s := range secrets {
			require.Equal(t, secrets[0], s)
		}
		other, err := states[0].Durable.Secret(ctx, "sessions", []byte("xyz"))
		require.NoError(t, err)
		require.Equal(t, "xyz", string(other))
		if o.Memory {
			return
		}
		again, err := opened(t, o).Durable.Secret(ctx, "sessions", []byte("uvw"))
		require.NoError(t, err)
		require.Equal(t, "xyz", string(again), "after a restart")
		_, err = opened(t, o).Durable.Secret(ctx, "sessions", make([]byte, 32))
		require.ErrorContains(t, err, "32", "one of another length is of no use")
	})
}

// TestOnlyTheOwnerReadsFiles that the program makes.
func TestOnlyTheOwnerReadsFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("rights are otherwise there")
	}
	dir := filepath.Join(t.TempDir(), "state")
	s := opened(t, store.Options{Dir: dir})
	_, err := s.Durable.Secret(ctx, "confirm", make([]byte, 32))
	require.NoError(t, err)
	for _, s := range []store.Store{s.Durable, s.Cache} {
		require.NoError(t, s.Do(ctx, func(*store.Tx) error { return nil }))
	}
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 9) // cache.db, .lock; confirm.key; journal.db, -wal, -shm, .lock, .next, -….live
	for _, f := range files {
		info, err := f.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), f.Name())
	}
}

// TestProcesses: who has ended is told from who has not.
func TestProcesses(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		here, there := opened(t, o).Durable, opened(t, o).Durable
		name := func(s store.Store) (process string) {
			require.NoError(t, s.Do(ctx, func(tx *store.Tx) error {
				process = tx.Process
				return s.Live(tx)
			}))
			return process
		}
		gone := func(process string) (gone bool) {
			require.NoError(t, here.Do(ctx, func(tx *store.Tx) error {
				gone = here.Gone(tx, process)
				return nil
			}))
			return gone
		}
		us, them := name(here), name(there)
		require.NotEqual(t, us, them)
		require.True(t, here.Ours(us))
		require.False(t, here.Ours(them))
		require.False(t, gone(us))
		require.False(t, gone(them))
		require.True(t, gone("0123456789abcdef"), "it never was")
		require.NoError(t, there.Close())
		require.True(t, gone(them))
	})
}

// TestWhatIsDoneAtTheOpening is done before the first use, and once.
func TestWhatIsDoneAtTheOpening(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := opened(t, o).Durable
		times := 0
		s.OnOpen(func(run store.Run) {
			times++
			require.NoError(t, run(func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO used (token, until) VALUES (?, ?)`, "a", store.FormatTime(noon))
				return err
			}))
		})
		for range 2 {
			first, err := store.Once(ctx, s, "a", noon, noon)
			require.NoError(t, err)
			require.Equal(t, o.Memory, first, "memory is not opened: it is always new")
			if o.Memory {
				return
			}
		}
		require.Equal(t, 1, times)
	})
}
