package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// soon is how long anything may take that should be done at once, on a slow
// and busy machine.
const soon = 10 * time.Second

var (
	inSandbox = config.Settings{Sandbox: true, Toolsets: []string{"all"}}
	notSetUp  = config.Settings{Toolsets: []string{"core"}}
)

// options are those of a server that is set up so.
func options(t *testing.T, s config.Settings) server.Options {
	o, _ := opened(t, s)
	return o
}

// opened are the options, and the workspace that they are of.
func opened(t *testing.T, s config.Settings) (server.Options, *server.Workspace) {
	if s.StateDir == "" {
		s.StateDir = t.TempDir()
	}
	w, err := server.Open(s, "1.2.3", quiet)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: s.Toolsets, ReadOnly: s.ReadOnly})
	require.NoError(t, err)
	return server.Options{Tools: picked, About: w.About, Client: w.Client, Safety: w.Safety, Log: quiet}, w
}

// serving is a server that is set up so.
func serving(t *testing.T, s config.Settings) *mcpserver.MCPServer {
	return server.New(options(t, s))
}

// connect is a client in the same process.
func connect(t *testing.T, s *mcpserver.MCPServer) *client.Client {
	c, err := client.NewInProcessClient(s)
	require.NoError(t, err)
	return initialized(t, c)
}

func initialized(t *testing.T, c *client.Client) *client.Client {
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.Start(t.Context()))
	hello := mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION, ClientInfo: mcp.Implementation{Name: "test", Version: "1"},
	}}
	_, err := c.Initialize(t.Context(), hello)
	require.NoError(t, err)
	return c
}

func callOf(tool string, arguments map[string]any) mcp.CallToolRequest {
	return mcp.CallToolRequest{Params: mcp.CallToolParams{Name: tool, Arguments: arguments}}
}

// textOf is what an assistant reads.
func textOf(t *testing.T, r *mcp.CallToolResult) string {
	require.NotEmpty(t, r.Content)
	text, ok := r.Content[0].(mcp.TextContent)
	require.True(t, ok, "%T", r.Content[0])
	return text.Text
}

// hangingFlexie takes requests and answers none.
type hangingFlexie struct {
	settings config.Settings
	arrived  chan struct{} // gets one for each request
	gaveUp   chan struct{} // gets one for each request that its sender ended
}

func newHangingFlexie(t *testing.T) hangingFlexie {
	h := hangingFlexie{arrived: make(chan struct{}, 1000), gaveUp: make(chan struct{}, 1000)}
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		h.arrived <- struct{}{}
		select {
		case <-r.Context().Done():
			h.gaveUp <- struct{}{}
		case <-end:
		}
	}))
	t.Cleanup(func() { close(end); s.Close() })
	h.settings = config.Settings{BaseURL: s.URL + "/api", APIKey: "key", Toolsets: []string{"all"}, Timeout: time.Minute}
	return h
}

// await fails the test unless the channel gives something soon.
func await[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(soon):
		require.FailNow(t, "waited in vain for "+what)
	}
	return v
}

// inBackground runs f, and gives its error when it has ended.
func inBackground(f func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	return ended
}

// cancellable is a context of the test that can be ended before it.
func cancellable(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}
