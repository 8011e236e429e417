package oauth_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/oauth"
	"flexie-mcp/internal/sandbox"
)

// The test binary is a process of this program as well, where this is set.
const asProcess = "OAUTH_TEST_PROCESS"

func TestMain(m *testing.M) {
	if os.Getenv(asProcess) != "" {
		os.Exit(process())
	}
	os.Exit(m.Run())
}

// process makes calls with the default login, and is killed at a step, if one is
// named. It begins when its standard input ends.
func process() int {
	dir, killAt := os.Getenv("OAUTH_TEST_DIR"), os.Getenv("OAUTH_TEST_KILL")
	oauth.OnStep(func(at string) {
		if killAt != "" && strings.HasPrefix(at, strings.SplitN(killAt, "…", 2)[0]) && strings.HasSuffix(at, strings.TrimPrefix(killAt, "written …")) {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			select {}
		}
	})
	_, _ = io.Copy(io.Discard, os.Stdin)
	l := oauth.OpenLogins(dir, false)
	one, _, err := l.Find("")
	if err != nil {
		return complain(err)
	}
	api, err := flexie.New(flexie.Options{BaseURL: one.Root, Auth: l.Source(one, oauth.SourceOptions{})})
	if err != nil {
		return complain(err)
	}
	var all sync.WaitGroup
	failed := make(chan error, 20)
	for range cap(failed) {
		all.Go(func() {
			_, err := self(context.Background(), api)
			failed <- err
		})
	}
	all.Wait()
	for range cap(failed) {
		if err := <-failed; err != nil {
			return complain(err)
		}
	}
	return 0
}

func complain(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// begin starts a process, which waits for go.
func begin(t *testing.T, dir, killAt string) (start func(), end func() (string, error)) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), asProcess+"=1", "OAUTH_TEST_DIR="+dir, "OAUTH_TEST_KILL="+killAt, "GORACE=atexit_sleep_ms=0")
	in, err := c.StdinPipe()
	require.NoError(t, err)
	var said strings.Builder
	c.Stderr = &said
	require.NoError(t, c.Start())
	return func() { require.NoError(t, in.Close()) }, func() (string, error) {
		err := c.Wait()
		return said.String(), err
	}
}

// TestKilledAtEachStep of a renewal: the next process goes on with what there is,
// or, where Flexie's answer is lost for good, says so and what to do.
func TestKilledAtEachStep(t *testing.T) {
	for _, test := range []struct {
		step string
		lost bool
	}{
		{"locked", false},
		{"written ….renewing.json", false},
		{"marked", false},
		{"answered", true},
		{"written ….tokens.json", false}, // on disk, and not yet in its place
		{"written ….login.json", false},
		{"kept", false},
	} {
		t.Run(test.step, func(t *testing.T) {
			f := workspace(t, sandbox.Options{})
			dir := t.TempDir()
			l := oauth.OpenLogins(dir, false)
			f.login(l)
			f.box.ExpireTokens()
			start, end := begin(t, dir, test.step)
			start()
			_, err := end()
			require.ErrorContains(t, err, "killed", "it was not killed there")

			start, end = begin(t, dir, "")
			start()
			said, err := end()
			if !test.lost {
				require.NoError(t, err, said)
				require.NotContains(t, fmt.Sprint(files(t, dir)), `"room"`, "the mark is taken away")
				return
			}
			require.Error(t, err)
			require.Contains(t, said, `Flexie does not take the sign-in any more: "Invalid refresh token"; a renewal at 20`)
			require.Contains(t, said, "was cut off before its answer was kept")
			require.Contains(t, said, "run flexie-mcp login in a terminal")

			f.login(l)
			start, end = begin(t, dir, "")
			start()
			said, err = end()
			require.NoError(t, err, said)
		})
	}
}

// TestKilledWhereTokensStay: with a Flexie that does not rotate, no kill costs
// the login.
func TestKilledWhereTokensStay(t *testing.T) {
	f := workspace(t, sandbox.Options{KeepRefresh: true})
	dir := t.TempDir()
	f.login(oauth.OpenLogins(dir, false))
	for _, step := range []string{"answered", "written ….tokens.json"} {
		f.box.ExpireTokens()
		start, end := begin(t, dir, step)
		start()
		_, err := end()
		require.ErrorContains(t, err, "killed")
	}
	start, end := begin(t, dir, "")
	start()
	said, err := end()
	require.NoError(t, err, said)
}

// TestTwoProcessesRenewOnce between them, and neither loses the login.
func TestTwoProcessesRenewOnce(t *testing.T) {
	f := workspace(t, sandbox.Options{})
	dir := t.TempDir()
	f.login(oauth.OpenLogins(dir, false))
	for round := 1; round <= 3; round++ {
		f.box.ExpireTokens()
		startA, endA := begin(t, dir, "")
		startB, endB := begin(t, dir, "")
		startA()
		startB()
		for _, end := range []func() (string, error){endA, endB} {
			said, err := end()
			require.NoError(t, err, said)
		}
		require.EqualValues(t, round, f.tokens.Load())
	}
}
