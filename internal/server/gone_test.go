package server_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// update1 is a call that writes.
const update1 = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"update_contact","arguments":{"id":42,"fields":{"city":"Leeds"}}}}`

// notKnownYet is what is told of a write that is still under way.
const notKnownYet = "NOT known whether it was done"

// slow is a workspace whose first write is done, and answered when it may be.
type slow struct {
	*watched
	arrived chan struct{} // closed when the write was done
	answer  chan struct{} // to be closed
}

func slowly(t *testing.T) slow {
	s := slow{watch(t, tools.Never), make(chan struct{}), make(chan struct{})}
	s.AfterNth(1, chaos.Writes, func() {
		close(s.arrived)
		<-s.answer
	})
	return s
}

// requireLearnt: the write goes on, and what came of it is recorded.
func (s slow) requireLearnt() {
	s.t.Helper()
	require.Equal(s.t, []journal.Outcome{journal.Pending}, outcomes(s.changes()), "it goes on")
	close(s.answer)
	require.True(s.t, s.safety.Writes.End(soon, soon))
	require.Equal(s.t, []journal.Outcome{journal.Done}, outcomes(s.changes()))
	require.Equal(s.t, []string{"PUT /api/contacts/42"}, s.writes(), "once")
}

func outcomes(of []journal.Entry) (all []journal.Outcome) {
	for _, e := range of {
		all = append(all, e.Outcome)
	}
	return all
}

// TestAWriteGoesOnWithoutItsClient, and is recorded: on stdio.
func TestAWriteGoesOnWithoutItsClient(t *testing.T) {
	for name, end := range map[string]func(wire){
		"it is cancelled":    func(w wire) { w.send(cancel1) },
		"the input closed":   func(w wire) { w.in.Close() },
		"the server is told": func(w wire) { w.stop() },
	} {
		t.Run(name, func(t *testing.T) {
			s := slowly(t)
			w := startStdio(t, s.options())
			w.send(hello)
			w.receive()
			w.send(update1)
			await(t, s.arrived, "the write")
			start := time.Now()
			end(w)
			m := w.receive()
			require.Equal(t, 1.0, m.ID)
			require.Contains(t, string(m.Result), notKnownYet)
			require.Contains(t, string(m.Result), "list_changes")
			require.Less(t, time.Since(start), soon)
			w.in.Close()
			require.NoError(t, await(t, w.ended, "the end"))
			s.requireLearnt()
		})
	}
}

// TestAWriteGoesOnWithoutItsConnection over HTTP.
func TestAWriteGoesOnWithoutItsConnection(t *testing.T) {
	t.Run("streamable HTTP", func(t *testing.T) {
		s := slowly(t)
		url := overHTTP(t, s.options()) + "/mcp"
		session := openSession(t, url)
		ctx, drop := cancellable(t)
		sent := inBackground(func() error {
			r, err := send(ctx, url, update1, session)
			if err == nil {
				r.Body.Close()
			}
			return err
		})
		await(t, s.arrived, "the write")
		drop()
		require.ErrorIs(t, await(t, sent, "the end of the request"), context.Canceled)
		s.requireLearnt()
	})
	t.Run("SSE", func(t *testing.T) {
		s := slowly(t)
		url := overHTTP(t, s.options())
		stream, messages := openSSE(t, url)
		post(t, url+messages, update1, nil)
		await(t, s.arrived, "the write")
		require.NoError(t, stream.Close())
		s.requireLearnt()
	})
	t.Run("cancelled over streamable HTTP", func(t *testing.T) {
		s := slowly(t)
		url := overHTTP(t, s.options()) + "/mcp"
		session := openSession(t, url)
		answered := make(chan string, 1)
		go func() { answered <- answerOf(t.Context(), url, session) }()
		await(t, s.arrived, "the write")
		post(t, url, cancel1, session)
		require.Contains(t, await(t, answered, "the answer"), notKnownYet)
		s.requireLearnt()
	})
}

// answerOf is the body that update1 is answered with, or why there is none.
func answerOf(ctx context.Context, url string, headers map[string]string) string {
	r, err := send(ctx, url, update1, headers)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	var body [10_000]byte
	n, _ := r.Body.Read(body[:])
	return string(body[:n])
}

// TestHTTPTellsOfWritesAtItsEnd: one that Flexie has not answered by then is
// still waited for, and its client told so, rather than nothing.
func TestHTTPTellsOfWritesAtItsEnd(t *testing.T) {
	s := slowly(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := cancellable(t)
	ended := inBackground(func() error {
		return server.ServeHTTP(ctx, l, server.Handler(s.serve(), server.Door{}, quiet), quiet)
	})
	url := fmt.Sprintf("http://%s/mcp", l.Addr())
	session := openSession(t, url)
	answered := make(chan string, 1)
	go func() { answered <- answerOf(context.WithoutCancel(t.Context()), url, session) }()
	await(t, s.arrived, "the write")
	stop()
	require.NoError(t, await(t, ended, "the end"))
	require.Contains(t, await(t, answered, "the answer"), notKnownYet)
	s.requireLearnt()
}

// TestReadsBeforeAWriteStop at once when the call is cancelled: nothing is sent.
func TestReadsBeforeAWriteStop(t *testing.T) {
	w := watch(t, tools.Never)
	w.Use(chaos.When(chaos.Reads, chaos.Always(chaos.SilenceBefore)))
	wire := startStdio(t, w.options())
	wire.send(update1)
	require.Eventually(t, func() bool { return len(w.Requests()) > 0 }, soon, time.Millisecond)
	wire.send(cancel1)
	text := modernText(t, wire.receive())
	require.Contains(t, text, "cancelled")
	require.Contains(t, text, "Nothing was changed.")
	require.Empty(t, w.writes())
	require.Empty(t, w.changes())
}

// TestTheEndIsBounded, also with a write that is never answered: it is recorded
// that it is not known what came of it.
func TestTheEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		settings := config.Settings{
			Sandbox: true, SandboxFile: filepath.Join(dir, "box.db"), SandboxDelay: time.Minute,
			StateDir: dir, Timeout: 3 * time.Minute, Confirm: "never",
		}
		workspace, err := server.Open(settings, "1.2.3", quiet)
		require.NoError(t, err)
		c := inProcess(t, server.New(server.Options{Tools: tools.All(), About: workspace.About, Client: workspace.Client, Safety: workspace.Safety, Log: quiet}), nil)
		answered := make(chan string, 1)
		go func() { answered <- told(t, c, "complete_task", map[string]any{"id": 19}) }()
		for workspace.Safety.Writes.Pending() == 0 {
			time.Sleep(time.Second) // of the bubble's, which takes none
		}
		synctest.Wait()
		start := time.Now()
		require.NoError(t, workspace.Close())
		require.LessOrEqual(t, time.Since(start), 7*time.Second)
		require.Contains(t, <-answered, "NOT known")
		time.Sleep(3 * time.Minute) // what looks names up for others is not waited for

		settings.SandboxDelay = 0
		next, err := server.Open(settings, "1.2.3", quiet)
		require.NoError(t, err)
		defer next.Close()
		entries := func() []journal.Entry {
			all, _, err := next.Safety.Journal.List(t.Context(), journal.Filter{Limit: 10})
			require.NoError(t, err)
			return all
		}
		require.Equal(t, []journal.Outcome{journal.Unknown}, outcomes(entries()))
		next.Settle(t.Context(), quiet)
		require.Equal(t, []journal.Outcome{journal.Unknown}, outcomes(entries()), "Flexie may still be at it")
		time.Sleep(10 * time.Minute)
		require.Equal(t, []journal.Outcome{journal.NotDone}, outcomes(entries()), "the next start finds it out")
	})
}
