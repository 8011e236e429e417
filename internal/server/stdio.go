package server

import (
	"context"
	"io"
	"log/slog"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"
)

const (
	// stdioWorkers is how many calls run at the same time on stdio.
	stdioWorkers = 16

	// answerGrace is how long calls under way may go on once the client has
	// closed its end, so that "echo request | flexie-mcp" prints an answer.
	answerGrace = 500 * time.Millisecond

	// stopGrace is how long they have to end after that. Both together stay
	// within the second in which a client expects a server to be gone.
	stopGrace = 250 * time.Millisecond
)

// ServeStdio serves one client on in and out until in ends or ctx does.
func ServeStdio(ctx context.Context, s *mcpserver.MCPServer, in io.Reader, out io.Writer, log *slog.Logger) error {
	pending := newPending()
	stdio := mcpserver.NewStdioServer(s)
	mcpserver.WithWorkerPoolSize(stdioWorkers)(stdio)
	stdio.SetErrorLogger(slog.NewLogLogger(log.Handler(), slog.LevelWarn))

	ended := make(chan error, 1)
	requests := pending.reader(ctx, in, answerGrace)
	go func() { ended <- stdio.Listen(ctx, requests, pending.writer(out)) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	case <-requests.ended:
	}
	select {
	case err := <-ended:
		return err
	case <-time.After(stopGrace):
		return nil // a call that does not end must not keep the process
	}
}
