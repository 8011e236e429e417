package auth_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// asks reports whether a token is one of those that there are.
func asks(t *testing.T, tokens *auth.Tokens, text string) bool {
	t.Helper()
	_, err := gate(t, auth.Options{Root: own, SharedKey: serverKey, Tokens: tokens}).Identify(request("/mcp", "Authorization", "Bearer "+text))
	return err == nil
}

// TestTheTokensFile holds what was issued, for people to read, and no secret.
func TestTheTokensFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "tokens.toml")
	given := auth.Token{
		Name: "support-bot", Subdomain: "acme", KeyEnv: "ACME_KEY", Toolsets: []string{"cases", "tasks"}, Tools: []string{"add_note"},
		ReadOnly: true, Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC),
	}
	token, text, err := auth.AddToken(file, given, today)
	require.NoError(t, err)
	require.Regexp(t, `^flx_[0-9A-Za-z]{43}$`, text)
	require.Regexp(t, `^[0-9a-f]{8}$`, token.ID)
	require.NotEqual(t, text, issue(t, file, auth.Token{Name: "anna"}))

	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NotContains(t, string(content), text)
	require.NotContains(t, string(content), strings.TrimPrefix(text, "flx_"))
	require.Contains(t, string(content), "comments are lost")
	random := regexp.MustCompile(`'[0-9a-f]{8}'|[0-9a-f]{64}`)
	require.Equal(t, `[[token]]
id = *
name = 'support-bot'
hash = 'sha256:*'
subdomain = 'acme'
key_env = 'ACME_KEY'
toolsets = ['cases', 'tasks']
tools = ['add_note']
read_only = true
created = 2026-06-22T12:00:00Z
expires = 2027-01-31T00:00:00Z

[[token]]
id = *
name = 'anna'
hash = 'sha256:*'
created = 2026-06-22T12:00:00Z
`, random.ReplaceAllString(string(content[bytes.Index(content, []byte("[[")):]), "*"))

	read, err := auth.ReadTokens(file)
	require.NoError(t, err)
	require.Len(t, read, 2)
	require.Equal(t, token, read[0])
	require.Empty(t, opened(t, file, "ACME_KEY="+acmeKey).Warnings())
}

// TestAFileThatIsNotRight is refused whole, and what is wrong and where is said.
func TestAFileThatIsNotRight(t *testing.T) {
	const whole = "[[token]]\nid = 'a'\nname = 'anna'\nhash = 'sha256:" + "%064d'\n"
	one := func(n int) string { return fmt.Sprintf(whole, n) }
	tests := map[string]string{
		"[[token]]\nid = ":                                `:2:5: `,
		one(1) + "key = 'abc'":                            `:5:1: a token has no "token.key"; each is a [[token]] with id, name`,
		"tokens = 3":                                      `:1:1: a token has no "tokens"`,
		one(1) + "toolsets = 'cases'":                     `:5:12: `,
		one(1) + "expires = 'soon'":                       `:5:`,
		strings.Replace(one(1), "anna", "", 1):            `token 1 (""): name: `,
		strings.Replace(one(1), "anna", `a\nb`, 1):        `name: `,
		strings.Replace(one(1), "'a'", "''", 1):           `has no id`,
		strings.Replace(one(1), "sha256", "md5", 1):       `has no hash`,
		strings.Replace(one(1), "0001", "001", 1):         `has no hash`,
		one(1) + strings.Replace(one(2), "'a'", "'b'", 1): `token 2 ("anna") has the id, name or hash of another`,
		one(1) + strings.Replace(one(2), "anna", "b", 1):  `token 2 ("b") has the id`,
		one(1) + "\n[[token]]\nid = 'b'\nname = 'a'\nhash = 'sha256:" + strings.Repeat("F", 64) + "'": `token 2 ("a") has the id, name`,
		one(1) + "subdomain = 'acme'":                                                         `token 1 ("anna"): key_env: say where the key to that workspace is`,
		one(1) + "subdomain = 'evil.example'\nkey_env = 'K'":                                  `subdomain: this is the name of a workspace, not an address`,
		one(1) + "subdomain = 'acme'\nbase_url = 'https://acme.flexie.io/api'\nkey_env = 'K'": `subdomain: base_url is there too`,
		one(1) + "base_url = 'http://crm.example/api'\nkey_env = 'K'":                         `base_url: it is the root of an API`,
		one(1) + "base_url = 'https://u:p@crm.example/api'\nkey_env = 'K'":                    `base_url: it is the root of an API`,
		one(1) + "base_url = 'file:///etc/passwd'\nkey_env = 'K'":                             `base_url: it is the root of an API`,
		one(1) + "key_env = 'K'\nkey_file = 'k'":                                              `key_env: key_file is there too`,
		one(1) + "key_env = 'sk-" + acmeKey + "'":                                             `key_env: it is the name of an environment variable`,
		one(1) + "toolsets = ['nosuch']":                                                      `token "anna": there is no toolset "nosuch"; there are core, all, cases, tasks`,
		one(1) + "tools = ['nosuch']":                                                         `token "anna": there is no tool "nosuch"`,
		strings.Repeat("#", 1<<20+1):                                                          `too large`,
	}
	for text, says := range tests {
		file := written(t, "tokens.toml", text)
		_, err := auth.OpenTokens(auth.TokensOptions{File: file, Names: names})
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, file)
		require.NotContains(t, err.Error(), acmeKey)
		_, _, err = auth.AddToken(file, auth.Token{Name: "new"}, today)
		if !strings.Contains(says, `token "anna": there is no`) { // names are those of the server
			require.ErrorContains(t, err, says, "and nothing is written over it")
		}
	}
	_, err := auth.OpenTokens(auth.TokensOptions{File: t.TempDir()})
	require.ErrorContains(t, err, "is not a file")
	gone := filepath.Join(t.TempDir(), "gone.toml")
	_, err = auth.OpenTokens(auth.TokensOptions{File: gone})
	require.EqualError(t, err, "there is no tokens file "+gone+": flexie-mcp token new makes it")
	require.NoError(t, os.WriteFile(gone, []byte("\ufeff# written by hand\n"), 0o600))
	require.False(t, asks(t, opened(t, gone), "flx_"+strings.Repeat("0", 43)))
}

// TestAMissingKeyIsOfOneToken: the others work, and it is said which is missing.
func TestAMissingKeyIsOfOneToken(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "tokens.toml")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "good"), []byte(acmeKey+"\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "two"), []byte(acmeKey+"\n"+acmeKey), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "long"), bytes.Repeat([]byte("k"), 5000), 0o600))
	tokens := map[string]string{}
	for _, key := range []string{"good", "two", "long", "gone", "."} {
		tokens[key] = issue(t, file, auth.Token{Name: "key in " + strings.Replace(key, ".", "dir", 1), KeyFile: key})
	}
	tokens["env"] = issue(t, file, auth.Token{Name: "env", KeyEnv: "NOT_SET"})
	all := opened(t, file)
	require.True(t, asks(t, all, tokens["good"]), "relative to the tokens file")
	said := strings.Join(all.Warnings(), "\n")
	for _, says := range []string{
		`token "key in two" can't be used: its key in ` + dir + `/two holds`, `"key in long" can't be used: its key: ` + dir + `/long is too large`,
		`"key in gone" can't be used: its key: cannot read ` + dir + `/gone: no such file`, `"key in dir" can't be used: its key: ` + dir + ` is not a file`,
		`"env" can't be used: its key is not there: the environment variable NOT_SET is not set`,
	} {
		require.Contains(t, said, says)
	}
	require.Len(t, all.Warnings(), 5)
	require.NotContains(t, said, acmeKey)
	for name, text := range tokens {
		require.Equal(t, name == "good", asks(t, all, text), name)
	}
}

// TestReload: what is issued, revoked and changed counts from then on, and a file
// that is not right changes nothing.
func TestReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	first := issue(t, file, auth.Token{Name: "first"})
	tokens := opened(t, file)
	second := issue(t, file, auth.Token{Name: "second"})
	require.False(t, asks(t, tokens, second))
	require.NoError(t, tokens.Reload())
	require.True(t, asks(t, tokens, second))

	gone, err := auth.RevokeToken(file, "first")
	require.NoError(t, err)
	require.Equal(t, "first", gone.Name)
	require.True(t, asks(t, tokens, first), "until it is read again")
	require.NoError(t, tokens.Reload())
	require.False(t, asks(t, tokens, first))

	require.NoError(t, os.WriteFile(file, []byte("[[token]"), 0o600))
	require.ErrorContains(t, tokens.Reload(), file+":1:")
	require.True(t, asks(t, tokens, second))
	require.NoError(t, os.Remove(file))
	require.ErrorIs(t, tokens.Reload(), fs.ErrNotExist)
	require.True(t, asks(t, tokens, second))
}

// TestWatch sees changes of the file, of a link to another, and of keys; each
// trouble is told once.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	first := issue(t, at("a.toml"), auth.Token{Name: "first", KeyFile: "key"})
	second := issue(t, at("b.toml"), auth.Token{Name: "second"})
	require.NoError(t, os.Symlink("a.toml", at("link")))
	require.NoError(t, os.WriteFile(at("key"), []byte(acmeKey), 0o600))
	synctest.Test(t, func(t *testing.T) {
		tokens := opened(t, at("link"))
		said := &said{}
		ctx, cancel := context.WithCancel(t.Context())
		go tokens.Watch(ctx, 5*time.Second, slog.New(slog.NewTextHandler(said, nil)))
		pass := func() (new string) {
			time.Sleep(16 * time.Second)
			synctest.Wait()
			return said.since()
		}
		require.Empty(t, pass())
		require.True(t, asks(t, tokens, first))

		require.NoError(t, os.Remove(at("key")))
		told := pass()
		require.Equal(t, 1, strings.Count(told, "level=WARN"))
		require.Contains(t, told, "changed=first")
		require.False(t, asks(t, tokens, first))
		require.NoError(t, os.WriteFile(at("key"), []byte(acmeKey), 0o600))
		require.Contains(t, pass(), "level=INFO")
		require.True(t, asks(t, tokens, first))

		require.NoError(t, os.Symlink("b.toml", at("next")))
		require.NoError(t, os.Rename(at("next"), at("link")))
		told = pass()
		require.Contains(t, told, `msg="the tokens have changed" new=second gone=first`)
		require.Equal(t, 1, strings.Count(told, "\n"), told)
		require.True(t, asks(t, tokens, second))
		require.False(t, asks(t, tokens, first))

		require.NoError(t, os.WriteFile(at("b.toml"), []byte("no"), 0o600))
		require.Equal(t, 1, strings.Count(pass(), "level=ERROR"))
		require.True(t, asks(t, tokens, second))
		cancel()
		synctest.Wait()
	})
}

// TestHalfAFileTakesNothingAway: one that is emptied and then written, as some
// editors do, is not taken when it is empty, unless somebody says to take it at once.
func TestHalfAFileTakesNothingAway(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	first := issue(t, file, auth.Token{Name: "first"})
	whole, err := os.ReadFile(file)
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		tokens, said := opened(t, file), &said{}
		log := slog.New(slog.NewTextHandler(said, nil))
		ctx, cancel := context.WithCancel(t.Context())
		go tokens.Watch(ctx, 5*time.Second, log)
		time.Sleep(5*time.Second - time.Millisecond)
		require.NoError(t, os.WriteFile(file, nil, 0o600))
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, os.WriteFile(file, whole, 0o600))
		time.Sleep(20 * time.Second)
		require.True(t, asks(t, tokens, first))
		require.Empty(t, said.since())

		require.NoError(t, os.WriteFile(file, nil, 0o600))
		tokens.Check(ctx, log)
		require.False(t, asks(t, tokens, first), "at once")
		cancel()
		synctest.Wait()
	})
}

// TestManyChangesAreALine of the log that can be read.
func TestManyChangesAreALine(t *testing.T) {
	file, all := filepath.Join(t.TempDir(), "tokens.toml"), ""
	issue(t, file, auth.Token{Name: "first"})
	tokens, said := opened(t, file), &said{}
	for i := range 300 {
		all += fmt.Sprintf("[[token]]\nid = 'i%d'\nname = 'n%d'\nhash = 'sha256:%064d'\n", i, i, i)
	}
	require.NoError(t, os.WriteFile(file, []byte(all), 0o600))
	tokens.Check(t.Context(), slog.New(slog.NewTextHandler(said, nil)))
	line := said.since()
	require.Contains(t, line, `new="n0,n1,`)
	require.Contains(t, line, `,n19 and 280 more" gone=first`)
}

// said is what was logged. It is safe for concurrent use.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// since is what is new since it was asked last.
func (s *said) since() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.text.Reset()
	return s.text.String()
}

// TestRevoke by name or id, and nothing else.
func TestRevoke(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	token, _, err := auth.AddToken(file, auth.Token{Name: "anna"}, today)
	require.NoError(t, err)
	issue(t, file, auth.Token{Name: "ben"})
	_, _, err = auth.AddToken(file, auth.Token{Name: "anna"}, today)
	require.ErrorContains(t, err, `there is a token "anna" already`)
	_, _, err = auth.AddToken(file, auth.Token{Name: token.ID}, today)
	require.ErrorContains(t, err, "already", "or revoking by id could mean either")
	_, err = auth.RevokeToken(file, "nobody")
	require.ErrorContains(t, err, `there is no token with the name or id "nobody" in `+file)
	gone, err := auth.RevokeToken(file, token.ID)
	require.NoError(t, err)
	require.Equal(t, "anna", gone.Name)
	left, err := auth.ReadTokens(file)
	require.NoError(t, err)
	require.Len(t, left, 1)
	_, err = auth.RevokeToken(file+".none", "anna")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = auth.RevokeToken(filepath.Join(t.TempDir(), "none", "x"), "anna")
	require.ErrorContains(t, err, "none/x")
}

// TestTheFileIsReplaced, whole, behind links, and for those who could read it.
func TestTheFileIsReplaced(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real", "tokens.toml"), filepath.Join(dir, "link.toml")
	issue(t, real, auth.Token{Name: "first"})
	require.NoError(t, os.Chmod(real, 0o640))
	require.NoError(t, os.Symlink(real, link))
	issue(t, link, auth.Token{Name: "second"})

	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&fs.ModeSymlink)
	info, err = os.Stat(real)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o640), info.Mode())
	require.Empty(t, opened(t, link).Warnings())
	for _, mode := range []fs.FileMode{0o644, 0o660} {
		require.NoError(t, os.Chmod(real, mode))
		warnings := opened(t, link).Warnings()
		require.Len(t, warnings, 1)
		require.Contains(t, warnings[0], "chmod 640 "+link)
	}
	left, err := filepath.Glob(filepath.Join(dir, "real", "*"))
	require.NoError(t, err)
	require.Equal(t, []string{real, real + ".lock"}, left, "nothing half-written is left")

	require.NoError(t, os.Remove(real))
	_, _, err = auth.AddToken(link, auth.Token{Name: "third"}, today)
	require.ErrorContains(t, err, "a link to a file that does not exist")
}

// TestManyAtOnce lose nothing of what the others write.
func TestManyAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	var all sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		all.Go(func() { _, _, errs[i] = auth.AddToken(file, auth.Token{Name: fmt.Sprint("bot ", i)}, today) })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	tokens, err := auth.ReadTokens(file)
	require.NoError(t, err)
	require.Len(t, tokens, len(errs))
}
