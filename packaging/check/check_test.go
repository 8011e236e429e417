// Package check_test looks through what a release is made of with the tools that
// would take it. It is a module of its own, so that the program's go.mod has nothing
// of theirs; run makes what it looks at.
package check_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// repository is the folder of the program's own module.
const repository = "../.."

// packages is where run has packed the release. Without it the test is skipped.
func packages(t *testing.T, path ...string) string {
	t.Helper()
	folder := os.Getenv("PACKAGES")
	if folder == "" {
		t.Skip("not checked: nothing is packed (packaging/check/run does it)")
	}
	return filepath.Join(append([]string{folder}, path...)...)
}

// ran is what a tool prints on standard output, which must end well.
func ran(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("not checked: there is no %s here (packaging/check/run installs it)", name)
	}
	c := exec.CommandContext(t.Context(), path, args...)
	out, err := c.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		require.NoError(t, err, "%s%s", out, exit.Stderr)
	}
	require.NoError(t, err)
	return string(out)
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(path))
	require.NoError(t, err)
	return b
}

// connected starts a server as a client does, and says hello.
func connected(t *testing.T, command string, args, env []string) *mcp.ClientSession {
	t.Helper()
	c := exec.Command(command, args...)
	c.Env = append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}, env...)
	c.Stderr = os.Stderr
	client := mcp.NewClient(&mcp.Implementation{Name: "check", Version: "1"}, nil)
	session, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: c}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, session.Close()) })
	return session
}

// finds asks the sandbox for somebody who is in it.
func finds(t *testing.T, session *mcp.ClientSession) {
	t.Helper()
	require.Equal(t, "1.2.3", session.InitializeResult().ServerInfo.Version)
	answer, err := session.CallTool(t.Context(), &mcp.CallToolParams{Name: "search_contacts", Arguments: map[string]any{"search": "acme"}})
	require.NoError(t, err)
	text, err := json.Marshal(answer)
	require.NoError(t, err)
	require.False(t, answer.IsError, "%s", text)
	require.Contains(t, string(text), "acme")
}
