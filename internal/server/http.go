package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
)

// Listen opens an address to serve HTTP on. Anyone who reaches it works with
// the server's own key, so it must be this machine's.
func Listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: write it as host:port, like 127.0.0.1:8080", address)
	}
	if !flexie.IsLoopback(host) {
		return nil, fmt.Errorf("--listen %s: refused, since whoever can reach that address could use it without a password; listen on 127.0.0.1", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	return l, nil
}

// Handler serves streamable HTTP on /mcp, and the older SSE transport on /sse
// and /message. mcp-go refuses requests to a loopback address under another
// host's name, so that a web page can't reach it by DNS rebinding.
func Handler(s *mcpserver.MCPServer, log *slog.Logger) http.Handler {
	sse := mcpserver.NewSSEServer(s, mcpserver.WithUseFullURLForMessageEndpoint(false))
	mux := http.NewServeMux()
	mux.Handle("/mcp", mcpserver.NewStreamableHTTPServer(s, mcpserver.WithStreamableHTTPLogger(log)))
	mux.Handle("/sse", sse.SSEHandler())
	mux.Handle("/message", sse.MessageHandler())
	return localOrigin(mux)
}

// localOrigin refuses what a web page of another site sends. A browser names
// the page's origin; clients that are no browsers name none.
func localOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if origin := r.Header.Get("Origin"); origin != "" && !isLocalOrigin(origin) {
			http.Error(w, "requests from web pages of other sites are refused", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ServeHTTP serves until ctx ends, and then lets requests under way end within
// the grace.
func ServeHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	requests, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerGrace)
	defer cancel()
	if srv.Shutdown(grace) == nil {
		return nil
	}
	stop() // streams stay open for as long as they are let
	return srv.Close()
}
