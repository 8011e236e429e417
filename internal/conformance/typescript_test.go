package conformance_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/sandbox"
)

// did is what client.mjs says that it did.
type did struct {
	Server, Revision      string
	Instructions, Session bool
	Tools                 []string
	Waited                string // for a contact that Flexie gave at the second try
	Progress              []string
	Found, Fields         string
	ToolsChanged          bool
	Resource              string
	Updated               string
	ResourceChanged       string
	Deleted               string
	Questions             []string
	AfterTheEnd           int // status of a request in the session that was ended
}

// TestTypeScriptClients: those of the official SDKs do all that the server is for.
func TestTypeScriptClients(t *testing.T) {
	packages(t)
	for name, test := range map[string]struct {
		sdk, transport, mode string
		revision             string // "" if the client does not tell
		session              bool
	}{
		"v1, streamable HTTP":             {"v1", "http", "-", "2025-11-25", true},
		"v1, SSE":                         {"v1", "sse", "-", "2025-11-25", false},
		"v2, streamable HTTP":             {"v2", "http", "auto", "2026-07-28", false},
		"v2, streamable HTTP, older":      {"v2", "http", "legacy", "2025-11-25", true},
		"v2, streamable HTTP, 2026-07-28": {"v2", "http", "2026-07-28", "2026-07-28", false},
		"v2, SSE":                         {"v2", "sse", "legacy", "2025-11-25", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := served(t, busyOnce(t), "--toolsets", "all")
			var d did
			runClient(t, &d, "client.mjs", test.sdk, test.transport, test.mode, url)
			require.Equal(t, "flexie-mcp", d.Server)
			require.True(t, d.Instructions)
			require.Equal(t, test.revision, d.Revision)
			require.Contains(t, d.Tools, "search_contacts")
			require.Contains(t, d.Waited, "Contact 7")
			require.NotEmpty(t, d.Progress)
			require.Contains(t, d.Progress[0], "Waiting for Flexie")
			require.Contains(t, d.Found, " contacts")
			require.Contains(t, d.Fields, "email")
			require.True(t, d.ToolsChanged, "the fields that were learnt are in the tools now")
			require.Contains(t, d.Resource, "Contact 42")
			require.Contains(t, d.Updated, `Updated. Contact 42`)
			require.Equal(t, "flexie://contacts/42", d.ResourceChanged)
			if test.transport == "sse" { // mcp-go can't ask there
				require.Contains(t, d.Deleted, "Nothing was changed yet. This would delete contact 47")
				require.Empty(t, d.Questions)
			} else {
				require.Contains(t, d.Deleted, "Deleted contact 47")
				require.Len(t, d.Questions, 1, "the user is asked before the deletion, and before nothing else")
				require.Contains(t, d.Questions[0], "47")
			}
			require.Equal(t, test.session, d.Session)
			if test.session {
				require.Equal(t, 404, d.AfterTheEnd, "DELETE ends the session")
			}
		})
	}
}

// busyOnce is a sandbox that has the first who wants a contact wait a little, and
// gives the environment of a program that works with it.
func busyOnce(t *testing.T) (environ []string) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	later := chaos.UnavailableLater
	later.RetryAfter = "1"
	flexie := httptest.NewServer(chaos.New(box, chaos.When(chaos.To("contacts.get"), chaos.Sequence(later))))
	t.Cleanup(flexie.Close)
	return []string{"FLEXIE_BASE_URL=" + flexie.URL + "/api", "FLEXIE_API_KEY=" + sandbox.Key}
}

// runClient runs a script from where it finds its packages, and reads its last line,
// which says as JSON what it did.
func runClient(t *testing.T, into any, args ...string) {
	out, err := node(t, scripts(t), args...)
	require.NoError(t, err, out)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), into), out)
}

// scripts is a folder of the scripts of this package, beside what they import.
func scripts(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, os.Symlink(packages(t), filepath.Join(dir, "node_modules")))
	names, err := filepath.Glob("*.mjs")
	require.NoError(t, err)
	for _, name := range names {
		script, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), script, 0o600))
	}
	return dir
}
