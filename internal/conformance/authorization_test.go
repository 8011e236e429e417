package conformance_test

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAuthorizationServer runs the scenarios that the tool has for authorization
// servers. It has somebody open an address, who is browser.mjs. Its client has no
// secret: given one, the tool does not send it to a server that also takes clients
// that have none.
func TestAuthorizationServer(t *testing.T) {
	packages(t)
	url := withSignIn(t)
	_, port, err := net.SplitHostPort(freePort(t))
	require.NoError(t, err)
	said := runAuthorization(t, "--url", url, "--resource", url+"/mcp", "--client-id", register(t, url, port), "--port", port, "--output-dir", t.TempDir())
	_, summary, _ := strings.Cut(said, "=== SUMMARY ===")
	for _, scenario := range scenarios(t, "--authorization") {
		require.Contains(t, summary, "✓ "+scenario+":")
	}
	require.Contains(t, summary, "Total: 3 passed, 0 failed")
	require.NotContains(t, said, "WARNING")
	t.Log(summary)
}

// register registers a client that takes its answers as the tool does.
func register(t *testing.T, url, port string) (id string) {
	said := `{"client_name":"conformance","redirect_uris":["http://127.0.0.1:` + port + `/callback"],"token_endpoint_auth_method":"none"}`
	answer, err := http.Post(url+"/oauth/register", "application/json", strings.NewReader(said))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusCreated, answer.StatusCode)
	var client struct {
		ID string `json:"client_id"`
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&client))
	return client.ID
}

// runAuthorization runs the tool, opens the address that it names, and gives all
// that it says.
func runAuthorization(t *testing.T, args ...string) string {
	tool := filepath.Join(packages(t), "@modelcontextprotocol", "conformance", "dist", "index.js")
	cmd := exec.CommandContext(t.Context(), "node", append([]string{tool, "authorization"}, args...)...)
	cmd.Dir = t.TempDir()
	said, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = cmd.Stdout
	require.NoError(t, cmd.Start())
	var all strings.Builder
	for lines := bufio.NewScanner(said); lines.Scan(); {
		all.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "http") && strings.Contains(lines.Text(), "code_challenge=") {
			out, err := node(t, scripts(t), "browser.mjs", lines.Text())
			if err != nil {
				_ = cmd.Process.Kill() // it would wait for five minutes
				require.NoError(t, err, out)
			}
		}
	}
	require.NoError(t, cmd.Wait(), all.String())
	return all.String()
}
