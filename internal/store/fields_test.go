package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
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

// in is the store of one caller in a directory, and what it logs.
func in(dir string) (*Fields, *bytes.Buffer) {
	var log bytes.Buffer
	return FieldsOf(dir, root, key, slog.New(slog.NewTextHandler(&log, nil))), &log
}

// files are all that is in a directory.
func files(t *testing.T, dir string) []string {
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	return found
}

func TestKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	f, log := in(dir)
	require.Empty(t, f.Load())
	f.Save("contact/", someFields)
	f.Save("custom_record/boats", flexie.KeptFields{})

	again, _ := in(dir)
	require.Equal(t, map[string]flexie.KeptFields{"contact/": someFields, "custom_record/boats": {}}, again.Load())
	require.Empty(t, log.String())
}

// TestOnlyTheOwnerReadsIt, and finds no key in it, nor in its name.
func TestOnlyTheOwnerReadsIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	f, _ := in(dir)
	f.Save("contact/", someFields)
	found := files(t, dir)
	require.Len(t, found, 1)
	data, err := os.ReadFile(found[0])
	require.NoError(t, err)
	require.NotContains(t, string(data)+found[0], key)
	if runtime.GOOS == "windows" {
		return
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, found[0]: 0o600} {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), path)
	}
}

// TestCallersDoNotMix: nor workspaces, nor what only looks alike put together.
func TestCallersDoNotMix(t *testing.T) {
	dir := t.TempDir()
	callers := [][2]string{{root, key}, {root, "another"}, {"https://other.flexie.io/api", key}, {root + key, ""}, {"", root + key}}
	for i, c := range callers {
		FieldsOf(dir, c[0], c[1], slog.New(slog.DiscardHandler)).Save(fmt.Sprint(i), someFields)
	}
	for i, c := range callers {
		kept := FieldsOf(dir, c[0], c[1], slog.New(slog.DiscardHandler)).Load()
		require.Equal(t, map[string]flexie.KeptFields{fmt.Sprint(i): someFields}, kept)
	}
}

// TestDamaged: what can't be read is not there, and is written anew.
func TestDamaged(t *testing.T) {
	whole := func() []byte {
		dir := t.TempDir()
		f, _ := in(dir)
		f.Save("contact/", someFields)
		data, err := os.ReadFile(f.path)
		require.NoError(t, err)
		return data
	}()
	for name, data := range map[string][]byte{
		"empty":           {},
		"truncated":       whole[:len(whole)/2],
		"not JSON":        []byte("\x00\xff\x01"),
		"null":            []byte("null"),
		"a list":          []byte("[1]"),
		"other types":     []byte(`{"version":1,"kept":{"contact/":{"Fields":"x"}}}`),
		"no version":      []byte(`{"kept":{}}`),
		"another version": bytes.Replace(whole, []byte(`"version":1`), []byte(`"version":2`), 1),
		"no alias":        []byte(`{"version":1,"kept":{"contact/":{"Fields":[{"Label":"x"}]}}}`),
		"nothing kept":    []byte(`{"version":1}`),
		"huge":            append(whole, bytes.Repeat([]byte(" "), maxFile)...),
		"deep":            []byte(strings.Repeat("[", 1_000_000)),
	} {
		t.Run(name, func(t *testing.T) {
			f, log := in(t.TempDir())
			require.NoError(t, os.WriteFile(f.path, data, 0o600))
			require.Empty(t, f.Load())
			f.Save("lead/", someFields)
			require.Equal(t, map[string]flexie.KeptFields{"lead/": someFields}, f.Load())
			require.Empty(t, log.String())
		})
	}
}

// TestNowhereToKeep: it is said once, and nothing else happens.
func TestNowhereToKeep(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	taken := t.TempDir()
	f, _ := in(taken)
	require.NoError(t, os.MkdirAll(filepath.Join(f.path, "x"), 0o700))
	for name, dir := range map[string]string{
		"not set": "", "a file": file, "below a file": filepath.Join(file, "x"), "the file's name is taken": taken,
	} {
		t.Run(name, func(t *testing.T) {
			f, log := in(dir)
			require.Empty(t, f.Load())
			f.Save("contact/", someFields)
			f.Save("lead/", someFields)
			require.Empty(t, f.Load())
			require.Equal(t, 1, strings.Count(log.String(), "\n"), log)
			require.Contains(t, log.String(), "level=WARN")
			require.NotContains(t, log.String(), key)
		})
	}
	require.Len(t, files(t, taken), 1, "what was begun is cleared away")
}

// TestTwoProcesses write and read at once: there is always a whole file.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	var processes sync.WaitGroup
	for p := range 4 {
		f, log := in(dir)
		processes.Go(func() {
			for i := range 30 {
				f.Save(fmt.Sprintf("%d/%d", p, i), someFields)
				data, err := os.ReadFile(f.path)
				require.NoError(t, err)
				require.True(t, json.Valid(data))
				require.NotEmpty(t, f.Load())
			}
			require.Empty(t, log.String())
		})
	}
	processes.Wait()
	require.Len(t, files(t, dir), 1)
}
