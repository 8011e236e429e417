package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

func add(t *testing.T, s store.Store, id string) {
	t.Helper()
	require.NoError(t, s.Do(t.Context(), func(t *store.Tx) error {
		_, err := t.Exec(`INSERT INTO oauth_session (id, person, expires) VALUES (?, '', 0)`, id)
		return err
	}))
}

func sessions(t *testing.T, s store.Store) (n int) {
	t.Helper()
	require.NoError(t, s.Look(t.Context(), func(t *store.Tx) error { return t.QueryRow(`SELECT count(*) FROM oauth_session`).Scan(&n) }))
	return n
}

// TestVersion: it is another one after each commit, of this process or another, and
// the same as long as there is none.
func TestVersion(t *testing.T) {
	dir := t.TempDir()
	a, b := store.Durable(store.Options{Dir: dir}), store.Durable(store.Options{Dir: dir})
	defer a.Close()
	defer b.Close()
	_, known := a.Version()
	require.False(t, known, "nothing was opened yet")
	add(t, a, "first")
	seen := map[store.Version]bool{}
	next := func() {
		t.Helper()
		v, known := a.Version()
		require.True(t, known)
		require.False(t, seen[v], "it is as it was before a commit")
		seen[v] = true
		require.NotZero(t, sessions(t, a))
		again, known := a.Version()
		require.True(t, known)
		require.Equal(t, v, again, "reading is no change")
	}
	next()
	add(t, a, "own")
	next()
	add(t, b, "another's")
	next()

	require.NoError(t, b.Close())
	path := filepath.Join(dir, "journal.db")
	require.NoError(t, os.Rename(path, path+".away"))
	_, known = a.Version()
	require.False(t, known, "the file is another one's now")
	add(t, a, "anew")
	next()
	require.Equal(t, 1, sessions(t, a))
}

// TestLook: what was committed is seen, wherever it is kept.
func TestLook(t *testing.T) {
	for name, o := range map[string]func() store.Options{
		"memory":   func() store.Options { return store.Options{Memory: true} },
		"file":     func() store.Options { return store.Options{Dir: t.TempDir()} },
		"postgres": func() store.Options { return store.Options{Database: storetest.Postgres(t)} },
	} {
		t.Run(name, func(t *testing.T) {
			s := store.Open(o())
			defer s.Close()
			require.Zero(t, sessions(t, s.Durable))
			add(t, s.Durable, "one")
			require.Equal(t, 1, sessions(t, s.Durable))
		})
	}
}
