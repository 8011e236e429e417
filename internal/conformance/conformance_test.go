package conformance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// revisions are those that the tool knows scenarios for. With none named it runs
// those of extensions as well.
var revisions = []string{"2025-06-18", "2025-11-25", "2026-07-28", ""}

// TestConformance runs every scenario that the tool has for servers. What is
// listed in not_applicable.yml must fail, and all else must not, not even by a
// warning: the tool itself goes by the list.
func TestConformance(t *testing.T) {
	tool := filepath.Join(packages(t), "@modelcontextprotocol", "conformance", "dist", "index.js")
	list, err := filepath.Abs("not_applicable.yml")
	require.NoError(t, err)
	var all string
	for _, revision := range revisions {
		t.Run("revision "+revision, func(t *testing.T) {
			// Each scenario opens a session, and none is ended.
			url := served(t, nil, "--sandbox", "--toolsets", "all", "--http-max-sessions", "1000") + "/mcp"
			args := []string{tool, "server", "--url", url, "--suite", "all", "--expected-failures", list, "--output-dir", t.TempDir()}
			if revision != "" {
				args = append(args, "--spec-version", revision)
			}
			out, err := node(t, t.TempDir(), args...)
			_, summary, _ := strings.Cut(out, "=== SUMMARY ===")
			require.NoError(t, err, "%s", summary)
			require.Contains(t, summary, "✓ ", "nothing was green")
			t.Log(summary)
			all += summary
		})
	}
	for _, scenario := range scenarios(t, "--server") {
		require.Regexp(t, `(?m)^[✓✗] `+scenario+`: `, all, "the tool has it, and it was not run")
	}
}

// scenarios are the names of those that the tool lists.
func scenarios(t *testing.T, of string) (names []string) {
	tool := filepath.Join(packages(t), "@modelcontextprotocol", "conformance", "dist", "index.js")
	listed, err := node(t, t.TempDir(), tool, "list", of)
	require.NoError(t, err, listed)
	for _, found := range regexp.MustCompile(`(?m)^  - (\S+) \[`).FindAllStringSubmatch(listed, -1) {
		names = append(names, found[1])
	}
	require.NotEmpty(t, names, listed)
	return names
}

var entry = regexp.MustCompile(`^  - ([a-z0-9-]+)(:[a-z0-9-]+)? +# \S.+$`)

// TestWhatDoesNotApply: each entry has a reason, and is of a scenario that there
// is, which the tool does not check.
func TestWhatDoesNotApply(t *testing.T) {
	list, err := os.ReadFile("not_applicable.yml")
	require.NoError(t, err)
	known, listed := scenarios(t, "--server"), 0
	for line := range strings.Lines(string(list)) {
		if line = strings.TrimRight(line, "\n"); strings.HasPrefix(line, "  ") {
			found := entry.FindStringSubmatch(line)
			require.NotNil(t, found, "an entry is scenario:check, and the reason: %s", line)
			require.Contains(t, known, found[1], "the tool has no such scenario any more")
			listed++
		}
	}
	require.NotZero(t, listed)
}
