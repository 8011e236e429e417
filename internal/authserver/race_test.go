package authserver

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// TestAnotherWasQuicker: between the look and the change of one replica, another
// has changed the same. SQLite lets one in at a time; Postgres does not.
func TestAnotherWasQuicker(t *testing.T) {
	s := newSite(t, store.Options{Database: storetest.Postgres(t)})
	client := s.clientID()
	code := s.codeFor(s.browser(), client, annasKey)
	do := func(f func(*store.Tx)) {
		require.NoError(t, s.state.Durable.Do(t.Context(), func(tx *store.Tx) error { f(tx); return nil }))
	}
	mine := func(request) error { return nil }

	var n tokens
	do(func(tx *store.Tx) {
		var used int64
		require.NoError(t, tx.QueryRow(`SELECT used FROM oauth_code WHERE code = ?`, hashOf(code)).Scan(&used))
		require.Zero(t, used)
		var err error
		n, err = s.exchange(t.Context(), code, mine)
		require.NoError(t, err)
		first, err := s.use(tx, code)
		require.NoError(t, err)
		require.False(t, first)
	})
	do(func(tx *store.Tx) {
		had, err := s.lookUp(tx, n.Refresh)
		require.NoError(t, err)
		require.Zero(t, had.replaced)
		next, err := s.refresh(t.Context(), n.Refresh, func(string, string, string) (string, error) { return "", nil })
		require.NoError(t, err)
		first, err := s.replace(tx, n.Refresh, had.grant, s.newTokens("write"))
		require.NoError(t, err)
		require.False(t, first)
		again, err := s.lookUp(tx, n.Refresh)
		require.NoError(t, err)
		same, err := openAnswer(n.Refresh, again.answer)
		require.NoError(t, err)
		require.Equal(t, next, same, "it has the answer of the other")
	})
	_, form := s.browser().get(s.asks(client)).form(t)
	f := s.asRead(form.Get("flow"))
	do(func(tx *store.Tx) {
		require.NotZero(t, s.count(`SELECT count(*) FROM oauth_flow`))
		do(func(other *store.Tx) {
			moved, err := s.endFlow(other, f)
			require.NoError(t, err)
			require.True(t, moved)
		})
		moved, err := s.endFlow(tx, f)
		require.NoError(t, err)
		require.False(t, moved)
	})
}
