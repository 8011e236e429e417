package authserver

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
)

// counting counts what is read of a store.
type counting struct {
	store.Store
	reads int
}

func (c *counting) Look(ctx context.Context, f func(*store.Tx) error) error {
	c.reads++
	return c.Store.Look(ctx, f)
}

// TestATokenIsReadOnce: not again as long as nothing changes. What another process
// revokes is refused at once all the same, and so is what is over.
func TestATokenIsReadOnce(t *testing.T) {
	here := store.Options{Dir: t.TempDir()}
	var reads *counting
	s := newSite(t, here, func(o *Options) {
		reads = &counting{Store: o.Store}
		o.Store = reads
	})
	client, a := s.connects()
	_, b := s.connects()
	uses := func(token string) int {
		return s.request(s.http.Config.Handler, http.MethodPost, "/mcp", "", "Authorization", "Bearer "+token).status
	}
	for range 3 {
		require.Equal(t, http.StatusOK, uses(a.tokens.Access))
	}
	require.Equal(t, 1, reads.reads)

	process := store.Durable(here)
	defer process.Close()
	o := s.o
	o.Store = process
	_, other := replica(t, o)
	revoked := s.request(other, http.MethodPost, revokePath, url.Values{"token": {a.tokens.Refresh}, "client_id": {client}}.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusOK, revoked.status, revoked.text)
	require.Equal(t, http.StatusUnauthorized, uses(a.tokens.Access))

	require.Equal(t, http.StatusOK, uses(b.tokens.Access))
	before := reads.reads
	s.clock.pass(accessLifetime + time.Second)
	require.Equal(t, http.StatusUnauthorized, uses(b.tokens.Access))
	require.Equal(t, before, reads.reads, "it is known when it ends")
}
