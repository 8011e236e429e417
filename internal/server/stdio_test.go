package server_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
)

// wire is one end of a session on standard input and output.
type wire struct {
	t     *testing.T
	in    *io.PipeWriter
	lines chan string
	ended <-chan error
	stop  context.CancelFunc
}

// startStdio serves what is written to the wire.
func startStdio(t *testing.T, o server.Options) wire {
	inReader, in := io.Pipe()
	out, outWriter := io.Pipe()
	ctx, stop := cancellable(t)
	ended := inBackground(func() error {
		defer outWriter.Close()
		return server.ServeStdio(ctx, server.New(o), o.Safety.Writes, inReader, outWriter, quiet)
	})
	w := wire{t, in, make(chan string, 1000), ended, stop}
	go func() {
		defer close(w.lines)
		r := bufio.NewReader(out)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				return
			}
			w.lines <- line
		}
	}()
	return w
}

func (w wire) send(format string, args ...any) {
	w.t.Helper()
	_, err := fmt.Fprintf(w.in, format+"\n", args...)
	require.NoError(w.t, err)
}

// rpc is any message of JSON-RPC.
type rpc struct {
	JSONRPC string
	ID      any
	Method  string
	Params  json.RawMessage
	Result  json.RawMessage
	Error   *struct {
		Code    int
		Message string
	}
}

func parse(t *testing.T, line string) rpc {
	t.Helper()
	var m rpc
	require.NoError(t, json.Unmarshal([]byte(line), &m), line)
	require.Equal(t, "2.0", m.JSONRPC, line)
	return m
}

func (w wire) receive() rpc {
	w.t.Helper()
	return parse(w.t, await(w.t, w.lines, "an answer"))
}

// rest are the answers up to the end, by id.
func (w wire) rest() map[any]rpc {
	w.t.Helper()
	answers := map[any]rpc{}
	for line := range w.lines {
		m := parse(w.t, line)
		answers[m.ID] = m
	}
	return answers
}

const (
	hello   = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	getOne  = `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42}}}`
	cancel1 = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":"changed my mind"}}`
)

// TestStdioAnswersBeforeItEnds: "echo request | flexie-mcp" is how people try
// a server, and their last line may lack its end.
func TestStdioAnswersBeforeItEnds(t *testing.T) {
	s := inSandbox
	s.SandboxDelay = 50 * time.Millisecond
	tests := map[string]struct {
		lines []string
		ids   []any
	}{
		"nothing":                  {nil, nil},
		"one call":                 {[]string{hello, fmt.Sprintf(getOne, 1)}, []any{"hello", 1.0}},
		"without a last newline":   {[]string{hello, strings.TrimSpace(fmt.Sprintf(getOne, 1))}, []any{"hello", 1.0}},
		"after what is no JSON":    {[]string{"this is no JSON", "[]", `{"jsonrpc":"2.0","id":null,"method":"ping"}`, fmt.Sprintf(getOne, 1)}, []any{nil, 1.0}},
		"after a failure":          {[]string{`{"jsonrpc":"2.0","id":1,"method":"nosuch"}`, fmt.Sprintf(getOne, 2)}, []any{1.0, 2.0}},
		"after a cancellation":     {[]string{cancel1, fmt.Sprintf(getOne, 2)}, []any{2.0}},
		"a resource":               {[]string{`{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"flexie://contacts/42"}}`}, []any{1.0}},
		"with an answer to no one": {[]string{`{"jsonrpc":"2.0","id":7,"result":{}}`, fmt.Sprintf(getOne, 1)}, []any{1.0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			err := server.ServeStdio(t.Context(), serving(t, s), nil, strings.NewReader(strings.Join(test.lines, "\n")), &out, quiet)
			require.NoError(t, err)
			answered := map[any]bool{}
			for line := range strings.Lines(out.String()) {
				m := parse(t, line)
				answered[m.ID] = true
				require.True(t, m.Error == nil || m.ID == nil || m.Error.Code == -32601, line)
				require.NotContains(t, line, "cancelled")
			}
			require.Len(t, answered, len(test.ids), out.String())
			for _, id := range test.ids {
				require.True(t, answered[id], "%v in %s", id, out.String())
			}
		})
	}
}

// TestStdioGoesOnAfterRubbish: each wrong line is answered by an error.
func TestStdioGoesOnAfterRubbish(t *testing.T) {
	w := startStdio(t, options(t, inSandbox))
	tests := []struct {
		line string
		id   any
		code int
	}{
		{`not json`, nil, -32700},
		{`{"jsonrpc":"2.0","id":1,"method":"tools/call"`, nil, -32700},
		{`[{"jsonrpc":"2.0","id":1,"method":"ping"}]`, nil, -32700},
		{`"a string"`, nil, -32700},
		{`{"id":2,"method":"ping"}`, 2.0, -32600},
		{`{"jsonrpc":"2.0","id":3,"method":"nosuch"}`, 3.0, -32601},
		{`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"nosuch"}}`, 4.0, -32602},
		{`{"jsonrpc":"2.0","id":5,"method":"tools/call","params":[]}`, 5.0, -32600},
		{`{"jsonrpc":"2.0","id":6,"method":"resources/read","params":{"uri":"flexie://nothing"}}`, 6.0, -32002},
	}
	for _, test := range tests {
		w.send("%s", test.line)
		m := w.receive()
		require.Equal(t, test.id, m.ID, "%.100s", test.line)
		require.NotNil(t, m.Error, "%.100s", test.line)
		require.Equal(t, test.code, m.Error.Code, "%.100s", test.line)
	}
	w.send("")
	w.send(`{"jsonrpc":"2.0","method":"notifications/nosuch"}`)
	w.send(`{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":"%s"}}}`, strings.Repeat("x", 1<<20))
	m := w.receive()
	require.Equal(t, 7.0, m.ID, "and a line may be long")
	require.Contains(t, string(m.Result), "id must be a whole number")
	require.NoError(t, w.in.Close())
	require.NoError(t, await(t, w.ended, "the end"))
}

func TestStdioAnswersManyCallsAtOnce(t *testing.T) {
	const many = 200
	w := startStdio(t, options(t, inSandbox))
	for i := range many {
		w.send(getOne, i)
	}
	answered := map[any]bool{}
	for range many {
		m := w.receive()
		require.NotNil(t, m.Result)
		require.NotContains(t, string(m.Result), `"isError":true`)
		answered[m.ID] = true
	}
	require.Len(t, answered, many)
	require.NoError(t, w.in.Close())
	require.NoError(t, await(t, w.ended, "the end"))
}

// TestStdioCancels a call at Flexie's end too, also when more calls are under
// way than run at a time.
func TestStdioCancels(t *testing.T) {
	const many = 150
	for name, method := range map[string]string{
		"a tool":     getOne,
		"a resource": `{"jsonrpc":"2.0","id":%d,"method":"resources/read","params":{"uri":"flexie://contacts/42"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			flexie := newHangingFlexie(t)
			w := startStdio(t, options(t, flexie.settings))
			w.send(method, 1)
			await(t, flexie.arrived, "the request")
			go func() {
				for i := range many {
					fmt.Fprintf(w.in, method+"\n", 2+i)
				}
				fmt.Fprintln(w.in, cancel1)
			}()
			await(t, flexie.gaveUp, "the end of the request")
			m := w.receive()
			require.Equal(t, 1.0, m.ID)
			require.Contains(t, string(m.Result)+fmt.Sprint(m.Error), "cancelled")
			require.Empty(t, flexie.gaveUp, "only that one")
			w.stop()
			require.NoError(t, await(t, w.ended, "the end"))
		})
	}
}

// TestStdioEndsInASecond, with calls hanging and a client that reads nothing.
func TestStdioEndsInASecond(t *testing.T) {
	ways := map[string]func(wire){
		"its input closed": func(w wire) { w.in.Close() },
		"it was told to":   func(w wire) { w.stop() },
	}
	for name, end := range ways {
		t.Run(name+" with a call hanging", func(t *testing.T) {
			flexie := newHangingFlexie(t)
			w := startStdio(t, options(t, flexie.settings))
			w.send(getOne, 1)
			await(t, flexie.arrived, "the request")
			start := time.Now()
			end(w)
			require.NoError(t, await(t, w.ended, "the end"))
			require.Less(t, time.Since(start), soon)
			await(t, flexie.gaveUp, "the end of the request")
			require.Contains(t, string(w.rest()[1.0].Result), "cancelled", "also this call is answered")
		})
		t.Run(name+" with nobody reading", func(t *testing.T) {
			inReader, in := io.Pipe()
			_, out := io.Pipe()
			ctx, stop := cancellable(t)
			ended := inBackground(func() error { return server.ServeStdio(ctx, serving(t, inSandbox), nil, inReader, out, quiet) })
			w := wire{t: t, in: in, stop: stop}
			w.send(hello)
			w.send(getOne, 1)
			start := time.Now()
			end(w)
			require.NoError(t, await(t, ended, "the end"))
			require.Less(t, time.Since(start), soon)
		})
	}
}

// TestStdioEndsWhenNobodyCanRead: a client whose end of the pipe is gone does
// not come back, though its other end may be held open by somebody else.
func TestStdioEndsWhenNobodyCanRead(t *testing.T) {
	inReader, in := io.Pipe()
	outReader, out := io.Pipe()
	gone := errors.New("the reader has gone")
	outReader.CloseWithError(gone)
	ended := inBackground(func() error { return server.ServeStdio(t.Context(), serving(t, inSandbox), nil, inReader, out, quiet) })
	wire{t: t, in: in}.send(hello)
	require.ErrorIs(t, await(t, ended, "the end"), gone)
}

// TestStdioEras: mcp-go tells by each request which revision of the protocol
// it speaks.
func TestStdioEras(t *testing.T) {
	w := startStdio(t, options(t, inSandbox))
	for _, version := range []string{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"} {
		w.send("%s", strings.ReplaceAll(hello, "2025-06-18", version))
		require.Contains(t, string(w.receive().Result), `"protocolVersion":"`+version+`"`)
		w.send(`{"jsonrpc":"2.0","method":"notifications/initialized"}`)
		w.send(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`)
		require.Contains(t, string(w.receive().Result), `"name":"search_contacts"`)
	}
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
	w.send(`{"jsonrpc":"2.0","id":2,"method":"server/discover","params":{%s}}`, meta)
	require.Contains(t, string(w.receive().Result), `"instructions":"This server is one Flexie CRM workspace.`)
	w.send(`{"jsonrpc":"2.0","id":3,"method":"tools/list","params":{%s}}`, meta)
	require.Contains(t, string(w.receive().Result), `"name":"search_contacts"`)
	w.send(`{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42},%s}}`, meta)
	require.Contains(t, string(w.receive().Result), "Contact 42")
	w.send(`{"jsonrpc":"2.0","id":5,"method":"initialize","params":{%s}}`, meta)
	require.Equal(t, -32601, w.receive().Error.Code)
}

// TestStdioCancelsAtOnce: a cancellation that comes right behind its call,
// which may not have begun, is not lost.
func TestStdioCancelsAtOnce(t *testing.T) {
	flexie := newHangingFlexie(t)
	w := startStdio(t, options(t, flexie.settings))
	for i := range 50 {
		cancel := strings.ReplaceAll(cancel1, `"requestId":1`, fmt.Sprintf(`"requestId":%d`, i))
		w.send(getOne+"\n%s", i, cancel)
		require.Contains(t, string(w.receive().Result), "cancelled")
	}
	w.send("%s", strings.ReplaceAll(cancel1, `"requestId":1`, `"requestId":"nosuch"`))
	w.send("%s", strings.ReplaceAll(cancel1, `"requestId":1,`, ``))
	w.send(`{"jsonrpc":"2.0","method":"notifications/cancelled"}`)
	w.send(`{"jsonrpc":"2.0","id":"ping","method":"ping"}`)
	require.Equal(t, "ping", w.receive().ID)
}
