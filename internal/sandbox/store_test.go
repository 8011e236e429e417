package sandbox

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFileIsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "workspace.db")
	b := open(t, Options{File: file})
	b.ok("POST", "/contacts/new", m{"email": "kept@acme.example"})
	b.empty(204, "DELETE", "/contacts/1")
	require.NoError(t, b.s.Close())

	again := open(t, Options{File: file, Dialect: "flat"})
	require.Equal(t, "62", again.ok("GET", "/contacts", nil)["total"], "62 + 1 - 1: not seeded again")
	require.Equal(t, "kept@acme.example", at(again.ok("GET", "/contacts/63", nil), "contact", "email"))
	again.status(404, "GET", "/contacts/1", nil)
	next := again.ok("POST", "/contacts/new", m{"email": "next@acme.example"})
	require.EqualValues(t, 64, at(next, "contact", "id"))
	require.Equal(t, "2026-06-22 09:00:03", at(next, "contact", "date_added"), "the clock goes on")
}

// A file is called what it is called, whatever SQLite reads into such names.
func TestFileNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"a?b.db", "file:c.db", "d%41.db", "e#f.db", "g h.db", "file:///i?mode=memory"} {
		if strings.Contains(name, "/") {
			require.NoError(t, os.MkdirAll("file:", 0o700))
		}
		b := open(t, Options{File: name})
		b.ok("PUT", "/contacts/1", m{"city": "Delft"})
		require.FileExists(t, name)
	}
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Len(t, entries, 6, "and nothing else")
}

func TestFileThatIsNone(t *testing.T) {
	dir := t.TempDir()
	corrupt := filepath.Join(dir, "corrupt.db")
	require.NoError(t, os.WriteFile(corrupt, []byte("this is a letter to my aunt, not a database, and long enough to be neither"), 0o600))
	other := filepath.Join(dir, "other.db")
	db, err := sql.Open("sqlite", other)
	require.NoError(t, err)
	_, err = db.Exec(`CREATE TABLE stamps (id)`)
	require.NoError(t, err)
	require.NoError(t, db.Close())

	for file, want := range map[string]string{
		corrupt:                            "corrupt.db can't be used as a sandbox file: file is not a database",
		other:                              "other.db can't be used as a sandbox file: it is a database of something else",
		dir:                                "is a directory, not a sandbox file",
		filepath.Join(dir, "no", "way.db"): "way.db can't be used as a sandbox file",
	} {
		_, err := Open(Options{File: file})
		require.ErrorContains(t, err, want)
		t.Log(err)
	}
}

// Two sandboxes on one file, as two programs may be.
func TestSharedFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "workspace.db")
	a, b := open(t, Options{File: file}), open(t, Options{File: file})
	a.ok("PUT", "/contacts/1", m{"city": "Delft"})
	b.ok("PUT", "/contacts/2", m{"city": "Bergen"})
	require.Equal(t, "Delft", at(b.ok("GET", "/contacts/1", nil), "contact", "fields", "all", "city"))
}
