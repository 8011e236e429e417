package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	gosdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/server"
)

// overHTTP is the address of a server that is set up so.
func overHTTP(t *testing.T, o server.Options) string {
	s := httptest.NewServer(server.Handler(server.New(o), server.Door{}, quiet))
	t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
	return s.URL
}

// TestHTTPClients: the tools are the same for mcp-go's clients and for those of
// another team, on either transport, as on stdio.
func TestHTTPClients(t *testing.T) {
	o := options(t, inSandbox)
	url := overHTTP(t, o)
	want, err := connect(t, server.New(o)).ListTools(t.Context(), mcp.ListToolsRequest{})
	require.NoError(t, err)

	overMCPGo := func(c *client.Client, err error) func(*testing.T) {
		return func(t *testing.T) {
			require.NoError(t, err)
			c = initialized(t, c)
			listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
			require.NoError(t, err)
			require.Equal(t, want.Tools, listed.Tools)
			answer, err := c.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 42}))
			require.NoError(t, err)
			require.Contains(t, textOf(t, answer), "Contact 42")
			content, err := read(t, c, "flexie://contacts/42")
			require.NoError(t, err)
			require.Contains(t, content.Text, "Contact 42")
		}
	}
	t.Run("streamable HTTP, mcp-go", overMCPGo(client.NewStreamableHttpClient(url+"/mcp")))
	t.Run("SSE, mcp-go", overMCPGo(client.NewSSEMCPClient(url+"/sse")))

	overGoSDK := func(transport gosdk.Transport) func(*testing.T) {
		return func(t *testing.T) {
			c, err := gosdk.NewClient(&gosdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
			require.NoError(t, err)
			defer c.Close()
			require.NotEmpty(t, c.InitializeResult().Instructions)
			listed, err := c.ListTools(t.Context(), nil)
			require.NoError(t, err)
			require.Len(t, listed.Tools, len(want.Tools))
			for i, tool := range listed.Tools {
				require.Equal(t, want.Tools[i].Name, tool.Name)
				require.Equal(t, want.Tools[i].Description, tool.Description)
			}
			answer, err := c.CallTool(t.Context(), &gosdk.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
			require.NoError(t, err)
			require.Contains(t, answer.Content[0].(*gosdk.TextContent).Text, "Contact 42")
			content, err := c.ReadResource(t.Context(), &gosdk.ReadResourceParams{URI: "flexie://contacts/42"})
			require.NoError(t, err)
			require.Contains(t, content.Contents[0].Text, "Contact 42")
		}
	}
	t.Run("streamable HTTP, go-sdk", overGoSDK(&gosdk.StreamableClientTransport{Endpoint: url + "/mcp"}))
	t.Run("SSE, go-sdk", overGoSDK(&gosdk.SSEClientTransport{Endpoint: url + "/sse"}))
}

// TestHTTPCancels a call at Flexie's end too, on either transport.
func TestHTTPCancels(t *testing.T) {
	for name, transport := range map[string]func(url string) gosdk.Transport{
		"streamable HTTP": func(url string) gosdk.Transport { return &gosdk.StreamableClientTransport{Endpoint: url + "/mcp"} },
		"SSE":             func(url string) gosdk.Transport { return &gosdk.SSEClientTransport{Endpoint: url + "/sse"} },
	} {
		t.Run(name, func(t *testing.T) {
			flexie := newHangingFlexie(t)
			url := overHTTP(t, options(t, flexie.settings))
			c, err := gosdk.NewClient(&gosdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport(url), nil)
			require.NoError(t, err)
			defer c.Close()
			ctx, cancel := cancellable(t)
			called := inBackground(func() error {
				_, err := c.CallTool(ctx, &gosdk.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
				return err
			})
			await(t, flexie.arrived, "the request")
			cancel()
			await(t, flexie.gaveUp, "the end of the request")
			require.ErrorIs(t, await(t, called, "the end of the call"), context.Canceled)
		})
	}
}

// TestSSECallsEndWithTheirStream: there is nobody left to answer.
func TestSSECallsEndWithTheirStream(t *testing.T) {
	for name, request := range map[string]string{
		"a tool":     `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42}}}`,
		"a resource": `{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"flexie://contacts/42"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			flexie := newHangingFlexie(t)
			url := overHTTP(t, options(t, flexie.settings))
			stream, messages := openSSE(t, url)
			post(t, url+messages, request, nil)
			await(t, flexie.arrived, "the request")
			require.NoError(t, stream.Close())
			await(t, flexie.gaveUp, "the end of the request")
		})
	}
}

// openSSE opens a stream, and gives the path that messages go to.
func openSSE(t *testing.T, url string) (stream io.ReadCloser, messages string) {
	response, err := http.Get(url + "/sse")
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if path, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return response.Body, path
		}
	}
	require.FailNow(t, "the stream names no endpoint")
	return nil, ""
}

func post(t *testing.T, url, body string, headers map[string]string) *http.Response {
	t.Helper()
	response, err := send(t.Context(), url, body, headers)
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	return response
}

func send(ctx context.Context, url, body string, headers map[string]string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r.Host = headers["Host"]
	return http.DefaultClient.Do(r)
}

// openSession is the header that requests after the first must have.
func openSession(t *testing.T, url string) map[string]string {
	t.Helper()
	id := post(t, url, hello, nil).Header.Get("Mcp-Session-Id")
	require.NotEmpty(t, id)
	return map[string]string{"Mcp-Session-Id": id}
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(body)
}

// TestHTTPRefusesWebPages: a page of another site, whether it sends requests
// as it is or under a name that it turned to this machine's address.
func TestHTTPRefusesWebPages(t *testing.T) {
	url := overHTTP(t, options(t, inSandbox))
	ping := `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	for name, test := range map[string]struct {
		headers map[string]string
		refused bool
	}{
		"no browser":           {nil, false},
		"this machine":         {map[string]string{"Origin": "http://localhost:3000", "Host": "localhost:8080"}, false},
		"this machine, IPv6":   {map[string]string{"Origin": "http://[::1]:3000", "Host": "[::1]:8080"}, false},
		"another site":         {map[string]string{"Origin": "https://evil.example"}, true},
		"one that looks alike": {map[string]string{"Origin": "http://localhost.evil.example"}, true},
		"a sandboxed page":     {map[string]string{"Origin": "null"}, true},
		"a file":               {map[string]string{"Origin": "file://"}, true},
		"a picture of a page":  {map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		"of another host":      {map[string]string{"Sec-Fetch-Site": "same-site"}, true},
		"of a page of its own": {map[string]string{"Sec-Fetch-Site": "same-origin"}, false},
		"an address typed in":  {map[string]string{"Sec-Fetch-Site": "none"}, false},
		"of this machine":      {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:3000"}, false},
		"a rebound name":       {map[string]string{"Host": "evil.example"}, true},
		"a rebound port":       {map[string]string{"Host": "evil.example:8080"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/mcp", "/message?sessionId=x"} {
				response := post(t, url+path, ping, test.headers)
				require.Equal(t, test.refused, response.StatusCode == http.StatusForbidden, "%s: %s", path, response.Status)
			}
			if !test.refused {
				return
			}
			for _, path := range []string{"/mcp", "/sse"} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
				require.NoError(t, err)
				r.Host = test.headers["Host"]
				for name, value := range test.headers {
					r.Header.Set(name, value)
				}
				response, err := http.DefaultClient.Do(r)
				require.NoError(t, err)
				response.Body.Close()
				require.Equal(t, http.StatusForbidden, response.StatusCode, path)
			}
		})
	}
}

// TestHTTPRubbish is answered, and what is too large is not read.
func TestHTTPRubbish(t *testing.T) {
	url := overHTTP(t, options(t, inSandbox))
	tests := map[string]struct {
		path, body string
		status     int
	}{
		"no JSON":         {"/mcp", "nonsense", http.StatusBadRequest},
		"nothing":         {"/mcp", "", http.StatusBadRequest},
		"too large":       {"/mcp", `{"jsonrpc":"2.0","id":1,"method":"` + strings.Repeat("x", 33<<20) + `"}`, http.StatusRequestEntityTooLarge},
		"no such session": {"/message?sessionId=nosuch", listTools, http.StatusNotFound},
		"no session":      {"/message", listTools, http.StatusNotFound},
		"nowhere":         {"/nowhere", "{}", http.StatusNotFound},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.status, post(t, url+test.path, test.body, nil).StatusCode)
		})
	}
	session := openSession(t, url+"/mcp")
	response := post(t, url+"/mcp", `{"jsonrpc":"2.0","id":1,"method":"nosuch"}`, session)
	require.Contains(t, bodyOf(t, response), `-32601`)
	response = post(t, url+"/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":"`+strings.Repeat("x", 1<<20)+`"}}`, session)
	require.Contains(t, bodyOf(t, response), `"search_contacts"`)
}

// TestHTTPEras: see TestStdioEras. A modern request names its revision, its
// method and what it is about in headers as well, and no session.
func TestHTTPEras(t *testing.T) {
	url := overHTTP(t, options(t, inSandbox)) + "/mcp"
	for _, version := range []string{"2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"} {
		response := post(t, url, strings.ReplaceAll(hello, "2025-06-18", version), nil)
		require.Contains(t, bodyOf(t, response), `"protocolVersion":"`+version+`"`)
		session := map[string]string{"Mcp-Session-Id": response.Header.Get("Mcp-Session-Id"), "Mcp-Protocol-Version": version}
		require.Equal(t, http.StatusAccepted, post(t, url, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, session).StatusCode)
		require.Contains(t, bodyOf(t, post(t, url, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, session)), `"name":"search_contacts"`)
	}

	modern := func(method, name, params string) string {
		meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
		headers := map[string]string{"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": method}
		if name != "" {
			headers["Mcp-Name"] = name
		}
		response := post(t, url, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{%s%s}}`, method, params, meta), headers)
		require.Empty(t, response.Header.Get("Mcp-Session-Id"))
		body := bodyOf(t, response)
		require.True(t, json.Valid([]byte(body)), body)
		return body
	}
	require.Contains(t, modern("server/discover", "", ""), `"2026-07-28"`)
	require.Contains(t, modern("tools/list", "", ""), `"name":"search_contacts"`)
	require.Contains(t, modern("tools/call", "get_contact", `"name":"get_contact","arguments":{"id":42},`), "Contact 42")
	require.Contains(t, modern("resources/read", "flexie://contacts/42", `"uri":"flexie://contacts/42",`), "Contact 42")
	require.Contains(t, modern("initialize", "", ""), "-32601")
}

// TestSSEEras: the newest revision goes by what a request says of itself here, since
// clients name it in a header as well, but not the method, which mcp-go asks for of
// streamable HTTP.
func TestSSEEras(t *testing.T) {
	url := overHTTP(t, options(t, inSandbox))
	stream, messages := openSSE(t, url)
	meta := `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`
	call := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42},` + meta + `}}`
	require.Equal(t, http.StatusAccepted, post(t, url+messages, call, map[string]string{"Mcp-Protocol-Version": "2026-07-28"}).StatusCode)
	require.Contains(t, dataOf(t, stream), "Contact 42")
}

// TestHTTPEndsInASecond, with streams open and a call hanging on each.
func TestHTTPEndsInASecond(t *testing.T) {
	hanging := newHangingFlexie(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := cancellable(t)
	handler := server.Handler(server.New(options(t, hanging.settings)), server.Door{}, quiet)
	ended := inBackground(func() error { return server.ServeHTTP(ctx, l, handler, quiet) })
	url := "http://" + l.Addr().String()

	_, messages := openSSE(t, url)
	call := fmt.Sprintf(getOne, 1)
	post(t, url+messages, call, nil)
	session := openSession(t, url+"/mcp")
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		if r, err := send(t.Context(), url+"/mcp", call, session); err == nil {
			r.Body.Close()
		}
	}()
	listening, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/mcp", nil)
	require.NoError(t, err)
	listening.Header.Set("Accept", "text/event-stream")
	listening.Header.Set("Mcp-Session-Id", session["Mcp-Session-Id"])
	response, err := http.DefaultClient.Do(listening)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	await(t, hanging.arrived, "a request")
	await(t, hanging.arrived, "a request")

	start := time.Now()
	stop()
	require.NoError(t, await(t, ended, "the end"))
	require.Less(t, time.Since(start), soon)
	await(t, hanging.gaveUp, "the end of a request")
	await(t, hanging.gaveUp, "the end of a request")
	await(t, answered, "the end of the call")
	_, err = http.Get(url + "/sse")
	require.Error(t, err, "nobody listens any more")
}

// TestHTTPEndsAfterItsCalls, of which SSE has none under way as requests: what
// they log and write must not be cut off by the end of the process.
func TestHTTPEndsAfterItsCalls(t *testing.T) {
	o := options(t, inSandbox)
	started, streamEnded := make(chan struct{}), make(chan struct{})
	var over atomic.Bool
	o.Client = func(ctx context.Context) (*flexie.Client, error) {
		close(started)
		<-ctx.Done()
		select {
		case <-streamEnded:
			t.Error("the stream ended before its call")
		case <-time.After(100 * time.Millisecond): // it takes a while to end
		}
		over.Store(true)
		return nil, ctx.Err()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := cancellable(t)
	ended := inBackground(func() error {
		return server.ServeHTTP(ctx, l, server.Handler(server.New(o), server.Door{}, quiet), quiet)
	})
	url := "http://" + l.Addr().String()
	stream, messages := openSSE(t, url)
	go func() {
		defer close(streamEnded)
		_, _ = io.Copy(io.Discard, stream)
	}()
	post(t, url+messages, fmt.Sprintf(getOne, 1), nil)
	await(t, started, "the call")
	stop()
	require.NoError(t, await(t, ended, "the end"))
	require.True(t, over.Load(), "the call is over")
	await(t, streamEnded, "the end of the stream")
}

// TestHTTPLetsCallsEnd that take less than the grace.
func TestHTTPLetsCallsEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := cancellable(t)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		select {
		case <-goOn:
			fmt.Fprint(w, "done")
		case <-r.Context().Done():
		}
	})
	ended := inBackground(func() error { return server.ServeHTTP(ctx, l, handler, quiet) })
	answered := make(chan string, 1)
	go func() {
		r, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			answered <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answered <- string(body)
	}()
	await(t, arrived, "the request")
	stop()
	require.Eventually(t, func() bool { // it no longer listens, and waits for the answer
		c, err := net.Dial("tcp", l.Addr().String())
		if err == nil {
			c.Close()
		}
		return err != nil
	}, soon, time.Millisecond)
	close(goOn)
	require.Equal(t, "done", await(t, answered, "the answer"))
	require.NoError(t, await(t, ended, "the end"))
}

// dataOf is the next event of a stream.
func dataOf(t *testing.T, stream io.Reader) string {
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			return data
		}
	}
}
