// Package storetest gives tests the places where state can be kept: memory, files,
// and a Postgres that runs as long as the test's process. Nothing in the program
// imports it.
package storetest

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/stretchr/testify/require"
)

// script runs a Postgres for as long as a process lives, and says its address.
//
//go:embed postgres.sh
var script string

// server is the address of a Postgres that runs as long as this process, or why
// there is none.
var server = sync.OnceValues(func() (string, error) {
	run := exec.Command("sh", "-s", "--", strconv.Itoa(os.Getpid()), "-c", "fsync=off")
	run.Stdin = strings.NewReader(script)
	said, err := run.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, said)
	}
	return strings.TrimSpace(string(said)), nil
})

var schemas atomic.Int64

// Postgres is the address of a new place for tables; the test is skipped where
// there is no Postgres.
func Postgres(t testing.TB) (address string) {
	t.Helper()
	address, err := server()
	if err != nil {
		t.Skip("there is no Postgres here: ", err)
	}
	name := fmt.Sprintf("t%d", schemas.Add(1))
	SQL(t, address, `CREATE SCHEMA `+name)
	return address + "&search_path=" + name
}

// SQL runs statements in the database at an address, beside whoever uses it.
func SQL(t testing.TB, address, statements string) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.ExecContext(context.Background(), statements)
	require.NoError(t, err)
}

// Scan reads one value from the database at an address.
func Scan(t testing.TB, address string, into any, query string, args ...any) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.QueryRowContext(context.Background(), query, args...).Scan(into))
}

// Cut ends all connections of the program to the Postgres at an address.
func Cut(t testing.TB, address string) {
	t.Helper()
	SQL(t, address, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name = 'flexie-mcp'`)
}

// Lapse ends the leases of those who have begun changes: nobody waits for it.
func Lapse(t testing.TB, address string) {
	t.Helper()
	SQL(t, address, `UPDATE process SET seen = 'epoch' WHERE id IN (SELECT process FROM change WHERE outcome = 'pending')`)
}

// Plug is a Postgres that can be made to be gone at one address.
type Plug struct {
	Address string // where it can be gone
	Side    string // where it is the same, and there
	t       testing.TB
	link    string
	sockets string
}

// NewPlug is plugged in.
func NewPlug(t testing.TB) *Plug {
	t.Helper()
	address := Postgres(t)
	_, query, _ := strings.Cut(address, "host=")
	sockets, _, _ := strings.Cut(query, "&")
	dir, err := os.MkdirTemp("/tmp", "flexie-pg-link") // the path of a socket has to be short
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	p := &Plug{t: t, Side: address, link: filepath.Join(dir, "s"), sockets: sockets}
	p.Address = strings.Replace(address, sockets, p.link, 1)
	p.In()
	return p
}

// In has it there again.
func (p *Plug) In() { require.NoError(p.t, os.Symlink(p.sockets, p.link)) }

// Pull has it gone. Connections that there are stay until Cut.
func (p *Plug) Pull() { require.NoError(p.t, os.Remove(p.link)) }
