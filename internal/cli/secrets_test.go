package cli_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// secretKey is found wherever it is shown.
const secretKey = "kq7Zx2-not-to-be-seen-9fPw"

// TestTheKeyIsNeverShown, by no command and no failure, at the most talkative.
func TestTheKeyIsNeverShown(t *testing.T) {
	flexie := map[string]http.HandlerFunc{
		"works": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"id":42,"name":"Jane"}`) },
		"refuses the key": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"errors":[{"message":"API authorization denied","code":401}]}`, http.StatusUnauthorized)
		},
		"repeats the key": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, strings.ReplaceAll(`{"errors":[{"message":"The key KEY is wrong","code":401,"details":{"apikey":["KEY is not one"]}}]}`, "KEY", r.Header.Get("apikey")), http.StatusUnauthorized)
		},
		"shows a page": func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, fmt.Sprintf("<html><title>Oops</title>%v</html>", r.Header), http.StatusBadGateway)
		},
		"sends elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/?apikey="+r.Header.Get("apikey"), http.StatusFound)
		},
		"hangs up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	commands := []struct {
		in   string
		args []string
	}{
		{"", []string{"call", "get_contact", `{"id":42}`}},
		{"", []string{"call", "update_contact", `{"id":42,"fields":{"name":"Jo"}}`}},
		{"", []string{"config"}},
		{hello + "\n" + fmt.Sprintf(getOne, 1) + "\n" + `{"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"flexie://workspace"}}` + "\n" +
			`{"jsonrpc":"2.0","id":3,"method":"resources/read","params":{"uri":"flexie://contacts/42"}}`, nil},
	}
	for name, handler := range flexie {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(handler)
			defer s.Close()
			for _, format := range []string{"text", "json"} {
				environ := []string{"FLEXIE_BASE_URL=" + s.URL + "/api", "FLEXIE_API_KEY=" + secretKey, "FLEXIE_LOG_LEVEL=debug", "FLEXIE_LOG_FORMAT=" + format}
				for _, c := range commands {
					requireNoKey(t, environ, c.in, c.args...)
				}
			}
		})
	}
}

// TestTheKeyIsNeverShownInProblems: settings that are wrong are told of, and
// the key may be in any of them.
func TestTheKeyIsNeverShownInProblems(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	tests := map[string]struct {
		environ []string
		args    []string
	}{
		"with spaces":            {[]string{"FLEXIE_API_KEY=" + secretKey + " x"}, nil},
		"in a broken file":       {[]string{"FLEXIE_CONFIG=" + file("broken.toml", "api_key = "+secretKey)}, nil},
		"under another name":     {[]string{"FLEXIE_CONFIG=" + file("named.toml", "apikey = \""+secretKey+"\"")}, nil},
		"in a file with more":    {[]string{"FLEXIE_API_KEY_FILE=" + file("key", secretKey+"\nand more")}, nil},
		"in the address":         {[]string{"FLEXIE_BASE_URL=https://x:" + secretKey + "@acme.flexie.io/api"}, nil},
		"in the address's query": {[]string{"FLEXIE_BASE_URL=https://acme.flexie.io/api?apikey=" + secretKey}, nil},
		"for the subdomain":      {[]string{"FLEXIE_SUBDOMAIN=https://" + secretKey + "@acme"}, nil},
		"to an open host":        {[]string{"FLEXIE_BASE_URL=http://acme.example/" + secretKey, "FLEXIE_API_KEY=" + secretKey}, nil},
		"twice":                  {[]string{"FLEXIE_API_KEY=" + secretKey, "FLEXIE_API_KEY_FILE=" + file("whole", secretKey)}, nil},
		"to a misspelt flag":     {nil, []string{"--apikey=" + secretKey}},
		"to a misspelt variable": {[]string{"FLEXIE_APIKEY=" + secretKey}, nil},
		"with another problem":   {[]string{"FLEXIE_TOOLSETS=nosuch"}, []string{"--api-key", secretKey}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, command := range []string{"config", "tools", ""} {
				args := test.args
				if command != "" {
					args = append([]string{command}, args...)
				}
				status, errors := requireNoKey(t, test.environ, "", args...)
				require.Equal(t, 2, status, errors)
				require.True(t, strings.HasPrefix(errors, "flexie-mcp: "), errors)
			}
		})
	}
}

// requireNoKey runs a command and looks at all it said.
func requireNoKey(t *testing.T, environ []string, in string, args ...string) (status int, errors string) {
	t.Helper()
	c := command(t, environ, args...)
	var out, err bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(in), &out, &err
	_ = c.Run() // many of them fail
	require.NotNil(t, c.ProcessState)
	require.NotContains(t, out.String(), secretKey, args)
	require.NotContains(t, err.String(), secretKey, args)
	require.NotEmpty(t, out.String()+err.String(), args)
	return c.ProcessState.ExitCode(), err.String()
}
