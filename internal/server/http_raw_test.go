package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
)

// listening is the address of a server as the program serves, without a scheme.
func listening(t *testing.T, door server.Door) (address string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := cancellable(t)
	ended := inBackground(func() error {
		return server.ServeHTTP(ctx, l, server.Handler(serving(t, inSandbox), door, quiet), quiet)
	})
	t.Cleanup(func() { stop(); await(t, ended, "the end") })
	return l.Addr().String()
}

// request is one as it goes over the line.
type request struct {
	line    string   // "POST /mcp HTTP/1.1" if empty
	headers []string // instead of, and besides, the usual ones
	body    string
	noSize  bool // no Content-Length
}

// usually are the headers that a request has unless it has others of the name.
var usually = []string{"Host: localhost", "Content-Type: application/json", "Connection: close"}

func (r request) bytes() string {
	if r.line == "" {
		r.line = "POST /mcp HTTP/1.1"
	}
	all := r.line + "\r\n"
	others := "\n" + strings.Join(r.headers, "\n")
	for _, header := range usually {
		if name, _, _ := strings.Cut(header, ":"); !strings.Contains(others, "\n"+name+":") {
			all += header + "\r\n"
		}
	}
	for _, header := range r.headers {
		if !strings.HasSuffix(header, ": ") { // only to have none of that name
			all += header + "\r\n"
		}
	}
	if !r.noSize {
		all += fmt.Sprintf("Content-Length: %d\r\n", len(r.body))
	}
	return all + "\r\n" + r.body
}

// raw sends bytes, and gives what comes back until the server closes.
func raw(t *testing.T, address, bytes string) (status int, all string) {
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(soon)))
	go func() { _, _ = io.WriteString(c, bytes) }() // it may be answered before all is sent
	r := bufio.NewReader(c)
	response, err := http.ReadResponse(r, &http.Request{Method: method(bytes)})
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	rest, _ := io.ReadAll(r)
	return response.StatusCode, string(body) + string(rest)
}

func method(bytes string) string {
	method, _, _ := strings.Cut(bytes, " ")
	return method
}

// TestRawRequests get a status and a text that say what is wrong, whatever is on
// the line, and the server goes on.
func TestRawRequests(t *testing.T) {
	address := listening(t, server.Door{Limits: server.HTTPLimits{Body: 1 << 20, BodyTime: 50 * time.Millisecond}})
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, hello)
	_ = z.Close()
	chunked := func(body string) string { return fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body) }
	line := func(line string) request { return request{line: line, body: hello} }
	body := func(body string) request { return request{body: body} }
	head := func(headers ...string) request { return request{headers: headers, body: hello} }
	unsized := func(body string, headers ...string) request {
		return request{headers: headers, body: body, noSize: true}
	}
	const deep = 100_000
	for name, test := range map[string]struct {
		request request
		status  int
		says    string
	}{
		// Ways to ask that are unusual, and right.
		"HTTP/1.0":             {line("POST /mcp HTTP/1.0"), 200, "serverInfo"},
		"the address as a URL": {line("POST http://localhost/mcp HTTP/1.1"), 200, "serverInfo"},
		"an encoded letter":    {line("POST /%6dcp HTTP/1.1"), 200, "serverInfo"},
		"a charset":            {head("Content-Type: application/json; charset=utf-8"), 200, "serverInfo"},
		"in chunks":            {unsized(chunked(hello), "Transfer-Encoding: chunked"), 200, "serverInfo"},
		"after a question":     {head("Expect: 100-continue"), 100, "serverInfo"},

		"no host":               {head("Host: "), 400, "missing required Host header"},
		"no host, HTTP/1.0":     {request{line: "POST /mcp HTTP/1.0", headers: []string{"Host: "}, body: hello}, 403, "A proxy on this machine has to send Host: localhost"},
		"two hosts":             {head("Host: localhost", "Host: evil.example"), 400, "Bad Request"},
		"a URL of another host": {line("POST http://evil.example/mcp HTTP/1.1"), 403, "a name that is not its own"},

		"dots up":                 {line("POST /../mcp HTTP/1.1"), 404, "MCP is at /mcp"},
		"dots to the same":        {line("POST /mcp/../mcp HTTP/1.1"), 404, "MCP is at /mcp"},
		"a dot":                   {line("POST /./mcp HTTP/1.1"), 404, "MCP is at /mcp"},
		"encoded dots":            {line("POST /%2e%2e/etc/passwd HTTP/1.1"), 404, "MCP is at /mcp"},
		"an encoded slash":        {line("POST /mcp%2f.. HTTP/1.1"), 404, "MCP is at /mcp"},
		"two slashes":             {line("POST //mcp HTTP/1.1"), 404, "MCP is at /mcp"},
		"no slash":                {line("POST mcp HTTP/1.1"), 400, "Bad Request"},
		"a null byte in the path": {line("POST /mcp\x00 HTTP/1.1"), 400, "Bad Request"},
		"an encoded null byte":    {line("POST /mcp%00 HTTP/1.1"), 404, "MCP is at /mcp"},
		"a long path":             {line("POST /" + strings.Repeat("a", 200_000) + " HTTP/1.1"), 431, "Too Large"},

		"HEAD":                  {request{line: "HEAD /mcp HTTP/1.1"}, 405, ""},
		"HEAD of a stream":      {request{line: "HEAD /sse HTTP/1.1"}, 405, ""},
		"OPTIONS of no page":    {request{line: "OPTIONS /mcp HTTP/1.1"}, 405, "POST, GET, DELETE"},
		"TRACE":                 {request{line: "TRACE /mcp HTTP/1.1"}, 405, "POST, GET, DELETE"},
		"a method of no one's":  {request{line: "get /mcp HTTP/1.1"}, 405, "POST, GET, DELETE"},
		"a POST to the stream":  {line("POST /sse HTTP/1.1"), 405, "GET"},
		"a GET for messages":    {request{line: "GET /message HTTP/1.1"}, 405, "POST"},
		"DELETE of no session":  {request{line: "DELETE /mcp HTTP/1.1"}, 400, "Mcp-Session-Id"},
		"DELETE of an unknown":  {request{line: "DELETE /mcp HTTP/1.1", headers: []string{"Mcp-Session-Id: x"}}, 404, "no such session"},
		"no HTTP at all, twice": {request{line: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS begins so"}, 400, "Bad Request"},

		"a null byte in a header": {head("X-A: a\x00b"), 400, "Bad Request"},
		"a new line in a header":  {head("X-A: a\nX-Evil"), 400, "Bad Request"},
		"a name with a space":     {head("X A: a"), 400, "Bad Request"},
		"many headers":            {head(strings.Split(strings.Repeat("X-A: a,", 20_000), ",")[:20_000]...), 431, "Too Large"},
		"a long header":           {head("X-A: " + strings.Repeat("a", 200_000)), 431, "Too Large"},
		"something expected":      {head("Expect: tea"), 417, ""},

		"a size and chunks":      {request{headers: []string{"Transfer-Encoding: chunked"}, body: chunked(hello)}, 200, "serverInfo"},
		"an encoding of no ones": {unsized(hello, "Transfer-Encoding: xchunked"), 501, "Unsupported transfer encoding"},
		"two encodings":          {unsized(hello, "Transfer-Encoding: chunked", "Transfer-Encoding: identity"), 501, "Unsupported transfer encoding"},
		"a size below nothing":   {unsized(hello, "Content-Length: -5"), 400, "Bad Request"},
		"a size with a sign":     {unsized(hello, "Content-Length: +5"), 400, "Bad Request"},
		"too small a size":       {unsized(hello, "Content-Length: 10"), 400, "not a JSON-RPC message"},
		"too large a size":       {unsized(hello, "Content-Length: 1000"), 408, "did not come within 50ms"},
		"a huge size":            {unsized("", "Content-Length: 100000000"), 413, "larger than 1 MB"},
		"a huge size, asked":     {unsized("", "Expect: 100-continue", "Content-Length: 100000000"), 413, "larger than 1 MB"},
		"no size":                {unsized(""), 400, "not a JSON-RPC message"},
		"a chunk of no size":     {unsized("zz\r\n{}", "Transfer-Encoding: chunked"), 400, "only in part"},
		"a chunk of a huge size": {unsized("FFFFFFFFFFFFFFFFF\r\n{}", "Transfer-Encoding: chunked"), 400, "only in part"},
		"100 MB in chunks":       {unsized(chunked(strings.Repeat(" ", 100<<20)), "Transfer-Encoding: chunked"), 413, "larger than 1 MB"},

		"compressed":         {request{headers: []string{"Content-Encoding: gzip"}, body: zipped.String()}, 415, "without a Content-Encoding"},
		"compressed, unsaid": {body(zipped.String()), 400, "not a JSON-RPC message"},
		"another type":       {head("Content-Type: text/plain"), 415, "application/json"},
		"half a type":        {head("Content-Type: application/json; ="), 415, "application/json"},

		"nothing":                    {body(""), 400, "not a JSON-RPC message"},
		"null":                       {body("null"), 400, "neither a method nor an id"},
		"an empty object":            {body("{}"), 400, "neither a method nor an id"},
		"a number":                   {body("1"), 400, "it is a number, and not an object"},
		"a text":                     {body(`"x"`), 400, "it is a string, and not an object"},
		"a batch":                    {body("[" + hello + "]"), 400, "batches are not taken"},
		"an empty batch":             {body("[]"), 400, "batches are not taken"},
		"a null byte":                {body("{\x00}"), 400, "not a JSON-RPC message"},
		"a mark of byte order":       {body("\ufeff" + hello), 400, "not a JSON-RPC message"},
		"lists in lists":             {body(strings.Repeat("[", deep) + strings.Repeat("]", deep)), 400, "batches are not taken"},
		"objects in objects":         {body(strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep)), 400, "exceeded max depth"},
		"a method that is no text":   {body(`{"jsonrpc":"2.0","id":1,"method":7}`), 400, "its method is a number, and not a text"},
		"a method said twice":        {body(`{"jsonrpc":"2.0","id":1,"method":"initialize","method":"tools/list"}`), 400, "begin with initialize"},
		"an id that is an object":    {body(`{"jsonrpc":"2.0","id":{},"method":"ping"}`), 400, "its id is neither a text nor a number"},
		"an id that is true":         {body(`{"jsonrpc":"2.0","id":true,"method":"ping"}`), 400, "its id is neither a text nor a number"},
		"an id that can't come back": {body(`{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`), 400, "its id is larger than"},
		"another JSON-RPC":           {body(strings.Replace(hello, `"2.0"`, `"1.0"`, 1)), 200, "Invalid JSON-RPC version"},
		"parameters in a list":       {body(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":[]}`), 400, "its params are not an object"},
		"an answer to nothing":       {body(`{"jsonrpc":"2.0","id":1,"result":{}}`), 400, "Mcp-Session-Id header is missing"},
		"an error to nothing":        {body(`{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}}`), 400, "Mcp-Session-Id header is missing"},
		"an answer elsewhere":        {request{headers: []string{"Mcp-Session-Id: x"}, body: `{"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`}, 404, "no such session"},
		"a notification in none":     {body(`{"jsonrpc":"2.0","method":"notifications/initialized"}`), 400, "Mcp-Session-Id header is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			status, said := raw(t, address, test.request.bytes())
			require.Equal(t, test.status, status, said)
			require.Contains(t, said, test.says)
			require.NotContains(t, said, "goroutine")
			require.NotContains(t, said, "json:", "no words of Go's own")
		})
	}
	status, said := raw(t, address, request{body: hello}.bytes())
	require.Equal(t, 200, status, said)
}

// TestNothingIsSmuggled: where a request says its size in two ways, what follows
// it is a request by itself, with nothing of the one before.
func TestNothingIsSmuggled(t *testing.T) {
	address := listening(t, server.Door{})
	one := fmt.Sprintf("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(hello), hello)
	_, said := raw(t, address, one+"GET /nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	require.Contains(t, said, "serverInfo")
	require.Contains(t, said, "404 Not Found")
	require.NotContains(t, said, "Bad Request")
}

// TestRepeatedRequests, with the same id, at once and afterwards: each is answered
// as if it were the only one.
func TestRepeatedRequests(t *testing.T) {
	url := overHTTP(t, options(t, inSandbox)) + "/mcp"
	session := openSession(t, url)
	call := fmt.Sprintf(getOne, 7)
	answers := make(chan string, 10)
	for range cap(answers) {
		go func() {
			r, err := send(t.Context(), url, call, session)
			if err != nil {
				answers <- err.Error()
				return
			}
			defer r.Body.Close()
			said, _ := io.ReadAll(r.Body)
			answers <- string(said)
		}()
	}
	for range cap(answers) {
		said := await(t, answers, "an answer")
		require.Contains(t, said, `"id":7`)
		require.Contains(t, said, "Contact 42")
	}
	require.Contains(t, bodyOf(t, post(t, url, call, session)), "Contact 42")
}

// TestHalfClosedRequests: a client that says it will send no more may have gone.
// Its call ends, and whatever comes back is whole.
func TestHalfClosedRequests(t *testing.T) {
	flexie := newHangingFlexie(t)
	url := overHTTP(t, options(t, flexie.settings))
	session := openSession(t, url+"/mcp")
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, request{headers: []string{"Mcp-Session-Id: " + session["Mcp-Session-Id"]}, body: fmt.Sprintf(getOne, 1)}.bytes())
	require.NoError(t, err)
	await(t, flexie.arrived, "the request")
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	await(t, flexie.gaveUp, "the end of the request")
	require.NoError(t, c.SetDeadline(time.Now().Add(soon)))
	_, err = io.ReadAll(c)
	require.NoError(t, err)
}
