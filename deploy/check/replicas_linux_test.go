package check_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// running is what deploy/compose.yaml describes, without containers: Caddy by the
// Caddyfile, two servers by their settings, and Postgres, which asks for a password.
// Flexie is a sandbox.
type running struct {
	t        *testing.T
	dir      string
	program  string
	environ  []string
	at       string            // Caddy
	token    string            // whose calls are made
	database string            // its host and port
	ports    map[string]string // of the servers
	servers  map[string]*exec.Cmd
}

func composeUp(t *testing.T) *running {
	caddy := tool(t, "caddy")
	dir := t.TempDir()
	database := postgres(t, filepath.Join(dir, "pgpass"))
	root, err := image()
	require.NoError(t, err)
	r := &running{t: t, dir: dir, program: filepath.Join(root, "flexie-mcp"), servers: map[string]*exec.Cmd{}, ports: map[string]string{}, database: database}

	r.environ = r.settings()
	r.token = r.newToken()
	upstreams := []string{}
	for _, name := range []string{"server-1", "server-2"} {
		r.ports[name] = freePort(t)
		upstreams = append(upstreams, "127.0.0.1:"+r.ports[name])
	}
	site := freePort(t)
	r.at = "http://localhost:" + site
	for name := range r.ports {
		r.up(name)
	}
	r.begin(caddy, []string{"HOME=" + dir, "SITE=" + r.at, "UPSTREAMS=" + strings.Join(upstreams, " "), "CADDY_ADMIN=unix/" + filepath.Join(dir, "admin")}, "run", "--adapter", "caddyfile", "--config", "../Caddyfile")
	require.Eventually(t, func() bool { status, _ := r.call(); return status == http.StatusOK }, soon, 50*time.Millisecond)
	return r
}

// newToken is for a workspace that is made up.
func (r *running) newToken() string {
	flexie := freePort(r.t)
	r.begin(r.program, nil, "sandbox", "--listen", "127.0.0.1:"+flexie)
	key := filepath.Join(r.dir, "key")
	require.NoError(r.t, os.WriteFile(key, []byte("sandbox\n"), 0o600))
	token, err := r.command(r.environ, "token", "new", "anna", "--base-url", "http://127.0.0.1:"+flexie+"/api", "--key-file", key).Output()
	require.NoError(r.t, err)
	return strings.TrimSpace(string(token))
}

// settings are those of a server in compose.yaml, with what is inside containers
// put where it is here.
func (r *running) settings() []string {
	here := strings.NewReplacer("db:5432", r.database, "/run/secrets/pgpass", filepath.Join(r.dir, "pgpass"), "/etc/flexie-mcp", r.dir)
	environ := []string{"FLEXIE_STATE_DIR=/proc/nowhere"} // as in a container, whose root is read-only
	for name, value := range composed(r.t).Services["server-1"].Environment {
		if value != nil && name != "FLEXIE_HTTP_METRICS_LISTEN" {
			environ = append(environ, name+"="+here.Replace(*value))
		}
	}
	require.Contains(r.t, strings.Join(environ, " "), "passfile="+r.dir)
	return environ
}

func (r *running) command(environ []string, args ...string) *exec.Cmd {
	c := exec.CommandContext(r.t.Context(), r.program, args...)
	c.Env = append([]string{"HOME=" + r.dir, "PATH=" + os.Getenv("PATH")}, environ...)
	return c
}

// begin runs a program until the test ends; what it said is shown if that fails.
func (r *running) begin(program string, environ []string, args ...string) *exec.Cmd {
	c := exec.Command(program, args...)
	c.Env = append([]string{"HOME=" + r.dir, "PATH=" + os.Getenv("PATH")}, environ...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	require.NoError(r.t, c.Start())
	r.t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		if r.t.Failed() {
			r.t.Logf("%s %s:\n%s", filepath.Base(program), strings.Join(args, " "), said.String())
		}
	})
	return c
}

// up starts a server, and waits until it is ready.
func (r *running) up(name string) {
	r.servers[name] = r.begin(r.program, r.environ, "http", "--listen", "127.0.0.1:"+r.ports[name])
	require.Eventually(r.t, func() bool {
		return r.command(nil, "healthcheck", "--listen", "127.0.0.1:"+r.ports[name]).Run() == nil
	}, soon, 50*time.Millisecond, name)
}

// down ends a server in order.
func (r *running) down(name string) {
	require.NoError(r.t, r.servers[name].Process.Signal(syscall.SIGTERM))
	require.NoError(r.t, r.servers[name].Wait(), name)
}

// call gets a contact through Caddy.
func (r *running) call() (status int, text string) { return r.run("get_contact", `{"id":42}`) }

// run runs a tool through Caddy.
func (r *running) run(name, arguments string) (status int, text string) {
	body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + name + `","arguments":` + arguments + `,` +
		`"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}`
	return r.ask(http.MethodPost, "/mcp", body, map[string]string{
		"Authorization": "Bearer " + r.token, "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
		"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": name,
	})
}

func (r *running) ask(method, path, body string, headers map[string]string) (status int, text string) {
	q, err := http.NewRequestWithContext(r.t.Context(), method, r.at+path, strings.NewReader(body))
	require.NoError(r.t, err)
	for name, value := range headers {
		q.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(said)
}

// TestComposedServersServe: through Caddy as it is set up, with one server after the
// other replaced, and nothing of the operator's in sight.
func TestComposedServersServe(t *testing.T) {
	r := composeUp(t)
	called := func(when string) {
		for range 10 {
			status, text := r.call()
			require.Equal(t, http.StatusOK, status, "%s: %s", when, text)
			require.Contains(t, text, "Contact 42", when)
		}
	}
	called("both")
	for _, path := range []string{"/metrics", "/metrics/", "/readyz", "/healthz"} {
		status, text := r.ask(http.MethodGet, path, "", nil)
		require.Equal(t, http.StatusNotFound, status, path)
		require.Empty(t, text)
	}
	status, _ := r.ask(http.MethodPost, "/mcp", "{}", nil)
	require.Equal(t, http.StatusUnauthorized, status)
	r.firstEvent()
	_, text := r.run("add_note", `{"entity_type":"contact","entity_id":42,"text":"Called"}`)
	require.Contains(t, text, "Change 1; undo_change takes it back")
	for name := range r.ports {
		r.down(name)
		called("without " + name)
		r.up(name)
		called("with " + name + " again")
	}
	r.restoresABackup()
}

// firstEvent is what the older transport begins with: it comes at once, although
// the answer does not end.
func (r *running) firstEvent() {
	q, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.at+"/sse", nil)
	require.NoError(r.t, err)
	q.Header.Set("Authorization", "Bearer "+r.token)
	answer, err := http.DefaultClient.Do(q)
	require.NoError(r.t, err)
	defer answer.Body.Close()
	line := make([]byte, len("event: endpoint"))
	_, err = io.ReadFull(answer.Body, line)
	require.NoError(r.t, err)
	require.Equal(r.t, "event: endpoint", string(line))
}

// postgres runs one that asks for a password, and writes that into passfile.
func postgres(t *testing.T, passfile string) (host string) {
	t.Helper()
	const script = repository + "/internal/store/storetest/postgres.sh"
	require.FileExists(t, script)
	port := freePort(t)
	out, err := exec.Command("sh", script, strconv.Itoa(os.Getpid()), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1", "-p", port).Output()
	if err != nil {
		t.Skipf("not checked: there is no Postgres here: %s", out)
	}
	dir := regexp.MustCompile(`host=(\S+)`).FindStringSubmatch(string(out))
	require.NotNil(t, dir)
	const password = "a:b c"
	require.NoError(t, os.WriteFile(filepath.Join(dir[1], "data", "pg_hba.conf"), []byte("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"), 0o644))
	said, err := exec.Command("psql", "-h", dir[1], "-p", port, "-U", "flexie", "-d", "postgres", "-c", "ALTER USER flexie PASSWORD '"+password+"'",
		"-c", "CREATE DATABASE flexie", "-c", "SELECT pg_reload_conf()").CombinedOutput()
	require.NoError(t, err, "%s", said)
	line := fmt.Sprintf("127.0.0.1:%s:flexie:flexie:%s\n", port, strings.ReplaceAll(password, ":", `\:`))
	require.NoError(t, os.WriteFile(passfile, []byte(line), 0o600))
	return "127.0.0.1:" + port
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	return port
}
