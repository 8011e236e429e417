package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
)

var ctx = context.Background()

// server is the address of a Postgres that runs as long as this process, or why
// there is none.
var server = sync.OnceValues(func() (string, error) {
	said, err := exec.Command("testdata/postgres.sh", strconv.Itoa(os.Getpid()), "-c", "fsync=off").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return strings.TrimSpace(string(said)), nil
})

var schemas atomic.Int64

// newDatabase is the address of a new place for tables; the test is skipped
// where there is no Postgres.
func newDatabase(t *testing.T) string {
	address, err := server()
	if err != nil {
		t.Skip("there is no Postgres here: ", err)
	}
	name := fmt.Sprintf("t%d", schemas.Add(1))
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec(`CREATE SCHEMA ` + name)
	require.NoError(t, err)
	return address + "&search_path=" + name
}

func at(t *testing.T, address string) *Postgres {
	p := NewPostgres(address)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

func TestPlace(t *testing.T) {
	for address, want := range map[string]string{
		"postgres://me:secret@db.example:5433/flexie": "db.example:5433/flexie",
		"postgresql://me@[::1]/flexie":                "[::1]:5432/flexie",
		"postgres:///flexie?host=/run/postgresql":     "/run/postgresql:flexie",
		"secret": "database_url",
	} {
		require.Equal(t, want, NewPostgres(address).Place())
	}
}

// TestReplicasStartAtOnce, make the tables once, and have one key.
func TestReplicasStartAtOnce(t *testing.T) {
	address := newDatabase(t)
	secrets := make([]string, 6)
	var all sync.WaitGroup
	for i := range secrets {
		p := at(t, address)
		all.Go(func() {
			value, err := p.Secret(ctx, "confirm", []byte{byte(i), 0, 255})
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
	other, err := at(t, address).Secret(ctx, "another", []byte("x"))
	require.NoError(t, err)
	require.Equal(t, "x", string(other))
}

// TestAMigrationIsWholeOrNotAtAll: what failed is made up for by the next.
func TestAMigrationIsWholeOrNotAtAll(t *testing.T) {
	address := newDatabase(t)
	good := migrations
	defer func() { migrations = good }()
	migrations = append(good[:1:1], migration{sql: `ALTER TABLE used ADD COLUMN more TEXT; CREATE nonsense`, needs: 1})
	_, err := at(t, address).Open(ctx)
	require.ErrorContains(t, err, "its tables can't be brought to format 2: ")
	migrations = good
	_, err = at(t, address).Secret(ctx, "a", []byte("x"))
	require.NoError(t, err)

	migrations = append(good[:1:1], migration{sql: `ALTER TABLE used ADD COLUMN more TEXT`, needs: 1})
	db, err := at(t, address).Open(ctx)
	require.NoError(t, err)
	_, err = db.Exec(`SELECT more FROM used`)
	require.NoError(t, err)
	migrations = good
	_, err = at(t, address).Open(ctx)
	require.NoError(t, err, "an older program goes on beside a newer one")
}

func TestAClosedDatabaseIsNotOpenedAgain(t *testing.T) {
	p := NewPostgres(newDatabase(t))
	require.NoError(t, p.Close())
	_, err := p.Open(ctx)
	require.EqualError(t, err, "the program is ending")
}

func TestFieldsAreShared(t *testing.T) {
	address := newDatabase(t)
	var log bytes.Buffer
	one := at(t, address).FieldsOf(root, key, slog.New(slog.NewTextHandler(&log, nil)))
	require.Empty(t, one.Load())
	one.Save("contact/", flexie.KeptFields{})
	one.Save("contact/", someFields)
	one.Save("custom_record/boats", flexie.KeptFields{})
	want := map[string]flexie.KeptFields{"contact/": someFields, "custom_record/boats": {}}

	p := at(t, address)
	quiet := slog.New(slog.DiscardHandler)
	require.Equal(t, want, p.FieldsOf(root, key, quiet).Load())
	for _, other := range [][2]string{{root, "another"}, {"https://other.flexie.io/api", key}, {root + key, ""}} {
		require.Empty(t, p.FieldsOf(other[0], other[1], quiet).Load())
	}
	require.Empty(t, log.String())
	db, err := p.Open(ctx)
	require.NoError(t, err)
	var keys int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM field f WHERE f::text LIKE '%'||$1||'%'`, key).Scan(&keys))
	require.Zero(t, keys, "no key is kept")
}

// TestFieldsThatCantBeRead are not there.
func TestFieldsThatCantBeRead(t *testing.T) {
	p := at(t, newDatabase(t))
	f := p.FieldsOf(root, key, slog.New(slog.DiscardHandler))
	f.Save("contact/", someFields)
	f.Save("lead/", someFields)
	f.Save("deal/", someFields)
	db, err := p.Open(ctx)
	require.NoError(t, err)
	_, err = db.Exec(`UPDATE field SET value = '{' WHERE key = 'contact/'; UPDATE field SET format = 2 WHERE key = 'lead/'`)
	require.NoError(t, err)
	require.Equal(t, map[string]flexie.KeptFields{"deal/": someFields}, f.Load())
}

// TestFieldsWithoutTheDatabase: it is said once, and no password is.
func TestFieldsWithoutTheDatabase(t *testing.T) {
	for _, address := range []string{"postgres://me:s3cr3t@127.0.0.1:1/flexie", "postgres://me:s3cr3t@127.0.0.1:x/"} {
		var log bytes.Buffer
		f := at(t, address).FieldsOf(root, key, slog.New(slog.NewTextHandler(&log, nil)))
		f.Save("contact/", someFields)
		f.Save("lead/", someFields)
		require.Empty(t, f.Load())
		require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
		require.NotContains(t, log.String(), "s3cr3t")
	}
}
