package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"sync/atomic"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"
)

// session is a client that has started a server and speaks to it by standard input
// and output. Answers are left as they came: what a client makes of them would be
// measured along.
type session struct {
	client *client.Client
	cmd    *exec.Cmd
	to     transport.Interface
	last   *atomic.Int64
}

// open starts a server and says hello to it.
func open(ctx context.Context, command, environ []string) (*session, error) {
	s := &session{last: &atomic.Int64{}}
	s.last.Store(1 << 20) // past what the client counts itself
	s.to = transport.NewStdioWithOptions(command[0], nil, command[1:],
		transport.WithCommandFunc(func(_ context.Context, name string, _, arguments []string) (*exec.Cmd, error) {
			s.cmd = exec.Command(name, arguments...)
			s.cmd.Env = environ
			return s.cmd, nil
		}),
		transport.WithCommandLogger(slog.New(slog.DiscardHandler)), transport.WithCommandStderrWriter(io.Discard))
	s.client = client.NewClient(s.to)
	if err := s.client.Start(ctx); err != nil {
		return nil, err
	}
	if _, err := s.client.Initialize(ctx, mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: "2025-06-18", ClientInfo: mcp.Implementation{Name: "versus", Version: "1"},
	}}); err != nil {
		s.end()
		return nil, fmt.Errorf("%s: %w", command[0], err)
	}
	return s, nil
}

func (s *session) end()     { _ = s.client.Close() } // it has ended, or is made to
func (s *session) pid() int { return s.cmd.Process.Pid }

func (s *session) ask(ctx context.Context, method string, params any) (json.RawMessage, error) {
	answer, err := s.to.SendRequest(ctx, transport.JSONRPCRequest{
		JSONRPC: "2.0", ID: mcp.NewRequestId(s.last.Add(1)), Method: method, Params: params,
	})
	if err != nil {
		return nil, err
	}
	if answer.Error != nil {
		return nil, fmt.Errorf("%s: %s", method, answer.Error.Message)
	}
	return answer.Result, nil
}

// tools are those that it lists, as they came.
func (s *session) tools(ctx context.Context) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for cursor := ""; ; {
		params := map[string]string{}
		if cursor != "" {
			params["cursor"] = cursor
		}
		answer, err := s.ask(ctx, "tools/list", params)
		if err != nil {
			return nil, err
		}
		var page struct {
			Tools      []json.RawMessage
			NextCursor string
		}
		if err := json.Unmarshal(answer, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Tools...)
		if cursor = page.NextCursor; cursor == "" {
			return all, nil
		}
	}
}

// call is of a tool; arguments are JSON.
type call struct{ tool, arguments string }

// do makes a call, whatever the answer says.
func (s *session) do(ctx context.Context, c call) (json.RawMessage, error) {
	return s.ask(ctx, "tools/call", map[string]any{"name": c.tool, "arguments": json.RawMessage(c.arguments)})
}

// asker calls one tool over and over, for contacts in turn.
type asker struct {
	*session
	contact func(id int) call
	calls   int
}

// contacts are those that are asked for in turn: the sandbox has them.
const contacts = 20

// Call asks for a contact.
func (a *asker) Call(ctx context.Context) error {
	a.calls++
	answer, err := a.do(ctx, a.contact(1+a.calls%contacts))
	if err == nil && isError(answer) {
		return fmt.Errorf("a call failed: %.500s", answer)
	}
	return err
}

func isError(answer json.RawMessage) bool { return bytes.Contains(answer, []byte(`"isError":true`)) }

// askers are so many callers in one session.
func (s *session) askers(n int, contact func(id int) call) []*asker {
	var all []*asker
	for range n {
		all = append(all, &asker{session: s, contact: contact})
	}
	return all
}
