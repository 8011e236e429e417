package journal

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// server is the address of a Postgres that runs as long as this process, or why
// there is none.
var server = sync.OnceValues(func() (string, error) {
	said, err := exec.Command("../store/testdata/postgres.sh", strconv.Itoa(os.Getpid()), "-c", "fsync=off").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return strings.TrimSpace(string(said)), nil
})

var schemas atomic.Int64

// newDatabase is the address of a new place for tables; the test is skipped
// where there is no Postgres.
func newDatabase(t testing.TB) string {
	t.Helper()
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

// database is a journal's, with the address that it was made from.
type database struct {
	*store.Postgres
	address string
}

// at is a database that is let go of after the test.
func at(t testing.TB, address string) *database {
	t.Helper()
	p := &database{store.NewPostgres(address), address}
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// inSQL runs a statement beside the journal, in whichever database it has.
func inSQL(t testing.TB, o Options, statement string) {
	t.Helper()
	db, err := o.Database.Open(ctx)
	require.NoError(t, err)
	_, err = db.Exec(statement)
	require.NoError(t, err)
}

// lapse ends the leases of those who have begun changes: nobody waits for it.
func lapse(t testing.TB, o Options) {
	t.Helper()
	if o.Database != nil {
		inSQL(t, o, `UPDATE process SET seen = 'epoch' WHERE id IN (SELECT process FROM change WHERE outcome = 'pending')`)
	}
}
