package store_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

const (
	root = "https://acme.flexie.io/api"
	key  = "a-secret-key-0123456789"
)

var someFields = flexie.KeptFields{
	Fields: []flexie.Field{
		{Alias: "email", Label: "E-mail \"\u202e\n", Type: "email", Category: "main", Required: true, Unique: true},
		{Alias: "status", Options: []flexie.Option{{Value: "New", Label: "New"}}, Default: "New"},
	},
	Read: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC),
}

// fields are those of one caller in another process, and what it logs.
func fields(t testing.TB, o store.Options) (*store.Fields, *storetest.Lines) {
	log := new(storetest.Lines)
	o.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return store.FieldsOf(opened(t, o).Cache, root, key, o.Log), log
}

func TestFieldsAreKept(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		f, log := fields(t, o)
		require.Empty(t, f.Load())
		f.Save("contact/", flexie.KeptFields{})
		f.Save("contact/", someFields)
		f.Save("custom_record/boats", flexie.KeptFields{})
		if !o.Memory {
			f, _ = fields(t, o)
		}
		require.Equal(t, map[string]flexie.KeptFields{"contact/": someFields, "custom_record/boats": {}}, f.Load())
		require.Empty(t, log.String())
	})
}

// TestCallersDoNotMix: nor workspaces, nor what only looks alike put together. No
// key is kept.
func TestCallersDoNotMix(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := opened(t, o)
		quiet := slog.New(slog.DiscardHandler)
		callers := [][2]string{{root, key}, {root, "another"}, {"https://other.flexie.io/api", key}, {root + key, ""}, {"", root + key}}
		for i, c := range callers {
			store.FieldsOf(s.Cache, c[0], c[1], quiet).Save(fmt.Sprint(i), someFields)
		}
		for i, c := range callers {
			kept := store.FieldsOf(s.Cache, c[0], c[1], quiet).Load()
			require.Equal(t, map[string]flexie.KeptFields{fmt.Sprint(i): someFields}, kept)
		}
		require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
			var keys int
			require.NoError(t, tx.QueryRow(`SELECT count(*) FROM field WHERE owner LIKE ? OR value LIKE ?`, "%"+key+"%", "%"+key+"%").Scan(&keys))
			require.Zero(t, keys)
			return nil
		}))
	})
}

// TestFieldsThatCantBeRead are not there, and are written anew.
func TestFieldsThatCantBeRead(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := opened(t, o)
		var log bytes.Buffer
		f := store.FieldsOf(s.Cache, root, key, slog.New(slog.NewTextHandler(&log, nil)))
		for name, value := range map[string]string{
			"empty": "", "truncated": `{"Fields":[{"Alias":"a`, "a list": "[1]", "other types": `{"Fields":"x"}`,
			"no alias": `{"Fields":[{"Label":"x"}]}`, "deep": strings.Repeat("[", 1_000_000),
		} {
			f.Save("contact/", someFields)
			f.Save("deal/", someFields)
			require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`UPDATE field SET value = ? WHERE key = 'contact/'`, value)
				return err
			}))
			require.Equal(t, map[string]flexie.KeptFields{"deal/": someFields}, f.Load(), name)
		}
		f.Save("contact/", someFields)
		require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE field SET format = 2 WHERE key = 'deal/'`)
			return err
		}))
		require.Equal(t, map[string]flexie.KeptFields{"contact/": someFields}, f.Load(), "another format")
		require.Empty(t, log.String())
	})
}

func TestFieldsThatNobodyLearntForLongAreDropped(t *testing.T) {
	storetest.Everywhere(t, func(t *testing.T, o store.Options) {
		s := opened(t, o)
		f := store.FieldsOf(s.Cache, root, key, slog.New(slog.DiscardHandler))
		f.Save("contact/", someFields)
		require.NoError(t, s.Cache.Do(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE field SET saved = ?`, store.FormatTime(time.Now().Add(-91*24*time.Hour)))
			return err
		}))
		f.Save("lead/", someFields)
		require.Equal(t, map[string]flexie.KeptFields{"lead/": someFields}, f.Load())
	})
}

// TestNowhereToKeepFields: it is said once, no secret is, and nothing else happens.
func TestNowhereToKeepFields(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	taken := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(taken, "cache.db"), 0o700))
	for name, o := range map[string]store.Options{
		"not set": {}, "a file": {Dir: file}, "below a file": {Dir: filepath.Join(file, "x")}, "the file's name is taken": {Dir: taken},
		"nobody there": {Database: "postgres://me:s3cr3t@127.0.0.1:1/flexie"}, "no address": {Database: "postgres://me:s3cr3t@127.0.0.1:x/"},
	} {
		t.Run(name, func(t *testing.T) {
			f, log := fields(t, o)
			require.Empty(t, f.Load())
			f.Save("contact/", someFields)
			f.Save("lead/", someFields)
			require.Empty(t, f.Load())
			require.Equal(t, 1, strings.Count(log.String(), "\n"), log)
			require.Contains(t, log.String(), "level=WARN")
			require.NotContains(t, log.String(), key)
			require.NotContains(t, log.String(), "s3cr3t")
		})
	}
}

// TestProcessesKeepFieldsAtOnce: nothing is lost, and all of it is whole.
func TestProcessesKeepFieldsAtOnce(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		var processes sync.WaitGroup
		for p := range 4 {
			f, log := fields(t, o)
			processes.Go(func() {
				for i := range 20 {
					f.Save(fmt.Sprintf("%d/%d", p, i), someFields)
					if len(f.Load()) == 0 {
						t.Error("nothing is there")
					}
				}
				if log.String() != "" {
					t.Error(log.String())
				}
			})
		}
		processes.Wait()
		f, _ := fields(t, o)
		require.Len(t, f.Load(), 80)
	})
}
