package store_test

import (
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// TestSessionsOfACaller are the same for all, until they end or nobody uses them.
func TestSessionsOfACaller(t *testing.T) {
	address := storetest.Postgres(t)
	sessions := func() *store.Sessions { return postgresAt(t, address).Sessions(time.Hour, 24*time.Hour) }
	one, two := sessions(), sessions()
	require.NoError(t, one.Save(ctx, "id", "ann", []byte(`{"a":1}`)))
	facts, err := two.Load(ctx, "id", "ann")
	require.NoError(t, err)
	require.Equal(t, `{"a":1}`, string(facts))
	_, err = two.Load(ctx, "id", "bob")
	require.ErrorIs(t, err, store.ErrNoSession)
	reserved := func(most int) bool {
		id := rand.Text()
		ok, err := two.Reserve(ctx, id, "ann", most)
		require.NoError(t, err)
		if ok {
			require.NoError(t, two.End(ctx, id))
		}
		return ok
	}
	require.False(t, reserved(1))
	require.True(t, reserved(2))

	require.NoError(t, two.End(ctx, "id"))
	_, err = one.Load(ctx, "id", "ann")
	require.ErrorIs(t, err, store.ErrNoSession)

	require.NoError(t, one.Save(ctx, "idle", "ann", nil))
	storetest.SQL(t, address, `UPDATE http_session SET used = used - interval '1 hour'`)
	require.True(t, reserved(1), "it takes no place")
	storetest.SQL(t, address, `UPDATE http_session SET used = used - interval '23 hours'`)
	_, err = two.Load(ctx, "idle", "ann")
	require.ErrorIs(t, err, store.ErrNoSession)
	require.True(t, reserved(1))
	db, err := postgresAt(t, address).DB(ctx)
	require.NoError(t, err)
	var left int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM http_session`).Scan(&left))
	require.Zero(t, left)
}

// TestPlacesForSessions are given out one at a time, whoever asks when.
func TestPlacesForSessions(t *testing.T) {
	address := storetest.Postgres(t)
	const most, each = 3, 8
	var all [2]*store.Sessions
	for i := range all {
		p := postgresAt(t, address)
		_, err := p.DB(ctx)
		require.NoError(t, err)
		all[i] = p.Sessions(time.Hour, 24*time.Hour)
	}
	for _, caller := range strings.Split("abcdefghij", "") {
		var asking sync.WaitGroup
		var given atomic.Int32
		for i := range each * len(all) {
			asking.Go(func() {
				if ok, err := all[i%len(all)].Reserve(ctx, rand.Text(), caller, most); ok && err == nil {
					given.Add(1)
				}
			})
		}
		asking.Wait()
		require.EqualValues(t, most, given.Load())
	}
}
