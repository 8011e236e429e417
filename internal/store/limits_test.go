package store_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// postgresAt is closed with the test.
func postgresAt(t testing.TB, address string) *store.Postgres {
	p := store.NewPostgres(address)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// TestServersKeepTheLimitsTogether: never more under way at once than is allowed,
// nor more sent in any second, counting both.
func TestServersKeepTheLimitsTogether(t *testing.T) {
	address := storetest.Postgres(t)
	const perSecond, burst, atOnce = 40, 5, 3
	var mu sync.Mutex
	var underWay, most int
	var sent []time.Time
	var all sync.WaitGroup
	for range 2 {
		p := postgresAt(t, address)
		pace := p.Pace(root, slog.New(slog.DiscardHandler))
		db, err := p.DB(ctx)
		require.NoError(t, err)
		for range 8 {
			all.Go(func() {
				for range 4 {
					give, err := pace.Take(ctx, perSecond, burst, atOnce)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					sent = append(sent, time.Now())
					mu.Unlock()
					mu.Lock()
					underWay++
					most = max(most, underWay)
					mu.Unlock()
					if _, err := db.Exec(`SELECT pg_sleep(0.02)`); err != nil { // what Flexie takes to answer
						t.Error(err)
					}
					mu.Lock()
					underWay--
					mu.Unlock()
					give()
				}
			})
		}
	}
	all.Wait()
	require.Len(t, sent, 64)
	require.Equal(t, atOnce, most)
	for i, first := range sent {
		n := 0
		for _, at := range sent[i:] {
			if at.Sub(first) < time.Second {
				n++
			}
		}
		require.LessOrEqual(t, n, perSecond+burst+2, "in the second after %s", first) // two that came late
	}
}

// TestPlacesOfAKilledServerComeBack when their leases end, and not while the
// server that has them is alive.
func TestPlacesOfAKilledServerComeBack(t *testing.T) {
	address := storetest.Postgres(t)
	p := postgresAt(t, address)
	pace := p.Pace(root, slog.New(slog.DiscardHandler))
	_, err := pace.Take(ctx, 0, 1, 1)
	require.NoError(t, err)
	waiting, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err = pace.Take(waiting, 0, 1, 1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	other := p.Pace("https://other.flexie.io/api", slog.New(slog.DiscardHandler))
	give, err := other.Take(ctx, 0, 1, 1)
	require.NoError(t, err, "each workspace has limits of its own")
	give()

	storetest.SQL(t, address, `UPDATE pace SET held = (SELECT coalesce(jsonb_object_agg(key, value::float8 - 10), '{}') FROM jsonb_each(held))`)
	_, err = pace.Take(ctx, 0, 1, 1)
	require.NoError(t, err)
}

// TestUnusedPacesAreForgotten after a day, unless a request is still under way.
func TestUnusedPacesAreForgotten(t *testing.T) {
	address := storetest.Postgres(t)
	p := postgresAt(t, address)
	_, err := p.DB(ctx)
	require.NoError(t, err)
	storetest.SQL(t, address, `INSERT INTO pace VALUES
		('old', now() - interval '25 hours', '{}'), ('ended', now() - interval '25 hours', '{"a":1}'),
		('recent', now() - interval '23 hours', '{}'),
		('held', now() - interval '25 hours', jsonb_build_object('a', extract(epoch FROM now()) + 60))`)
	give, err := p.Pace(root, slog.New(slog.DiscardHandler)).Take(ctx, 0, 1, 1)
	require.NoError(t, err)
	give()
	require.Eventually(t, func() bool {
		var left string
		storetest.Scan(t, address, &left, `SELECT coalesce(string_agg(workspace, ' ' ORDER BY workspace), '') FROM pace WHERE length(workspace) < 10`)
		return left == "held recent"
	}, 20*time.Second, 10*time.Millisecond)
}

// TestLimitsWithoutTheDatabase are each server's own; that is said once.
func TestLimitsWithoutTheDatabase(t *testing.T) {
	var log bytes.Buffer
	pace := postgresAt(t, "postgres://me:s3cr3t@127.0.0.1:1/flexie").Pace(root, slog.New(slog.NewTextHandler(&log, nil)))
	for range 3 {
		give, err := pace.Take(ctx, 1, 1, 1)
		require.NoError(t, err)
		give()
	}
	require.Equal(t, 1, strings.Count(log.String(), "\n"), log.String())
	require.NotContains(t, log.String(), "s3cr3t")
}

func BenchmarkPace(b *testing.B) {
	p := postgresAt(b, storetest.Postgres(b))
	pace := p.Pace("bench", slog.New(slog.DiscardHandler))
	for b.Loop() {
		give, err := pace.Take(ctx, 0, 1, 100)
		require.NoError(b, err)
		give()
	}
}
