package auth_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// What must be shown to nobody.
const (
	ownKey    = "own-key-kq7Zx2Vt9B"
	serverKey = "server-key-pw4Mn8Rc6D"
	acmeKey   = "acme-key-tk5Jw3Hs7F"
)

const own = "https://own.flexie.io/api"

var (
	names = auth.Names{
		Toolsets: []string{"core", "all", "cases", "tasks"},
		Tools:    []string{"search_cases", "get_case", "add_note"},
		Renamed: func(name string) string {
			if name == "find_cases" {
				return "search_cases"
			}
			return name
		},
	}
	today = time.Date(2026, 6, 22, 12, 0, 0, 0, time.UTC)
)

func now() time.Time { return today }

// gate is one with these options, and what else every test has.
func gate(t testing.TB, o auth.Options) *auth.Gate {
	t.Helper()
	o.Names, o.Now = names, now
	g, err := auth.New(o)
	require.NoError(t, err)
	return g
}

// request is one with headers, in turn a name and a value.
func request(path string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, nil)
	for pair := range slices.Chunk(headers, 2) {
		r.Header[http.CanonicalHeaderKey(pair[0])] = append(r.Header[http.CanonicalHeaderKey(pair[0])], pair[1])
	}
	return r
}

// issue adds a token to a file, and gives its text.
func issue(t testing.TB, file string, token auth.Token) string {
	t.Helper()
	_, text, err := auth.AddToken(file, token, today)
	require.NoError(t, err)
	return text
}

// opened are the tokens of a file, with the keys of environ.
func opened(t testing.TB, file string, environ ...string) *auth.Tokens {
	t.Helper()
	tokens, err := auth.OpenTokens(auth.TokensOptions{File: file, Environ: environ, Names: names})
	require.NoError(t, err)
	return tokens
}

func written(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
