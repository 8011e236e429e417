package store_test

import (
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
	n, err := two.Count(ctx, "ann")
	require.NoError(t, err)
	require.Equal(t, 1, n)

	require.NoError(t, two.End(ctx, "id"))
	_, err = one.Load(ctx, "id", "ann")
	require.ErrorIs(t, err, store.ErrNoSession)

	require.NoError(t, one.Save(ctx, "idle", "ann", nil))
	storetest.SQL(t, address, `UPDATE http_session SET used = used - interval '1 hour'`)
	n, err = two.Count(ctx, "ann")
	require.NoError(t, err)
	require.Zero(t, n, "it takes no place")
	storetest.SQL(t, address, `UPDATE http_session SET used = used - interval '23 hours'`)
	_, err = two.Load(ctx, "idle", "ann")
	require.ErrorIs(t, err, store.ErrNoSession)
	_, err = two.Count(ctx, "ann")
	require.NoError(t, err)
	db, err := postgresAt(t, address).DB(ctx)
	require.NoError(t, err)
	var left int
	require.NoError(t, db.QueryRow(`SELECT count(*) FROM http_session`).Scan(&left))
	require.Zero(t, left)
}
