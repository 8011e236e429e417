package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// more reads what only a newer format has.
func more(s *store.State) error {
	return s.Durable.Do(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT more FROM used`)
		if err == nil {
			err = rows.Close()
		}
		return err
	})
}

// use uses what every format has.
func use(t testing.TB, s *store.State, token string) (first bool) {
	t.Helper()
	first, err := store.Once(ctx, s.Durable, token, noon, noon)
	require.NoError(t, err)
	return first
}

// TestAnOlderFormatIsBroughtUpToDate, with what it holds.
func TestAnOlderFormatIsBroughtUpToDate(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		old := opened(t, o)
		require.True(t, use(t, old, "a"))
		require.NoError(t, old.Close())
		defer store.WithMigration(`ALTER TABLE used ADD COLUMN more TEXT; CREATE TABLE other (at $time, body $bytes)`, 1)()
		s := opened(t, o)
		require.False(t, use(t, s, "a"))
		require.NoError(t, more(s))
	})
}

// TestAMigrationIsWholeOrNotAtAll: what failed is made up for by the next.
func TestAMigrationIsWholeOrNotAtAll(t *testing.T) {
	o := store.Options{Database: storetest.Postgres(t)}
	undo := store.WithMigration(`ALTER TABLE used ADD COLUMN more TEXT; CREATE nonsense`, 1)
	err := more(opened(t, o))
	require.ErrorContains(t, err, fmt.Sprintf("its tables can't be brought to format %d: ", store.Formats()))
	undo()
	require.True(t, use(t, opened(t, o), "a"))

	undo = store.WithMigration(`ALTER TABLE used ADD COLUMN more TEXT`, 1)
	require.NoError(t, more(opened(t, o)))
	undo()
	require.False(t, use(t, opened(t, o), "a"), "an older program goes on beside a newer one")
}

// TestAFormatThatOlderOnesCantUse keeps them out, and those that have it open are
// not.
func TestAFormatThatOlderOnesCantUse(t *testing.T) {
	o := store.Options{Database: storetest.Postgres(t)}
	old := opened(t, o)
	require.True(t, use(t, old, "a"))
	undo := store.WithMigration(`ALTER TABLE used ADD COLUMN more TEXT`, store.Formats()+1)
	require.NoError(t, more(opened(t, o)))
	undo()
	require.False(t, use(t, old, "a"))
	_, err := store.Once(ctx, opened(t, o).Durable, "a", noon, noon)
	require.ErrorIs(t, err, store.ErrNewer)
	require.ErrorContains(t, err, fmt.Sprintf("it needs format %d; this one knows formats up to %d", store.Formats()+1, store.Formats()))
}

// TestReplicasStartAtOnce, and make the tables once.
func TestReplicasStartAtOnce(t *testing.T) {
	storetest.Shared(t, func(t *testing.T, o store.Options) {
		firsts := make(chan bool)
		for range 6 {
			s := opened(t, o)
			go func() {
				first, err := store.Once(ctx, s.Durable, "a", noon, noon)
				if err != nil {
					t.Error(err)
				}
				firsts <- first
			}()
		}
		n := 0
		for range 6 {
			if <-firsts {
				n++
			}
		}
		require.Equal(t, 1, n)
	})
}

func TestPlace(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://me:secret@db.example:5433/flexie": "db.example:5433/flexie",
		"postgresql://me@[::1]/flexie":                "[::1]:5432/flexie",
		"postgres:///flexie?host=/run/postgresql":     "/run/postgresql:flexie",
		"secret": "database_url",
	} {
		require.Equal(t, want, store.NewPostgres(address).Place())
	}
	require.Equal(t, filepath.Join("a", "journal.db"), store.Durable(store.Options{Dir: "a"}).Place())
	require.Empty(t, store.Memory().Place())
}

// gone tells whether a process has ended, as another sees it.
func gone(t testing.TB, s store.Store, process string) (gone bool) {
	t.Helper()
	require.NoError(t, s.Do(ctx, func(tx *store.Tx) error {
		gone = s.Gone(tx, process)
		return nil
	}))
	return gone
}

// live is the name of a process that says that it is alive.
func live(t testing.TB, s store.Store) (process string) {
	t.Helper()
	require.NoError(t, s.Do(ctx, func(tx *store.Tx) error {
		process = tx.Process
		return s.Live(tx)
	}))
	return process
}

const lapsed = `UPDATE process SET seen = 'epoch'`

// TestAfterAnOutageNobodyIsGone for a while, since others could not say either
// that they are alive.
func TestAfterAnOutageNobodyIsGone(t *testing.T) {
	plug := storetest.NewPlug(t)
	other := live(t, opened(t, store.Options{Database: plug.Side}).Durable)
	p := opened(t, store.Options{Database: plug.Address}).Postgres
	require.False(t, gone(t, p, other))

	plug.Pull()
	storetest.Cut(t, plug.Side)
	p.Renew()
	plug.In()
	storetest.SQL(t, plug.Side, lapsed)
	require.False(t, gone(t, p, other))
	p.Beaten(time.Time{}, time.Time{})
	require.True(t, gone(t, p, other))
}

// TestWhoWritesIsAlive also where nobody has heard of it for long.
func TestWhoWritesIsAlive(t *testing.T) {
	o := store.Options{Database: storetest.Postgres(t)}
	p, other := opened(t, o).Postgres, opened(t, o).Durable
	name := live(t, p)
	storetest.SQL(t, o.Database, lapsed)
	require.True(t, gone(t, other, name))
	p.Beaten(time.Now().Add(-store.Lease), time.Time{})
	require.Equal(t, name, live(t, p))
	require.False(t, gone(t, other, name))
}

// TestRaw connections are there for what Postgres alone can do.
func TestRaw(t *testing.T) {
	p := opened(t, store.Options{Database: storetest.Postgres(t)}).Postgres
	db, err := p.DB(ctx)
	require.NoError(t, err)
	var n int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM process`).Scan(&n))
	require.Equal(t, 1, n)
	require.NoError(t, p.Close())
	_, err = p.DB(ctx)
	require.ErrorIs(t, err, store.ErrClosed)
}

func TestANewFileIsNotSetAsideForTheOld(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	s := store.Durable(store.Options{Dir: dir})
	defer s.Close()
	require.NoError(t, s.Do(ctx, func(*store.Tx) error { return nil }))
	require.NoError(t, s.SetAsideOnce(func() {
		require.NoError(t, os.Rename(path, path+".old"))
		other := store.Durable(store.Options{Dir: dir})
		require.NoError(t, other.Do(ctx, func(*store.Tx) error { return nil }))
		require.NoError(t, other.Close())
	}))
	require.FileExists(t, path)
	require.Empty(t, s.SetAside(time.Time{}))
}

func TestAKeyWithoutLinks(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	require.NoError(t, os.WriteFile(from, []byte("one"), 0o600))
	require.NoError(t, store.CopyKey(from, to))
	require.NoError(t, os.WriteFile(from, []byte("two"), 0o600))
	require.NoError(t, store.CopyKey(from, to))
	data, err := os.ReadFile(to)
	require.NoError(t, err)
	require.Equal(t, "one", string(data), "it is never overwritten")
}
