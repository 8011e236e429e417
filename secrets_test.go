package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// What must not be seen. Each has letters in a row that no escaping changes, by
// which it is found in whatever form it is shown.
const (
	markedKey      = `kq7Zx2Vt9B/+="<&>end`
	markedPassword = `pw4Mn8Rc6D/+="<&>end`
	markedToken    = `tk5Jw3Hs7F`
)

// leaks are the forms of a secret that are looked for.
func leaks(secret []byte) (forms [][]byte) {
	core := secret
	if len(core) > 10 && bytes.ContainsAny(core, `"`) {
		core = core[:10]
	}
	forms = append(forms, secret, core, []byte(hex.EncodeToString(core)))
	for offset := range 3 { // base64 of a longer text, in which it may begin anywhere
		text := base64.StdEncoding.EncodeToString(append(make([]byte, offset), core...))
		text = text[(offset*8+5)/6 : (offset+len(core))*8/6]
		forms = append(forms, []byte(text), []byte(strings.NewReplacer("+", "-", "/", "_").Replace(text)))
	}
	return forms
}

func requireHidden(t *testing.T, where string, said []byte, secrets ...[]byte) {
	t.Helper()
	for _, secret := range secrets {
		for _, form := range leaks(secret) {
			at := bytes.Index(said, form)
			require.Negative(t, at, "%s shows a secret: %q", where, around(said, at))
		}
	}
}

func around(said []byte, at int) []byte {
	if at < 0 {
		return nil
	}
	return said[max(0, at-300):min(len(said), at+100)]
}

// TestFindsASecretInEveryForm, or the tests below would prove nothing.
func TestFindsASecretInEveryForm(t *testing.T) {
	escaped, err := json.Marshal(markedKey)
	require.NoError(t, err)
	for _, form := range []string{
		markedKey, string(escaped), url.QueryEscape(markedKey), url.PathEscape(markedKey), html.EscapeString(markedKey), fmt.Sprintf("%q %x", markedKey, markedKey),
		base64.StdEncoding.EncodeToString([]byte(markedKey)), base64.URLEncoding.EncodeToString([]byte("x:" + markedKey)), base64.RawStdEncoding.EncodeToString([]byte("ab:u:" + markedKey)),
	} {
		found := false
		for _, leak := range leaks([]byte(markedKey)) {
			found = found || bytes.Contains([]byte("some "+form+" text"), leak)
		}
		require.True(t, found, form)
	}
}

// echoes are a Flexie that repeats the key of each request, and what else it was
// sent, wherever there is room.
var echoes = map[string]func(w http.ResponseWriter, r *http.Request, key, body string){
	"in records": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		fmt.Fprintf(w, `{"id":42,"name":%q,"apikey":%[1]q,"text":"the key %[2]s","timezone":"UTC","total":1,"records":[{"id":42,"name":%[1]q}],
			"fields":[{"alias":"name","label":%[1]q,"type":"text"}],"url":"https://x.example/?apikey=%[3]s"}`, key, html.EscapeString(escapedJSON(key)), url.QueryEscape(key))
	},
	"in errors": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		http.Error(w, fmt.Sprintf(`{"errors":[{"message":"The key %s is wrong","code":400,"details":{"apikey":["%[1]s is not one"],"%[1]s":["x"]}}]}`, escapedJSON(key)), http.StatusBadRequest)
	},
	"in a refusal of the key": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		w.Header().Set("WWW-Authenticate", `apikey realm="`+key+`"`)
		http.Error(w, fmt.Sprintf(`{"error":%q}`, key), http.StatusUnauthorized)
	},
	"in an error that looks well": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		fmt.Fprintf(w, `{"success":false,"message":%q}`, key)
	},
	"in a page": func(w http.ResponseWriter, r *http.Request, key, _ string) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprintf(w, "<html><title>%s</title><pre>%v</pre></html>", html.EscapeString(key), r.Header)
	},
	"in what is no JSON": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		fmt.Fprint(w, key+` {"id":`)
	},
	"in a redirect": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		w.Header().Set("Location", "http://127.0.0.1:1/"+url.PathEscape(key)+"?apikey="+url.QueryEscape(key))
		w.WriteHeader(http.StatusTemporaryRedirect)
	},
	"in a broken redirect": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		w.Header().Set("Location", "http://"+key+"@%zz/")
		w.WriteHeader(http.StatusFound)
	},
	"and hangs up": func(w http.ResponseWriter, _ *http.Request, key, _ string) {
		w.Header().Set("Retry-After", key)
		w.Header().Set("X-Key", key)
		w.Header().Set("Content-Length", "1000")
		fmt.Fprintf(w, `{"id":42,"name":%q`, key)
		panic(http.ErrAbortHandler)
	},
	"with the request in records": func(w http.ResponseWriter, _ *http.Request, _, body string) {
		if body == "" {
			body = "{}"
		}
		fmt.Fprintf(w, `{"id":42,"name":"Jo","user":{"id":42,"name":"Jo","sent":%s}}`, body)
	},
	"with the password in records": func(w http.ResponseWriter, _ *http.Request, _, body string) {
		if strings.Contains(body, markedPassword[:10]) {
			fmt.Fprintf(w, `{"user":{"id":42,"name":"Jo","password":%q,"plainPassword":%[1]q}}`, markedPassword)
			return
		}
		fmt.Fprint(w, `{"id":42,"name":"Jo"}`)
	},
	"with the password in errors": func(w http.ResponseWriter, _ *http.Request, _, body string) {
		if strings.Contains(body, markedPassword[:10]) {
			http.Error(w, fmt.Sprintf(`{"errors":[{"message":"The password %s is too short","code":400,"details":{"password":["%[1]s is too short"]}}]}`, escapedJSON(markedPassword)), http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `{"id":42,"name":"Jo"}`)
	},
	"with the password in a page": func(w http.ResponseWriter, _ *http.Request, _, body string) {
		if body == "" {
			fmt.Fprint(w, `{"id":42,"name":"Jo"}`)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, "<html><title>Oops</title><pre>%s</pre></html>", html.EscapeString(body))
	},
}

func escapedJSON(text string) string {
	data, err := flexie.EncodeJSON(text)
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(data), `"`)
}

// TestSecretsAreNeverShown: every tool is called, of a Flexie that repeats what
// it was sent, in a server that logs all it can. Nothing that comes out of it,
// and nothing that it keeps, has a secret in it.
func TestSecretsAreNeverShown(t *testing.T) {
	formats := []string{"text", "json"}
	for i, name := range slices.Sorted(maps.Keys(echoes)) {
		echo, format := echoes[name], formats[i%len(formats)] // by turns: each takes its time
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body bytes.Buffer
				_, _ = body.ReadFrom(r.Body)
				echo(w, r, r.Header.Get("apikey"), body.String())
			}))
			t.Cleanup(s.Close)
			dir := t.TempDir()
			key := filepath.Join(dir, "key")
			require.NoError(t, os.WriteFile(key, []byte(markedKey), 0o600))
			p := program{t: t, dir: dir, environ: []string{
				"FLEXIE_BASE_URL=" + s.URL + "/api", "FLEXIE_API_KEY_FILE=" + key, "FLEXIE_TOOLSETS=all,discover", "FLEXIE_CONFIRM=never",
				"FLEXIE_LOG_LEVEL=debug", "FLEXIE_LOG_FORMAT=" + format, "FLEXIE_MAX_RATE=0", "FLEXIE_MAX_CONCURRENT=0", "FLEXIE_RETRIES=0",
			}}
			p.serve(everyCall(t))
			for _, args := range [][]string{{"changes", "--json"}, {"changes", "show", "1"}, {"undo", "1", "--yes"}, {"config"}, {"call", "create_user", newUser}} {
				p.run(args...)
			}
			p.requireHidden([]byte(markedKey), []byte(markedPassword))
		})
	}
}

// newUser is a call with a password in it, and others that have one where there
// is none to be.
const newUser = `{"username":"jo","first_name":"Jo","last_name":"Doe","email":"jo@example.com","role":1,"password":"pw4Mn8Rc6D/+=\"<&>end"}`

// everyCall calls each tool there is, well enough to reach Flexie, or not.
func everyCall(t *testing.T) (lines []string) {
	named := map[string]string{
		"create_user": newUser, "update_user": `{"id":42,"password":"pw4Mn8Rc6D/+=\"<&>end","name":{"password":"pw4Mn8Rc6D"}}`,
		"search_workspace": `{"search":"acme"}`, "list_changes": `{}`, "undo_change": `{"change_id":1}`, "find_tools": `{"query":"delete"}`,
		"run_tool": `{"name":"get_contact","arguments":{"id":42}}`, "run_write_tool": `{"name":"update_user","arguments":{"id":42,"password":"pw4Mn8Rc6D/+=\"<&>end"}}`,
		"create_task": `{"task":"Call","owner_id":1}`, "update_task": `{"id":42,"task":"Call"}`, "add_note": `{"entity_type":"contact","entity_id":42,"text":"Hi"}`,
		"update_note": `{"id":42,"text":"Hi"}`, "add_case_reply": `{"id":42,"text":"Hi"}`, "send_email": `{"id":42}`, "update_workflow": `{"id":42,"name":"x"}`,
		"check_user_permissions": `{"id":42,"permissions":["lead:leads:viewown"]}`, "get_current_user": `{}`,
	}
	byVerb := map[string]string{
		"search": `{TABLE"search":"acme"}`, "create": `{TABLE"fields":{"name":"Jo"}}`, "update": `{TABLE"id":42,"fields":{"name":"Jo"}}`,
		"add": `{TABLE"id":42,"list_id":7}`, "remove": `{TABLE"id":42,"list_id":7}`, "describe": `{TABLE"include":["categories"]}`, "list": `{TABLE"limit":3}`,
	}
	all := append(tools.All(), tools.Discover(nil)...)
	for i, tool := range all {
		verb, _, _ := strings.Cut(tool.Name, "_")
		arguments := named[tool.Name]
		if arguments == "" {
			arguments = byVerb[verb]
		}
		if arguments == "" {
			arguments = `{TABLE"id":42}`
		}
		table := ""
		if tool.Toolset == "custom_records" {
			table = `"table":"things",`
		}
		arguments = strings.Replace(arguments, "TABLE", table, 1)
		require.True(t, json.Valid([]byte(arguments)), arguments)
		lines = append(lines, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, i, tool.Name, arguments))
	}
	for i, uri := range []string{"flexie://workspace", "flexie://contacts/42", "flexie://users/42.json", "flexie://reports/42"} {
		lines = append(lines, fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"resources/read","params":{"uri":%q}}`, 1000+i, uri))
	}
	return append(lines, `{"jsonrpc":"2.0","id":2000,"method":"tools/list"}`)
}

// program is flexie-mcp with a state directory, and all that it has said.
type program struct {
	t       *testing.T
	dir     string
	environ []string
	said    bytes.Buffer
}

func (p *program) command(args ...string) *exec.Cmd {
	c := exec.CommandContext(p.t.Context(), "flexie-mcp", args...)
	c.Env = append([]string{"HOME=" + p.dir, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", "FLEXIE_STATE_DIR=" + p.state()}, p.environ...)
	return c
}

func (p *program) state() string { return filepath.Join(p.dir, "state") }

// run runs a command, well or not, and returns what it said.
func (p *program) run(args ...string) string {
	p.t.Helper()
	c := p.command(args...)
	out, _ := c.CombinedOutput()
	require.NotNil(p.t, c.ProcessState)
	require.NotContains(p.t, string(out), "panic:")
	p.said.Write(out)
	return string(out)
}

// serve sends messages to the server on stdio, waits for as many answers, keeps
// a copy of its state as it is then, and ends it.
func (p *program) serve(lines []string) {
	p.t.Helper()
	c := p.command()
	in, err := c.StdinPipe()
	require.NoError(p.t, err)
	out, err := c.StdoutPipe()
	require.NoError(p.t, err)
	var errors bytes.Buffer
	c.Stderr = &errors
	require.NoError(p.t, c.Start())
	const hello = `{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}`
	_, err = fmt.Fprintln(in, hello+"\n"+strings.Join(lines, "\n"))
	require.NoError(p.t, err)
	answers := bufio.NewReader(out)
	for left := len(lines) + 1; left > 0; {
		line, err := answers.ReadString('\n')
		require.NoError(p.t, err, "the server has ended")
		p.said.WriteString(line)
		if !strings.Contains(line, `"method":`) {
			left--
		}
	}
	p.keepState()
	require.NoError(p.t, in.Close())
	_, _ = p.said.ReadFrom(answers)
	require.NoError(p.t, c.Wait(), errors.String())
	p.said.Write(errors.Bytes())
	p.keepState()
}

// keepState adds what is in the files of the state directory, but for the key by
// which codes are signed.
func (p *program) keepState() {
	p.t.Helper()
	err := filepath.WalkDir(p.state(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "confirm.key" {
			return err
		}
		data, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		p.said.WriteString("\n== " + d.Name() + "\n")
		p.said.Write(data)
		return err
	})
	require.NoError(p.t, err)
}

func (p *program) requireHidden(secrets ...[]byte) {
	p.t.Helper()
	require.Contains(p.t, p.said.String(), "== journal.db\n")
	require.Contains(p.t, p.said.String(), "mcp.tool")
	if key, err := os.ReadFile(filepath.Join(p.state(), "confirm.key")); err == nil {
		secrets = append(secrets, key)
	}
	requireHidden(p.t, "flexie-mcp", p.said.Bytes(), secrets...)
}

// TestCodesAreNotKept: a code is in the answer that gives it, and nowhere else;
// the key that signs it is in its own file.
func TestCodesAreNotKept(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		dir := t.TempDir()
		p := program{t: t, dir: dir, environ: []string{
			"FLEXIE_SANDBOX=1", "FLEXIE_SANDBOX_FILE=" + filepath.Join(dir, "box.db"), "FLEXIE_LOG_LEVEL=debug", "FLEXIE_LOG_FORMAT=" + format, "FLEXIE_TOOLSETS=all,discover",
		}}
		code := regexp.MustCompile(`confirm: ([0-9a-z]{45})`)
		var codes [][]byte
		for _, call := range [][2]string{{"delete_contact", `{"id":42%s}`}, {"create_user", strings.TrimSuffix(newUser, "}") + `%s}`}} {
			previewed := code.FindStringSubmatch(p.run("call", call[0], fmt.Sprintf(call[1], "")))
			if previewed == nil { // the tool is not one that is confirmed
				continue
			}
			codes = append(codes, []byte(previewed[1]))
			p.said.Reset() // of the answer that gave it
			for range 2 {  // the second is told that it has been used, and is given another
				lines := []string{fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":%q,"arguments":%s}}`, call[0], fmt.Sprintf(call[1], `,"confirm":"`+previewed[1]+`"`))}
				p.serve(lines)
			}
		}
		require.Len(t, codes, 2)
		p.run("changes", "--json")
		p.requireHidden(append(codes, []byte(markedPassword))...)
		key, err := os.ReadFile(filepath.Join(p.state(), "confirm.key"))
		require.NoError(t, err)
		require.Len(t, key, 32)
	}
}

// TestSecretsAreNotInProblems: settings that are wrong are told of without what
// is secret in them.
func TestSecretsAreNotInProblems(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.toml")
	require.NoError(t, os.WriteFile(file, []byte("api_key = '"+markedKey+"'\ntimeout = 'soon'\nsubdoman = 'x'\n"), 0o600))
	for name, environ := range map[string][]string{
		"token in the address":   {"FLEXIE_BASE_URL=https://acme.flexie.io/api?access_token=" + markedToken, "FLEXIE_API_KEY=" + markedKey},
		"user in the address":    {"FLEXIE_BASE_URL=https://" + markedToken + ":" + markedToken + "@acme.flexie.io/api"},
		"plain http":             {"FLEXIE_BASE_URL=http://acme.example/" + markedToken + "/api", "FLEXIE_API_KEY=" + markedKey},
		"key with a line break":  {"FLEXIE_API_KEY=" + markedKey + "\n" + markedKey},
		"another name":           {"FLEXIE_API_KYE=" + markedKey},
		"a file with more wrong": {"FLEXIE_CONFIG=" + file},
	} {
		t.Run(name, func(t *testing.T) {
			p := program{t: t, dir: t.TempDir(), environ: append(environ, "FLEXIE_LOG_LEVEL=debug")}
			for _, args := range [][]string{{"config"}, {"tools"}, {"version"}, {"changes"}, {"changes", "--json"}, {"undo", "1"}, {"call", "get_contact", `{"id":42}`}, {"http"}, {}} {
				require.NotEmpty(t, p.run(args...))
			}
			requireHidden(t, name, p.said.Bytes(), []byte(markedKey), []byte(markedToken))
		})
	}
}
