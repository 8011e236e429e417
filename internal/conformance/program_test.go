// Package conformance_test has the program checked from outside, by programs of
// others: run fetches them, and says with go test what they find.
package conformance_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// packages is the node_modules that run has filled.
func packages(t *testing.T) string {
	dir := os.Getenv("CONFORMANCE_PACKAGES")
	if dir == "" {
		t.Skip("it needs programs of others, which internal/conformance/run fetches: use that")
	}
	return dir
}

// built is the program. isBuilt says, at the end of all tests, that one has asked.
var isBuilt bool
var built = sync.OnceValues(func() (string, error) {
	isBuilt = true
	dir, err := os.MkdirTemp("", "conformance")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "flexie-mcp")
	build := exec.Command("go", "build", "-o", program, "flexie-mcp")
	build.Stderr = os.Stderr
	return program, build.Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if isBuilt {
		if program, err := built(); err == nil {
			os.RemoveAll(filepath.Dir(program))
		}
	}
	os.Exit(code)
}

// served starts the program with these settings alone, and gives the address that
// it serves at. That it ends well is checked at the end of the test.
func served(t *testing.T, environ []string, args ...string) string {
	program, err := built()
	require.NoError(t, err)
	cmd := exec.Command(program, append([]string{"http", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = alone(t, environ)
	said, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(said)
	var url string
	for url == "" && lines.Scan() {
		if found := regexp.MustCompile(`serving (http://\S+)/mcp`).FindStringSubmatch(lines.Text()); found != nil {
			url = found[1]
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines.Scan() {
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		require.NoError(t, cmd.Wait(), "the program ends well")
	})
	require.NotEmpty(t, url, "the program does not say where it serves")
	return url
}

// alone is an environment of these settings, where the program finds no others.
func alone(t *testing.T, environ []string) []string {
	return append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}, environ...)
}

// node runs a script by Node, for five minutes at most, and gives what it prints.
func node(t *testing.T, dir string, args ...string) (out string, err error) {
	return nodeWith(t, os.Environ(), dir, args...)
}

// nodeWith runs it in this environment, where HOME is another's.
func nodeWith(t *testing.T, environ []string, dir string, args ...string) (out string, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir, cmd.Env = dir, environ
	b, err := cmd.CombinedOutput()
	return string(b), err
}
