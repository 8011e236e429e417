package setup_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/setup"
)

// TestWorkspaces: whatever people paste for theirs.
func TestWorkspaces(t *testing.T) {
	for text, want := range map[string]setup.Workspace{
		"acme":                       {Subdomain: "acme"},
		" ACME \r\n":                 {Subdomain: "acme"},
		"acme.flexie.io":             {Subdomain: "acme"},
		"acme.flexie.io/":            {Subdomain: "acme"},
		"Acme.Flexie.io.":            {Subdomain: "acme"},
		`"https://acme.flexie.io"`:   {Subdomain: "acme"},
		"https://acme.flexie.io/api": {Subdomain: "acme"},
		"http://acme.flexie.io/s/contacts/view/42?tab=1#x": {Subdomain: "acme"},
		"acme.flexie.io/s/dashboard":                       {Subdomain: "acme"},
		"http://127.0.0.1:8099/api/":                       {BaseURL: "http://127.0.0.1:8099/api"},
		"https://crm.example":                              {BaseURL: "https://crm.example/api"},
	} {
		w, err := setup.ReadWorkspace(text)
		require.NoError(t, err, text)
		require.Equal(t, want, w, text)
		require.Equal(t, w, setup.Of(w.Root()), text)
	}
	for _, text := range []string{"", " ", "a b", "acme.example", "flexie.io", "www.flexie.io", "a.b.flexie.io", "ftp://acme.example", "https://me:very-secret@acme.flexie.io", "ключ", "very_secret=="} {
		_, err := setup.ReadWorkspace(text)
		require.ErrorIs(t, err, setup.ErrNoWorkspace, text)
	}
}

// TestKeys: what is copied along with a key is taken off and told; what is in the
// middle of it is refused without showing it.
func TestKeys(t *testing.T) {
	for text, around := range map[string]string{
		"very-secret":           "",
		"  very-secret\t":       "spaces",
		"very-secret\r\n":       "line breaks",
		` "very-secret" `:       "spaces and quotes",
		"“very-secret”\n":       "line breaks and quotes",
		"\ufeffvery-secret":     "signs that can't be seen",
		"\u00a0'very-secret'\n": "line breaks and spaces and quotes",
	} {
		key, said, err := setup.ReadKey(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, "very-secret", key)
		require.Equal(t, around, said, "%q", text)
	}
	for text, want := range map[string]string{
		"":                 "there is no key in it",
		" '' \n":           "there is no key in it",
		"very secret":      "spaces, line breaks or unseen signs inside",
		"very\nsecret":     "spaces, line breaks or unseen signs inside",
		"very\x00secret":   "spaces, line breaks or unseen signs inside",
		"very\u200bsecret": "spaces, line breaks or unseen signs inside",
	} {
		_, _, err := setup.ReadKey(text)
		require.ErrorContains(t, err, want, "%q", text)
		require.NotContains(t, err.Error(), "secret")
	}
}

// TestTheFileIsChangedInPlace: what is not ours stays as it is, to the byte.
func TestTheFileIsChangedInPlace(t *testing.T) {
	acme := []setup.Setting{{"subdomain", "acme"}, {"toolsets", []string{"core", "cases"}}, {"read_only", true}, {"base_url", nil}}
	const bom = "\ufeff"
	for name, c := range map[string]struct {
		before, after string
		lines         []string
	}{
		"empty": {"", "subdomain = \"acme\"\ntoolsets = [\"core\", \"cases\"]\nread_only = true\n",
			[]string{`subdomain = "acme"`, `toolsets = ["core", "cases"]`, "read_only = true"}},
		"comments": {"# mine\nsubdomain='globex'  # theirs\n\n  base_url = \"x\" # gone\ntimeout = \"5s\"\n",
			"# mine\nsubdomain=\"acme\"  # theirs\n\ntimeout = \"5s\"\ntoolsets = [\"core\", \"cases\"]\nread_only = true\n",
			[]string{`subdomain = "acme", where "globex" was`, `toolsets = ["core", "cases"]`, "read_only = true", "base_url is taken out"}},
		"a list over lines": {"toolsets = [\n  \"core\", # daily\n]\nread_only = true\nsubdomain = \"acme\"", "toolsets = [\"core\", \"cases\"]\nread_only = true\nsubdomain = \"acme\"",
			[]string{`toolsets = ["core", "cases"], where ["core"] was`}},
		"a table": {"# only this\n[assumptions]\nsubdomain = \"not ours\"\n", "# only this\nsubdomain = \"acme\"\ntoolsets = [\"core\", \"cases\"]\nread_only = true\n[assumptions]\nsubdomain = \"not ours\"\n",
			[]string{`subdomain = "acme"`, `toolsets = ["core", "cases"]`, "read_only = true"}},
		"windows": {bom + "base_url = \"x\"\r\ntimeout = \"5s\"\r\n", bom + "timeout = \"5s\"\r\nsubdomain = \"acme\"\r\ntoolsets = [\"core\", \"cases\"]\r\nread_only = true\r\n",
			[]string{`subdomain = "acme"`, `toolsets = ["core", "cases"]`, "read_only = true", "base_url is taken out"}},
		"as it is": {"subdomain = \"acme\"\ntoolsets = ['core','cases']\nread_only = true", "subdomain = \"acme\"\ntoolsets = ['core','cases']\nread_only = true", nil},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			require.NoError(t, os.WriteFile(path, []byte(c.before), 0o640))
			file, err := setup.Open(path)
			require.NoError(t, err)
			changed, err := file.With(acme)
			require.NoError(t, err)
			require.Equal(t, c.lines, changed.Lines)
			require.NoError(t, file.Write(changed))
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, c.after, string(text))
		})
	}
}

// TestASecretInTheFile: is not shown, and keeps others from reading the file.
func TestASecretInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.toml")
	require.NoError(t, os.WriteFile(path, []byte("api_key = \"very-secret\"\noauth_client_secret = \"very-secret\"\n"), 0o644))
	file, err := setup.Open(path)
	require.NoError(t, err)
	changed, err := file.With([]setup.Setting{{"api_key", nil}, {"oauth_client_secret", "very-secret-2"}})
	require.NoError(t, err)
	require.Equal(t, []string{"api_key is taken out", "oauth_client_secret is changed"}, changed.Lines)
	require.NoError(t, file.Write(changed))
	info, err := os.Stat(path)
	require.NoError(t, err)
	if runtime.GOOS != "windows" {
		require.EqualValues(t, 0o600, info.Mode().Perm())
	}
}

// TestFilesThatCantBeChanged are left alone.
func TestFilesThatCantBeChanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	require.NoError(t, os.WriteFile(path, []byte("api_key = very-secret\n"), 0o600))
	file, err := setup.Open(path)
	require.NoError(t, err)
	_, err = file.With([]setup.Setting{{"subdomain", "acme"}})
	require.ErrorContains(t, err, "it is not TOML that can be changed")
	require.NotContains(t, err.Error(), "secret")
	_, err = setup.Open(dir)
	require.ErrorContains(t, err, "is not a file that can be changed")
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), link))
	_, err = setup.Open(link)
	require.ErrorContains(t, err, "is a link to something that does not exist")

	fresh := filepath.Join(dir, "new", "config.toml")
	file, err = setup.Open(fresh)
	require.NoError(t, err)
	changed, err := file.With([]setup.Setting{{"subdomain", "acme"}})
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(fresh), 0o700))
	require.NoError(t, os.WriteFile(fresh, []byte("subdomain = \"globex\"\n"), 0o600))
	require.ErrorContains(t, file.Write(changed), "was changed by another program just now")
	text, err := os.ReadFile(fresh)
	require.NoError(t, err)
	require.Equal(t, "subdomain = \"globex\"\n", string(text))
}

// TestALinkIsFollowed: what it leads to is changed, and it stays a link.
func TestALinkIsFollowed(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "real.toml"), filepath.Join(dir, "config.toml")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, os.Symlink(path, link))
	file, err := setup.Open(link)
	require.NoError(t, err)
	changed, err := file.With([]setup.Setting{{"subdomain", "acme"}})
	require.NoError(t, err)
	require.NoError(t, file.Write(changed))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "subdomain = \"acme\"\n", string(text))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
}
