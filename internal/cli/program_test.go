package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program is the built binary, which the tests of this package drive from
// outside, as clients do. What a command prints is tested by the scripts in
// testdata/script.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "flexie-mcp")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "flexie-mcp")
	build := exec.Command("go", "build", "-o", program, "flexie-mcp")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return 1
	}
	return m.Run()
}

// soon is how long anything may take that should be done at once, on a slow
// and busy machine. A program that waits for a hanging call takes 30 seconds.
// The second that is promised is in the graces of internal/server.
const soon = 20 * time.Second

// command is the program, with these settings alone.
func command(t *testing.T, environ []string, args ...string) *exec.Cmd {
	c := exec.CommandContext(t.Context(), program, args...)
	// A program built with the race detector would else sleep a second as it ends.
	c.Env = append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0"}, environ...)
	return c
}

// log keeps what is written to it. It is safe for concurrent use.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// process is the program, running.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	in     io.WriteCloser
	lines  chan string // of standard output
	errors *log        // standard error
	ended  chan error
}

func start(t *testing.T, environ []string, args ...string) process {
	p := process{t: t, cmd: command(t, environ, args...), lines: make(chan string, 1000), errors: &log{}, ended: make(chan error, 1)}
	p.cmd.Stderr = p.errors
	in, err := p.cmd.StdinPipe()
	require.NoError(t, err)
	p.in = in
	out, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.cmd.Process.Kill() })
	go func() {
		r := bufio.NewReader(out)
		for {
			line, err := r.ReadString('\n')
			if line != "" {
				p.lines <- line
			}
			if err != nil {
				close(p.lines)
				p.ended <- p.cmd.Wait()
				return
			}
		}
	}()
	return p
}

func (p process) send(format string, args ...any) {
	p.t.Helper()
	_, err := fmt.Fprintf(p.in, format+"\n", args...)
	require.NoError(p.t, err)
}

// receive is the next line of standard output, where there is nothing but
// messages of the protocol.
func (p process) receive() message {
	p.t.Helper()
	select {
	case line, ok := <-p.lines:
		require.True(p.t, ok, "standard output has ended: %s", p.errors)
		return parse(p.t, line)
	case <-time.After(soon):
		require.FailNow(p.t, "no answer", p.errors.String())
	}
	return message{}
}

// end waits for the end of the process, and gives the status it ended with.
func (p process) end() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		if err != nil && p.cmd.ProcessState == nil {
			require.NoError(p.t, err)
		}
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(soon):
		require.FailNow(p.t, "it does not end", p.errors.String())
	}
	return -1
}

// address waits for an HTTP server to say where it listens.
func (p process) address() (url string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		_, said, _ := strings.Cut(p.errors.String(), "flexie-mcp: ") // what is logged before may name addresses as well
		_, after, _ := strings.Cut(said, "http://")
		host, _, ok := strings.Cut(after, "/")
		url = "http://" + host
		return ok
	}, soon, time.Millisecond, "it does not say where it listens: %s", p.errors)
	return url
}

type message struct {
	JSONRPC string
	ID      any
	Result  json.RawMessage
	Error   json.RawMessage
}

func parse(t *testing.T, line string) message {
	t.Helper()
	var m message
	require.NoError(t, json.Unmarshal([]byte(line), &m), line)
	require.Equal(t, "2.0", m.JSONRPC, line)
	return m
}

const (
	hello  = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	getOne = `{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"get_contact","arguments":{"id":42}}}`
)

// hangingFlexie takes requests and answers none: it gets a value for each that
// arrives, and for each that its sender ends.
func hangingFlexie(t *testing.T) (environ []string, arrived, gaveUp chan struct{}) {
	arrived, gaveUp = make(chan struct{}, 100), make(chan struct{}, 100)
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
			gaveUp <- struct{}{}
		case <-end:
		}
	}))
	t.Cleanup(func() { close(end); s.Close() })
	return []string{"FLEXIE_BASE_URL=" + s.URL + "/api", "FLEXIE_API_KEY=" + secretKey}, arrived, gaveUp
}

func await(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(soon):
		require.FailNow(t, "waited in vain for "+what)
	}
}
