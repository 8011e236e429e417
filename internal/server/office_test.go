package server_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// workplace is a Flexie of which each key sees fields of its own.
type workplace struct {
	*httptest.Server
	mu     sync.Mutex
	fields map[string]string // by key
	keys   []string          // of the requests, in turn
	hold   chan struct{}     // if there is one, each request takes one of it
	wrong  bool              // keys that begin with made-up are not taken
}

func newWorkplace(t *testing.T) *workplace {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	w := &workplace{fields: map[string]string{}}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		key := r.Header.Get("apikey")
		w.mu.Lock()
		w.keys = append(w.keys, key)
		field, hold := w.fields[key], w.hold
		wrong := w.wrong && strings.HasPrefix(key, "made-up")
		w.mu.Unlock()
		if hold != nil {
			select {
			case <-hold:
			case <-r.Context().Done():
				return
			}
		}
		if wrong {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		if field != "" && strings.HasSuffix(r.URL.Path, "/fields") {
			fmt.Fprintf(rw, `[{"alias":"email","type":"email"},{"alias":"city","type":"text"},{"alias":%q,"type":"text"}]`, field)
			return
		}
		r.Header.Set("apikey", sandbox.Key) // which knows no others
		box.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() { w.CloseClientConnections(); w.Close(); box.Close() })
	return w
}

// knowsKeys has it refuse those that are made up.
func (w *workplace) knowsKeys() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = true
}

// sees has a key see a field that others don't.
func (w *workplace) sees(key, field string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fields[key] = field
}

func (w *workplace) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.keys...)
}

// atOnce is how many requests a workplace gets at the same time.
const atOnce = 4

// office is a server over HTTP that is set up for one workplace, and has a token
// for another.
type office struct {
	url          string
	acme, globex *workplace
	file         string // of the tokens
	tokens       *auth.Tokens
	door         server.Door
	issued       func() []auth.Identity
	o            server.Options
}

// person is somebody who asks.
type person struct {
	url     string
	headers map[string]string
	field   string // that only they see
	word    string // by which they are known: their key
}

func everyTool() (names []string) {
	for _, t := range tools.All() {
		names = append(names, t.Name)
	}
	return names
}

// openOffice has the limits, if one is given.
func openOffice(t *testing.T, change func(*server.Door)) *office {
	of := &office{acme: newWorkplace(t), globex: newWorkplace(t), file: filepath.Join(t.TempDir(), "tokens.toml")}
	names := auth.Names{Toolsets: tools.Toolsets(), Tools: everyTool(), Renamed: tools.Renamed.Resolve}
	s := config.Settings{
		BaseURL: of.acme.URL + "/api", APIKey: "operator-key", Toolsets: []string{"all", "discover"}, LearnFields: true,
		Confirm: "auto", Timeout: time.Minute, StateDir: t.TempDir(), CustomTables: []string{"equipment"}, MaxConcurrent: atOnce,
	}
	of.withToken(t, "first", "first-key")
	var err error
	of.tokens, err = auth.OpenTokens(auth.TokensOptions{File: of.file, Environ: []string{"DORA=dora-key"}, Names: names})
	require.NoError(t, err)
	gate, err := auth.New(auth.Options{Root: s.Root(), SharedKey: s.Key(), BaseURL: s.BaseURL, Tokens: of.tokens, Names: names})
	require.NoError(t, err)
	var w *server.Workspace
	of.o, w = opened(t, s)
	of.o.Knowledge, of.o.Tables = w.Knowledge(), s.CustomTables
	members := server.NewMembers(w, s, gate, gate.Trusts, quiet)
	members.AskAgainEvery(10 * time.Millisecond)
	of.door = server.Door{Members: members, Origins: []string{"https://app.example"}}
	of.issued = gate.Issued
	if change != nil {
		change(&of.door)
	}
	hs := httptest.NewServer(server.Handler(server.New(of.o), of.door, quiet))
	t.Cleanup(func() { hs.CloseClientConnections(); hs.Close() })
	of.url = hs.URL
	return of
}

func (of *office) issue(t *testing.T, token auth.Token) string {
	_, text, err := auth.AddToken(of.file, token, time.Now())
	require.NoError(t, err)
	if of.tokens != nil {
		require.NoError(t, of.tokens.Reload())
	}
	return text
}

// withKey is somebody with a key of their own to the server's workspace.
func (of *office) withKey(key string) person {
	of.acme.sees(key, fieldOf(key))
	return person{of.url, map[string]string{auth.KeyHeader: key}, fieldOf(key), key}
}

// withToken is somebody with a token for the other workspace, and a key to it.
func (of *office) withToken(t *testing.T, name, key string) person {
	p := person{of.url, nil, fieldOf(key), key}
	of.globex.sees(key, p.field)
	file := filepath.Join(t.TempDir(), "key")
	writeFile(t, file, key)
	text := of.issue(t, auth.Token{Name: name, BaseURL: of.globex.URL + "/api", KeyFile: file})
	p.headers = map[string]string{"Authorization": "Bearer " + text}
	return p
}

// fieldOf is the field that only the holder of a key sees.
func fieldOf(key string) string { return strings.ReplaceAll(key, "-", "_") + "_size" }

// with are a person's headers, and more.
func (p person) with(more ...string) map[string]string {
	all := map[string]string{}
	for name, value := range p.headers {
		all[name] = value
	}
	for i := 0; i < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

func (p person) at(path string) person { p.url += path; return p }

const modernMeta = `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}`

// rpc sends one request of the newer protocol, and gives what it is answered
// with.
func (p person) rpc(t *testing.T, method, name, params string, more ...string) (status int, body string) {
	t.Helper()
	headers := p.with(append(more, "Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", method)...)
	if name != "" {
		headers["Mcp-Name"] = name
	}
	path := "/mcp"
	if strings.Contains(p.url, "/mcp/") {
		path = ""
	}
	if params != "" {
		params += ","
	}
	response := post(t, p.url+path, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":%q,"params":{%s%s}}`, method, params, modernMeta), headers)
	return response.StatusCode, bodyOf(t, response)
}

// call is the text of a tool's answer.
func (p person) call(t *testing.T, tool, arguments string, more ...string) string {
	t.Helper()
	status, body := p.rpc(t, "tools/call", tool, fmt.Sprintf(`"name":%q,"arguments":%s`, tool, arguments), more...)
	require.Equal(t, http.StatusOK, status, body)
	var answer struct {
		Result struct{ Content []struct{ Text string } }
	}
	require.NoError(t, json.Unmarshal([]byte(sseData(body)), &answer), body)
	require.NotEmpty(t, answer.Result.Content, body)
	return answer.Result.Content[0].Text
}

// sseData is the last message of a body, whether or not it is a stream.
func sseData(body string) string {
	if i := strings.LastIndex(body, "data: "); i >= 0 && !strings.HasPrefix(body, "{") {
		return body[i+len("data: "):]
	}
	return body
}

func (p person) tools(t *testing.T, more ...string) string {
	t.Helper()
	_, body := p.rpc(t, "tools/list", "", "", more...)
	return body
}

func (p person) read(t *testing.T, uri string, more ...string) string {
	t.Helper()
	_, body := p.rpc(t, "resources/read", uri, fmt.Sprintf(`"uri":%q`, uri), more...)
	return body
}

// session opens one of the older protocol.
func (p person) session(t *testing.T, capabilities string) map[string]string {
	t.Helper()
	response := post(t, p.url+"/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":%s,"clientInfo":{"name":"test","version":"1"}}}`, capabilities), p.headers)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return p.with("Mcp-Session-Id", response.Header.Get("Mcp-Session-Id"))
}

// open opens what streams, and gives the data of its events.
func (p person) open(t *testing.T, method, path, body string, headers map[string]string) (*http.Response, <-chan string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	require.NoError(t, err)
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	r.Host = headers["Host"]
	r.Header.Set("Accept", "application/json, text/event-stream")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { response.Body.Close() })
	events := make(chan string, 100)
	go func() {
		defer close(events)
		lines := bufio.NewReader(response.Body)
		for {
			line, err := lines.ReadString('\n')
			if data, ok := strings.CutPrefix(strings.TrimSpace(line), "data: "); ok {
				events <- data
			}
			if err != nil {
				return
			}
		}
	}()
	return response, events
}

// listen opens a stream of the newer protocol, and awaits that it is.
func (p person) listen(t *testing.T, filter string) <-chan string {
	t.Helper()
	body := fmt.Sprintf(`{"jsonrpc":"2.0","id":9,"method":"subscriptions/listen","params":{"notifications":%s,%s}}`, filter, modernMeta)
	response, events := p.open(t, http.MethodPost, "/mcp", body, p.with("Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "subscriptions/listen"))
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, await(t, events, "the acknowledgement"), "acknowledged")
	return events
}

// sse opens a stream of the older transport, and gives where its messages go.
func (p person) sse(t *testing.T) (events <-chan string, messages string) {
	t.Helper()
	response, events := p.open(t, http.MethodGet, "/sse", "", p.headers)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return events, await(t, events, "the endpoint")
}

var (
	resultURI = regexp.MustCompile(`flexie://results/\w+`)
	codeLine  = regexp.MustCompile(`confirm: (\S+)`)
	changeOf  = regexp.MustCompile(`[Cc]hange (\d+)`)
)

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
}

// newServer is the address of a server with this handler.
func newServer(t *testing.T, serve http.HandlerFunc) string {
	s := httptest.NewServer(serve)
	t.Cleanup(s.Close)
	return s.URL
}
