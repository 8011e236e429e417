package cli_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// configured is a server over HTTP that was started with a file of settings, and a
// client with a session and its stream open.
type configured struct {
	process
	file, url string
	session   *mcp.ClientSession
	changed   chan string // a value for each list that was told to have changed
}

func serveConfigured(t *testing.T, settings string, args ...string) configured {
	file := filepath.Join(t.TempDir(), "config.toml")
	c := configured{file: file, changed: make(chan string, 100)}
	require.NoError(t, os.WriteFile(file, []byte(settings), 0o600))
	c.process = start(t, nil, append([]string{"http", "--sandbox", "--listen", "127.0.0.1:0", "--config", file}, args...)...)
	c.url = c.address()
	return c
}

// connect opens the session, with headers if any are given.
func (c *configured) connect(headers ...string) {
	options := &mcp.ClientOptions{
		ToolListChangedHandler:     func(context.Context, *mcp.ToolListChangedRequest) { c.changed <- "tools" },
		PromptListChangedHandler:   func(context.Context, *mcp.PromptListChangedRequest) { c.changed <- "prompts" },
		ResourceListChangedHandler: func(context.Context, *mcp.ResourceListChangedRequest) { c.changed <- "resources" },
	}
	session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).Connect(c.t.Context(),
		&mcp.StreamableClientTransport{Endpoint: c.url + "/mcp", HTTPClient: &http.Client{Transport: adding(headers)}}, nil)
	require.NoError(c.t, err)
	c.t.Cleanup(func() { session.Close() })
	c.session = session
}

// adding sends headers with each request, given as names and values in turn.
type adding []string

func (a adding) RoundTrip(r *http.Request) (*http.Response, error) {
	for h := range slices.Chunk(a, 2) {
		r.Header.Set(h[0], h[1])
	}
	return http.DefaultTransport.RoundTrip(r)
}

// change writes other settings, and has the server read them at once.
func (c configured) change(settings string) {
	c.t.Helper()
	require.NoError(c.t, os.WriteFile(c.file, []byte(settings), 0o600))
	c.hangUp()
}

// hangUp has the server read all again, and waits until it says so.
func (c configured) hangUp() {
	c.t.Helper()
	before := strings.Count(c.errors.String(), "done reading again")
	require.NoError(c.t, c.cmd.Process.Signal(syscall.SIGHUP))
	require.Eventually(c.t, func() bool { return strings.Count(c.errors.String(), "done reading again") > before }, soon, time.Millisecond, "%s", c.errors)
}

func (c configured) tools() (names []string) {
	c.t.Helper()
	listed, err := c.session.ListTools(c.t.Context(), nil)
	require.NoError(c.t, err)
	for _, tool := range listed.Tools {
		names = append(names, tool.Name)
	}
	return names
}

// call is what a tool answers, or why it does not.
func (c configured) call(tool string, arguments map[string]any) string {
	answer, err := c.session.CallTool(c.t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		return err.Error()
	}
	return answer.Content[0].(*mcp.TextContent).Text
}

// told waits until the lists are told to have changed.
func (c configured) told(lists ...string) {
	c.t.Helper()
	got := map[string]bool{}
	for len(got) < len(lists) {
		select {
		case list := <-c.changed:
			require.Contains(c.t, lists, list)
			got[list] = true
		case <-time.After(soon):
			require.FailNow(c.t, "not told", "of %v only %v: %s", lists, got, c.errors)
		}
	}
}

// templates are those of the addresses of resources.
func (c configured) templates() (uris []string) {
	c.t.Helper()
	listed, err := c.session.ListResourceTemplates(c.t.Context(), nil)
	require.NoError(c.t, err)
	for _, template := range listed.ResourceTemplates {
		uris = append(uris, template.URITemplate)
	}
	return uris
}

// send sends one request of the time before 2026-07-28.
func (c configured) send(ctx context.Context, method, body string, headers ...string) *http.Response {
	c.t.Helper()
	r, err := http.NewRequestWithContext(ctx, method, c.url+"/mcp", strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	answer, err := adding(headers).RoundTrip(r)
	require.NoError(c.t, err)
	return answer
}

func (c configured) status(method, body string, headers ...string) int {
	c.t.Helper()
	answer := c.send(c.t.Context(), method, body, headers...)
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

func (c configured) body(method, body string, headers ...string) string {
	c.t.Helper()
	answer := c.send(c.t.Context(), method, body, headers...)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	return string(text)
}

// opened is a session of the time before 2026-07-28, with its stream open.
type opened struct {
	id     string
	events chan string // what comes on the stream, a line each
}

func (c configured) open() opened {
	c.t.Helper()
	answer := c.send(c.t.Context(), http.MethodPost, hello)
	answer.Body.Close()
	o := opened{id: answer.Header.Get("Mcp-Session-Id"), events: make(chan string, 100)}
	require.NotEmpty(c.t, o.id)
	require.Equal(c.t, http.StatusAccepted, c.status(http.MethodPost, `{"jsonrpc":"2.0","method":"notifications/initialized"}`, "Mcp-Session-Id", o.id))
	stream := c.send(c.t.Context(), http.MethodGet, "", "Mcp-Session-Id", o.id)
	require.Equal(c.t, http.StatusOK, stream.StatusCode)
	go func() {
		defer stream.Body.Close()
		defer close(o.events)
		for lines := bufio.NewScanner(stream.Body); lines.Scan(); {
			o.events <- lines.Text()
		}
	}()
	return o
}

// awaitEvent waits for one on the stream.
func (c configured) awaitEvent(o opened, what string) {
	c.t.Helper()
	for late := time.After(soon); ; {
		select {
		case line, ok := <-o.events:
			require.True(c.t, ok, "the stream has ended")
			if strings.Contains(line, what) {
				return
			}
		case <-late:
			require.FailNow(c.t, "no "+what, c.errors.String())
		}
	}
}

// TestReloadsTools: other toolsets in the file, and clients of either era go on
// with them, on the streams and in the sessions that are open.
func TestReloadsTools(t *testing.T) {
	c := serveConfigured(t, `toolsets = ["tasks", "cases"]`)
	c.connect()
	session := c.open()
	require.Contains(t, c.tools(), "search_cases")
	_, err := c.session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "flexie://cases/1"})
	require.NoError(t, err)

	c.change(`toolsets = ["tasks", "contacts"]`)
	c.told("tools", "prompts", "resources")
	for _, list := range []string{"tools", "prompts", "resources"} {
		c.awaitEvent(session, "notifications/"+list+"/list_changed")
	}
	require.Contains(t, c.errors.String(), `msg="settings have changed" settings=toolsets`)
	require.NotContains(t, c.tools(), "search_cases")
	require.Contains(t, c.call("search_cases", nil), `tool 'search_cases' not found`, "as one that there never was")
	_, err = c.session.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "flexie://cases/1"})
	require.ErrorContains(t, err, "left out by this server's settings")
	require.Contains(t, c.call("get_contact", map[string]any{"id": 42}), "Contact 42")
	require.Contains(t, c.templates(), "flexie://contacts/{id}")
	require.NotContains(t, c.templates(), "flexie://cases/{id}")
	text := c.body(http.MethodPost, fmt.Sprintf(getOne, 1), "Mcp-Session-Id", session.id)
	require.Contains(t, text, "Contact 42")
	text = c.body(http.MethodPost, strings.Replace(fmt.Sprintf(getOne, 1), "get_contact", "get_case", 1), "Mcp-Session-Id", session.id)
	require.Contains(t, text, "tool 'get_case' not found")

	c.change("toolsets = [\"tasks\", \"contacts\"]\nhttp_max_in_flight = 5")
	c.change(`toolsets = ["tasks", "contacts", "reports"]`)
	c.told("tools", "resources")
	require.Len(t, c.changed, 0, "told once, and not of what no list shows")
}

// TestReloadAsksAnew whether a write is allowed that its user says yes to after
// writing was taken away.
func TestReloadAsksAnew(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	c := serveConfigured(t, `toolsets = ["all"]`)
	options := &mcp.ClientOptions{ElicitationHandler: func(context.Context, *mcp.ElicitRequest) (*mcp.ElicitResult, error) {
		close(asked)
		<-answer
		return &mcp.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}, nil
	}}
	for _, transport := range map[string]mcp.Transport{"new": &mcp.StreamableClientTransport{Endpoint: c.url + "/mcp"}, "old": &mcp.SSEClientTransport{Endpoint: c.url + "/sse"}} {
		asked, answer = make(chan struct{}), make(chan struct{})
		session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, options).Connect(t.Context(), transport, nil)
		require.NoError(t, err)
		said := make(chan string, 1)
		go func() {
			answer, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "delete_contact", Arguments: map[string]any{"id": 42}})
			if err != nil {
				said <- err.Error()
				return
			}
			said <- answer.Content[0].(*mcp.TextContent).Text
		}()
		await(t, asked, "the question")
		c.change("toolsets = [\"all\"]\naccess = \"write\"")
		close(answer)
		select {
		case text := <-said:
			require.Contains(t, text, "delete_contact")
			require.NotContains(t, text, "Deleted")
		case <-time.After(soon):
			require.FailNow(t, "no answer")
		}
		session.Close()
		c.change(`toolsets = ["all"]`)
	}
	c.connect()
	require.Contains(t, c.call("get_contact", map[string]any{"id": 42}), "Contact 42", "it is there still")
}

// TestReloadsAccess: from writing to reading, in the middle of a session. What
// narrows a session can't be widened by it, nor by the settings.
func TestReloadsAccess(t *testing.T) {
	c := serveConfigured(t, `toolsets = ["tasks", "discover"]`)
	c.connect("X-Flexie-Toolsets", "tasks")
	require.Contains(t, c.tools(), "delete_task")
	require.NotContains(t, c.call("update_task", map[string]any{"id": 11, "task": "Call Ada"}), "not allowed")
	c.change(`toolsets = ["all"]
access = "read"`)
	require.NotContains(t, c.tools(), "update_task")
	require.Contains(t, c.tools(), "get_task")
	require.NotContains(t, c.tools(), "search_contacts", "the session is narrowed")
	require.Contains(t, c.call("search_contacts", nil), "this connection is limited to other tools")
	require.Contains(t, c.call("update_task", map[string]any{"id": 11, "task": "Call Bob"}), "not found")
	require.Contains(t, c.call("get_task", map[string]any{"id": 11}), "Call Ada")
	require.Equal(t, http.StatusOK, c.status(http.MethodPost, hello, "X-Flexie-Read-Only", "true"))
	c.change(`toolsets = ["all"]`)
	require.Contains(t, c.tools(), "update_task")
	require.NotContains(t, c.tools(), "search_contacts")
}

// TestReloadsLimits, and who may send requests, for those to come.
func TestReloadsLimits(t *testing.T) {
	c := serveConfigured(t, `http_max_sessions = 1`)
	session := c.open()
	require.Equal(t, http.StatusTooManyRequests, c.status(http.MethodPost, hello))
	require.Equal(t, http.StatusForbidden, c.status(http.MethodPost, hello, "Origin", "https://app.example"))
	globex := []string{"X-Flexie-Api-Key", "their-own", "X-Flexie-Subdomain", "globex"}
	require.Equal(t, http.StatusForbidden, c.status(http.MethodPost, hello, globex...))
	c.change(`http_max_sessions = 3
http_subdomains = ["globex"]
http_max_body_mb = 1
http_origins = ["https://app.example"]`)
	require.Equal(t, http.StatusOK, c.status(http.MethodPost, hello, "Origin", "https://app.example"))
	require.Equal(t, http.StatusUnauthorized, c.status(http.MethodPost, hello, globex...), "there is none here to confirm the key")
	require.Equal(t, http.StatusRequestEntityTooLarge, c.status(http.MethodPost, `{"a":"`+strings.Repeat("b", 1<<20)+`"}`))
	require.Contains(t, c.body(http.MethodPost, fmt.Sprintf(getOne, 1), "Mcp-Session-Id", session.id), "Contact 42")
	require.Contains(t, c.errors.String(), "settings=http_subdomains,http_origins,http_max_body_mb,http_max_sessions")
}

// TestReloadKeepsWhatWorks while the file is not right, and says what is wrong with
// it, and once that it is mended.
func TestReloadKeepsWhatWorks(t *testing.T) {
	c := serveConfigured(t, `toolsets = ["tasks"]`)
	c.connect()
	before := c.tools()
	for _, wrong := range []struct{ settings, says string }{
		{"toolsets = [", "config.toml:1:"},
		{"toolsets = [\"contacts\"]\nmax_rat = 1\naccess = \"none\"", `unknown key \"max_rat\"`},
		{`toolsets = ["contacts", "caces"]`, `there is no toolset \"caces\"`},
		{"toolsets = [\"contacts\"]\nhttp_subdomains = [\"no.subdomain\"]", "http_subdomains: "},
	} {
		c.change(wrong.settings)
		require.Contains(t, c.errors.String(), wrong.says)
		require.Equal(t, before, c.tools(), wrong.settings)
	}
	require.Regexp(t, regexp.MustCompile(`problem="[^\n]*\\"none\\" is not one of`), c.errors.String(), "each problem has its line")
	require.NotContains(t, c.errors.String(), "have changed")
	c.change(`toolsets = ["tasks"]`)
	require.Equal(t, 1, strings.Count(c.errors.String(), "the settings are right again"))
	c.change("toolsets = [\"contacts\"]\nsandbox_delay = \"1s\"\nhttp_grace = \"1s\"")
	require.Contains(t, c.errors.String(), `settings=http_grace,sandbox_delay`)
	require.Contains(t, c.errors.String(), "take effect at the next start")
	c.hangUp()
	require.Equal(t, 1, strings.Count(c.errors.String(), "take effect at the next start"))
	require.Contains(t, c.tools(), "get_contact")
}

// TestReloadsAChangedFile by itself, also one that is put in another's place as
// Kubernetes does it; flags win over it as before.
func TestReloadsAChangedFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, settings := range map[string]string{"..1": `toolsets = ["tasks"]`, "..2": "toolsets = [\"cases\"]\naccess = \"admin\""} {
		require.NoError(t, os.Mkdir(at(name), 0o700))
		require.NoError(t, os.WriteFile(at(name+"/config.toml"), []byte(settings), 0o600))
	}
	require.NoError(t, os.Symlink("..1", at("..data")))
	require.NoError(t, os.Symlink("..data/config.toml", at("config.toml")))
	c := configured{changed: make(chan string, 100)}
	c.process = start(t, nil, "http", "--sandbox", "--listen", "127.0.0.1:0", "--config", at("config.toml"), "--access", "read")
	c.url = c.address()
	c.connect()
	require.Contains(t, c.tools(), "get_task")
	require.NoError(t, os.Symlink("..2", at("..next")))
	require.NoError(t, os.Rename(at("..next"), at("..data")))
	c.told("tools", "resources")
	require.Contains(t, c.tools(), "get_case")
	require.NotContains(t, c.tools(), "update_case")
}

// TestReloadsTokens at once when it is told to.
func TestReloadsTokens(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	out, err := command(t, nil, "token", "new", "bot", "--http-tokens-file", file, "--toolsets", "tasks").Output()
	require.NoError(t, err)
	token := regexp.MustCompile(`flx_\w+`).FindString(string(out))
	require.NotEmpty(t, token, string(out))
	c := serveConfigured(t, "", "--http-tokens-file", file)
	c.connect("Authorization", "Bearer "+token)
	require.Contains(t, c.tools(), "search_tasks")
	require.NoError(t, command(t, nil, "token", "revoke", "bot", "--http-tokens-file", file).Run())
	c.hangUp()
	require.Equal(t, http.StatusUnauthorized, c.status(http.MethodPost, hello, "Authorization", "Bearer "+token))
	require.Contains(t, c.errors.String(), `msg="the tokens have changed" gone=bot`)
	require.NotContains(t, c.errors.String(), token)
}

// TestHangupEndsStdio, as it does programs that have nobody any more.
func TestHangupEndsStdio(t *testing.T) {
	// Who runs the tests may have it ignored, as nohup does, and a program inherits
	// that, unless the one that starts it takes the signal.
	taken := make(chan os.Signal, 1)
	signal.Notify(taken, syscall.SIGHUP)
	defer signal.Stop(taken)
	p := start(t, nil, "--sandbox")
	p.send(hello)
	p.receive()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	require.NotZero(t, p.end())
}

// TestReloadsCertificates at once when it is told to, and says what is wrong with
// them.
func TestReloadsCertificates(t *testing.T) {
	any := httptest.NewTLSServer(http.NotFoundHandler())
	defer any.Close()
	private, err := x509.MarshalPKCS8PrivateKey(any.TLS.Certificates[0].PrivateKey)
	require.NoError(t, err)
	cert, key := filepath.Join(t.TempDir(), "tls.crt"), filepath.Join(t.TempDir(), "tls.key")
	write := func(file, kind string, der []byte) {
		require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	}
	write(cert, "CERTIFICATE", any.Certificate().Raw)
	write(key, "PRIVATE KEY", private)
	c := configured{process: start(t, nil, "http", "--sandbox", "--listen", "127.0.0.1:0", "--http-tls-cert", cert, "--http-tls-key", key)}
	require.Eventually(t, func() bool { return strings.Contains(c.errors.String(), "serving https://") }, soon, time.Millisecond)
	write(key, "PRIVATE KEY", []byte("nonsense"))
	c.hangUp()
	require.Contains(t, c.errors.String(), "the certificate stays as it was")
	write(key, "PRIVATE KEY", private)
	c.hangUp()
	require.Contains(t, c.errors.String(), "the certificate was read again")
}
