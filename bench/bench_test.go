// Package bench measures what crosses packages. Run it with:
//
//	go test ./bench -bench . -benchmem
package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// canned answers every request with the same body.
type canned []byte

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(c)), Request: r}, nil
}

// BenchmarkReadList reads lists of contacts in each dialect of the sandbox:
// decoding and flattening, without a network.
func BenchmarkReadList(b *testing.B) {
	for _, dialect := range sandbox.Dialects {
		for _, n := range []int{30, 1000} {
			body := listOf(b, dialect, n)
			b.Run(fmt.Sprintf("%s/%d", dialect, n), func(b *testing.B) {
				c := newClient(b, canned(body))
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					page, err := c.Records(flexie.Contact, "").Search(b.Context(), flexie.Query{Limit: n})
					if err != nil || len(page.Records) != n {
						b.Fatal(len(page.Records), err)
					}
				}
			})
		}
	}
}

// listOf is what the sandbox answers when asked for n contacts.
func listOf(b testing.TB, dialect string, n int) []byte {
	box, err := sandbox.Open(sandbox.Options{Dialect: dialect})
	require.NoError(b, err)
	defer box.Close()
	send := func(method, path, body string) []byte {
		r, err := http.NewRequest(method, "https://sandbox.invalid/api"+path, strings.NewReader(body))
		require.NoError(b, err)
		r.Header.Set("apikey", sandbox.Key)
		answer, err := box.Transport().RoundTrip(r)
		require.NoError(b, err)
		defer answer.Body.Close()
		data, err := io.ReadAll(answer.Body)
		require.NoError(b, err)
		require.Equal(b, http.StatusOK, answer.StatusCode, string(data))
		return data
	}
	for i := range max(0, n-60) {
		send("POST", "/contacts/new", fmt.Sprintf(`{"email":"p%d@bench.example","first_name":"P","last_name":"%d","city":"Leeds"}`, i, i))
	}
	return send("GET", fmt.Sprintf("/contacts?limit=%d", n), "")
}

// BenchmarkToolCall makes calls as a client does, over MCP in memory, at the
// sandbox.
func BenchmarkToolCall(b *testing.B) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(b, err)
	defer box.Close()
	m := connect(b, newClient(b, box.Transport()))
	for _, call := range []struct{ tool, arguments string }{
		{"get_contact", `{"id":42}`},
		{"search_contacts", `{}`},
		{"search_deals", `{"filters":[{"field":"amount","op":"gt","value":20000}],"order_by":"amount"}`},
	} {
		b.Run(call.tool, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer, err := m.CallTool(b.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: call.tool, Arguments: json.RawMessage(call.arguments)}})
				if err != nil || answer.IsError {
					b.Fatal(answer, err)
				}
			}
		})
	}
}

// BenchmarkListTools lists all tools, as a client does when it starts.
func BenchmarkListTools(b *testing.B) {
	m := connect(b, newClient(b, canned("{}")))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.ListTools(b.Context(), mcp.ListToolsRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}

func newClient(b testing.TB, flexieIs http.RoundTripper) *flexie.Client {
	c, err := flexie.New(flexie.Options{BaseURL: "https://sandbox.invalid/api", Auth: flexie.APIKey(sandbox.Key), Transport: flexieIs})
	require.NoError(b, err)
	return c
}

func connect(b testing.TB, c *flexie.Client) *client.Client {
	s := server.New(server.Options{
		Tools: tools.All(), Log: slog.New(slog.DiscardHandler),
		Client: func(context.Context) (*flexie.Client, error) { return c, nil },
	})
	m, err := client.NewInProcessClient(s)
	require.NoError(b, err)
	b.Cleanup(func() { m.Close() })
	require.NoError(b, m.Start(b.Context()))
	_, err = m.Initialize(b.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION}})
	require.NoError(b, err)
	return m
}

// BenchmarkStart starts the built program, and lists its tools: what a client
// does for each chat.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "flexie-mcp")
	build := exec.Command("go", "build", "-o", program, "flexie-mcp")
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	const requests = `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}
{"jsonrpc":"2.0","id":2,"method":"tools/list"}
`
	for b.Loop() {
		start := exec.Command(program)
		start.Stdin = strings.NewReader(requests)
		answers, err := start.Output()
		if err != nil || !bytes.Contains(answers, []byte("search_contacts")) {
			b.Fatal(string(answers), err)
		}
	}
}
