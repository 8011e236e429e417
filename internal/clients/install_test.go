package clients_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/clients"
)

func named(t *testing.T, id string) clients.Client {
	t.Helper()
	c, found := clients.Named(id)
	require.True(t, found)
	return c
}

// TestWhatIsLeftAlone: a file that is not understood stays as it is, and what is
// wrong is said with its line.
func TestWhatIsLeftAlone(t *testing.T) {
	wide := func(text string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(text)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	for name, test := range map[string]struct{ client, text, want string }{
		"broken JSON":      {"cursor", "{\n  \"a\": 1\n  \"b\": \"very-secret\"\n}", "it is not JSON: line 3, column 3"},
		"cut off":          {"cursor", `{"mcpServers": {`, "it is not JSON: line 1"},
		"a list":           {"cursor", "[]", "not an object in braces"},
		"servers a list":   {"cursor", `{"mcpServers": []}`, "mcpServers is a list, where an object with names is expected"},
		"servers null":     {"cursor", `{"mcpServers": null}`, "mcpServers is null"},
		"servers text":     {"vscode", `{"servers": "x"}`, "servers is text"},
		"entry null":       {"cursor", `{"mcpServers": {"flexie": null}}`, "mcpServers.flexie is null"},
		"two entries":      {"cursor", "{\"mcpServers\": {\n\"flexie\": {\"command\": \"flexie-mcp\"},\n\"flexie\": {\"command\": \"/x/flexie-mcp\"}}}", `"flexie" is there twice, in lines 2 and 3`},
		"two servers":      {"cursor", "{\"mcpServers\": {},\n\"mcpServers\": {}}", `"mcpServers" is there twice, in lines 1 and 2`},
		"somebody else's":  {"cursor", `{"mcpServers": {"flexie": {"command": "npx", "args": ["other"]}}}`, "does not start this program"},
		"UTF-16":           {"cursor", wide(`{"mcpServers": {}}`), "seems to be in UTF-16: save it as UTF-8"},
		"Latin-1":          {"cursor", "{\n\"a\": \"\xe9\"}", "not in UTF-8, in line 2"},
		"too large":        {"cursor", "{}" + strings.Repeat(" ", 10<<20), "larger than 10 MB"},
		"too deep":         {"cursor", strings.Repeat("[", 1_000_000), "nested too deep"},
		"broken TOML":      {"codex", "a = 1\nb = very-secret\n", "it is not TOML: line 2, column 5"},
		"a table twice":    {"codex", "[mcp_servers.flexie]\ncommand = 'flexie-mcp'\n[mcp_servers.flexie]\n", "it is not TOML"},
		"tables a list":    {"codex", "[[mcp_servers]]\na = 1\n", "mcp_servers is a list"},
		"in braces":        {"codex", "mcp_servers = { docs = { command = 'x' } }\n", "change it by hand; --print shows"},
		"in braces, TOML":  {"codex", "[mcp_servers]\nflexie = { command = 'flexie-mcp' }\n", "change it by hand"},
		"broken YAML":      {"librechat", "a: 1\n\tb: very-secret\n", "it is not YAML: "},
		"a key twice":      {"librechat", "a: 1\na: 2\n", "it is not YAML"},
		"two documents":    {"librechat", "a: 1\n---\nb: 1\n", "more than one YAML document"},
		"YAML list":        {"librechat", "- a\n", "not a mapping of keys"},
		"YAML in braces":   {"librechat", "{a: 1}\n", "change it by hand"},
		"YAML servers too": {"librechat", "mcpServers: {a: {url: x}}\n", "change it by hand"},
		"nothing in it":    {"librechat", "mcpServers:\n", "mcpServers is null"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := home(t, "linux")
			c := named(t, test.client)
			path := file(t, w, c)
			write(t, path, test.text)
			_, err := w.Install(c, path, acme)
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, path)
			require.NotContains(t, err.Error(), "secret")
			require.Equal(t, test.text, text(t, path))
			require.NoFileExists(t, path+clients.BackupEnd)
		})
	}
}

// TestEmptyFiles are filled, and empty again afterwards.
func TestEmptyFiles(t *testing.T) {
	for _, id := range []string{"cursor", "codex", "librechat"} {
		for _, empty := range []string{"", "\n", " \r\n\r\n"} {
			w, _ := home(t, "linux")
			c := named(t, id)
			path := file(t, w, c)
			write(t, path, empty)
			install(t, w, c, path, acme)
			require.Contains(t, text(t, path), "acme")
			out, err := w.Uninstall(c, path, "flexie")
			require.NoError(t, err)
			require.NoError(t, out.Apply())
			require.Equal(t, empty, text(t, path), id)
		}
	}
}

// TestPlacesThatCantBeWritten: nothing is written anywhere.
func TestPlacesThatCantBeWritten(t *testing.T) {
	c := named(t, "cursor")
	for name, test := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"a directory":       {func(t *testing.T, path string) { require.NoError(t, os.MkdirAll(path, 0o755)) }, "is a directory"},
		"a loop":            {func(t *testing.T, path string) { link(t, path, path) }, "may lead back to itself"},
		"a link to nothing": {func(t *testing.T, path string) { link(t, path+".gone", path) }, "link to something that does not exist"},
		"read-only":         {func(t *testing.T, path string) { write(t, path, "{}"); require.NoError(t, os.Chmod(path, 0o444)) }, "is read-only"},
		"a file above":      {func(t *testing.T, path string) { write(t, filepath.Dir(path), "") }, "cannot read"},
		"read-only directory": {func(t *testing.T, path string) {
			if os.Geteuid() == 0 {
				t.Skip("root writes everywhere")
			}
			write(t, path, "{}")
			require.NoError(t, os.Chmod(filepath.Dir(path), 0o555))
			t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o755) })
		}, "cannot write"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := home(t, "linux")
			path := file(t, w, c)
			test.make(t, path)
			change, err := w.Install(c, "", acme)
			if err == nil {
				err = change.Apply()
			}
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, filepath.Base(path))
			require.NoFileExists(t, path+clients.BackupEnd)
			left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".flexie-mcp-*"))
			require.Empty(t, left)
		})
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.Symlink(to, path))
}

// TestLinksAreFollowed: as people have them who keep their settings in a repository.
func TestLinksAreFollowed(t *testing.T) {
	w, dir := home(t, "linux")
	c := named(t, "cursor")
	kept := filepath.Join(dir, "dotfiles", "cursor.json")
	write(t, kept, "{}")
	path := file(t, w, c)
	link(t, kept, path)
	change := install(t, w, c, "", acme)
	require.Contains(t, text(t, kept), "acme")
	require.Equal(t, "{}", text(t, kept+clients.BackupEnd))
	require.Equal(t, kept+clients.BackupEnd, change.Backup())
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink, "the link is still one")
}

// TestChangedMeanwhile: what another program has written since is not lost.
func TestChangedMeanwhile(t *testing.T) {
	w, _ := home(t, "linux")
	c := named(t, "cursor")
	path := file(t, w, c)
	write(t, path, "{}")
	change, err := w.Install(c, "", acme)
	require.NoError(t, err)
	write(t, path, `{"a":1}`)
	require.NoError(t, change.Apply())
	require.Contains(t, text(t, path), `"a":1`)
	require.Contains(t, text(t, path), "acme")
	require.Equal(t, `{"a":1}`, text(t, change.Backup()))

	change, err = w.Uninstall(c, "", "flexie")
	require.NoError(t, err)
	write(t, path, "{ broken")
	require.ErrorContains(t, change.Apply(), "it is not JSON")
	require.Equal(t, "{ broken", text(t, path))
}

// TestUpdatesKeepWhatOthersAdded: of an entry that is there, only what it is about
// changes; the copy stays that of the time before the entry.
func TestUpdatesKeepWhatOthersAdded(t *testing.T) {
	for id, test := range map[string][2]string{
		"cursor": {
			`{
  "mcpServers": {
    "flexie": {
      "command": "npx", // for now
      "args": ["-y", "flexie-mcp"],
      "alwaysAllow": ["get_contact"],
      "env": {
        "FLEXIE_SUBDOMAIN": "globex", "FLEXIE_API_KEY": "very-secret",
        "FLEXIE_CONFIRM": "preview" // mine
      },
      "disabled": true
    }
  }
}
`, `{
  "mcpServers": {
    "flexie": {
      "command": "/usr/local/bin/flexie-mcp", // for now
      "args": [],
      "alwaysAllow": ["get_contact"],
      "env": {
        "FLEXIE_SUBDOMAIN": "acme",
        "FLEXIE_CONFIRM": "preview" // mine
      },
      "disabled": true,
      "type": "stdio"
    }
  }
}
`},
		"opencode": {
			`{"mcp": {"flexie": {"type": "local", "enabled": false, "command": ["/old/flexie-mcp", "--log-level", "debug"]}}}`,
			`{"mcp": {"flexie": {"type": "local", "enabled": false, "command": ["/usr/local/bin/flexie-mcp", "--log-level", "debug"],"environment":{"FLEXIE_SUBDOMAIN":"acme"}}}}`,
		},
		"codex": {
			`[mcp_servers.flexie] # mine
command = '/old/flexie-mcp' # the old one
args = ["--log-level", "debug"]
env = { "FLEXIE_API_KEY" = "very-secret", LANG = 'C' }
startup_timeout_sec = 20

[mcp_servers.flexie.tools.get_contact]
approval_mode = "approve"
`, `[mcp_servers.flexie] # mine
command = "/usr/local/bin/flexie-mcp" # the old one
args = ["--log-level", "debug"]
env = { LANG = "C", FLEXIE_SUBDOMAIN = "acme" }
startup_timeout_sec = 20

[mcp_servers.flexie.tools.get_contact]
approval_mode = "approve"
`},
		"librechat": {
			`mcpServers:
  flexie:
    command: "/old/flexie-mcp"  # ours
    timeout: 60000
    env:
      FLEXIE_SANDBOX: "1"
      FLEXIE_CONFIRM: never # hm
    args:
    - --log-level
    - debug
`, `mcpServers:
  flexie:
    command: /usr/local/bin/flexie-mcp # ours
    timeout: 60000
    env:
      FLEXIE_CONFIRM: never # hm
      FLEXIE_SUBDOMAIN: acme
    args:
    - --log-level
    - debug
    type: stdio
`},
	} {
		t.Run(id, func(t *testing.T) {
			w, _ := home(t, "linux")
			c := named(t, id)
			path := file(t, w, c)
			write(t, path, test[0])
			change := install(t, w, c, path, acme)
			require.Equal(t, test[1], text(t, path))
			require.NotContains(t, change.Diff(), "very-secret")
			require.NoFileExists(t, path+clients.BackupEnd, "it would keep the key of before")
			require.False(t, install(t, w, c, path, acme).Changes())
		})
	}
}

// TestTheCopyIsThatOfBefore, however often the entry is changed.
func TestTheCopyIsThatOfBefore(t *testing.T) {
	w, _ := home(t, "linux")
	c := named(t, "cursor")
	path := file(t, w, c)
	write(t, path, "{ }\n")
	install(t, w, c, "", acme)
	other := acme
	other.Command = "/opt/bin/flexie-mcp"
	change := install(t, w, c, "", other)
	require.True(t, change.Found)
	require.False(t, change.BacksUp())
	require.Equal(t, "{ }\n", text(t, path+clients.BackupEnd))
}

// TestAFileThatInstallMade goes with the entry, also after an update, with the copy that
// was made then; with anything else in it, it stays.
func TestAFileThatInstallMade(t *testing.T) {
	for _, id := range clients.IDs() {
		t.Run(id, func(t *testing.T) {
			w, dir := home(t, "linux")
			path := filepath.Join(dir, "new", "settings")
			c := named(t, id)
			install(t, w, c, path, acme)
			other := acme
			other.Command = "/opt/bin/flexie-mcp"
			again := install(t, w, c, path, other)
			require.False(t, again.BacksUp())
			second := acme
			second.Name = "second"
			install(t, w, c, path, second)
			out, err := w.Uninstall(c, path, "flexie")
			require.NoError(t, err)
			require.False(t, out.Removes())
			require.NoError(t, out.Apply())
			require.FileExists(t, path)
			out, err = w.Uninstall(c, path, "second")
			require.NoError(t, err)
			require.NoError(t, out.Apply())
			require.NoFileExists(t, path)
			require.NoFileExists(t, path+clients.BackupEnd)

			install(t, w, c, path, acme)
			install(t, w, c, path, other)
			out, err = w.Uninstall(c, path, "flexie")
			require.NoError(t, err)
			require.True(t, out.Removes())
			require.True(t, out.Changes())
			require.NoError(t, out.Apply())
			require.NoFileExists(t, path)
			require.NoFileExists(t, path+clients.BackupEnd)
		})
	}
}

// TestKeysByReference: as each client writes it, and in the way it can.
func TestKeysByReference(t *testing.T) {
	s := acme
	s.KeyFrom = "MY_KEY"
	for id, want := range map[string]string{
		"claude-code": `"FLEXIE_API_KEY": "${MY_KEY}"`, "cursor": `"FLEXIE_API_KEY": "${env:MY_KEY}"`,
		"vscode": `"FLEXIE_API_KEY": "${env:MY_KEY}"`, "windsurf": `"FLEXIE_API_KEY": "${env:MY_KEY}"`,
		"gemini": `"FLEXIE_API_KEY": "$MY_KEY"`, "opencode": `"FLEXIE_API_KEY": "{env:MY_KEY}"`,
		"librechat": `FLEXIE_API_KEY: "${MY_KEY}"`,
	} {
		snippet, err := named(t, id).Snippet(s)
		require.NoError(t, err)
		require.Contains(t, snippet, want)
	}
	for _, id := range []string{"claude-desktop", "zed"} {
		_, err := named(t, id).Snippet(s)
		require.ErrorContains(t, err, "can't put an environment variable into its settings")
	}
	_, err := named(t, "codex").Snippet(s)
	require.ErrorContains(t, err, "under their own name alone")
	s.KeyFrom = "FLEXIE_API_KEY"
	snippet, err := named(t, "codex").Snippet(s)
	require.NoError(t, err)
	require.Contains(t, snippet, `env_vars = ["FLEXIE_API_KEY"]`)
}

// TestList says of each client whether it is here, and whether the entry is.
func TestList(t *testing.T) {
	w, dir := home(t, "linux")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".claude"), 0o755))
	write(t, filepath.Join(dir, ".gemini/settings.json"), "{")
	install(t, w, named(t, "cursor"), "", acme)
	for _, f := range w.List("flexie") {
		require.Equal(t, f.Client.ID == "claude-code" || f.Client.ID == "gemini" || f.Client.ID == "cursor", f.Here, f.Client.ID)
		require.Equal(t, f.Client.ID == "cursor", f.Has, f.Client.ID)
		require.Equal(t, f.Client.ID == "gemini", f.Err != nil, f.Client.ID)
	}
}

// TestProgram: a link that leads here is kept, since it outlasts an upgrade.
func TestProgram(t *testing.T) {
	dir := t.TempDir()
	cellar := filepath.Join(dir, "Cellar/flexie-mcp/1.0/bin/flexie-mcp")
	write(t, cellar, "")
	stable := filepath.Join(dir, "bin/flexie-mcp")
	link(t, cellar, stable)
	found := func(path string) func(string) (string, error) {
		return func(string) (string, error) { return path, nil }
	}
	got, err := clients.Program(cellar, "flexie-mcp", found(stable))
	require.NoError(t, err)
	require.Equal(t, stable, got)
	got, err = clients.Program(cellar, "other", found("/bin/sh"))
	require.NoError(t, err)
	require.Equal(t, cellar, got)
	for _, gone := range []string{"/tmp/go-build123/b001/exe/flexie-mcp", "/home/me/.cache/go-build/ab/abc-d/flexie-mcp"} {
		_, err = clients.Program(gone, "x", found(""))
		require.ErrorContains(t, err, "go install")
	}
	_, err = clients.Program("/home/me/.npm/_npx/1/node_modules/x/flexie-mcp", "x", found(""))
	require.ErrorContains(t, err, "npm install -g")
}

// TestTheTableInTheDocs is the one in the code.
func TestTheTableInTheDocs(t *testing.T) {
	const path, start, end = "../../docs/clients.md", "<!-- table: go test ./internal/clients -update -->\n", "<!-- end -->"
	document := text(t, path)
	before, rest, found := strings.Cut(document, start)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)
	want := before + start + "\n" + clients.Markdown() + "\n" + end + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		document = want
	}
	require.Equal(t, want, document, "run: go test ./internal/clients -update")
}
