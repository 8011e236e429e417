package clients_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/clients"
)

var update = flag.Bool("update", false, "write the golden files and docs/clients.md anew")

var acme = clients.Server{
	Name: "flexie", Command: "/usr/local/bin/flexie-mcp",
	Env: []clients.Variable{{Name: "FLEXIE_SUBDOMAIN", Value: "acme"}, {Name: "FLEXIE_API_KEY", Gone: true}, {Name: "FLEXIE_SANDBOX", Gone: true}},
}

// home is a machine with nothing on it but a user's empty home.
func home(t *testing.T, system string) (clients.Where, string) {
	t.Helper()
	dir := t.TempDir()
	w := clients.Where{OS: system, Dir: filepath.Join(dir, "work"), Environ: []string{"HOME=" + dir}}
	if system == "windows" {
		w.Environ = []string{"USERPROFILE=" + dir, "APPDATA=" + filepath.Join(dir, "AppData/Roaming"), "LOCALAPPDATA=" + filepath.Join(dir, "AppData/Local")}
	}
	return w, dir
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// file is the path of a client's file in a test, since LibreChat has none of its own.
func file(t *testing.T, w clients.Where, c clients.Client) string {
	t.Helper()
	if c.ID == "librechat" {
		return filepath.Join(w.Dir, "librechat.yaml")
	}
	path, err := w.File(c)
	require.NoError(t, err)
	return path
}

func write(t *testing.T, path, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o640))
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

func install(t *testing.T, w clients.Where, c clients.Client, path string, s clients.Server) clients.Change {
	t.Helper()
	change, err := w.Install(c, path, s)
	require.NoError(t, err)
	require.NoError(t, change.Apply())
	return change
}

// TestEveryClientOnEverySystem: into a home where the client has a file already, with
// comments and a style of its own; twice is once, and taken out again it is the same
// to the byte.
func TestEveryClientOnEverySystem(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, c := range clients.Clients {
			t.Run(system+"/"+c.ID, func(t *testing.T) {
				w, _ := home(t, system)
				path := file(t, w, c)
				before := text(t, filepath.Join("testdata", c.ID+".before"))
				write(t, path, before)

				first := install(t, w, c, path, acme)
				require.True(t, first.Changes())
				golden(t, c.ID+".after", text(t, path))
				require.Equal(t, before, text(t, path+clients.BackupEnd))
				info, err := os.Stat(path)
				require.NoError(t, err)
				require.EqualValues(t, 0o640, info.Mode().Perm())

				again := install(t, w, c, path, acme)
				require.False(t, again.Changes())
				require.True(t, again.Found)

				out, err := w.Uninstall(c, path, "flexie")
				require.NoError(t, err)
				require.NoError(t, out.Apply())
				require.Equal(t, before, text(t, path))
				require.NoFileExists(t, path+clients.BackupEnd, "it is of no more use")
			})
		}
	}
}

// TestWhereFilesAre, and what is written where there is none.
func TestWhereFilesAre(t *testing.T) {
	var places, contents strings.Builder
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, c := range clients.Clients {
			w, dir := home(t, system)
			path := file(t, w, c)
			require.False(t, w.IsHere(c))
			install(t, w, c, path, acme)
			require.NoFileExists(t, path+clients.BackupEnd)
			if c.ID != "librechat" {
				require.True(t, w.IsHere(c))
			}
			places.WriteString(system + " " + c.ID + ": " + strings.ReplaceAll(strings.TrimPrefix(path, dir), `\`, "/") + "\n")
			if system == "linux" {
				contents.WriteString("== " + c.ID + "\n" + text(t, path))
			}
		}
	}
	golden(t, "places", places.String())
	golden(t, "new", contents.String())
}

// TestVariablesThatMoveFiles: what a client goes by, we go by.
func TestVariablesThatMoveFiles(t *testing.T) {
	for id, variables := range map[string]string{
		"claude-code": "CLAUDE_CONFIG_DIR=/x/claude → /x/claude/.claude.json",
		"codex":       "CODEX_HOME=/x/codex → /x/codex/config.toml",
		"gemini":      "GEMINI_CLI_HOME=/x → /x/.gemini/settings.json",
		"opencode":    "OPENCODE_CONFIG=/x/my.json → /x/my.json",
		"vscode":      "XDG_CONFIG_HOME=/x → /x/Code/User/mcp.json",
		"zed":         "XDG_CONFIG_HOME=/x → /x/zed/settings.json",
		"librechat":   "CONFIG_PATH=/x/chat.yaml → /x/chat.yaml",
	} {
		w, _ := home(t, "linux")
		variable, want, _ := strings.Cut(variables, " → ")
		w.Environ = append(w.Environ, variable)
		c, found := clients.Named(id)
		require.True(t, found)
		path, err := w.File(c)
		require.NoError(t, err)
		require.Equal(t, want, path, id)
	}
}

// TestStoreBuildOfClaudeDesktop: where Windows keeps the files of a packaged program
// apart, the usual place is one that it never reads.
func TestStoreBuildOfClaudeDesktop(t *testing.T) {
	w, dir := home(t, "windows")
	c, _ := clients.Named("claude-desktop")
	for _, apart := range []string{"AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude", "AppData/Local/Claude-Data/claude_x"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, apart), 0o755))
		path, err := w.File(c)
		require.NoError(t, err)
		require.Equal(t, filepath.Join(dir, apart, "claude_desktop_config.json"), path)
	}
}

// TestOpenCodeHasTwoFormats: a file of version 2 gets an entry of version 2, and a
// server that is called "servers" is no such file.
func TestOpenCodeHasTwoFormats(t *testing.T) {
	w, _ := home(t, "linux")
	c, _ := clients.Named("opencode")
	path := file(t, w, c)
	write(t, path, `{"mcp":{"servers":{"a":{"type":"local","command":["a"]}}}}`)
	install(t, w, c, path, acme)
	require.JSONEq(t, `{"mcp":{"servers":{"a":{"type":"local","command":["a"]},"flexie":{"type":"local","command":["/usr/local/bin/flexie-mcp"],"environment":{"FLEXIE_SUBDOMAIN":"acme"}}}}}`, text(t, path))
	write(t, path, `{"mcp":{"servers":{"type":"local","command":["a"]}}}`)
	install(t, w, c, path, acme)
	require.JSONEq(t, `{"mcp":{"servers":{"type":"local","command":["a"]},"flexie":{"type":"local","command":["/usr/local/bin/flexie-mcp"],"environment":{"FLEXIE_SUBDOMAIN":"acme"}}}}`, text(t, path))
}
