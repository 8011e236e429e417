package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
)

// loginWorld is a workspace that can be signed in to, and a person at a machine
// without a keyring.
type loginWorld struct {
	t        *testing.T
	box      *sandbox.Sandbox
	root     string
	redirect string
	environ  []string // names the state directory, and no workspace

	arrived, goOn chan struct{} // of requests for tokens, where these are set

	mu     sync.Mutex
	tokens []string // that were given, access and refresh
}

func newLoginWorld(t *testing.T) *loginWorld {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &loginWorld{t: t, redirect: "http://" + l.Addr().String() + "/callback"}
	require.NoError(t, l.Close())
	box, err := sandbox.Open(sandbox.Options{Redirect: w.redirect})
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(func() { s.Close(); box.Close() })
	w.box, w.root = box, s.URL+"/api"
	w.environ = []string{"FLEXIE_KEYRING=0", "FLEXIE_STATE_DIR=" + t.TempDir(), "FLEXIE_OAUTH_REDIRECT=" + w.redirect, "FLEXIE_LOG_LEVEL=debug"}
	return w
}

var givenTokens = regexp.MustCompile(`"(?:access|refresh)_token":"([^"]+)"`)

// serve is the workspace, which remembers what it must not be seen anywhere.
func (w *loginWorld) serve(rw http.ResponseWriter, r *http.Request) {
	res, err := w.box.Transport().RoundTrip(r)
	if err != nil {
		return // whoever asked is gone
	}
	defer res.Body.Close()
	if w.arrived != nil && r.URL.Path == "/oauth2/token" {
		w.arrived <- struct{}{}
		<-w.goOn
	}
	body, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	w.mu.Lock()
	for _, m := range givenTokens.FindAllSubmatch(body, -1) {
		w.tokens = append(w.tokens, string(m[1]))
	}
	w.mu.Unlock()
	for name, values := range res.Header {
		rw.Header()[name] = values
	}
	rw.WriteHeader(res.StatusCode)
	_, _ = rw.Write(body)
}

// withClient is the environment in which a person signs in for the first time.
func (w *loginWorld) withClient(more ...string) []string {
	return append(append([]string{"FLEXIE_BASE_URL=" + w.root, "FLEXIE_OAUTH_CLIENT_ID=" + sandbox.ClientID, "FLEXIE_OAUTH_CLIENT_SECRET=" + sandbox.ClientSecret}, w.environ...), more...)
}

// begin starts login, and gives the address that it says to open.
func (w *loginWorld) begin(environ []string, args ...string) (process, string) {
	w.t.Helper()
	p := start(w.t, environ, append([]string{"login", "--no-browser"}, args...)...)
	var address string
	require.Eventually(w.t, func() bool {
		address = regexp.MustCompile(`(?m)^  (http\S+)$`).FindString(p.errors.String())
		return address != ""
	}, soon, tick, "no address: %s", p.errors)
	return p, strings.TrimSpace(address)
}

const tick = 5 * time.Millisecond

// allow is the person in the browser; the address that it ends on.
func (w *loginWorld) allow(address, user string) string {
	w.t.Helper()
	u, err := url.Parse(address)
	require.NoError(w.t, err)
	form := u.Query()
	form.Set("user", user)
	u.RawQuery = ""
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := browser.PostForm(u.String(), form)
	require.NoError(w.t, err)
	defer res.Body.Close()
	to := res.Header.Get("Location")
	require.True(w.t, strings.HasPrefix(to, w.redirect), "%d %s", res.StatusCode, to)
	return to
}

func (w *loginWorld) open(address string) string {
	w.t.Helper()
	res, err := http.Get(address)
	require.NoError(w.t, err)
	defer res.Body.Close()
	page, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return string(page)
}

// run runs a command to its end.
func (w *loginWorld) run(environ []string, args ...string) (out, said string, status int) {
	w.t.Helper()
	c := command(w.t, environ, args...)
	var o, e bytes.Buffer
	c.Stdout, c.Stderr = &o, &e
	_ = c.Run()
	w.hides(o.String() + e.String())
	return o.String(), e.String(), c.ProcessState.ExitCode()
}

// hides: no credential is in what was said.
func (w *loginWorld) hides(text string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, secret := range append([]string{sandbox.ClientSecret}, w.tokens...) {
		require.NotContains(w.t, text, secret)
	}
}

// signIn does so by the browser.
func (w *loginWorld) signIn(user string, environ []string, args ...string) string {
	w.t.Helper()
	p, address := w.begin(environ, args...)
	require.Contains(w.t, w.open(w.allow(address, user)), "You are signed in")
	require.Zero(w.t, p.end(), p.errors.String())
	w.hides(p.errors.String())
	var out strings.Builder
	for line := range p.lines {
		out.WriteString(line)
	}
	w.hides(out.String())
	return out.String()
}

// TestLogin: once signed in, nothing else needs to be set for anything.
func TestLogin(t *testing.T) {
	w := newLoginWorld(t)
	said := w.signIn("1", w.withClient())
	require.Contains(t, said, "Signed in to "+w.root+" as Elena ")
	require.Contains(t, said, "a file of mode 0600 below ")
	require.Contains(t, said, "It is used wherever no workspace and no API key are set.")

	out, _, status := w.run(w.environ, "whoami")
	require.Zero(t, status)
	require.Regexp(t, `(?m)^workspace +`+w.root+`$`, out)
	require.Regexp(t, `(?m)^user +Elena .*, id 1$`, out)
	require.Regexp(t, `(?m)^signed in +by flexie-mcp login, 20`, out)
	require.Regexp(t, `(?m)^token ends +20.*; it is renewed by itself$`, out)
	require.Regexp(t, `(?m)^kept in +a file of mode 0600`, out)

	w.box.ExpireTokens()
	out, said, status = w.run(w.environ, "call", "get_current_user", "{}")
	require.Zero(t, status, said)
	require.Contains(t, out, "elena")
	w.box.EndSignIns()
	_, said, status = w.run(w.environ, "call", "get_current_user", "{}")
	require.Equal(t, 1, status)
	require.Contains(t, said, "Sign in again: run flexie-mcp login in a terminal")
	require.NotContains(t, said, "API key")
	out, said, status = w.run(w.environ, "whoami")
	require.Equal(t, 1, status)
	require.Regexp(t, `(?m)^token ends +it is not renewed any more: the sign-in has ended$`, out)
	require.Contains(t, said, "servers that run go on with it")

	w.signIn("3", w.environ) // with the client of the last time
	out, _, status = w.run(w.environ, "whoami")
	require.Zero(t, status)
	require.Regexp(t, `(?m)^user +Sofia .*, id 3$`, out)
}

// TestLoginServes stdio and HTTP where no key is set.
func TestLoginServes(t *testing.T) {
	w := newLoginWorld(t)
	w.signIn("1", w.withClient())
	ask := func(transport mcp.Transport) string {
		c, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
		require.NoError(t, err)
		defer c.Close()
		answer, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_current_user", Arguments: map[string]any{}})
		require.NoError(t, err)
		return answer.Content[0].(*mcp.TextContent).Text
	}
	stdio, said := command(t, w.environ), &log{}
	stdio.Stderr = said
	require.Contains(t, ask(&mcp.CommandTransport{Command: stdio}), "elena")
	w.hides(said.String())

	p := start(t, w.environ, "http", "--listen", "127.0.0.1:0")
	at := p.address() + "/mcp"
	require.Contains(t, ask(&mcp.StreamableClientTransport{Endpoint: at}), "elena")
	w.box.ExpireTokens()
	require.Contains(t, ask(&mcp.StreamableClientTransport{Endpoint: at}), "elena")
	own := &http.Client{Transport: withHeader{"X-Flexie-Api-Key", sandbox.ViewerKey}}
	require.Contains(t, ask(&mcp.StreamableClientTransport{Endpoint: at, HTTPClient: own}), "aiko", "whoever brings a key works with that")
	w.hides(p.errors.String())
}

// TestARenewalOutlivesTheEnd of the program that began it: Flexie has made the old
// token worthless by then.
func TestARenewalOutlivesTheEnd(t *testing.T) {
	w := newLoginWorld(t)
	w.signIn("1", w.withClient())
	w.box.ExpireTokens()
	w.arrived, w.goOn = make(chan struct{}, 10), make(chan struct{})
	p := start(t, w.environ, "call", "get_current_user", "{}")
	await(t, w.arrived, "the renewal")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.ended:
		require.FailNow(t, "it did not wait", p.errors.String())
	case <-time.After(1500 * time.Millisecond): // longer than a command is waited for that has nothing under way
	}
	close(w.goOn)
	p.end()
	out, said, status := w.run(w.environ, "call", "get_current_user", "{}")
	require.Zero(t, status, said)
	require.Contains(t, out, "elena")
}

// withHeader sends a header with each request.
type withHeader struct{ name, value string }

func (h withHeader) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set(h.name, h.value)
	return http.DefaultTransport.RoundTrip(r)
}

// TestLoginByPasting, as over SSH: other lines are passed over, and say why.
func TestLoginByPasting(t *testing.T) {
	for name, redirect := range map[string]string{"where the answer could be heard as well": "", "where it can't be": "https://elsewhere.example/cb"} {
		t.Run(name, func(t *testing.T) {
			w := newLoginWorld(t)
			environ := w.withClient()
			if redirect != "" {
				w.redirect = redirect
				box, err := sandbox.Open(sandbox.Options{Redirect: redirect})
				require.NoError(t, err)
				t.Cleanup(func() { box.Close() })
				w.box = box
				environ = append(environ, "FLEXIE_OAUTH_REDIRECT="+redirect)
			}
			p, address := w.begin(environ)
			to := w.allow(address, "1")
			p.send("hello")
			p.send("%s", strings.Replace(to, "state=", "state=x", 1))
			p.send("")
			p.send("%s", to)
			require.Zero(t, p.end(), p.errors.String())
			require.Contains(t, p.errors.String(), "that is not the whole address that the browser ended on")
			require.Contains(t, p.errors.String(), "this is not the answer to the sign-in that is under way: open the address that is shown above, and paste the one that the browser ends on then")
			require.Contains(t, <-p.lines, "as Elena ")
		})
	}
}

// TestLoginFails: nothing is kept, and what was is left.
func TestLoginFails(t *testing.T) {
	w := newLoginWorld(t)
	p, address := w.begin(w.withClient())
	require.Contains(t, w.open(w.allow(address, "0")), "The sign-in was denied in Flexie: nothing was kept")
	require.Equal(t, 1, p.end())
	require.Contains(t, p.errors.String(), "flexie-mcp: the sign-in was denied in Flexie: nothing was kept; run flexie-mcp login again to allow it")

	p, _ = w.begin(w.withClient(), "--wait", "1ms")
	require.Equal(t, 1, p.end())
	require.Contains(t, p.errors.String(), "no answer came within 1ms, and nothing was kept: run flexie-mcp login again")

	p, address = w.begin(append(w.withClient(), "FLEXIE_OAUTH_CLIENT_SECRET=wrong"))
	page := w.open(w.allow(address, "1"))
	require.Contains(t, page, "You are not signed in")
	require.Contains(t, page, "does not know this client id and secret")
	require.Equal(t, 1, p.end())

	_, said, status := w.run(w.environ, "whoami")
	require.Equal(t, 1, status)
	require.Contains(t, said, "nobody is signed in: flexie-mcp login does that")
}

// TestSeveralLogins side by side, and a key that wins over them.
func TestSeveralLogins(t *testing.T) {
	one, two := newLoginWorld(t), newLoginWorld(t)
	two.environ = append(two.environ, one.environ[1]) // in the same state directory
	one.signIn("1", one.withClient())
	said := two.signIn("5", two.withClient())
	require.Contains(t, said, "login --default makes it the one where none is set")

	out, _, status := one.run(one.environ, "whoami")
	require.Zero(t, status)
	require.Regexp(t, `(?m)^workspace +`+one.root+`$`, out)
	require.Regexp(t, `(?m)^also +`+two.root+`, as Priya `, out)
	out, _, _ = one.run(append(one.environ, "FLEXIE_BASE_URL="+two.root), "whoami")
	require.Regexp(t, `(?m)^workspace +`+two.root+`$`, out)
	require.Regexp(t, `(?m)^user +Priya `, out)
	require.Regexp(t, `(?m)^also +`+one.root+`, as Elena .* \(the default\)$`, out)
	out, _, _ = one.run(append(one.environ, "FLEXIE_BASE_URL="+one.root, "FLEXIE_API_KEY="+sandbox.ViewerKey), "whoami")
	require.Regexp(t, `(?m)^user +Aiko `, out)
	require.Regexp(t, `(?m)^signed in +with an API key, environment FLEXIE_API_KEY; it wins over the login`, out)

	_, said, status = one.run(one.environ, "logout")
	require.Zero(t, status)
	require.Equal(t, fmt.Sprintf("flexie-mcp: signed out of %s; its tokens are gone from this machine\nflexie-mcp: without a workspace named, %s is worked in from now on\n", one.root, two.root), said)
	out, _, _ = one.run(one.environ, "whoami")
	require.Regexp(t, `(?m)^workspace +`+two.root+`$`, out)
	_, _, status = one.run(one.environ, "logout", "--all")
	require.Zero(t, status)
	dir := strings.TrimPrefix(one.environ[1], "FLEXIE_STATE_DIR=")
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, readErr := os.ReadFile(path)
			require.NoError(t, readErr)
			one.hides(string(text))
			two.hides(string(text))
		}
		return err
	}))
}

// TestInstallWithAKeyOfSomebodySignedIn: the login would win over it where the client
// starts the server, so nothing is written.
func TestInstallWithAKeyOfSomebodySignedIn(t *testing.T) {
	w := newLoginWorld(t)
	w.signIn("1", w.withClient())
	environ := append(w.environ, "HOME="+t.TempDir(), "FLEXIE_BASE_URL="+w.root, "FLEXIE_API_KEY="+sandbox.ViewerKey)
	file := filepath.Join(t.TempDir(), "mcp.json")
	out, said, status := w.run(environ, "install", "cursor", "--file", file)
	require.Equal(t, 1, status, out)
	require.Regexp(t, `^flexie-mcp: your key would not be used: Elena .* is signed in to `+w.root+` by flexie-mcp login, which wins over a key that is kept: flexie-mcp logout first, or leave out the key, in --api-key and FLEXIE_API_KEY\n$`, said)
	require.NoFileExists(t, file)
	require.NoDirExists(t, filepath.Join(strings.TrimPrefix(w.environ[1], "FLEXIE_STATE_DIR="), "keys"))

	out, said, status = w.run(environ, "install", "cursor", "--file", file, "--with-key")
	require.Zero(t, status, said)
	require.Contains(t, out, "The key is readable in that file")
	out, said, status = w.run(w.environ, "install", "cursor", "--file", file)
	require.Zero(t, status, said)
	require.Regexp(t, `(?m)^No workspace was named: it works in `+w.root+`, where somebody is signed in\. It works as Elena`, out)
}

// publicFile says whose the login to a workspace is.
func (w *loginWorld) publicFile() string {
	w.t.Helper()
	u, err := url.Parse(w.root)
	require.NoError(w.t, err)
	found, err := filepath.Glob(filepath.Join(strings.TrimPrefix(w.environ[1], "FLEXIE_STATE_DIR="), "logins", strings.ReplaceAll(u.Host, ":", "_")+"-*.login.json"))
	require.NoError(w.t, err)
	require.Len(w.t, found, 1)
	return found[0]
}

// TestADamagedLoginAmongOthers is named with what to do; the others go on.
func TestADamagedLoginAmongOthers(t *testing.T) {
	one, two := newLoginWorld(t), newLoginWorld(t)
	two.environ[1] = one.environ[1] // in the same state directory
	one.signIn("1", one.withClient())
	two.signIn("5", two.withClient())
	file := two.publicFile()
	require.NoError(t, os.WriteFile(file, []byte(`{"root"`), 0o600))

	out, said, status := one.run(one.environ, "whoami")
	require.Zero(t, status, said)
	require.Regexp(t, `(?m)^user +Elena `, out)
	todo := file + " is damaged: flexie-mcp login --base-url " + two.root + " signs in again and sets it aside; flexie-mcp logout --base-url " + two.root + " removes it"
	require.Regexp(t, `(?m)^damaged +`+two.root+": "+regexp.QuoteMeta(todo)+`$`, out)
	_, said, status = one.run(one.environ, "call", "get_current_user", "{}")
	require.Zero(t, status, said)
	_, said, status = two.run(two.environ, "whoami", "--base-url", two.root)
	require.Equal(t, 1, status)
	require.Equal(t, "flexie-mcp: "+todo+"\n", said)

	p, address := two.begin(two.environ, "--base-url", two.root) // by the client in the tokens
	require.Contains(t, two.open(two.allow(address, "5")), "You are signed in")
	require.Zero(t, p.end(), p.errors.String())
	require.Contains(t, p.errors.String(), "flexie-mcp: warning: the login that was there was damaged, and is now in "+file+".damaged;")
	out, _, status = two.run(two.environ, "whoami", "--base-url", two.root)
	require.Zero(t, status)
	require.Regexp(t, `(?m)^user +Priya `, out)

	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	_, said, status = two.run(two.environ, "logout", "--base-url", two.root)
	require.Zero(t, status, said)
	require.Equal(t, "flexie-mcp: signed out of "+two.root+"; its tokens are gone from this machine\n", said)
	require.NoFileExists(t, file+".damaged")
	file = one.publicFile()
	require.NoError(t, os.WriteFile(file, []byte("{"), 0o600))
	_, said, status = one.run(one.environ, "whoami")
	require.Equal(t, 1, status)
	require.Contains(t, said, file+" is damaged")
	_, said, status = one.run(one.environ, "logout", "--all")
	require.Zero(t, status, said)
	_, said, status = one.run(one.environ, "whoami")
	require.Equal(t, 1, status)
	require.Contains(t, said, "nobody is signed in: ")
}

// TestTokensThatOthersCouldRead are taken from them, and each says so.
func TestTokensThatOthersCouldRead(t *testing.T) {
	w := newLoginWorld(t)
	w.signIn("1", w.withClient())
	tokens := strings.Replace(w.publicFile(), ".login.", ".tokens.", 1)
	for _, command := range [][]string{{"whoami"}, {"call", "get_current_user", "{}"}} {
		require.NoError(t, os.Chmod(tokens, 0o644))
		out, said, status := w.run(append(w.environ, "FLEXIE_LOG_LEVEL=warn"), command...)
		require.Zero(t, status, said)
		require.Contains(t, said, "others could read "+tokens+" (mode 0644), and now can't: it has mode 0600.")
		require.Equal(t, 1, strings.Count(said, "\n"), said)
		require.NotContains(t, out, "0644")
	}
}

// TestAKeyWithoutAWorkspace is of none, whatever logins there are.
func TestAKeyWithoutAWorkspace(t *testing.T) {
	w := newLoginWorld(t)
	w.signIn("1", w.withClient())
	out, said, status := w.run(append(w.environ, "FLEXIE_API_KEY="+sandbox.ViewerKey), "whoami")
	require.Equal(t, 1, status)
	require.Regexp(t, `(?m)^workspace +none is set$`, out)
	require.Regexp(t, `(?m)^also +`+w.root+`, as Elena .* \(the default\)$`, out)
	require.Contains(t, said, "This server has an API key but not the workspace it belongs to")
	_, called, status := w.run(append(w.environ, "FLEXIE_API_KEY="+sandbox.ViewerKey), "call", "get_current_user", "{}")
	require.Equal(t, 1, status)
	require.Contains(t, called, strings.TrimPrefix(strings.TrimSpace(said), "flexie-mcp: "))
}

// TestTheSandboxSaysHowToSignIn with all that it takes.
func TestTheSandboxSaysHowToSignIn(t *testing.T) {
	for redirect, want := range map[string]string{
		"http://localhost:4711/cb":             "FLEXIE_OAUTH_REDIRECT=http://localhost:4711/cb flexie-mcp login",
		"http://localhost:8080/oauth/callback": "FLEXIE_PUBLIC_URL=http://localhost:8080 flexie-mcp http", // which has that port
	} {
		p := start(t, []string{"FLEXIE_OAUTH_REDIRECT=" + redirect}, "sandbox", "--listen", "127.0.0.1:0")
		require.Eventually(t, func() bool {
			return regexp.MustCompile(`FLEXIE_OAUTH_CLIENT_SECRET=\S+ ` + want + `\n`).MatchString(p.errors.String())
		}, soon, tick, p.errors)
	}
}

// TestWhoamiWithoutANetwork says what it knows.
func TestWhoamiWithoutANetwork(t *testing.T) {
	w := newLoginWorld(t)
	s := httptest.NewServer(http.HandlerFunc(w.serve))
	w.root = s.URL + "/api"
	w.signIn("1", w.withClient())
	s.Close()
	out, _, status := w.run(append(w.environ, "FLEXIE_RETRIES=0"), "whoami")
	require.Zero(t, status)
	require.Regexp(t, `(?m)^user +Elena .*, id 1, when last seen; now: could not connect to `, out)
	require.Regexp(t, `(?m)^token ends +20`, out)
}

// TestTheSandboxTakesTheDefaultRedirect, so that login works with both as they are.
func TestTheSandboxTakesTheDefaultRedirect(t *testing.T) {
	loaded, err := config.Load(nil, nil)
	require.NoError(t, err)
	require.Equal(t, sandbox.Redirect, loaded.OAuthRedirect)
}
