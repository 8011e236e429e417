package server

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/tools"
)

const (
	// stdioWorkers is how many calls run at the same time on stdio: the most
	// that mcp-go takes, since one that waits for its turn can't be cancelled.
	// stdioQueue is how many may wait, also the most; one more would be run by
	// mcp-go's reader, and nothing, no cancellation either, read meanwhile.
	stdioWorkers = 100
	stdioQueue   = 10_000

	// startGrace is how long a cancellation waits for the start of its request.
	startGrace = 100 * time.Millisecond

	// answerGrace is how long calls under way may go on once the client has
	// closed its end.
	answerGrace = 500 * time.Millisecond

	// stopGrace is how long they have to end after that. Both together stay
	// within the second in which a client expects a server to be gone.
	stopGrace = 250 * time.Millisecond
)

// ServeStdio serves one client on in and out until in ends or ctx does. It
// fails when in can't be read or out can't be written.
func ServeStdio(ctx context.Context, s *mcpserver.MCPServer, writes *tools.Writes, in io.Reader, out io.Writer, log *slog.Logger) error {
	stdio := mcpserver.NewStdioServer(s)
	for _, option := range []mcpserver.StdioOption{
		mcpserver.WithErrorLogger(slog.NewLogLogger(log.Handler(), slog.LevelWarn)),
		mcpserver.WithWorkerPoolSize(stdioWorkers),
		mcpserver.WithQueueSize(stdioQueue),
	} {
		option(stdio)
	}
	serving, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	pending := newPending()
	s.GetHooks().AddBeforeAny(func(_ context.Context, id any, _ mcp.MCPMethod, _ any) {
		pending.start(message{ID: id}.key())
	})
	requests := newLineReader(serving, in, pending, writes)
	answers := lineWriter{pending, out, stop}

	ended := make(chan error, 1)
	go func() { ended <- stdio.Listen(serving, requests, answers) }()
	var err error
	select {
	case err = <-ended:
	case <-serving.Done():
		err = within(stopGrace, ended)
	case <-requests.ended:
		err = within(stopGrace, ended)
	}
	switch {
	case ctx.Err() != nil:
		return nil // it was told to end
	case serving.Err() != nil:
		return context.Cause(serving) // out failed
	}
	return err
}

// within waits for the end of calls that were cancelled. One that does not end
// must not keep the process.
func within(grace time.Duration, ended <-chan error) error {
	select {
	case err := <-ended:
		return err
	case <-time.After(grace):
		return nil
	}
}
