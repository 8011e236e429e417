// Package check_test looks through what deploy/ holds with the tools that would
// run it, as far as that goes without a container engine or a cluster. It is a
// module of its own, so that the program's go.mod has nothing of theirs.
package check_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// repository is the folder of the program's own module.
const repository = "../.."

// tool is the path of a program that run has installed. Without it the test is
// skipped, and says so.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("not checked: there is no %s here (deploy/check/run installs it)", name)
	}
	return path
}

// ran is what a tool prints, which must end well.
func ran(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), tool(t, name), args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(path))
	require.NoError(t, err)
	return string(b)
}

// grace is the default of http_grace: calls under way may take so long, and writes
// three seconds more, when the program is to end.
func grace(t *testing.T) time.Duration {
	t.Helper()
	found := regexp.MustCompile("`FLEXIE_HTTP_GRACE` \\| `([^`]+)`").FindStringSubmatch(content(t, repository+"/docs/settings.md"))
	require.NotNil(t, found)
	d, err := time.ParseDuration(found[1])
	require.NoError(t, err)
	return d
}

// endTime is what the program needs after the grace: for writes, for traces that
// are not sent yet, and some to spare.
const endTime = 3*time.Second + time.Second + time.Second
