package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/journal"
)

// TestAKeyThatFlexieDoesNotTake is refused before anything is kept for it, and
// Flexie is not asked about it each time.
func TestAKeyThatFlexieDoesNotTake(t *testing.T) {
	of := openOffice(t, nil)
	of.acme.knowsKeys()
	headers := map[string]string{auth.KeyHeader: "made-up"}
	for range 3 {
		answer := post(t, of.url+"/mcp", hello, headers)
		require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
		require.Contains(t, answer.Header.Get("WWW-Authenticate"), `error="invalid_token"`)
		said := bodyOf(t, answer)
		require.Contains(t, said, "Flexie does not confirm this key for this workspace")
		require.NotContains(t, said, "made-up")
	}
	require.Equal(t, []string{"made-up"}, of.acme.asked())
}

// TestMadeUpKeysPushNobodyOut: what is kept of callers is bounded, and all of it is
// of those whose key is right.
func TestMadeUpKeysPushNobodyOut(t *testing.T) {
	of := openOffice(t, nil)
	anna := of.withKey("anna-key")
	anna.get42(t)
	of.acme.knowsKeys()
	for i := range 50 {
		answer := post(t, of.url+"/mcp", hello, map[string]string{auth.KeyHeader: fmt.Sprintf("made-up-%d", i)})
		require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
		answer.Body.Close()
	}
	require.Equal(t, 1, of.door.Members.Known(), "anna")
}

// TestWritesOfWhoHasATokenAreSettled without being asked: the server has the key.
func TestWritesOfWhoHasATokenAreSettled(t *testing.T) {
	of := openOffice(t, nil)
	cleo := of.withToken(t, "cleo", "cleo-key")
	require.Contains(t, cleo.call(t, "update_task", `{"id":11,"task":"Call"}`), "Updated")
	kept := of.o.Safety.Journal
	made, _, err := kept.List(t.Context(), journal.Filter{})
	require.NoError(t, err)
	again := made[0]
	again.Undoes, again.UndoneBy = 0, 0
	id, err := kept.Begin(t.Context(), again) // as by a server that was killed
	require.NoError(t, err)
	require.NoError(t, kept.End(t.Context(), id, journal.Ending{Outcome: journal.Unknown}))

	of.door.Members.SettleEvery(time.Millisecond)
	go of.door.Members.Settle(t.Context(), of.issued)
	require.Eventually(t, func() bool {
		found, err := kept.Get(t.Context(), id)
		return err == nil && found.Outcome == journal.Done
	}, soon, 5*time.Millisecond)
}
