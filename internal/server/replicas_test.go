package server_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store/storetest"
	"flexie-mcp/tools"
)

// What three servers do at one database is tested in internal/cli. Here is what
// shows at two, and without the database.

// replica is the address of a server at a database, with a limit of three
// sessions for each caller.
func replica(t *testing.T, database string, flexie *workplace) string {
	s := config.Settings{
		BaseURL: flexie.URL + "/api", APIKey: "operator-key", Toolsets: []string{"all"}, Confirm: "auto", Timeout: time.Minute,
		StateDir: t.TempDir(), DatabaseURL: database,
	}
	o, w := opened(t, s)
	gate, err := auth.New(auth.Options{Root: s.Root(), SharedKey: s.Key(), BaseURL: s.BaseURL,
		Names: auth.Names{Toolsets: tools.Toolsets(), Tools: everyTool(), Renamed: tools.Renamed.Resolve}})
	require.NoError(t, err)
	door := server.Door{Members: server.NewMembers(w, s, gate, gate.Trusts, quiet), Limits: server.HTTPLimits{Sessions: 3}}
	return newServer(t, server.Handler(server.New(o), door, quiet).ServeHTTP)
}

func (p person) statusOf(t *testing.T, url, session string) int {
	t.Helper()
	response := post(t, url+"/mcp", `{"jsonrpc":"2.0","id":1,"method":"ping"}`, p.with("Mcp-Session-Id", session))
	bodyOf(t, response)
	return response.StatusCode
}

func withKey(url, key string) person {
	return person{url: url, headers: map[string]string{auth.KeyHeader: key}}
}

const idHeader = "Mcp-Session-Id"

// TestSessionsAtTwoServers are their caller's at each, count at both, and outlive
// the server that they were opened at.
func TestSessionsAtTwoServers(t *testing.T) {
	database, flexie := storetest.Postgres(t), newWorkplace(t)
	one, two := replica(t, database, flexie), replica(t, database, flexie)
	first := withKey(one, "anna").session(t, `{}`)[idHeader]
	require.Equal(t, http.StatusOK, withKey(one, "anna").statusOf(t, two, first))
	require.Equal(t, http.StatusNotFound, withKey(one, "ben").statusOf(t, two, first), "for others it does not exist")

	second := withKey(two, "anna").session(t, `{}`)[idHeader]
	withKey(two, "anna").session(t, `{}`)
	for _, url := range []string{one, two} {
		refused := post(t, url+"/mcp", hello, withKey(url, "anna").headers)
		require.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
		require.Contains(t, bodyOf(t, refused), "3 sessions are open with this credential, which is the most")
	}
	withKey(two, "ben").session(t, `{}`) // whose sessions are counted by themselves

	restarted := replica(t, database, flexie)
	require.Equal(t, http.StatusOK, withKey(one, "anna").statusOf(t, restarted, second))
	r, err := http.NewRequest(http.MethodDelete, restarted+"/mcp", nil)
	require.NoError(t, err)
	r.Header.Set(auth.KeyHeader, "anna")
	r.Header.Set(idHeader, second)
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Eventually(t, func() bool { return withKey(one, "anna").statusOf(t, two, second) == http.StatusNotFound }, soon, time.Millisecond)
	require.Equal(t, http.StatusOK, withKey(one, "anna").statusOf(t, two, first))
	withKey(one, "anna").session(t, `{}`) // there is a place again
}

// TestSessionsWithoutTheDatabase are those of the server that they were opened at,
// and of all once it is there.
func TestSessionsWithoutTheDatabase(t *testing.T) {
	plug, flexie := storetest.NewPlug(t), newWorkplace(t)
	one, two := replica(t, plug.Address, flexie), replica(t, plug.Address, flexie)
	before := withKey(one, "anna").session(t, `{}`)[idHeader]
	withKey(two, "anna").session(t, `{}`)
	plug.Pull()
	storetest.Cut(t, plug.Side)
	meanwhile := withKey(one, "anna").session(t, `{}`)[idHeader]
	require.Equal(t, http.StatusOK, withKey(one, "anna").statusOf(t, one, meanwhile))
	require.Equal(t, http.StatusOK, withKey(one, "anna").statusOf(t, two, before))
	require.Equal(t, http.StatusNotFound, withKey(one, "ben").statusOf(t, two, before))

	plug.In()
	require.Eventually(t, func() bool {
		withKey(one, "anna").statusOf(t, one, meanwhile)
		var kept int
		storetest.Scan(t, plug.Side, &kept, `SELECT count(*) FROM http_session`)
		return kept == 3
	}, soon, 50*time.Millisecond)
	require.Equal(t, http.StatusOK, withKey(one, "anna").statusOf(t, two, meanwhile))
}

// TestTheOlderTransportSaysThatItNeedsItsServer.
func TestTheOlderTransportSaysThatItNeedsItsServer(t *testing.T) {
	database, flexie := storetest.Postgres(t), newWorkplace(t)
	one, two := replica(t, database, flexie), replica(t, database, flexie)
	anna := withKey(one, "anna")
	_, messages := anna.sse(t)
	response := post(t, two+messages, hello, anna.headers)
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	require.Contains(t, bodyOf(t, response), "the older SSE transport needs a route that sticks")
	require.Equal(t, http.StatusAccepted, post(t, one+messages, hello, anna.headers).StatusCode)
}

// TestAnswersToQuestionsOfNobody are taken, as they may be to a server that has
// gone; but not in a session of somebody else.
func TestAnswersToQuestionsOfNobody(t *testing.T) {
	url := replica(t, storetest.Postgres(t), newWorkplace(t))
	anna := withKey(url, "anna")
	session := anna.session(t, `{}`)
	answer := func(id string, headers map[string]string) int {
		r := post(t, url+"/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"result":{"action":"accept"}}`, id), headers)
		bodyOf(t, r)
		return r.StatusCode
	}
	require.Equal(t, http.StatusAccepted, answer(`"GONE:1"`, session))
	require.Equal(t, http.StatusBadRequest, answer(`"x"`, session))
	require.Equal(t, http.StatusNotFound, answer(`"GONE:1"`, withKey(url, "ben").with(idHeader, session[idHeader])))
}
