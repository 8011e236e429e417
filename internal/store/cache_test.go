package store_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/store"
)

// TestADamagedCacheIsThrownAway, whatever is wrong with it, and nothing else is.
func TestADamagedCacheIsThrownAway(t *testing.T) {
	dir := t.TempDir()
	f, _ := fields(t, store.Options{Dir: dir})
	f.Save("contact/", someFields)
	whole, err := os.ReadFile(filepath.Join(dir, "cache.db"))
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"empty": {}, "truncated": whole[:len(whole)/2], "no database": []byte("this is not a database"),
		"no header":     append(make([]byte, 4096), whole[4096:]...),
		"nothing in it": append(bytes.Clone(whole[:4096]), make([]byte, len(whole)-4096)...),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(dir, "cache.db"), data, 0o600))
			f, log := fields(t, store.Options{Dir: dir})
			require.Empty(t, f.Load())
			f.Save("lead/", someFields)
			require.Equal(t, map[string]flexie.KeptFields{"lead/": someFields}, f.Load())
			require.Empty(t, log.String())
			found, err := filepath.Glob(filepath.Join(dir, "*"))
			require.NoError(t, err)
			require.Len(t, found, 2, "cache.db and its lock")
		})
	}
}

// TestACacheOfANewerVersionIsLeftAlone, by one that runs beside it.
func TestACacheOfANewerVersionIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	s := store.Open(store.Options{Dir: dir})
	require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`PRAGMA user_version = 7`)
		return err
	}))
	require.NoError(t, s.Close())
	before, err := os.ReadFile(filepath.Join(dir, "cache.db"))
	require.NoError(t, err)
	f, log := fields(t, store.Options{Dir: dir})
	f.Save("contact/", someFields)
	require.Empty(t, f.Load())
	require.Contains(t, log.String(), "a newer version of flexie-mcp has written it")
	after, err := os.ReadFile(filepath.Join(dir, "cache.db"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// TestAFullDiskCostsAWarning.
func TestAFullDiskCostsAWarning(t *testing.T) {
	s := opened(t, store.Options{Dir: t.TempDir()})
	var log bytes.Buffer
	f := store.FieldsOf(s.Cache, root, key, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`PRAGMA max_page_count = 1`)
		return err
	}))
	large := flexie.KeptFields{Fields: []flexie.Field{{Alias: "a", Label: strings.Repeat("x", 1<<20)}}}
	f.Save("contact/", large)
	require.Contains(t, log.String(), "can't be kept")
	require.Empty(t, f.Load())
	require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`PRAGMA max_page_count = 100000`)
		return err
	}))
	f.Save("contact/", large)
	require.Len(t, f.Load(), 1, "without a restart")
}

// TestACacheGivesSpaceBack: results come and go.
func TestACacheGivesSpaceBack(t *testing.T) {
	dir := t.TempDir()
	r, now := results(t, store.Options{Dir: dir})
	r.Bytes, r.InAll = 8<<20, 8<<20
	require.NoError(t, r.Keep(ctx, "a", "ana", []string{strings.Repeat("x", 4<<20)}))
	*now = noon.Add(2 * time.Hour)
	require.NoError(t, r.Keep(ctx, "b", "ana", []string{"x"}))
	info, err := os.Stat(filepath.Join(dir, "cache.db"))
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(1<<20))
}
