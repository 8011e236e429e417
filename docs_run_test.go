package main_test

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestTheDocumentsRun runs each shell block of README.md and docs/ that is marked
// as runnable, as it stands, document by document, in a copy of this folder.
// There, acme.flexie.io is the sandbox, and your-key an administrator's key of it.
//
//	```sh run       must end with status 0
//	```sh serve     goes on until the next of these, or the document's end, and must end
//	                with status 0 when it is told to
//	<!-- run, …     the same, not shown: what a reader has done already
func TestTheDocumentsRun(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("it builds the program anew, and relies on SSL_CERT_FILE")
	}
	world := documentWorld(t)
	ran := 0
	for _, path := range documents(t) {
		blocks := runnable(t, path)
		if len(blocks) == 0 {
			continue
		}
		ran += len(blocks)
		t.Run(filepath.Base(path), func(t *testing.T) {
			reader := readerOf(t, world)
			for _, b := range blocks {
				reader.do(t, b)
			}
			reader.stop()
		})
	}
	require.GreaterOrEqual(t, ran, 10)
}

// block is a piece of shell in a document, and the line that it begins at.
type block struct {
	line        int
	serves      bool
	text, place string
}

var blockStart = regexp.MustCompile("^(?:```sh|<!--) (run|serve)$")

// runnable are the marked blocks of a document, in its order.
func runnable(t *testing.T, path string) (blocks []block) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var b *block
	for i, line := range strings.Split(string(text), "\n") {
		m := blockStart.FindStringSubmatch(line)
		switch {
		case m != nil:
			require.Nil(t, b, "%s:%d: a block in a block", path, i+1)
			b = &block{line: i + 1, serves: m[1] == "serve", place: path}
		case b != nil && (line == "```" || line == "-->"):
			blocks, b = append(blocks, *b), nil
		case b != nil:
			b.text += line + "\n"
		}
	}
	require.Nil(t, b, "%s: a block without an end", path)
	return blocks
}

// reader is somebody who goes through one document, with a home of their own. stop
// ends what they have left running.
type reader struct {
	dir  string
	env  []string
	stop func()
}

func readerOf(t *testing.T, w world) *reader {
	home := t.TempDir()
	return &reader{dir: w.dir, env: append(w.env[:len(w.env):len(w.env)], "HOME="+home, "XDG_STATE_HOME="+home+"/.local/state"), stop: func() {}}
}

func (r *reader) do(t *testing.T, b block) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	shell := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", b.text)
	shell.Dir, shell.Env = r.dir, r.env
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.WaitDelay = time.Second
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	if b.serves {
		r.stop()
		r.serve(t, b, shell)
		return
	}
	var output bytes.Buffer
	shell.Stdout, shell.Stderr = &output, &output
	require.NoError(t, shell.Run(), "%s:%d\n%s\n%s", b.place, b.line, b.text, &output)
}

// serve starts what listens, waits until it says so, and has it end with the document.
func (r *reader) serve(t *testing.T, b block, shell *exec.Cmd) {
	t.Helper()
	said, err := shell.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, shell.Start())
	var output bytes.Buffer
	listens, ended := make(chan struct{}), make(chan struct{})
	tell := sync.OnceFunc(func() { close(listens) })
	go func() {
		defer close(ended)
		defer tell()
		for lines := bufio.NewScanner(said); lines.Scan(); {
			output.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "http://") {
				tell()
			}
		}
	}()
	<-listens
	r.stop = func() {
		_ = syscall.Kill(-shell.Process.Pid, syscall.SIGTERM)
		<-ended
		require.NoError(t, shell.Wait(), "%s:%d\n%s\n%s", b.place, b.line, b.text, &output)
	}
}

// documents are what a user reads.
func documents(t *testing.T) []string {
	paths, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	return append([]string{"README.md"}, paths...)
}
