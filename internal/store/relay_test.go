package store_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
)

// TestWhatIsSentIsHeardByAll, once each and in order, and what is sent while the
// connection was lost as soon as it is there again.
func TestWhatIsSentIsHeardByAll(t *testing.T) {
	address := storetest.Postgres(t)
	one, two := postgresAt(t, address), postgresAt(t, address)
	quiet := slog.New(slog.DiscardHandler)
	joined, heard := make(chan string, 10), make(chan string, 100)
	following, stop := context.WithCancel(ctx)
	defer stop()
	for name, p := range map[string]*store.Postgres{"one": one, "two": two} {
		go p.Relay(quiet).Follow(following, func() { joined <- name }, func(message []byte) { heard <- name + " " + string(message) })
	}
	both := []string{receive(t, joined), receive(t, joined)}
	require.ElementsMatch(t, []string{"one", "two"}, both)
	require.NoError(t, one.Relay(quiet).Send(ctx, []byte("hello")))
	require.ElementsMatch(t, []string{"one hello", "two hello"}, []string{receive(t, heard), receive(t, heard)})

	storetest.Cut(t, address)
	storetest.SQL(t, address, `INSERT INTO relay (sent, message) VALUES (now(), 'meanwhile')`)
	both = []string{receive(t, joined), receive(t, joined)}
	require.ElementsMatch(t, []string{"one", "two"}, both)
	require.ElementsMatch(t, []string{"one meanwhile", "two meanwhile"}, []string{receive(t, heard), receive(t, heard)})
	require.NoError(t, two.Relay(quiet).Send(ctx, []byte("again")))
	require.ElementsMatch(t, []string{"one again", "two again"}, []string{receive(t, heard), receive(t, heard)})
	require.Empty(t, heard)
}

func TestFollowingEndsWithTheDatabase(t *testing.T) {
	p := postgresAt(t, storetest.Postgres(t))
	joined, ended := make(chan string, 1), make(chan string)
	go func() {
		p.Relay(slog.New(slog.DiscardHandler)).Follow(ctx, func() { joined <- "" }, func([]byte) {})
		close(ended)
	}()
	receive(t, joined)
	require.NoError(t, p.Close())
	receive(t, ended)
}

func receive(t *testing.T, c <-chan string) string {
	t.Helper()
	select {
	case s := <-c:
		return s
	case <-time.After(20 * time.Second):
		require.FailNow(t, "waited in vain")
		return ""
	}
}

// TestTheEndOfSilenceIsTold, once, and only where its beginning was.
func TestTheEndOfSilenceIsTold(t *testing.T) {
	plug := storetest.NewPlug(t)
	p, log := postgresAt(t, plug.Address), &storetest.Lines{}
	plug.Pull()
	joined := make(chan string, 10)
	following, stop := context.WithCancel(ctx)
	defer stop()
	go p.Relay(slog.New(slog.NewTextHandler(log, nil))).Follow(following, func() { joined <- "" }, func([]byte) {})
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "can't be heard") }, 20*time.Second, 10*time.Millisecond)
	plug.In()
	receive(t, joined)
	require.Equal(t, 1, strings.Count(log.String(), "are heard again"), log.String())
}
