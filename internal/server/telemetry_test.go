package server_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/telemetry"
	"flexie-mcp/tools"
)

// lines keep what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// observed is a server over HTTP that works in a sandbox elsewhere, with all that
// an operator can see of it.
type observed struct {
	o         server.Observing
	options   server.Options
	workspace *server.Workspace
	url       string // of the server
	crm       string // of the sandbox
	log       *lines

	mu      sync.Mutex
	parents []string       // of the requests to Flexie: their traceparent
	asked   map[string]int // what Flexie was asked: as metrics are to count it
}

func observe(t *testing.T, tracing *telemetry.Tracing) *observed {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	is := &observed{log: &lines{}, asked: map[string]int{}}
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		endpoint, _ := chaos.EndpointOf(r)
		box.ServeHTTP(answer, r)
		is.keep(endpoint, r, answer.Code)
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(func() { crm.Close(); box.Close() })

	log := slog.New(telemetry.LogHandler(slog.NewTextHandler(is.log, &slog.HandlerOptions{Level: slog.LevelDebug}), tracing))
	is.o = server.Observing{
		Tracing: tracing, Health: telemetry.NewHealth(log),
		Access: &telemetry.Access{Log: log, Mask: tools.Loggable},
	}.WithMetrics("1.2.3")
	s := config.Settings{BaseURL: crm.URL + "/api", APIKey: sandbox.Key, Toolsets: []string{"all"}, Confirm: "auto", StateDir: t.TempDir()}
	w, err := is.o.Open(s, "1.2.3", log)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	is.workspace, is.crm = w, crm.URL
	is.options = server.Options{Tools: tools.All(), About: w.About, Client: w.Client, Safety: w.Safety, Log: log, Observing: is.o}
	front := httptest.NewServer(is.o.Around(server.Handler(server.New(is.options), server.Door{}, log)))
	t.Cleanup(func() { front.CloseClientConnections(); front.Close() })
	is.url = front.URL
	return is
}

func (is *observed) keep(endpoint flexie.Endpoint, r *http.Request, status int) {
	is.mu.Lock()
	defer is.mu.Unlock()
	is.parents = append(is.parents, r.Header.Get("Traceparent"))
	group, _, _ := strings.Cut(endpoint.Name, ".")
	kind := map[bool]string{true: "write", false: "read"}[endpoint.Writes()]
	is.asked[fmt.Sprintf("flexie_requests_total{group=%s,kind=%s,status=%dxx}", group, kind, status/100)]++
	is.asked[fmt.Sprintf("flexie_request_duration_seconds{group=%s,kind=%s}", group, kind)]++
	is.asked["flexie_wait_seconds{for=turn}"]++
}

// connect is a client over HTTP that has a session.
func (is *observed) connect(t *testing.T) *client.Client {
	c, err := client.NewStreamableHttpClient(is.url + "/mcp")
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.Start(t.Context()))
	hello := mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: "2025-11-25", ClientInfo: mcp.Implementation{Name: "test", Version: "1"}}}
	_, err = c.Initialize(t.Context(), hello)
	require.NoError(t, err)
	return c
}

// traced are the traces that Flexie was told of.
func (is *observed) traced() []string {
	is.mu.Lock()
	defer is.mu.Unlock()
	return append([]string{}, is.parents...)
}

// scrape is what an operator reads at /metrics: each series of ours that is not
// zero, but of a histogram only how many.
func (is *observed) scrape(t *testing.T) map[string]int {
	t.Helper()
	answer := httptest.NewRecorder()
	is.o.Operator().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Equal(t, http.StatusOK, answer.Code)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	require.NoError(t, err)
	series := map[string]int{}
	for name, family := range families {
		name, ours := strings.CutPrefix(name, "flexie_mcp_")
		for _, one := range family.GetMetric() {
			var labels []string
			for _, l := range one.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			sort.Strings(labels)
			value := one.GetCounter().GetValue() + one.GetGauge().GetValue() + float64(one.GetHistogram().GetSampleCount())
			if ours && value != 0 && name != "build_info" {
				series[name+"{"+strings.Join(labels, ",")+"}"] = int(value)
			}
		}
	}
	return series
}

// call makes a call of a tool.
func (is *observed) call(t *testing.T, c *client.Client, tool string, arguments map[string]any) *mcp.CallToolResult {
	t.Helper()
	r, err := c.CallTool(t.Context(), callOf(tool, arguments))
	require.NoError(t, err)
	return r
}

var confirmCode = regexp.MustCompile(`\nconfirm: (\S+)`)

// The secrets of the script: what it is about, and the code of its preview.
const (
	aboutWhom = "Ines"
	newValue  = "Wroclaw"
	password  = "pa55-w0rd"
)

// script makes calls that end in all ways, and returns the code that was used.
func (is *observed) script(t *testing.T, c *client.Client) (code string) {
	is.call(t, c, "get_contact", map[string]any{"id": 42})
	is.call(t, c, "get_contact", map[string]any{"id": 99999})
	is.call(t, c, "get_contact", map[string]any{"id": 42, "password": password})
	is.call(t, c, "search_contacts", map[string]any{"search": aboutWhom})
	is.call(t, c, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": newValue}})
	is.call(t, c, "delete_contact", map[string]any{"id": 47, "confirm": "0not-a-code"})
	found := confirmCode.FindStringSubmatch(textOf(t, is.call(t, c, "delete_contact", map[string]any{"id": 47})))
	require.NotNil(t, found)
	deleted := is.call(t, c, "delete_contact", map[string]any{"id": 47, "confirm": found[1]})
	require.False(t, deleted.IsError)
	return found[1]
}

// TestScrape is exact: nothing is counted twice, and nothing is left out.
func TestScrape(t *testing.T) {
	is := observe(t, nil)
	for _, probe := range []string{"/healthz", "/readyz"} {
		answer, err := http.Get(is.url + probe)
		require.NoError(t, err)
		answer.Body.Close()
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	c := is.connect(t)
	is.script(t, c)
	answer := post(t, is.url+"/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, map[string]string{"Mcp-Session-Id": "x.y"})
	require.Equal(t, http.StatusNotFound, answer.StatusCode)

	want := map[string]int{
		"calls_total{outcome=ok,tool=get_contact}": 1, "calls_total{outcome=not_found,tool=get_contact}": 1, "calls_total{outcome=arguments,tool=get_contact}": 1,
		"calls_total{outcome=ok,tool=search_contacts}": 1, "calls_total{outcome=ok,tool=update_contact}": 1, "calls_total{outcome=ok,tool=delete_contact}": 3,
		"call_duration_seconds{kind=read}": 4, "call_duration_seconds{kind=write}": 4,
		"confirmations_total{step=previewed}": 2, "confirmations_total{step=refused}": 1, "confirmations_total{step=accepted}": 1,
		"journal_changes_total{outcome=begun}": 2, "journal_changes_total{outcome=done}": 2,
		"http_requests_total{code=200}": 9, "http_requests_total{code=202}": 1, "http_requests_total{code=404}": 1,
		"sessions_open{}": 1, "flexie_breakers{state=closed}": 1,
	}
	maps.Copy(want, is.asked)
	require.Equal(t, want, is.scrape(t))
	require.Equal(t, 2, want["flexie_requests_total{group=contacts,kind=write,status=2xx}"])
	require.Equal(t, 1, want["flexie_requests_total{group=contacts,kind=read,status=4xx}"])

	require.NoError(t, c.Close())
	require.NotContains(t, is.scrape(t), "sessions_open{}")
}

// Each access line says who, what, how and how long, and no more.
func TestAccessLines(t *testing.T) {
	is := observe(t, nil)
	code := is.script(t, is.connect(t))
	var calls []string
	for line := range strings.Lines(is.log.String()) {
		if strings.Contains(line, "msg=call ") {
			calls = append(calls, regexp.MustCompile(`(time|duration_s|request_id)=\S+ ?`).ReplaceAllString(strings.TrimSpace(line), ""))
		}
		for _, secret := range []string{aboutWhom, newValue, password, code, sandbox.Key} {
			require.NotContains(t, line, secret)
		}
	}
	const begin, end = `level=INFO msg=call caller="" tool=`, ` client="test 1" `
	for i, want := range []string{
		"get_contact outcome=ok", "get_contact outcome=not_found", "get_contact outcome=arguments", "search_contacts outcome=ok",
		"update_contact outcome=ok", "delete_contact outcome=ok", "delete_contact outcome=ok", "delete_contact outcome=ok",
	} {
		require.Equal(t, strings.TrimSpace(begin+want+end), strings.TrimSpace(calls[i]))
	}
	require.Len(t, calls, 8)
}

// TestLoggedArguments are those of the call, without what nobody may read.
func TestLoggedArguments(t *testing.T) {
	is := observe(t, nil)
	is.o.Access.Arguments = true
	code := is.script(t, is.connect(t))
	text := is.log.String()
	require.Contains(t, text, aboutWhom)
	require.Contains(t, text, `(hidden)`)
	for _, secret := range []string{password, code, sandbox.Key} {
		require.NotContains(t, text, secret)
	}
}

// TestRequestIDs: an error has the id by which its lines are found in the log: the
// one that came with the request, if one did.
func TestRequestIDs(t *testing.T) {
	is := observe(t, nil)
	idOf := func(r *mcp.CallToolResult) string {
		id, _ := r.Meta.AdditionalFields["flexie-mcp/request-id"].(string)
		return id
	}
	c := is.connect(t)
	request := callOf("get_contact", map[string]any{"id": 99999})
	request.Header = http.Header{"X-Request-Id": {"from-the-proxy"}}
	r, err := c.CallTool(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, "from-the-proxy", idOf(r))
	require.Equal(t, "not_found", server.ErrorKind(r))
	require.Regexp(t, `msg="flexie request" .*request_id=from-the-proxy`, is.log.String())
	require.Regexp(t, `msg=call .*request_id=from-the-proxy`, is.log.String())

	first, second := is.call(t, c, "get_contact", map[string]any{"id": 99999}), is.call(t, c, "get_contact", map[string]any{"id": 99999})
	require.NotEmpty(t, idOf(first))
	require.NotEqual(t, idOf(first), idOf(second))

	inside := connect(t, serving(t, inSandbox)) // without any of it, as on stdio
	r, err = inside.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 99999}))
	require.NoError(t, err)
	require.NotEmpty(t, idOf(r))
}

// TestConfirmationsAreCounted where the user is asked.
func TestConfirmationsAreCounted(t *testing.T) {
	for action, step := range map[mcp.ElicitationResponseAction]string{"accept": "accepted", "decline": "declined", "cancel": "declined"} {
		t.Run(string(action), func(t *testing.T) {
			o := server.Observing{}.WithMetrics("1.2.3")
			w, err := o.Open(config.Settings{Sandbox: true, Confirm: "auto", StateDir: t.TempDir()}, "1.2.3", quiet)
			require.NoError(t, err)
			t.Cleanup(func() { w.Close() })
			s := server.New(server.Options{Tools: tools.All(), About: w.About, Client: w.Client, Safety: w.Safety, Log: quiet, Observing: o})
			c := inProcess(t, s, says(action, nil))
			_, err = c.CallTool(t.Context(), callOf("delete_contact", deletion))
			require.NoError(t, err)
			is := &observed{o: o}
			got := is.scrape(t)
			require.Equal(t, 1, got["confirmations_total{step=asked}"], "%v", got)
			require.Equal(t, 1, got["confirmations_total{step="+step+"}"], "%v", got)
			if step == "declined" {
				require.Equal(t, 1, got["calls_total{outcome=declined,tool=delete_contact}"], "%v", got)
			}
		})
	}
}

// letsIn is a gate that lets everybody in as one and the same.
type letsIn auth.Identity

func (l letsIn) Identify(*http.Request) (auth.Identity, error) { return auth.Identity(l), nil }

// TestOtherWorkspacesAreObserved as the server's own is; the line of a call has its
// caller's name, and not what tells callers apart.
func TestOtherWorkspacesAreObserved(t *testing.T) {
	is, elsewhere := observe(t, nil), observe(t, nil)
	anna := letsIn{Name: "anna", Caller: "0123abcd", Root: elsewhere.crm + "/api", Key: auth.NewSecret(sandbox.Key)}
	members := server.NewMembers(is.workspace, config.Settings{}, anna, func(string) bool { return true }, quiet)
	front := httptest.NewServer(is.o.Around(server.Handler(server.New(is.options), server.Door{Members: members}, quiet)))
	t.Cleanup(func() { front.CloseClientConnections(); front.Close() })
	is.url = front.URL
	is.call(t, is.connect(t), "get_contact", map[string]any{"id": 42})
	got := is.scrape(t)
	require.Equal(t, 2, got["flexie_breakers{state=closed}"])
	require.Len(t, elsewhere.traced(), got["flexie_wait_seconds{for=turn}"])
	require.Empty(t, is.traced())
	require.GreaterOrEqual(t, got["flexie_requests_total{group=contacts,kind=read,status=2xx}"], 1)
	require.Contains(t, is.log.String(), "msg=call caller=anna tool=get_contact outcome=ok")
	require.NotContains(t, is.log.String(), anna.Caller)
}

// TestPendingChangesAreWatched, also those of another process.
func TestPendingChangesAreWatched(t *testing.T) {
	o := server.Observing{}.WithMetrics("1.2.3")
	w, err := o.Open(config.Settings{Sandbox: true, StateDir: t.TempDir()}, "1.2.3", quiet)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	is := &observed{o: o}
	require.NotContains(t, is.scrape(t), "journal_pending{}")
	for range 3 {
		_, err := w.Safety.Journal.Begin(t.Context(), journal.Entry{Workspace: "w", Caller: "c", Tool: "update_contact", Act: "update", Kind: "contact"})
		require.NoError(t, err)
	}
	require.Equal(t, 3, is.scrape(t)["journal_pending{}"])
}

// TestProbes need no credential, and say that the server is about to end before
// anything else ends.
func TestProbes(t *testing.T) {
	log := &lines{}
	o := server.Observing{Health: telemetry.NewHealth(slog.New(slog.NewTextHandler(log, nil)))}
	w, err := o.Open(config.Settings{Sandbox: true, StateDir: t.TempDir()}, "1.2.3", quiet)
	require.NoError(t, err)
	refusing := o.Around(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }))
	ask := func(h http.Handler, path string) (int, string) {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code, strings.TrimSpace(answer.Body.String())
	}
	for _, h := range []http.Handler{refusing, o.Operator()} {
		code, text := ask(h, "/healthz")
		require.Equal(t, 200, code)
		require.Equal(t, "ok", text)
		code, text = ask(h, "/readyz")
		require.Equal(t, 200, code)
		require.Equal(t, "ready", text)
	}
	code, _ := ask(refusing, "/metrics")
	require.Equal(t, http.StatusUnauthorized, code, "they are not for everybody")
	code, _ = ask(o.Operator(), "/metrics")
	require.Equal(t, http.StatusNotFound, code, "nothing is counted")
	code, _ = ask(o.Operator(), "/mcp")
	require.Equal(t, http.StatusNotFound, code)

	ctx, end := context.WithCancel(t.Context())
	draining := o.Draining(ctx)
	end()
	<-draining.Done()
	code, text := ask(refusing, "/readyz")
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "draining", text)
	code, _ = ask(refusing, "/healthz")
	require.Equal(t, 200, code)
	require.NoError(t, w.Close())
}

// TestEveryKindIsAnOutcome: a kind of error that metrics don't know would be
// counted as another.
func TestEveryKindIsAnOutcome(t *testing.T) {
	source, err := os.ReadFile("../../flexie/errors.go")
	require.NoError(t, err)
	kinds := regexp.MustCompile(`ErrorKind = "(\w+)"`).FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(kinds), 10)
	o := server.Observing{}.WithMetrics("1.2.3")
	for _, kind := range append(kinds, []string{"", server.WrongArguments}, []string{"", "not_allowed"}, []string{"", "asked"}, []string{"", "declined"}, []string{"", "no_state"}) {
		o.Metrics.CallEnded("get_contact", false, kind[1], 0)
		require.Equal(t, 1, (&observed{o: o}).scrape(t)["calls_total{outcome="+kind[1]+",tool=get_contact}"], kind[1])
	}
}

// TestStepsAreThoseOfMetrics: tools and metrics name them by themselves.
func TestStepsAreThoseOfMetrics(t *testing.T) {
	require.Equal(t,
		[]string{telemetry.Asked, telemetry.Previewed, telemetry.Accepted, telemetry.Declined, telemetry.Expired, telemetry.Refused},
		[]string{tools.Asked, tools.Previewed, tools.Accepted, tools.Declined, tools.Expired, tools.Refused})
	require.Equal(t,
		[]string{telemetry.Begun, telemetry.Done, telemetry.NotDone, telemetry.Unknown, telemetry.Refused},
		[]string{tools.Begun, string(journal.Done), string(journal.NotDone), string(journal.Unknown), tools.NotBegun})
	require.Equal(t, []string{telemetry.WaitTurn, telemetry.WaitRetry}, []string{string(flexie.WaitTurn), string(flexie.WaitRetry)})
}

// TestMetricsAreDocumented: the table is what a scrape says of itself.
func TestMetricsAreDocumented(t *testing.T) {
	is := observe(t, nil)
	is.script(t, is.connect(t))
	answer := httptest.NewRecorder()
	is.o.Operator().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	require.NoError(t, err)
	table := "| metric | kind | labels | what it says |\n|---|---|---|---|\n"
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if !strings.HasPrefix(name, "flexie_mcp_") {
			continue
		}
		var labels []string
		for _, l := range families[name].GetMetric()[0].GetLabel() {
			labels = append(labels, "`"+l.GetName()+"`")
		}
		kind := strings.ToLower(families[name].GetType().String())
		table += fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, kind, strings.Join(labels, ", "), families[name].GetHelp())
	}
	const path, begin, end = "../../docs/operating.md", "<!-- metrics -->\n", "<!-- /metrics -->"
	document, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(document), begin)
	require.True(t, ok)
	had, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+table+end+after), 0o644))
		return
	}
	require.Equal(t, table, had, "docs/operating.md is out of date; run: go test ./internal/server -update")
}
