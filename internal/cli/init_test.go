//go:build !windows

package cli_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/term"

	"flexie-mcp/internal/sandbox"
)

// newcomer is somebody with a key, at a terminal of a machine without a keyring that
// has Cursor on it.
type newcomer struct {
	t             *testing.T
	home, root    string
	environ       []string
	columns, rows uint16
}

// theKey is the newcomer's, which must not be seen anywhere.
const theKey = "canary-7f3a9c1e5b2d"

func newNewcomer(t *testing.T) *newcomer {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("apikey") == theKey {
			r.Header.Set("apikey", sandbox.Key)
		}
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { s.Close(); box.Close() })
	n := &newcomer{t: t, home: t.TempDir(), root: s.URL + "/api", columns: 80, rows: 24}
	n.environ = []string{"HOME=" + n.home, "FLEXIE_KEYRING=0", "TERM=xterm"}
	require.NoError(t, os.Mkdir(filepath.Join(n.home, ".cursor"), 0o700))
	return n
}

// files are those in the home, with what is in them.
func (n *newcomer) files() map[string]string {
	n.t.Helper()
	found := map[string]string{}
	require.NoError(n.t, filepath.WalkDir(n.home, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(n.home, path)
		found[name] = string(text)
		return err
	}))
	return found
}

// dialog is init, at a terminal.
type dialog struct {
	*newcomer
	cmd    *exec.Cmd
	pty    *os.File
	shown  *term.State // of the terminal while it shows what is typed
	screen *log
	seen   int // how much of the screen has been expected already
	ended  chan struct{}
}

func (n *newcomer) dialog(args ...string) *dialog {
	n.t.Helper()
	d := &dialog{newcomer: n, cmd: command(n.t, n.environ, append([]string{"init"}, args...)...), screen: &log{}, ended: make(chan struct{})}
	terminal, err := pty.StartWithSize(d.cmd, &pty.Winsize{Cols: n.columns, Rows: n.rows})
	require.NoError(n.t, err)
	d.pty = terminal
	d.shown, err = term.GetState(int(terminal.Fd()))
	require.NoError(n.t, err)
	n.t.Cleanup(func() { d.cmd.Process.Kill(); terminal.Close() })
	go func() {
		defer close(d.ended)
		b := make([]byte, 4096)
		for {
			count, err := terminal.Read(b)
			_, _ = d.screen.Write(b[:count])
			if err != nil {
				return
			}
		}
	}()
	return d
}

// expect waits for a text, wherever lines are broken.
func (d *dialog) expect(text string) {
	d.t.Helper()
	pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(text), " ", `\s+`))
	require.Eventually(d.t, func() bool {
		at := pattern.FindStringIndex(d.screen.String()[d.seen:])
		if at != nil {
			d.seen += at[1]
		}
		return at != nil
	}, soon, tick, "waiting for %q: %s", text, d.screen)
}

// answer types a line where the next question is asked.
func (d *dialog) answer(question, text string) {
	d.t.Helper()
	d.expect(question)
	d.expect("> ")
	d.write(text + "\r")
}

func (d *dialog) write(text string) {
	d.t.Helper()
	_, err := d.pty.WriteString(text)
	require.NoError(d.t, err)
}

// isHidden waits until the terminal does not show what is typed.
func (d *dialog) isHidden() {
	d.t.Helper()
	require.Eventually(d.t, func() bool { return !reflect.DeepEqual(d.shown, d.state()) }, soon, tick)
}

func (d *dialog) state() *term.State {
	state, err := term.GetState(int(d.pty.Fd()))
	require.NoError(d.t, err)
	return state
}

func (d *dialog) answerKey(key string) {
	d.t.Helper()
	d.expect("Your API key;")
	d.expect("> ")
	d.isHidden()
	d.write(key + "\r")
}

// end waits for its end; a key was never shown.
func (d *dialog) end() int {
	d.t.Helper()
	err := d.cmd.Wait()
	if _, isExit := err.(*exec.ExitError); err != nil && !isExit {
		require.NoError(d.t, err)
	}
	<-d.ended
	require.NotContains(d.t, d.screen.String(), "canary")
	return d.cmd.ProcessState.ExitCode()
}

// TestInit: from a key to a client that works, by its questions, with what goes wrong
// on the way.
func TestInit(t *testing.T) {
	n := newNewcomer(t)
	d := n.dialog()
	d.answer("Your Flexie workspace, like acme", "what is this")
	d.expect("That is no workspace: write the first part of the address")
	d.answer("Your Flexie workspace, like acme", "  "+n.root+"/ ")
	d.expect(n.root + " is there.")
	d.answerKey("canary-wrong")
	d.expect("The key is not right: ")
	d.answerKey("")
	d.expect("There is no key in it.")
	d.answerKey("canary one canary two")
	d.expect("There are spaces, line breaks or unseen signs inside it")
	d.answerKey(` "` + theKey + `" `)
	d.expect("Without the spaces and quotes around it.")
	d.expect("You are Elena Marković (Administrator).")
	d.expect("core")
	d.expect("what a working day takes")
	d.answer("Toolsets, with commas between them, or ? for what each holds [core]:", "?")
	d.expect("cases")
	d.expect("11: search, get, create, update, delete,")
	d.answer("[core]:", "core,kases")
	d.expect(`There is no toolset "kases"`)
	d.answer("[core]:", "core, cases")
	d.answer("May assistants also change things in Flexie?", "n")
	d.expect("1 Cursor")
	d.answer("Which are to have it?", "2")
	d.expect("There is no number 2.")
	d.answer("Which are to have it?", "")
	d.expect("This will be done:")
	d.expect("The API key is kept in a file that only you can read.")
	d.expect(`toolsets = ["core", "cases"]`)
	d.answer("Go ahead?", "")
	d.expect("Cursor has it now")
	d.expect("Next: in Cursor, ask: Who am I in Flexie?")
	require.Zero(t, d.end(), d.screen)

	files := n.files()
	require.Equal(t, "# Written by flexie-mcp init. What else can stand here is in docs/settings.md.\n"+
		"base_url = \""+n.root+"\"\ntoolsets = [\"core\", \"cases\"]\nread_only = true\n", files[".config/flexie-mcp/config.toml"])
	require.Contains(t, files[".cursor/mcp.json"], `"FLEXIE_CONFIG": "`+n.home+`/.config/flexie-mcp/config.toml"`)
	require.NotContains(t, files[".cursor/mcp.json"], "FLEXIE_BASE_URL")
	for name, text := range files {
		info, err := os.Stat(filepath.Join(n.home, name))
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm(), name)
		require.Equal(t, strings.HasSuffix(name, ".key"), strings.Contains(text, "canary"), name)
	}

	c := command(t, []string{"HOME=" + n.home, "FLEXIE_CONFIG=" + n.home + "/.config/flexie-mcp/config.toml"}, "call", "get_current_user")
	out, err := c.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "elena")

	d = n.dialog()
	d.answer("Your Flexie workspace", "")
	d.expect("There is a key for it in ")
	d.expect("You are Elena Marković (Administrator).")
	d.answer("[core,cases]:", "")
	d.answer("y/N", "")
	d.expect("which has it already")
	d.answer("Which are to have it?", "")
	d.expect("Nothing: all is as it should be already.")
	d.answer("Go ahead?", "")
	require.Zero(t, d.end(), d.screen)
	after := n.files()
	for _, name := range []string{".config/flexie-mcp/config.toml", ".cursor/mcp.json"} {
		require.Equal(t, files[name], after[name])
	}
}

// TestInitIsLeft by Ctrl-C, or by the end of what is typed, at each of its questions:
// nothing was written, and the terminal is as it was.
func TestInitIsLeft(t *testing.T) {
	n := newNewcomer(t)
	questions := []struct{ question, answer string }{
		{"Your Flexie workspace", n.root}, {"Your API key;", theKey}, {"Toolsets, with commas", ""},
		{"May assistants also change", ""}, {"Which are to have it?", ""}, {"Go ahead?", ""},
	}
	for end, says := range map[string]string{"\x03": "flexie-mcp: interrupted: nothing was written", "\x04": "flexie-mcp: standard input has ended: nothing was written"} {
		for i, left := range questions {
			d := n.dialog()
			for _, q := range questions[:i+1] {
				d.expect(q.question)
				d.expect("> ")
				if q.answer == theKey {
					d.isHidden()
				}
				if q != left {
					d.write(q.answer + "\r")
				}
			}
			d.write(end)
			d.expect(says)
			require.Equal(t, d.shown, d.state(), "what is typed is shown again")
			require.Equal(t, 1, d.end(), d.screen)
			require.Empty(t, n.files(), left.question)
		}
	}
}

// TestInitTakesOneLineOfAPaste: what comes after the key answers no other question, and
// is not shown.
func TestInitTakesOneLineOfAPaste(t *testing.T) {
	n := newNewcomer(t)
	d := n.dialog("--no-clients", "--read-only")
	d.answer("Your Flexie workspace", n.root)
	d.answerKey(theKey + "\rcanary-second\rcanary-third")
	d.expect("Only the first line was taken.")
	d.expect("You are Elena Marković (Administrator).")
	d.answer("Toolsets, with commas", "")
	d.answer("Go ahead?", "n")
	require.Equal(t, 1, d.end(), d.screen)
}

// TestInitHidesWhatIsTypedTooEarly, such as a key while the workspace is looked up.
func TestInitHidesWhatIsTypedTooEarly(t *testing.T) {
	n := newNewcomer(t)
	asked, goOn := make(chan struct{}, 9), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-goOn
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer s.Close()
	d := n.dialog("--no-clients", "--read-only")
	d.answer("Your Flexie workspace", s.URL)
	await(t, asked, "the request")
	d.write("canary-early\rcanary-half")
	close(goOn)
	d.expect("What you typed meanwhile was not taken.")
	d.expect("Your API key;")
	d.isHidden()
	d.write("\x03")
	d.expect("nothing was written")
	require.Equal(t, d.shown, d.state(), "what is typed is shown again")
	require.Equal(t, 1, d.end(), d.screen)
}

// TestInitInANarrowTerminal without any client that it knows.
func TestInitInANarrowTerminal(t *testing.T) {
	n := newNewcomer(t)
	require.NoError(t, os.Remove(filepath.Join(n.home, ".cursor")))
	n.columns = 20
	d := n.dialog("sandbox", "--toolsets", "all", "--access", "write")
	d.expect("No client that it knows was found on this machine.")
	d.answer("Go ahead?", "what?")
	d.expect("y for yes, or n for no.")
	d.answer("Go ahead?", "n")
	d.expect("nothing was written")
	require.Equal(t, 1, d.end(), d.screen)
	require.Empty(t, n.files())

	d = n.dialog("sandbox", "--access", "write", "--no-clients")
	d.expect("core")
	d.answer("Toolsets,", "")
	d.answer("Go ahead?", "y")
	d.expect("The settings are in ")
	d.expect("It works on the made-up workspace")
	require.Zero(t, d.end(), d.screen)
	require.Equal(t, "# Written by flexie-mcp init. What else can stand here is in docs/settings.md.\n"+
		"toolsets = [\"core\"]\naccess = \"write\"\nsandbox = true\n", n.files()[".config/flexie-mcp/config.toml"])
	asked, _, _ := strings.Cut(d.screen.String(), "This will be done")
	for line := range strings.Lines(asked) {
		require.LessOrEqual(t, len([]rune(strings.TrimRight(line, "\r\n"))), 20, line)
	}
}

// TestInitWithoutNetwork: it asks again, and a key that can't be tried just now need
// not be typed again.
func TestInitWithoutNetwork(t *testing.T) {
	n := newNewcomer(t)
	asked := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("apikey") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if asked++; asked <= 2 {
			http.Error(w, "<h1>Maintenance</h1>", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":7,"username":"ana","role":{"id":1,"name":"Sales"}}`))
	}))
	defer s.Close()
	d := n.dialog("--no-clients", "--read-only", "--toolsets", "core")
	d.answer("Your Flexie workspace", "http://127.0.0.1:1/api")
	d.expect("can't be reached: could not connect to 127.0.0.1:1: connection refused")
	d.answer("Your Flexie workspace", s.URL)
	d.answerKey(theKey)
	d.expect("Whether the key is right can't be told now:")
	d.answer("Try the same key again?", "n")
	d.answerKey(theKey)
	d.answer("Try the same key again?", "")
	d.expect("You are ana (Sales).")
	d.answer("Go ahead?", "n")
	require.Equal(t, 1, d.end(), d.screen)
	require.Empty(t, n.files())
}

// TestInitIsLeftWhileFlexieHangs, at once.
func TestInitIsLeftWhileFlexieHangs(t *testing.T) {
	n := newNewcomer(t)
	environ, arrived, gaveUp := hangingFlexie(t)
	n.environ = append(n.environ, environ...)
	d := n.dialog()
	await(t, arrived, "the request")
	d.write("\x03")
	await(t, gaveUp, "the end of the request")
	d.expect("flexie-mcp: interrupted: nothing was written")
	require.Equal(t, 1, d.end(), d.screen)
	require.Empty(t, n.files())
}

// TestInitBySigningIn: the browser's answer is pasted, and the next question gets the
// next line.
func TestInitBySigningIn(t *testing.T) {
	w := newLoginWorld(t)
	n := newNewcomer(t)
	n.environ = append(n.environ, w.withClient()...)
	d := n.dialog()
	d.expect(w.root + " is there.")
	d.answer("Sign in with a browser?", "")
	address := regexp.MustCompile(`(?m)^  (http\S+)\s*$`)
	require.Eventually(t, func() bool { return address.MatchString(d.screen.String()) }, soon, tick)
	d.write(w.allow(address.FindStringSubmatch(d.screen.String())[1], "1") + "\r")
	d.expect("Signed in to " + w.root + " as Elena ")
	d.answer("Toolsets, with commas", "cases")
	d.answer("May assistants also change", "")
	d.answer("Which are to have it?", "cursor")
	d.answer("Go ahead?", "")
	d.expect("Cursor has it now")
	require.Zero(t, d.end(), d.screen)
	w.hides(d.screen.String())
	require.Equal(t, "# Written by flexie-mcp init. What else can stand here is in docs/settings.md.\n"+
		"base_url = \""+w.root+"\"\ntoolsets = [\"cases\"]\n", n.files()[".config/flexie-mcp/config.toml"])

	n.environ = append(n.environ, "FLEXIE_API_KEY="+theKey)
	d = n.dialog()
	d.expect("is signed in at " + w.root + " by flexie-mcp login, which wins over a key that is kept: run flexie-mcp logout")
	require.Equal(t, 1, d.end(), d.screen)
}

// TestInitForScripts: all from flags, and the key from standard input.
func TestInitForScripts(t *testing.T) {
	n := newNewcomer(t)
	path := filepath.Join(n.home, ".config", "flexie-mcp", "config.toml")
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte("# mine\nsandbox = true # for now\napi_key = \"canary-old\"\n"), 0o600))
	run := func(in string, args ...string) (string, int) {
		c := command(t, n.environ, append([]string{"init", "--non-interactive"}, args...)...)
		c.Stdin = strings.NewReader(in)
		out, _ := c.CombinedOutput()
		require.NotContains(t, string(out), "canary")
		return string(out), c.ProcessState.ExitCode()
	}
	before := n.files()
	said, status := run("canary-wrong\n", n.root, "--key-file", "-", "--clients", "all")
	require.Equal(t, 1, status, said)
	require.Contains(t, said, "flexie-mcp: the key is not right: ")
	said, status = run("\n", n.root, "--key-file", "-", "--clients", "all")
	require.Equal(t, 1, status, said)
	require.Contains(t, said, "flexie-mcp: --key-file: there is no key in it")
	said, status = run(theKey+"\n", n.root, "--key-file", "-", "--clients", "all", "--dry-run")
	require.Zero(t, status, said)
	require.Contains(t, said, "This would be done:")
	require.Contains(t, said, "api_key is taken out")
	require.Contains(t, said, `+        "FLEXIE_CONFIG": `)
	require.Equal(t, before, n.files())

	said, status = run(theKey+"\n", n.root, "--key-file", "-", "--clients", "cursor", "--confirm", "preview", "--max-rate", "2.5", "--name", "crm")
	require.Zero(t, status, said)
	require.Contains(t, said, "You are Elena Marković (Administrator).")
	files := n.files()
	require.Equal(t, "# mine\nbase_url = \""+n.root+"\"\nmax_rate = 2.5\nconfirm = \"preview\"\n", files[".config/flexie-mcp/config.toml"])
	require.Contains(t, files[".cursor/mcp.json"], `"crm": {`)
	for name, text := range files {
		require.Equal(t, strings.HasSuffix(name, ".key"), strings.Contains(text, "canary"), name)
	}
	said, status = run("", "--no-clients")
	require.Zero(t, status, said)
	require.Contains(t, said, "Nothing: all is as it should be already.")

	said, status = run("", "http://127.0.0.1:1/api", "--no-clients", "--api-key", theKey)
	require.Equal(t, 1, status, said)
	require.Contains(t, said, "can't be reached")
	require.Equal(t, files, n.files())
}
