package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/server"
)

// limited opens an office with these limits.
func limited(t *testing.T, l server.HTTPLimits) *office {
	return openOffice(t, func(d *server.Door) { d.Limits = l })
}

const listTools = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`

// TestBadInput gets a status and a text that say what is wrong with it, on either
// transport where that has it, and the server goes on.
func TestBadInput(t *testing.T) {
	of := limited(t, server.HTTPLimits{Body: 1 << 20})
	anna := of.withKey("anna-key")
	session := anna.session(t, `{}`)
	_, messages := anna.sse(t)
	modern := anna.with("Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/list")
	deep := func(n int) string {
		return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_contacts","arguments":{"filters":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}}`
	}
	tests := map[string]struct {
		path, body string
		headers    map[string]string
		status     int
		says       string
	}{
		"no JSON":               {"", "nonsense", session, 400, "not a JSON-RPC message"},
		"nothing":               {"", "", session, 400, "not a JSON-RPC message"},
		"half of it":            {"", listTools[:20], session, 400, "not a JSON-RPC message"},
		"two":                   {"", listTools + listTools, session, 400, "not a JSON-RPC message"},
		"a batch":               {"", " [" + listTools + "]", session, 400, "batches are not taken"},
		"too large":             {"", strings.Repeat(" ", 2<<20), session, 413, "larger than 1 MB"},
		"100 MB":                {"", strings.Repeat("[", 100<<20), session, 413, "larger than 1 MB"},
		"too deep":              {"", deep(20_000), session, 400, "depth"},
		"deep":                  {"", deep(9_000), session, 200, "nested more than 200 levels deep"},
		"another type":          {"", listTools, with(session, "Content-Type", "text/plain"), 415, "application/json"},
		"no type":               {"", listTools, with(session, "Content-Type", ""), 415, "application/json"},
		"compressed":            {"", listTools, with(session, "Content-Encoding", "gzip"), 415, "Content-Encoding"},
		"a null id":             {"", `{"jsonrpc":"2.0","id":null,"method":"tools/list"}`, session, 400, "its id is null"},
		"no session":            {"", listTools, anna.headers, 400, "begin with initialize"},
		"an unknown session":    {"", listTools, anna.with("Mcp-Session-Id", "ABC.DEF"), 404, "begin a new one"},
		"a made up session":     {"", listTools, anna.with("Mcp-Session-Id", strings.Repeat("A", 26)), 404, "begin a new one"},
		"an unknown version":    {"", listTools, with(session, "Mcp-Protocol-Version", "1999-01-01"), 400, "Unsupported protocol version"},
		"a version in no body":  {"", listTools, modern, 400, "io.modelcontextprotocol/protocolVersion"},
		"a version in no head":  {"", `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{` + modernMeta + `}}`, anna.headers, 400, "Mcp-Protocol-Version header is required"},
		"another method's head": {"", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42},` + modernMeta + `}}`, modern, 400, "Mcp-Method"},
		"no such method":        {"", `{"jsonrpc":"2.0","id":1,"method":"nosuch"}`, session, 200, "-32601"},
		"dots":                  {"/x/../../mcp", listTools, session, 400, "no toolset"},
		"dots to the stream":    {"/../sse", listTools, session, 404, "nothing at this address"},
		"two slashes":           {"/", listTools, session, 404, "nothing at this address"},
		"encoded dots":          {"/x/%2e%2e/mcp", listTools, session, 400, "no toolset"},
		"an unknown toolset":    {"/x/contact", listTools, session, 400, "no toolset"},
		"no toolset":            {"/x/", listTools, session, 400, "ends too early"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response := post(t, of.url+"/mcp"+test.path, test.body, test.headers)
			body := bodyOf(t, response)
			require.Equal(t, test.status, response.StatusCode, body)
			require.Contains(t, body, test.says)
			require.Empty(t, response.Header.Get("Location"))
			if test.status < 400 || test.path != "" || test.headers["Mcp-Session-Id"] == "" || strings.Contains(name, "ession") || strings.Contains(name, "version") {
				return
			}
			response = post(t, of.url+messages, test.body, test.headers)
			require.Equal(t, test.status, response.StatusCode, "the older transport")
		})
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodOptions} {
		response, _ := anna.open(t, method, "/mcp", "", session)
		require.Equal(t, http.StatusMethodNotAllowed, response.StatusCode, method)
	}
	require.Contains(t, bodyOf(t, post(t, of.url+"/mcp", listTools, session)), "search_contacts")
}

// with are headers, of which one is another.
func with(headers map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	for n, v := range headers {
		if n != name {
			all[n] = v
		}
	}
	return all
}

// TestBadBytes that no client library would send.
func TestBadBytes(t *testing.T) {
	of := limited(t, server.HTTPLimits{BodyTime: 50 * time.Millisecond})
	of.withKey("anna-key")
	const begin = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
	for name, test := range map[string]struct{ bytes, status string }{
		"a header with a new line":   {begin + "X-Flexie-Api-Key: anna\nX-Evil\r\n\r\n", "400"},
		"a header on two lines":      {begin + "X-Flexie-Api-Key: anna\r\n key\r\nContent-Length: 2\r\n\r\n{}", "400"},
		"a header with a return":     {begin + "X-Flexie-Api-Key: anna\rkey\r\n\r\n", "400"},
		"a body that does not come":  {begin + "X-Flexie-Api-Key: anna-key\r\nContent-Length: 100\r\n\r\n{", "408"},
		"chunks that do not come":    {begin + "X-Flexie-Api-Key: anna-key\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "408"},
		"two lengths":                {begin + "X-Flexie-Api-Key: anna-key\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", "400"},
		"a key twice":                {begin + "X-Flexie-Api-Key: anna-key\r\nX-Flexie-Api-Key: ben-key\r\nContent-Length: 2\r\n\r\n{}", "400"},
		"an address of another host": {"POST http://evil.example/mcp HTTP/1.1\r\nHost: localhost\r\nX-Flexie-Api-Key: anna-key\r\nContent-Length: 2\r\n\r\n{}", "403"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", strings.TrimPrefix(of.url, "http://"))
			require.NoError(t, err)
			defer c.Close()
			_, err = io.WriteString(c, test.bytes)
			require.NoError(t, err)
			line, err := bufio.NewReader(c).ReadString('\n')
			require.NoError(t, err)
			require.Contains(t, line, " "+test.status+" ")
		})
	}
}

// TestHalfClosedStreams end, and give back their place.
func TestHalfClosedStreams(t *testing.T) {
	of := limited(t, server.HTTPLimits{Streams: 1})
	anna := of.withKey("anna-key")
	for range 3 {
		var c net.Conn
		require.Eventually(t, func() (opened bool) { // as soon as the one before has given back its place
			c, opened = rawStream(t, of.url)
			return opened
		}, soon, time.Millisecond)
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		_, err := io.Copy(io.Discard, c)
		require.NoError(t, err, "it ends")
	}
	require.Eventually(t, func() bool { return anna.freeStream(t) }, soon, time.Millisecond)
}

// rawStream opens a stream by hand.
func rawStream(t *testing.T, url string) (c net.Conn, opened bool) {
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(soon)))
	fmt.Fprintf(c, "GET /sse HTTP/1.1\r\nHost: localhost\r\nX-Flexie-Api-Key: anna-key\r\n\r\n")
	line, err := bufio.NewReader(c).ReadString('\n')
	require.NoError(t, err)
	return c, strings.Contains(line, "200")
}

// freeStream reports whether one more stream may be opened.
func (p person) freeStream(t *testing.T) bool {
	response, _ := p.open(t, http.MethodGet, "/sse", "", p.headers)
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// TestEachHasSoMuch, and one who has it all leaves the others theirs.
func TestEachHasSoMuch(t *testing.T) {
	of := limited(t, server.HTTPLimits{Sessions: 2, Streams: 2, InFlight: 2, SessionsInAll: 3})
	anna, ben, eve := of.withKey("anna-key"), of.withKey("ben-key"), of.withKey("eve-key")
	busy := func(t *testing.T, r *http.Response, status int, says string) {
		t.Helper()
		body := bodyOf(t, r)
		require.Equal(t, status, r.StatusCode, body)
		require.Contains(t, body, says)
		require.NotEmpty(t, r.Header.Get("Retry-After"))
	}
	t.Run("sessions", func(t *testing.T) {
		one := anna.session(t, `{}`)
		anna.session(t, `{}`)
		busy(t, post(t, of.url+"/mcp", hello, anna.headers), 429, "2 sessions are open")
		ben.session(t, `{}`)
		busy(t, post(t, of.url+"/mcp", hello, ben.headers), 503, "too many sessions")
		response, _ := anna.open(t, http.MethodDelete, "/mcp", "", one)
		require.Equal(t, 200, response.StatusCode)
		ben.session(t, `{}`)
	})
	t.Run("streams", func(t *testing.T) {
		response, _ := anna.open(t, http.MethodGet, "/mcp", "", anna.headers)
		anna.sse(t)
		refused, _ := anna.open(t, http.MethodGet, "/sse", "", anna.headers)
		busy(t, refused, 429, "2 streams are open")
		listen := fmt.Sprintf(`{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},%s}}`, modernMeta)
		busy(t, post(t, of.url+"/mcp", listen, anna.with("Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "subscriptions/listen")), 429, "2 streams are open")
		ben.sse(t)
		refused, _ = eve.open(t, http.MethodGet, "/sse", "", eve.headers)
		busy(t, refused, 503, "too many streams")
		require.NoError(t, response.Body.Close())
		require.Eventually(t, func() bool { return eve.freeStream(t) }, soon, time.Millisecond)
	})
	t.Run("requests in flight", func(t *testing.T) {
		hold := make(chan struct{})
		of.acme.holdAll(hold)
		defer of.acme.holdAll(nil)
		begun := len(of.acme.asked())
		for range 2 {
			go anna.get42(t)
		}
		require.Eventually(t, func() bool { return len(of.acme.asked()) == begun+2 }, soon, time.Millisecond)
		busy(t, post(t, of.url+"/mcp", listTools, anna.headers), 429, "2 requests with this credential")
		require.Contains(t, ben.tools(t), "search_contacts")
		close(hold)
		require.Eventually(t, func() bool {
			return post(t, of.url+"/mcp", listTools, anna.headers).StatusCode == http.StatusBadRequest // no session
		}, soon, time.Millisecond)
	})
}

// get42 makes a call of which nothing is awaited.
func (p person) get42(t *testing.T) {
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_task","arguments":{"id":2},` + modernMeta + `}}`
	r, err := send(t.Context(), p.url+"/mcp", body, p.with("Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", "get_task"))
	if err == nil {
		r.Body.Close()
	}
}

// holdAll has each request take one of a channel from now on.
func (w *workplace) holdAll(hold chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hold = hold
}

// TestNarrowing, by headers and by the address: both hold, for whatever leads to
// a tool.
func TestNarrowing(t *testing.T) {
	of := openOffice(t, nil)
	anna := of.withKey("anna-key")
	cases := anna.at("/mcp/x/cases,tasks/readonly")
	require.Contains(t, cases.tools(t), `"search_cases"`)
	for _, name := range []string{"search_contacts", "update_case", "create_task", "run_write_tool", "undo_change"} {
		require.NotContains(t, cases.tools(t), `"`+name+`"`)
	}
	require.Contains(t, anna.tools(t), `"search_contacts"`, "another connection has all")
	both := []string{auth.ToolsetsHeader, "contacts,cases"}
	require.Contains(t, cases.tools(t, both...), `"search_cases"`)
	require.NotContains(t, cases.tools(t, both...), `"search_tasks"`)
	require.NotContains(t, cases.tools(t, both...), `"search_contacts"`)

	refused := "is not allowed here"
	require.Contains(t, cases.call(t, "get_contact", `{"id":42}`), refused)
	require.Contains(t, cases.call(t, "update_case", `{"id":1,"fields":{"name":"x"}}`), refused)
	some := []string{auth.ToolsetsHeader, "cases,discover"}
	require.Contains(t, anna.call(t, "run_tool", `{"name":"get_contact","arguments":{"id":42}}`, some...), refused)
	require.Contains(t, anna.call(t, "run_write_tool", `{"name":"update_contact","arguments":{"id":42,"fields":{"city":"Ghent"}}}`, some...), refused)
	require.Contains(t, anna.call(t, "run_write_tool", `{"name":"update_case","arguments":{"id":1,"fields":{"name":"x"}}}`, append(some, auth.ReadOnlyHeader, "true")...), refused)
	require.NotContains(t, anna.call(t, "find_tools", `{"query":"update a contact"}`, some...), "update_contact")
	require.Contains(t, cases.read(t, "flexie://contacts/42"), refused)
	require.Contains(t, cases.read(t, "flexie://cases/1"), `"text"`)
	_, templates := cases.rpc(t, "resources/templates/list", "", "")
	require.NotContains(t, templates, "flexie://contacts/")
	require.Contains(t, templates, "flexie://cases/")
	_, all := anna.rpc(t, "prompts/list", "", "")
	_, few := cases.rpc(t, "prompts/list", "", "")
	require.Less(t, len(few), len(all))
	require.Contains(t, cases.read(t, "flexie://workspace"), "read only")

	said := anna.call(t, "update_contact", `{"id":42,"fields":{"city":"Ghent"}}`)
	change := changeOf.FindStringSubmatch(said)
	require.NotNil(t, change, said)
	require.Contains(t, anna.call(t, "undo_change", `{"change_id":`+change[1]+`}`, auth.ToolsetsHeader, "cases", auth.ToolsHeader, "undo_change,get_contact"), refused)
	require.Contains(t, anna.call(t, "undo_change", `{"change_id":`+change[1]+`}`, auth.ToolsetsHeader, "cases", auth.ToolsHeader, "undo_change"), "can't be read here")
	require.Contains(t, anna.call(t, "undo_change", `{"change_id":`+change[1]+`}`), "ook back")
}

// TestTheStreamNarrowsItsMessages, if they don't say more themselves.
func TestTheStreamNarrowsItsMessages(t *testing.T) {
	of := openOffice(t, nil)
	anna := of.withKey("anna-key")
	narrowed := person{of.url, anna.with(auth.ReadOnlyHeader, "true"), "", ""}
	events, messages := narrowed.sse(t)
	post(t, of.url+messages, hello, anna.headers)
	require.Contains(t, await(t, events, "the answer"), "Only reading is allowed here")
	post(t, of.url+messages, `{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"update_contact","arguments":{"id":42,"fields":{"city":"Ghent"}}}}`, anna.headers)
	require.Contains(t, await(t, events, "the answer"), "this connection only reads")
}

// TestWebPages of listed origins ask first, without a credential, and then send
// one; they may read why they are refused, and others nothing.
func TestWebPages(t *testing.T) {
	of := openOffice(t, nil)
	anna := of.withKey("anna-key")
	preflight := func(path, origin string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, of.url+path, nil)
		require.NoError(t, err)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "content-type,authorization,mcp-protocol-version")
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		response.Body.Close()
		return response
	}
	const page = "https://app.example"
	for _, path := range []string{"/mcp", "/mcp/x/cases", "/sse", "/message"} {
		response := preflight(path, page)
		require.Equal(t, http.StatusNoContent, response.StatusCode)
		require.Equal(t, page, response.Header.Get("Access-Control-Allow-Origin"))
		require.Contains(t, response.Header.Get("Access-Control-Allow-Headers"), "Authorization")
		require.Contains(t, response.Header.Get("Access-Control-Allow-Methods"), "POST")
		require.Equal(t, http.StatusForbidden, preflight(path, "https://evil.example").StatusCode)
		require.Equal(t, http.StatusForbidden, preflight(path, "null").StatusCode)
	}
	response := post(t, of.url+"/mcp", hello, anna.with("Origin", page))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, []string{page}, response.Header.Values("Access-Control-Allow-Origin"))
	require.Contains(t, response.Header.Get("Access-Control-Expose-Headers"), "Mcp-Session-Id")
	refused := post(t, of.url+"/mcp", hello, map[string]string{"Origin": page})
	require.Equal(t, http.StatusUnauthorized, refused.StatusCode)
	require.Equal(t, page, refused.Header.Get("Access-Control-Allow-Origin"), "it may read what to send")
	require.Contains(t, refused.Header.Get("Access-Control-Expose-Headers"), "WWW-Authenticate")
	require.Equal(t, http.StatusForbidden, post(t, of.url+"/mcp", hello, anna.with("Origin", "https://evil.example")).StatusCode)
	stream, _ := anna.open(t, http.MethodGet, "/sse", "", anna.with("Origin", "http://localhost:3000"))
	require.Equal(t, http.StatusOK, stream.StatusCode)
	require.Empty(t, stream.Header.Get("Access-Control-Allow-Origin"), "a page of this machine that is not listed")
}

// TestSlowReaders do not hold a request for longer than they may.
func TestSlowReaders(t *testing.T) {
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			ended := make(chan error, 1)
			handler := server.Impatient(50*time.Millisecond, func(w http.ResponseWriter, _ *http.Request) {
				piece := make([]byte, 1<<20)
				for range 1000 {
					if _, err := w.Write(piece); err != nil {
						ended <- err
						return
					}
				}
				ended <- nil
			})
			s := httptest.NewUnstartedServer(handler)
			s.EnableHTTP2 = proto == "HTTP/2.0"
			s.StartTLS()
			t.Cleanup(s.Close)
			response, err := s.Client().Get(s.URL)
			require.NoError(t, err)
			defer response.Body.Close()
			require.Equal(t, proto, response.Proto)
			require.Error(t, await(t, ended, "the end of the answer"))
		})
	}
}
