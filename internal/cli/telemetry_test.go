package cli_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

var metricsOn = regexp.MustCompile(`metrics on (\S+), at /metrics`)

// operator is the address at which an HTTP server answers its operator.
func (p process) operator() string {
	p.t.Helper()
	p.address()
	found := metricsOn.FindStringSubmatch(p.errors.String())
	require.NotNil(p.t, found, p.errors)
	return "http://" + found[1]
}

// fetch is the status and the body at an address.
func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

// TestOperator: who runs the server sees what is called, and by the probes when
// not to send more; nobody else sees the numbers.
func TestOperator(t *testing.T) {
	environ, arrived, _ := hangingFlexie(t)
	p := start(t, environ, "http", "--listen", "127.0.0.1:0", "--http-metrics-listen", "127.0.0.1:0", "--http-grace", "1s")
	url, operator := p.address(), p.operator()
	for _, at := range []string{url, operator} {
		status, text := fetch(t, at+"/readyz")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, "ready\n", text)
		status, _ = fetch(t, at+"/healthz")
		require.Equal(t, http.StatusOK, status)
	}
	status, _ := fetch(t, url+"/metrics")
	require.Equal(t, http.StatusNotFound, status)

	c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &mcp.StreamableClientTransport{Endpoint: url + "/mcp"}, nil)
	require.NoError(t, err)
	defer c.Close()
	called := make(chan struct{})
	go func() {
		defer close(called)
		_, _ = c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
	}()
	await(t, arrived, "the request")
	_, metrics := fetch(t, operator+"/metrics")
	require.Contains(t, metrics, "\nflexie_mcp_calls_in_flight 1\n")
	require.NotContains(t, metrics, secretKey)

	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	require.Eventually(t, func() bool {
		status, text := fetch(t, operator+"/readyz")
		return status == http.StatusServiceUnavailable && text == "draining\n"
	}, soon, time.Millisecond)
	status, _ = fetch(t, operator+"/healthz")
	require.Equal(t, http.StatusOK, status)
	await(t, called, "the end of the call")
	require.Zero(t, p.end(), p.errors)
	require.Regexp(t, `level=INFO msg=call caller=local tool=get_contact outcome=cancelled .*client="test 1" request_id=\S+`, p.errors.String())
	require.Empty(t, p.lines, "nothing is printed")
}

// TestOperatorsAddressIsTaken: the program says so, and does not begin.
func TestOperatorsAddressIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	p := start(t, nil, "http", "--sandbox", "--listen", "127.0.0.1:0", "--http-metrics-listen", l.Addr().String())
	require.Equal(t, 1, p.end())
	require.Regexp(t, `^flexie-mcp: http_metrics_listen `+l.Addr().String()+`: .*in use\n$`, p.errors.String())
}

// sentTo is a collector, and what it was sent.
func sentTo(t *testing.T) (url string, sent func() string) {
	var mu sync.Mutex
	var all strings.Builder
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		all.WriteString(r.URL.Path + " " + string(body))
	}))
	t.Cleanup(s.Close)
	return s.URL, func() string {
		mu.Lock()
		defer mu.Unlock()
		return all.String()
	}
}

// TestTracesOnStdio are sent before the program ends, which is soon also if nobody
// takes them. Nothing of it is on standard output.
func TestTracesOnStdio(t *testing.T) {
	url, sent := sentTo(t)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the client go
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	for name, test := range map[string]struct {
		environ []string
		sent    []string
		logged  string
	}{
		"taken":     {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url}, []string{"/v1/traces ", "tools/call", "tool.get_contact", "GET contacts.get", "/v1/logs "}, `^$`},
		"nobody":    {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + gone.URL}, nil, `level=WARN msg="traces or logs could not be sent to the collector" .*connection refused`},
		"silent":    {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + silent.URL}, nil, `level=WARN msg="the last traces or logs could not be sent"`},
		"not meant": {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + url, "OTEL_SDK_DISABLED=true"}, nil, `^$`},
		"console":   {[]string{"OTEL_TRACES_EXPORTER=console"}, nil, `level=WARN msg="traces or logs are not sent as the OTEL_\* variables say".*OTEL_TRACES_EXPORTER=console is not sent`},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, append(test.environ, "FLEXIE_LOG_CALLS="+map[bool]string{true: "true", false: "false"}[name == "taken"]), "--sandbox")
			p.send(hello)
			require.Equal(t, "hello", p.receive().ID)
			p.send(getOne, 1)
			require.Contains(t, string(p.receive().Result), "Contact 42")
			begun := time.Now()
			p.in.Close()
			require.Zero(t, p.end(), p.errors)
			require.Less(t, time.Since(begun), soon)
			for line := range p.lines {
				require.Fail(t, "more is printed than the answers", line)
			}
			for _, part := range test.sent {
				require.Contains(t, sent(), part)
			}
			said := p.errors.String()
			if name == "taken" {
				require.Regexp(t, `^time=\S+ level=INFO msg=call .*request_id=\S+ trace_id=\S+ span_id=\S+\n$`, said)
				return
			}
			require.Regexp(t, test.logged, said)
		})
	}
}

// TestTracesThatNobodyTakes don't make an end a failure.
func TestTracesThatNobodyTakes(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	environ := []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + silent.URL}
	onStdio := start(t, environ, "--sandbox")
	onStdio.send(hello)
	onStdio.receive()
	onHTTP := start(t, environ, "http", "--sandbox", "--listen", "127.0.0.1:0")
	answer, err := http.Post(onHTTP.address()+"/mcp", "application/json", strings.NewReader(hello))
	require.NoError(t, err)
	answer.Body.Close()
	for _, p := range []process{onStdio, onHTTP} {
		require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		require.Zero(t, p.end(), p.errors)
		require.Contains(t, p.errors.String(), "could not be sent")
	}
}

// TestWarningsAreLinesOfTheLog where those are JSON: whoever collects them can't
// read others.
func TestWarningsAreLinesOfTheLog(t *testing.T) {
	key, tokens := filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "tokens.toml")
	require.NoError(t, os.WriteFile(key, []byte(secretKey), 0o600))
	require.NoError(t, os.WriteFile(tokens, nil, 0o600))
	for _, path := range []string{key, tokens} {
		require.NoError(t, os.Chmod(path, 0o644))
	}
	p := start(t, nil, "http", "--subdomain", "acme", "--api-key-file", key, "--http-tokens-file", tokens, "--listen", "127.0.0.1:0", "--log-format", "json")
	p.address()
	for _, says := range []string{key + " holds the API key", tokens + " says who may use this server"} {
		require.Contains(t, p.errors.String(), `"level":"WARN","msg":"`+says)
	}
	require.NotContains(t, p.errors.String(), "warning:")
}
