package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// TestHTTPDrains: told to end, a server goes on for those that a load balancer still
// sends to it, and tells it not to.
func TestHTTPDrains(t *testing.T) {
	c := serveConfigured(t, "http_drain = \"2s\"\nhttp_grace = \"1s\"")
	session := c.open()
	listening := c.send(t.Context(), http.MethodPost, `{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},
		"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`,
		"Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "subscriptions/listen")
	defer listening.Body.Close()
	require.NoError(t, c.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		status, _ := fetch(t, c.url+"/readyz")
		return status == http.StatusServiceUnavailable
	}, soon, time.Millisecond)
	status, _ := fetch(t, c.url+"/healthz")
	require.Equal(t, http.StatusOK, status)
	answer := c.send(t.Context(), http.MethodPost, fmt.Sprintf(getOne, 1), "Mcp-Session-Id", session.id)
	answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode, "a call is taken")
	require.True(t, answer.Close, "but the next is to go elsewhere")
	answer = c.send(t.Context(), http.MethodPost, hello)
	answer.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode, "a session is not")
	require.NotEmpty(t, answer.Header.Get("Retry-After"))
	require.Zero(t, c.end())
	for range session.events { // until the stream ends
	}
	events, err := io.ReadAll(listening.Body)
	require.NoError(t, err)
	last := string(events[bytes.LastIndex(events, []byte("data: "))+len("data: "):])
	require.JSONEq(t, `{"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":7}}}`, last)
}

// TestHTTPEndsAtASecondSignal at once, whatever is under way.
func TestHTTPEndsAtASecondSignal(t *testing.T) {
	environ, arrived, _ := hangingFlexie(t)
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := start(t, environ, "http", "--listen", "127.0.0.1:0", "--http-metrics-listen", "127.0.0.1:0", "--http-grace", "1h")
		ctx, cancel := context.WithCancel(t.Context())
		session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(ctx, &mcp.StreamableClientTransport{Endpoint: p.address() + "/mcp"}, nil)
		require.NoError(t, err)
		go func() {
			_, _ = session.CallTool(ctx, &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
		}()
		await(t, arrived, "the request")
		require.NoError(t, p.cmd.Process.Signal(signal))
		require.Eventually(t, func() bool {
			_, text := fetch(t, p.operator()+"/readyz")
			return strings.Contains(text, "draining")
		}, soon, time.Millisecond)
		require.Eventually(t, func() bool { // the first may only just be known
			return p.cmd.Process.Signal(signal) != nil
		}, soon, 10*time.Millisecond)
		require.NotZero(t, p.end())
		cancel()
	}
}
