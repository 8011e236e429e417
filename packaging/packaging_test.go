package packaging

import (
	"encoding/base64"
	"encoding/json"
	"flag"
	"image/png"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
)

var update = flag.Bool("update", false, "write the files anew")

// TestTheFilesAreAsDeclared: with -update they are written.
func TestTheFilesAreAsDeclared(t *testing.T) {
	for path, make := range map[string]func() ([]byte, error){
		"mcpb/manifest.json": Unreleased.Manifest,
		"npm/package.json":   Unreleased.NPMLauncher,
		"../server.json":     func() ([]byte, error) { return Unreleased.ServerJSON("") },
	} {
		want, err := make()
		require.NoError(t, err)
		if *update {
			require.NoError(t, os.WriteFile(path, want, 0o644))
		}
		there := strings.Split(content(t, path), "\n")
		for i, line := range strings.Split(string(want), "\n") {
			require.Less(t, i, len(there), path)
			require.Equal(t, line, there[i], "%s:%d is out of date; run: go test ./packaging -update", path, i+1)
		}
	}
}

// TestTheFormAsksForSettings: with the kind and the default that they have.
func TestTheFormAsksForSettings(t *testing.T) {
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[config.Settings]()) {
		fields[f.Tag.Get("key")] = f
	}
	for _, a := range form {
		f, ok := fields[a.key]
		require.True(t, ok, "there is no setting %s", a.key)
		require.Equal(t, f.Tag.Get("as") == "secret", a.secret, a.key)
		if _, isBool := a.initial.(bool); isBool {
			require.Equal(t, reflect.Bool, f.Type.Kind(), a.key)
			require.Equal(t, false, a.initial, a.key)
			require.Empty(t, f.Tag.Get("default"), a.key)
			continue
		}
		require.Equal(t, f.Tag.Get("default"), a.initial, a.key)
	}
}

// TestAFormAsItComesIsNoMistake: what a client passes on of a form that nobody filled
// in, and of one with only what is needed, are settings.
func TestAFormAsItComesIsNoMistake(t *testing.T) {
	environ := func(filled map[string]string) (env []string) {
		for _, a := range form {
			value, ok := filled[a.key]
			if !ok {
				value = strings.Trim(string(must(json.Marshal(a.initial))), `"`)
			}
			env = append(env, a.variable()+"="+value)
		}
		return append(env, "HOME="+t.TempDir())
	}
	loaded, err := config.Load(nil, environ(nil))
	require.NoError(t, err)
	require.Empty(t, loaded.Root())

	loaded, err = config.Load(nil, environ(map[string]string{"subdomain": "acme", "api_key": "k"}))
	require.NoError(t, err)
	require.Equal(t, "https://acme.flexie.io/api", loaded.Root())
	require.Equal(t, "k", loaded.Key())
	require.Equal(t, []string{"core"}, loaded.Toolsets)

	loaded, err = config.Load(nil, environ(map[string]string{"sandbox": "true", "read_only": "true"}))
	require.NoError(t, err)
	require.True(t, loaded.Sandbox && loaded.ReadOnly)
}

// TestALinkGivesTheClientWhatItReads: taken apart as Cursor and VS Code do.
func TestALinkGivesTheClientWhatItReads(t *testing.T) {
	links := string(must(Links()))
	found := regexp.MustCompile(`\((https://\S+)\)`).FindAllStringSubmatch(links, -1)
	require.Len(t, found, 2)

	cursor := must(url.Parse(found[0][1]))
	require.Equal(t, "cursor.com", cursor.Host)
	require.Equal(t, "flexie", cursor.Query().Get("name"))
	require.JSONEq(t, `{"command":"flexie-mcp"}`, string(must(base64.StdEncoding.DecodeString(cursor.Query().Get("config")))))

	vscode := must(url.Parse(found[1][1]))
	require.NotContains(t, vscode.RawQuery, "+", "VS Code does not read it as a space")
	require.JSONEq(t, `{"command":"flexie-mcp","env":{"FLEXIE_SUBDOMAIN":"${input:flexie_subdomain}","FLEXIE_API_KEY":"${input:flexie_api_key}"}}`, vscode.Query().Get("config"))
	require.JSONEq(t, `[{"type":"promptString","id":"flexie_subdomain","description":"Flexie CRM: Subdomain"},
		{"type":"promptString","id":"flexie_api_key","description":"Flexie CRM: API key","password":true}]`, vscode.Query().Get("inputs"))
}

// TestTheREADMELinksAsDeclared: a link in it that adds the server is one of ours.
func TestTheREADMELinksAsDeclared(t *testing.T) {
	links := string(must(Links()))
	for _, link := range regexp.MustCompile(`https://[^\s)]*(?:install-mcp|mcp/install)[^\s)]*`).FindAllString(content(t, "../README.md"), -1) {
		require.Contains(t, links, "("+link+")", "packaging/links.go makes another")
	}
}

func TestABundleListsWhatIsOffered(t *testing.T) {
	var m struct {
		Tools, Prompts []struct{ Name, Description, Text string }
	}
	require.NoError(t, json.Unmarshal(must(Unreleased.Manifest()), &m))
	require.True(t, slices.ContainsFunc(m.Tools, func(tool struct{ Name, Description, Text string }) bool { return tool.Name == "search_contacts" }))
	require.Greater(t, len(m.Tools), 30)
	require.Greater(t, len(m.Prompts), 5)
	for _, p := range m.Prompts {
		require.NotEmpty(t, p.Description)
		if p.Name == "prepare_call" {
			require.Contains(t, p.Text, "${arguments.who}")
		}
	}
}

func TestIconsAreOfTheSizeThatIsSaid(t *testing.T) {
	for path, size := range map[string]int{"icon-256.png": 256, "icon-512.png": 512} {
		f, err := os.Open(path)
		require.NoError(t, err)
		t.Cleanup(func() { f.Close() })
		image, err := png.DecodeConfig(f)
		require.NoError(t, err)
		require.Equal(t, []int{size, size}, []int{image.Width, image.Height}, path)
	}
}

// TestTheImagesOfAReleaseAreThoseOfTheSource: in all but where the program comes from.
func TestTheImagesOfAReleaseAreThoseOfTheSource(t *testing.T) {
	lines := func(path string) []string {
		_, text, ok := strings.Cut(content(t, path), "\nFROM scratch")
		require.True(t, ok)
		return regexp.MustCompile(`(?m)^(?:FROM|ENV|USER|STOPSIGNAL|ENTRYPOINT|EXPOSE|HEALTHCHECK|CMD|COPY --from=build(?: --chown=\S+)? /(?:etc|data))\b.*$`).FindAllString(text, -1)
	}
	require.Len(t, lines("Dockerfile"), 11)
	require.Equal(t, lines("../Dockerfile"), lines("Dockerfile"))
}

// TestNothingIsLaidOutWithoutAllPrograms: else a release would lack one unnoticed.
func TestNothingIsLaidOutWithoutAllPrograms(t *testing.T) {
	dist := t.TempDir()
	l := Layout{Release: Unreleased, Source: "..", Programs: dist, To: filepath.Join(dist, "packages")}
	built := []string{
		"flexie-mcp_linux_amd64_v1/flexie-mcp", "flexie-mcp_linux_arm64_v8.0/flexie-mcp", "universal_darwin_all/flexie-mcp",
		"flexie-mcp_darwin_amd64_v1/flexie-mcp", "flexie-mcp_darwin_arm64_v8.0/flexie-mcp",
		"flexie-mcp_windows_arm64_v8.0/flexie-mcp.exe", "flexie-mcp_windows_amd64_v1/flexie-mcp.exe",
	}
	for i, path := range built {
		err := l.Lay()
		require.ErrorContains(t, err, "build them with goreleaser build", "with %d of %d", i, len(built))
		require.NoDirExists(t, l.To)
		require.NoError(t, os.MkdirAll(filepath.Join(dist, filepath.Dir(path)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dist, path), []byte(path), 0o755))
	}
	require.NoError(t, os.MkdirAll(l.To, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(l.To, thirdParty), []byte("theirs"), 0o644))
	require.NoError(t, l.Lay())
	for path, want := range map[string]string{
		"mcpb/server/darwin/flexie-mcp":    "universal_darwin_all/flexie-mcp",
		"mcpb/server/win32/flexie-mcp.exe": "flexie-mcp_windows_amd64_v1/flexie-mcp.exe",
		"npm/win32-x64/" + thirdParty:      "theirs",
		"npm/linux-arm64/bin/flexie-mcp":   "flexie-mcp_linux_arm64_v8.0/flexie-mcp",
	} {
		require.Equal(t, want, content(t, filepath.Join(l.To, path)))
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	require.NoError(t, err)
	return string(text)
}

func must[V any](v V, err error) V {
	if err != nil {
		panic(err)
	}
	return v
}
