package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store"
	"flexie-mcp/internal/store/storetest"
	"flexie-mcp/internal/telemetry"
	"flexie-mcp/resources"
	"flexie-mcp/tools"
)

// TestADatabaseThatCantBeUsedShowsAtTheStart, in the log and where a load balancer
// asks, without a change being tried.
func TestADatabaseThatCantBeUsedShowsAtTheStart(t *testing.T) {
	newer := storetest.Postgres(t)
	s := store.Open(store.Options{Database: newer})
	_, err := store.Once(t.Context(), s.Durable, "a", time.Now(), time.Now())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	storetest.SQL(t, newer, `UPDATE flexie_format SET needs = 99, version = 99 WHERE part = 'durable'`)

	for name, test := range map[string]struct{ address, says string }{
		"no address": {"postgres://me:s3cr3t@127.0.0.1:x/", "database_url can't be used"},
		"nobody":     {"postgres://me:s3cr3t@127.0.0.1:1/flexie", "its database can't be reached"},
		"newer":      {newer, "it needs format 99"},
	} {
		t.Run(name, func(t *testing.T) {
			log := &lines{}
			to := slog.New(slog.NewTextHandler(log, nil))
			o := server.Observing{Health: telemetry.NewHealth(to)}
			w, err := o.Open(config.Settings{DatabaseURL: test.address}, "1.2.3", to)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, w.Close()) })
			w.Settle(t.Context(), to)
			require.Contains(t, log.String(), "level=WARN msg=\"the database can't be used\"")
			require.Contains(t, log.String(), "changes are refused, since they can't be recorded: ")
			require.Contains(t, log.String(), test.says)
			require.NotContains(t, log.String(), "s3cr3t")

			answer := httptest.NewRecorder()
			o.Operator().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			require.Equal(t, http.StatusServiceUnavailable, answer.Code)
			require.Equal(t, "not ready: state store", strings.TrimSpace(answer.Body.String()))
		})
	}
}

// TestADatabaseThatGoesAwayLeavesTheServerReady: reading goes on, and it is gone
// for the other servers as well.
func TestADatabaseThatGoesAwayLeavesTheServerReady(t *testing.T) {
	plug := storetest.NewPlug(t)
	o := server.Observing{Health: telemetry.NewHealth(slog.New(slog.DiscardHandler))}
	w, err := o.Open(config.Settings{DatabaseURL: plug.Address}, "1.2.3", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	ready := func() int {
		answer := httptest.NewRecorder()
		o.Operator().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return answer.Code
	}
	plug.Pull()
	require.Equal(t, http.StatusServiceUnavailable, ready())
	plug.In()
	require.Eventually(t, func() bool { return ready() == http.StatusOK }, 10*time.Second, 50*time.Millisecond)
	plug.Pull()
	require.Never(t, func() bool { return ready() != http.StatusOK }, 1500*time.Millisecond, 100*time.Millisecond)
}

// TestADatabaseThatWasUsedWasReached, also if nobody had asked for readiness by then.
func TestADatabaseThatWasUsedWasReached(t *testing.T) {
	plug := storetest.NewPlug(t)
	o := server.Observing{Health: telemetry.NewHealth(slog.New(slog.DiscardHandler))}
	w, err := o.Open(config.Settings{DatabaseURL: plug.Address}, "1.2.3", slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	w.Settle(t.Context(), slog.New(slog.DiscardHandler))
	plug.Pull()
	storetest.Cut(t, plug.Side)
	answer := httptest.NewRecorder()
	o.Operator().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	require.Equal(t, http.StatusOK, answer.Code, answer.Body)
}

// TestCallersAreNotToldOfTheDatabase where it is, nor what it said: the log is. Each
// change that was refused is counted.
func TestCallersAreNotToldOfTheDatabase(t *testing.T) {
	log := &lines{}
	to := slog.New(slog.NewTextHandler(log, nil))
	o := server.Observing{}.WithMetrics("1.2.3")
	w, err := o.Open(config.Settings{
		BaseURL: "https://acme.flexie.io/api", APIKey: "k", Confirm: "auto", DatabaseURL: "postgres://flexie:s3cr3t@127.0.0.1:1/customers",
	}, "1.2.3", to)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.Close()) })
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	crm := httptest.NewServer(box)
	t.Cleanup(crm.Close)
	anna := letsIn{Name: "anna", Caller: "0123abcd", Root: crm.URL + "/api", Key: auth.NewSecret(sandbox.Key)}
	members := server.NewMembers(w, config.Settings{Timeout: time.Minute}, anna, func(string) bool { return true }, to)
	s := server.New(server.Options{Tools: tools.All(), About: w.About, Client: w.Client, Safety: w.Safety, Log: to, Observing: o})
	front := httptest.NewServer(server.Handler(s, server.Door{Members: members}, to))
	t.Cleanup(func() { front.CloseClientConnections(); front.Close() })

	p := person{url: front.URL}
	for tool, arguments := range map[string]string{
		"update_task": `{"id":11,"task":"Call"}`, "add_note": `{"entity_type":"contact","entity_id":42,"text":"Hello"}`, "list_changes": `{}`,
	} {
		said := p.call(t, tool, arguments)
		require.Contains(t, said, "its database can't be reached. Try again later, or tell whoever runs this server: the reason is in its log", tool)
		for _, private := range []string{"s3cr3t", "127.0.0.1", "customers", "user="} {
			require.NotContains(t, said, private, tool)
		}
	}
	require.Contains(t, log.String(), "127.0.0.1:1/customers")
	require.NotContains(t, log.String(), "s3cr3t")
	got := (&observed{o: o}).scrape(t)
	require.Equal(t, 2, got["journal_changes_total{outcome=refused}"], "%v", got)
	require.Equal(t, 1, got["calls_total{outcome=no_state,tool=add_note}"], "%v", got)
}

// brokenShelf keeps nothing.
type brokenShelf struct{}

func (brokenShelf) Keep(context.Context, string, string, []string) error {
	return errors.New("the disk is full")
}

func (brokenShelf) Page(context.Context, string, string, int) (string, int, error) {
	return "", 0, errors.New("the disk is full")
}

// TestAnAnswerThatCantBeKeptIsGiven, cut, without the address of the rest.
func TestAnAnswerThatCantBeKeptIsGiven(t *testing.T) {
	w := watch(t, "never")
	o := w.options()
	log := &lines{}
	o.Results, o.AnswerTokens, o.Log = resources.ResultsOn(brokenShelf{}), 800, slog.New(slog.NewTextHandler(log, nil))
	c := connect(t, server.New(o))
	answer, err := c.CallTool(t.Context(), callOf("search_contacts", map[string]any{"limit": 50}))
	require.NoError(t, err)
	require.False(t, answer.IsError)
	text := answer.Content[0].(mcp.TextContent).Text
	require.Contains(t, text, "the rest could not be kept: ask for less at a time.")
	require.NotContains(t, text, "flexie://results/")
	require.Contains(t, log.String(), "could not be kept whole")
	require.Contains(t, log.String(), "the disk is full")
}

// TestAResultOfOneServerIsReadOnAnother by the same caller, and by nobody else.
func TestAResultOfOneServerIsReadOnAnother(t *testing.T) {
	address := storetest.Postgres(t)
	w := watch(t, "never")
	serverOf := func(caller string) *client.Client {
		s := store.Open(store.Options{Database: address})
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		o := w.options()
		o.AnswerTokens, o.Safety.Caller = 800, caller
		o.Results = resources.ResultsOn(store.NewResults(store.Results{Store: s.Cache, Number: 9, Bytes: 1 << 20, InAll: 1 << 20, Last: time.Hour, Now: time.Now}))
		return connect(t, server.New(o))
	}
	answer, err := serverOf("ana").CallTool(t.Context(), callOf("search_contacts", map[string]any{"limit": 50}))
	require.NoError(t, err)
	uri := regexp.MustCompile(`flexie://results/[a-z]+`).FindString(answer.Content[0].(mcp.TextContent).Text)
	require.NotEmpty(t, uri)
	read := mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: uri}}
	whole, err := serverOf("ana").ReadResource(t.Context(), read)
	require.NoError(t, err)
	require.Contains(t, whole.Contents[0].(mcp.TextResourceContents).Text, "contacts")
	_, err = serverOf("ben").ReadResource(t.Context(), read)
	require.ErrorContains(t, err, "there is no result at "+uri)
}
