package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
)

// maxRequest is the most of a request that is read, in bytes.
const maxRequest = 32 << 20

// sessionIdle is how long a session is kept that nobody uses: clients come and
// go without a word.
const sessionIdle = time.Hour

// Door says who is let in over HTTP.
type Door struct {
	// Members are those who may ask; nil lets everybody in as the one who runs the
	// server.
	Members *Members

	// Origins are the web pages that may send requests, besides those of this
	// machine: "https://app.example".
	Origins []string
}

// Handler serves streamable HTTP on /mcp, narrowed by what follows on /mcp/x/, and
// the older SSE transport on /sse and /message. mcp-go refuses requests to a
// loopback address under another host's name, so that a web page can't reach it
// by DNS rebinding.
func Handler(s *mcpserver.MCPServer, door Door, log *slog.Logger) http.Handler {
	var open streams
	sse := mcpserver.NewSSEServer(s, open.options()...)
	streamable := endStreams(mcpserver.NewStreamableHTTPServer(s, door.options(log)...))
	mux := http.NewServeMux()
	mux.Handle("/mcp", streamable)
	mux.Handle(auth.PathPrefix, streamable)
	mux.Handle("/sse", endStreams(open.serve(sse.SSEHandler())))
	mux.Handle("/message", open.own(sse.MessageHandler()))
	var handler http.Handler = mux
	if door.Members != nil {
		handler = door.Members.admit(handler)
	}
	return door.knownOrigin(http.MaxBytesHandler(handler, maxRequest))
}

func (d Door) options(log *slog.Logger) []mcpserver.StreamableHTTPOption {
	options := []mcpserver.StreamableHTTPOption{
		mcpserver.WithStreamableHTTPLogger(log), mcpserver.WithSessionIdleTTL(sessionIdle),
		mcpserver.WithSessionIdManagerResolver(newSessionIDs()),
	}
	if len(d.Origins) > 0 {
		options = append(options, mcpserver.WithStreamableHTTPCORS(
			mcpserver.WithCORSAllowedOrigins(d.Origins...), mcpserver.WithCORSAllowedHeaders(allowedHeaders...)))
	}
	return options
}

// allowedHeaders are those that a web page may send: MCP's, and ours.
var allowedHeaders = []string{
	"Content-Type", "Authorization", "Last-Event-ID", "Mcp-Session-Id", "Mcp-Protocol-Version", "Mcp-Method", "Mcp-Name",
	auth.KeyHeader, auth.SubdomainHeader, auth.ToolsetsHeader, auth.ToolsHeader, auth.ReadOnlyHeader,
}

// knownOrigin refuses what a web page of another site sends. A browser names
// the page's origin; clients that are no browsers name none.
func (d Door) knownOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin != "" && !isLocalOrigin(origin) && !slices.Contains(d.Origins, origin) {
			http.Error(w, "requests from web pages of other sites are refused", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLocalOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && flexie.IsLoopback(u.Hostname())
}

// ServeHTTP serves until ctx ends, and then lets requests under way end within
// the grace. After it calls are cancelled, and streams end; the requests that
// wait for those calls are not, so that each is answered with what is known.
func ServeHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	ending, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), endingKey{}, ending)
		},
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	if shutdown(srv, answerGrace) == nil {
		return nil
	}
	end()
	if shutdown(srv, stopGrace) == nil {
		return nil
	}
	return srv.Close() // a request that does not end must not keep the process
}

// shutdown waits until no request is under way, for the grace at most.
func shutdown(srv *http.Server, grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return srv.Shutdown(ctx)
}
