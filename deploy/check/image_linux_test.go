package check_test

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/stretchr/testify/require"
)

// soon is how long anything may take that should be done at once, on a busy machine.
const soon = 20 * time.Second

func TestMain(m *testing.M) {
	status := m.Run()
	if made != "" {
		_ = os.RemoveAll(made)
	}
	os.Exit(status)
}

// made is the directory that image has made.
var made string

// image is a directory with what the Dockerfile puts into the images: what it runs
// to build is run here, on what .dockerignore leaves of the repository.
var image = sync.OnceValues(func() (root string, err error) {
	if made, err = os.MkdirTemp("", "image"); err != nil {
		return "", err
	}
	root = filepath.Join(made, "root")
	source := filepath.Join(made, "src")
	if err := os.Mkdir(root, 0o755); err != nil {
		return "", err
	}
	if err := copyContext(source); err != nil {
		return "", err
	}
	// The tests of the images look at the Dockerfile itself.
	text, err := os.ReadFile(repository + "/Dockerfile")
	if err != nil {
		return "", err
	}
	run := regexp.MustCompile(`(?m)^RUN (CGO_ENABLED=0 .*)$`).FindStringSubmatch(string(text))
	if run == nil {
		return "", fmt.Errorf("the Dockerfile builds nothing")
	}
	inRoot := strings.NewReplacer(" /flexie-mcp", " "+root+"/flexie-mcp", " /data", " "+root+"/data").Replace(run[1])
	build := exec.Command("sh", "-euc", inRoot)
	build.Dir = source
	build.Env = append(os.Environ(), "VERSION=1.2.3", "TARGETOS=", "TARGETARCH=")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return root, os.Chmod(made, 0o755)
})

// copyContext copies what a builder would be sent.
func copyContext(to string) error {
	file, err := os.Open(repository + "/.dockerignore")
	if err != nil {
		return err
	}
	defer file.Close()
	patterns, err := ignorefile.ReadAll(file)
	if err != nil {
		return err
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	return filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(repository, path)
		if err != nil || name == "." {
			return err
		}
		skip, err := ignored.MatchesOrParentMatches(name)
		switch {
		case err != nil:
			return err
		case skip && d.IsDir():
			return fs.SkipDir
		case skip || d.IsDir():
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, content, 0o644)
	})
}

// contained is the program as an engine would run it: on the image as its read-only
// root, as nobody, as process 1, and with a volume at /data.
func contained(t *testing.T, volume string, args ...string) *exec.Cmd {
	t.Helper()
	root, err := image()
	require.NoError(t, err)
	if os.Getuid() != 0 || exec.Command("unshare", "--mount", "--pid", "--fork", "true").Run() != nil {
		t.Skip("not checked: making a root of its own for the program takes rights that are not given here")
	}
	const enter = `mount --make-rprivate / &&
		mount --bind "$ROOT" "$ROOT" && mount -o remount,bind,ro "$ROOT" && mount --bind "$VOLUME" "$ROOT/data" &&
		exec setpriv --no-new-privs chroot --userspec=65534:65534 --groups= "$ROOT" /flexie-mcp "$@"`
	c := exec.CommandContext(t.Context(), "sh", append([]string{"-c", enter, "sh"}, args...)...)
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	c.Env = []string{"PATH=" + os.Getenv("PATH"), "ROOT=" + root, "VOLUME=" + volume, "FLEXIE_STATE_DIR=/data", "TMPDIR=/data"}
	return c
}

// volume is a directory of nobody's, as that which the image begins a volume with.
func volume(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	_ = os.Chown(dir, 65534, 65534) // only root can, and needs to
	for parent := dir; parent != os.TempDir() && parent != "/"; parent = filepath.Dir(parent) {
		require.NoError(t, os.Chmod(parent, 0o755))
	}
	return dir
}

func TestTheImageOnStdio(t *testing.T) {
	out, err := contained(t, volume(t), "version").CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Regexp(t, `^flexie-mcp 1\.2\.3 \(`, string(out))

	kept := volume(t)
	c := contained(t, kept, "call", "--sandbox", "--sandbox-file", "/data/sandbox.db", "add_note", `{"entity_type":"contact","entity_id":42,"text":"Called"}`)
	out, err = c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.FileExists(t, filepath.Join(kept, "sandbox.db"))
	info, err := os.Stat(filepath.Join(kept, "journal.db"))
	require.NoError(t, err)
	require.EqualValues(t, 65534, info.Sys().(*syscall.Stat_t).Uid)
}

// TestTheImageOverHTTP: it is ready, by its own healthcheck as well, and ends in
// order when it is told to.
func TestTheImageOverHTTP(t *testing.T) {
	kept := volume(t)
	c := contained(t, kept, "http", "--sandbox", "--listen", "127.0.0.1:0")
	said, err := c.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	address := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(said)
		for lines.Scan() {
			if at := regexp.MustCompile(`serving (http://[^/]+)/mcp`).FindStringSubmatch(lines.Text()); at != nil {
				address <- at[1]
			}
		}
	}()
	select {
	case at := <-address:
		out, err := contained(t, volume(t), "healthcheck", at).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.Equal(t, "ready\n", string(out))
	case <-time.After(soon):
		require.Fail(t, "it does not serve")
	}
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	require.NoError(t, c.Wait(), "process 1 ends with 0")
}

// TestTheDockerfileBuildsInOneStep, which is what image looks for.
func TestTheDockerfileBuildsInOneStep(t *testing.T) {
	runs := all[*instructions.RunCommand](dockerfile(t)["build"])
	require.Len(t, runs, 2, "go mod download, and the build")
}
