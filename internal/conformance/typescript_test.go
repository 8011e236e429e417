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

// did is what a client says that it did.
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

// typeScript has a client of an official TypeScript SDK, v1 or v2, do all that the
// server is for. Of the newest revision v2 can find out by itself, or be told.
func typeScript(sdk string) func(t *testing.T, over, era string) {
	return func(t *testing.T, over, era string) {
		modes := []string{"legacy"}
		if era == eachAlone {
			modes = []string{"auto", eachAlone}
		}
		for _, mode := range modes {
			t.Run(mode, func(t *testing.T) {
				environ := busyOnce(t)
				args := append([]string{"client.mjs", sdk, over, mode}, reached(t, over, environ)...)
				var d did
				runClient(t, &d, environ, args...)
				d.require(t, over, era)
				ended := over == overHTTP && era == sessions
				require.Equal(t, ended, d.Session)
				if ended {
					require.Equal(t, 404, d.AfterTheEnd, "DELETE ends the session")
				}
			})
		}
	}
}

// require says what must have come of it.
func (d did) require(t *testing.T, over, era string) {
	require.Equal(t, "flexie-mcp", d.Server)
	require.True(t, d.Instructions)
	require.Equal(t, newest[era], d.Revision)
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
	if over == overSSE && era == sessions { // mcp-go can't ask there
		require.Contains(t, d.Deleted, "Nothing was changed yet. This would delete contact 47")
		require.Empty(t, d.Questions)
		return
	}
	require.Contains(t, d.Deleted, "Deleted contact 47")
	require.Len(t, d.Questions, 1, "the user is asked before the deletion, and before nothing else")
	require.Contains(t, d.Questions[0], "47")
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
	return []string{"FLEXIE_BASE_URL=" + flexie.URL + "/api", "FLEXIE_API_KEY=" + sandbox.Key, "FLEXIE_TOOLSETS=all"}
}

// runClient runs a script from where it finds its packages, and reads its last line,
// which says as JSON what it did.
func runClient(t *testing.T, into any, environ []string, args ...string) {
	out, err := nodeWith(t, alone(t, environ), scripts(t), args...)
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
