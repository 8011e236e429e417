package check_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// installed is a folder in which the packages were installed, as npm has packed them:
// that of the launcher, and those for the platforms. The name of its program is given.
func installed(t *testing.T, platforms ...string) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "package.json"), []byte(`{"private":true}`), 0o644))
	install := []string{"install", "--prefix", folder, "--offline", "--no-audit", "--no-fund"}
	for _, name := range append([]string{"flexie-mcp"}, platforms...) {
		packed := ran(t, "npm", "pack", "--silent", "--pack-destination", folder, packages(t, "npm", name))
		install = append(install, filepath.Join(folder, strings.TrimSpace(packed)))
	}
	ran(t, "npm", install...)
	return filepath.Join(folder, "node_modules", ".bin", "flexie-mcp")
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// TestNpxStartsTheProgram: with its arguments, streams and exit codes.
func TestNpxStartsTheProgram(t *testing.T) {
	program := installed(t, "linux-x64")
	require.Contains(t, ran(t, program, "version", "--json"), `"version": "1.2.3"`)
	finds(t, connected(t, program, nil, []string{"FLEXIE_SANDBOX=1"}))

	stdout, stderr, code := ended(t, program, "versoin")
	require.Equal(t, 2, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, `there is no command "versoin"; did you mean version?`)
	endsAtASignal(t, program)
}

// endsAtASignal: the signal reaches the program, which ends in order and is waited for.
func endsAtASignal(t *testing.T, program string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, "sandbox", "--listen", "127.0.0.1:0")
	c.Env = []string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH")}
	// Should the signal not get through, the cleanup ends all the same.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := c.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) })
	first := make([]byte, 256)
	n, err := stderr.Read(first) // it says where it listens, so it is up
	require.NoError(t, err)
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	_ = c.Wait()
	require.Equal(t, 0, c.ProcessState.ExitCode(), "%s", first[:n])
}

// TestAMissingProgramIsSaid: npm leaves out an optional package without a word.
func TestAMissingProgramIsSaid(t *testing.T) {
	_, stderr, code := ended(t, installed(t), "version")
	require.Equal(t, 1, code)
	require.Contains(t, stderr, "flexie-mcp: the package @somebody/flexie-mcp-linux-x64, which holds the program, was not installed; install again")
	require.NotContains(t, stderr, "    at ", "a stack trace")
}

// ended is what a program leaves behind that may fail.
func ended(t *testing.T, program string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, complaint bytes.Buffer
	c := exec.CommandContext(t.Context(), program, args...)
	c.Stdout, c.Stderr = &out, &complaint
	err := c.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return out.String(), complaint.String(), c.ProcessState.ExitCode()
}
