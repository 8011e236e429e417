package cli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// TestHTTP: the same tools as on stdio, on both transports.
func TestHTTP(t *testing.T) {
	listed := func(transport mcp.Transport) (names []string) {
		c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
		require.NoError(t, err)
		defer c.Close()
		tools, err := c.ListTools(t.Context(), nil)
		require.NoError(t, err)
		for _, tool := range tools.Tools {
			names = append(names, tool.Name)
		}
		answer, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
		require.NoError(t, err)
		require.Contains(t, answer.Content[0].(*mcp.TextContent).Text, "Contact 42")
		content, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "flexie://contacts/42"})
		require.NoError(t, err)
		require.Contains(t, content.Contents[0].Text, "Contact 42")
		return names
	}
	p := start(t, nil, "http", "--sandbox", "--listen", "127.0.0.1:0")
	url := p.address()
	onStdio := listed(&mcp.CommandTransport{Command: command(t, nil, "--sandbox")})
	require.NotEmpty(t, onStdio)
	require.Equal(t, onStdio, listed(&mcp.StreamableClientTransport{Endpoint: url + "/mcp"}))
	require.Equal(t, onStdio, listed(&mcp.SSEClientTransport{Endpoint: url + "/sse"}))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Zero(t, p.end())
	require.Empty(t, p.lines, "nothing is printed")
}

// TestHTTPEndsInASecond, with a stream open and a call hanging on it, if its grace
// is shorter, and its log is whole.
func TestHTTPEndsInASecond(t *testing.T) {
	environ, arrived, gaveUp := hangingFlexie(t)
	p := start(t, append(environ, "FLEXIE_LOG_LEVEL=debug", "FLEXIE_LOG_FORMAT=json"), "http", "--listen", "localhost:0", "--http-grace", "300ms")
	url := p.address()
	stream, err := http.Get(url + "/sse")
	require.NoError(t, err)
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	path := ""
	for path == "" && lines.Scan() {
		path, _ = strings.CutPrefix(lines.Text(), "data: ")
		if !strings.HasPrefix(path, "/") {
			path = ""
		}
	}
	response, err := http.Post(url+path, "application/json", strings.NewReader(fmt.Sprintf(getOne, 1)))
	require.NoError(t, err)
	response.Body.Close()
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	await(t, arrived, "the request")

	start := time.Now()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Zero(t, p.end(), p.errors)
	require.Less(t, time.Since(start), soon)
	await(t, gaveUp, "the end of the request")
	requireWholeLog(t, p.errors.String(), "tools/call")
	require.NotContains(t, p.errors.String(), secretKey)
}

// TestHTTPLetsCallsEnd that are under way when it is told to end, by default for
// 20 seconds, and then ends at once.
func TestHTTPLetsCallsEnd(t *testing.T) {
	arrived, goOn := make(chan struct{}, 10), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-goOn
		fmt.Fprint(w, `{"id":42,"firstName":"Ada"}`)
	}))
	t.Cleanup(s.Close)
	p := start(t, []string{"FLEXIE_BASE_URL=" + s.URL + "/api", "FLEXIE_API_KEY=" + secretKey}, "http", "--listen", "127.0.0.1:0")
	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).
		Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: p.address() + "/mcp"}, nil)
	require.NoError(t, err)
	answered, text := make(chan struct{}), ""
	go func() {
		defer close(answered)
		answer, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
		if err != nil {
			text = err.Error()
			return
		}
		text = answer.Content[0].(*mcp.TextContent).Text
	}()
	await(t, arrived, "the request")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-answered:
		require.FailNow(t, "the call was not let end", text)
	case <-time.After(1500 * time.Millisecond): // longer than a command is waited for that has nothing under way
	}
	close(goOn)
	await(t, answered, "the answer")
	require.Contains(t, text, "Ada")
	require.Zero(t, p.end(), p.errors)
}

// TestListensHereOnly, and says in one message why it does not.
func TestListensHereOnly(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	tests := []struct {
		address, says string
		status        int
	}{
		{"0.0.0.0:0", "refused, since (whoever can reach that address could use it without a password|others can reach that address and nothing says who may use it)", 2},
		{":0", "refused", 2},
		{"[::]:0", "refused", 2},
		{"192.0.2.1:0", "refused", 2},
		{"example.com:0", "refused", 2},
		{"8080", "write it as host:port", 2},
		{"127.0.0.1", "write it as host:port", 2},
		{"127.0.0.1:http", "write it as host:port", 2},
		{"127.0.0.1:99999", "write it as host:port", 2},
		{taken.Addr().String(), "another program listens there", 1},
	}
	for _, command := range []string{"http", "sandbox"} {
		for _, test := range tests {
			t.Run(command+" "+test.address, func(t *testing.T) {
				p := start(t, nil, command, "--listen", test.address)
				require.Equal(t, test.status, p.end())
				require.Regexp(t, `^flexie-mcp: --listen [^\n]*`+test.says+`[^\n]*\n$`, p.errors.String())
				require.Empty(t, p.lines)
			})
		}
	}
}

// TestSandboxCommand: the sandbox is a Flexie that the program can work with.
func TestSandboxCommand(t *testing.T) {
	p := start(t, nil, "sandbox", "--listen", "127.0.0.1:0")
	defer func() { require.Contains(t, p.errors.String(), "its today is Monday 2026-06-22\n") }()
	environ := []string{"FLEXIE_BASE_URL=" + p.address() + "/api", "FLEXIE_API_KEY=sandbox"}
	out, err := command(t, environ, "call", "get_contact", `{"id":42}`).Output()
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(out, []byte("Contact 42")), string(out))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Zero(t, p.end())
}
