package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// problems are what Load finds wrong, with the directory of the test's files
// written as DIR.
func problems(t *testing.T, dir string, environ []string, args ...string) []string {
	t.Helper()
	_, err := Load(parsed(t, args...), environ)
	var broken *Error
	require.ErrorAs(t, err, &broken)
	for i := range broken.Problems {
		broken.Problems[i] = strings.ReplaceAll(broken.Problems[i], dir, "DIR")
	}
	return broken.Problems
}

// A broken value is one line: where it came from, what is wrong, what is right.
func TestBrokenValues(t *testing.T) {
	for _, tt := range []struct{ variable, want string }{
		{"FLEXIE_TIMEOUT=abc", `FLEXIE_TIMEOUT: "abc" is not a duration, like 30s or 2m`},
		{"FLEXIE_TIMEOUT=30", `FLEXIE_TIMEOUT: "30" is not a duration, like 30s or 2m`},
		{"FLEXIE_TIMEOUT=0s", `FLEXIE_TIMEOUT: 0s is too small: 1ms is the least`},
		{"FLEXIE_SANDBOX_DELAY=-1s", `FLEXIE_SANDBOX_DELAY: -1s is too small: 0s is the least`},
		{"FLEXIE_READ_ONLY=maybe", `FLEXIE_READ_ONLY: "maybe" is neither true nor false`},
		{"FLEXIE_SANDBOX_ERROR_RATE=10%", `FLEXIE_SANDBOX_ERROR_RATE: "10%" is not a number`},
		{"FLEXIE_SANDBOX_ERROR_RATE=1.5", `FLEXIE_SANDBOX_ERROR_RATE: 1.5 is not between 0 and 1`},
		{"FLEXIE_SANDBOX_DROP_RATE=NaN", `FLEXIE_SANDBOX_DROP_RATE: NaN is not between 0 and 1`},
		{"FLEXIE_SANDBOX_ERROR_STATUS=200", `FLEXIE_SANDBOX_ERROR_STATUS: 200 is not between 400 and 599`},
		{"FLEXIE_SANDBOX_ERROR_STATUS=5xx", `FLEXIE_SANDBOX_ERROR_STATUS: "5xx" is not a whole number`},
		{"FLEXIE_SANDBOX_RATE_LIMIT=-1", `FLEXIE_SANDBOX_RATE_LIMIT: -1 is too small: 0 is the least`},
		{"FLEXIE_SANDBOX_DIALECT=odd", `FLEXIE_SANDBOX_DIALECT: "odd" is not one of classic, listed, flat, bare`},
		{"FLEXIE_LOG_LEVEL=loud", `FLEXIE_LOG_LEVEL: "loud" is not one of debug, info, warn, error`},
		{"FLEXIE_LOG_FORMAT=xml", `FLEXIE_LOG_FORMAT: "xml" is not one of text, json`},

		{"FLEXIE_SUBDOMAIN=https://acme.flexie.io", `FLEXIE_SUBDOMAIN: only the first part of the address goes here: write acme`},
		{"FLEXIE_SUBDOMAIN=https://u:p@Acme.flexie.io/api?x=1", `FLEXIE_SUBDOMAIN: only the first part of the address goes here: write acme`},
		{"FLEXIE_SUBDOMAIN=acme.flexie.io", `FLEXIE_SUBDOMAIN: only the first part of the address goes here: write acme`},
		{"FLEXIE_SUBDOMAIN=https://crm.example.com", `FLEXIE_SUBDOMAIN: a whole address goes in base_url; here write acme for https://acme.flexie.io`},
		{"FLEXIE_SUBDOMAIN=my company", `FLEXIE_SUBDOMAIN: "my company" is not a subdomain: letters, digits and hyphens, 63 at most, like acme`},

		{"FLEXIE_BASE_URL=http://acme.flexie.io/api", `FLEXIE_BASE_URL: plain http is refused except to loopback, since it would send the API key readable over the network; use https`},
		{"FLEXIE_BASE_URL=http://127.0.0.1.example.com/api", `FLEXIE_BASE_URL: plain http is refused except to loopback, since it would send the API key readable over the network; use https`},
		{"FLEXIE_BASE_URL=acme.flexie.io/api", `FLEXIE_BASE_URL: the whole address goes here, like https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=ftp://acme.flexie.io/api", `FLEXIE_BASE_URL: the whole address goes here, like https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=https:///api", `FLEXIE_BASE_URL: the whole address goes here, like https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=https://acme.flexie.io/", `FLEXIE_BASE_URL: the whole root of the API goes here: write https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=https://acme.flexie.io/ api", `FLEXIE_BASE_URL: this is not an address, like https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=https://acme.flexie.io:port/api", `FLEXIE_BASE_URL: this is not an address, like https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=https://u:p@acme.flexie.io/api", `FLEXIE_BASE_URL: a user name or password in the address is refused; the key goes in api_key`},
		{"FLEXIE_BASE_URL=https://acme.flexie.io/api?apikey=x", `FLEXIE_BASE_URL: the address ends before any ? or #, like https://acme.flexie.io/api`},
		{"FLEXIE_BASE_URL=https://acme.flexie.io/api#", `FLEXIE_BASE_URL: the address ends before any ? or #, like https://acme.flexie.io/api`},

		{"FLEXIE_TOOLSETS=,", `FLEXIE_TOOLSETS is empty, and so is tools: name at least one, like core`},

		{"FLEXIE_API_KEY=two words", `FLEXIE_API_KEY: there are spaces, line breaks or control characters inside the key (it is not shown here)`},

		{"FLEXIE_SUBDOMIAN=acme", `FLEXIE_SUBDOMIAN: no such setting; did you mean FLEXIE_SUBDOMAIN?`},
		{"FLEXIE_APIKEY=x", `FLEXIE_APIKEY: no such setting; did you mean FLEXIE_API_KEY?`},
	} {
		t.Run(tt.variable, func(t *testing.T) {
			require.Equal(t, []string{tt.want}, problems(t, "DIR", []string{tt.variable}))
		})
	}
}

// The file's problems name the file and the key; where it is not TOML, the place.
func TestBrokenFiles(t *testing.T) {
	for _, tt := range []struct{ toml, want string }{
		{`timeout = "abc"`, `DIR/config.toml: timeout: "abc" is not a duration, like 30s or 2m`},
		{`timeout = 30`, `DIR/config.toml: timeout: 30 goes in quotes here, like "30s"`},
		{`subdomain = 12`, `DIR/config.toml: subdomain: 12 goes in quotes here, like "acme"`},
		{`subdomain = ["acme"]`, `DIR/config.toml: subdomain: one value goes here, not a list of them; write it like "acme"`},
		{`tools = [1]`, `DIR/config.toml: tools: 1 is not text; write the list like ["search_tasks", "add_note"]`},
		{`tools = 2020-01-01`, `DIR/config.toml: tools: a table or a date is no value here; write it like ["search_tasks", "add_note"]`},
		{`sandbox_error_status = 503.5`, `DIR/config.toml: sandbox_error_status: "503.5" is not a whole number`},
		{`api_kay = "x"`, `DIR/config.toml: unknown key "api_kay": did you mean "api_key"?`},
		{`api-key = "x"`, `DIR/config.toml: unknown key "api-key": did you mean "api_key"?`},
		{`logLevel = "x"`, `DIR/config.toml: unknown key "logLevel": did you mean "log_level"?`},
		{"[connection]\nsubdomain = 'acme'", `DIR/config.toml: unknown key "connection": settings are not in sections; write them without a [heading]`},
		{"\n\nsubdomain = acme", `DIR/config.toml:3:13: unexpected character at start of value; text goes in quotes`},
		{"subdomain = 'a'\nsubdomain = 'b'", `DIR/config.toml:2:1: key subdomain is already defined`},
		{"subdomain", `DIR/config.toml:1:9: expected '=' after key`},
	} {
		t.Run(tt.toml, func(t *testing.T) {
			file := written(t, "config.toml", tt.toml)
			require.Equal(t, []string{tt.want}, problems(t, filepath.Dir(file), nil, "--config", file))
		})
	}

	file := written(t, "config.toml", `colour = "blue"`)
	got := problems(t, filepath.Dir(file), nil, "--config", file)
	require.Len(t, got, 1)
	require.True(t, strings.HasPrefix(got[0], `DIR/config.toml: unknown key "colour": the keys are state_dir, subdomain, base_url, api_key,`), got[0])
}

// A file that can't be read is named, with what named it.
func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"empty", "blank", "spaced", "large"} {
		content := map[string]string{"blank": " \n", "spaced": "k 1", "large": strings.Repeat("k", maxFile+1)}[name]
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	for _, tt := range []struct{ flag, file, want string }{
		{"--config", "missing", "--config: cannot read DIR/missing: no such file or directory"},
		{"--config", ".", "--config: cannot read DIR: is a directory"},
		{"--config", "large", "--config: DIR/large is too large to be what goes here"},
		{"--api-key-file", "missing", "--api-key-file: cannot read DIR/missing: no such file or directory"},
		{"--api-key-file", ".", "--api-key-file: cannot read DIR: is a directory"},
		{"--api-key-file", "empty", "--api-key-file: DIR/empty is empty"},
		{"--api-key-file", "blank", "--api-key-file: DIR/blank is empty"},
		{"--api-key-file", "spaced", "--api-key-file: DIR/spaced: there are spaces, line breaks or control characters inside the key (it is not shown here)"},
	} {
		t.Run(tt.flag+" "+tt.file, func(t *testing.T) {
			path := filepath.Join(dir, tt.file)
			require.Equal(t, []string{tt.want}, problems(t, dir, nil, tt.flag, path))
			require.Equal(t, []string{tt.want}, problems(t, dir, nil, tt.flag, path, "--sandbox"), "the sandbox hides no broken setting")
		})
	}
}

// A list from which something is needed must not be empty; an empty variable
// is none at all.
func TestSomethingMustBeOffered(t *testing.T) {
	for _, given := range []string{"", ",", " , "} {
		require.Equal(t, []string{"--toolsets is empty, and so is tools: name at least one, like core"}, problems(t, "DIR", nil, "--toolsets", given))
		require.Empty(t, load(t, nil, "--toolsets", given, "--tools", "get_contact").Toolsets)
	}
	require.Equal(t, []string{"core"}, load(t, []string{"FLEXIE_TOOLSETS="}).Toolsets)
}

// Inspect shows what could be read of settings that are not right.
func TestInspect(t *testing.T) {
	loaded, err := Inspect(parsed(t, "--timeout", "soon", "--subdomain", "acme"), nil)
	require.EqualError(t, err, `--timeout: "soon" is not a duration, like 30s or 2m`)
	require.Equal(t, Row{"subdomain", "acme", "flag --subdomain"}, row(t, loaded, "subdomain"))
	require.Equal(t, Row{"timeout", "30s", "default"}, row(t, loaded, "timeout"))
}

// Settings that are each right, and wrong together, are named by where they came from.
func TestContradictions(t *testing.T) {
	key := written(t, "key", "k-1")
	require.Equal(t,
		[]string{"FLEXIE_API_KEY and --api-key-file are both set: keep one"},
		problems(t, "DIR", []string{"FLEXIE_API_KEY=k-2"}, "--api-key-file", key))

	file := written(t, "config.toml", `subdomain = "acme"`)
	require.Equal(t,
		[]string{"DIR/config.toml: subdomain and FLEXIE_BASE_URL name different workspaces: keep one"},
		problems(t, filepath.Dir(file), []string{"FLEXIE_CONFIG=" + file, "FLEXIE_BASE_URL=https://other.flexie.io/api"}))
}

// Everything wrong is told at once, in one error, even what another place overrides.
func TestAllProblemsAtOnce(t *testing.T) {
	file := written(t, "config.toml", "timeout = 'abc'\ncolor = 1\nlog_levle = 'info'")
	environ := []string{"FLEXIE_CONFIG=" + file, "FLEXIE_READ_ONLY=maybe", "FLEXIE_TOOLSTES=all"}
	_, err := Load(parsed(t, "--timeout=1s", "--base-url=http://example.com", "--log-format=xml"), environ)

	var broken *Error
	require.True(t, errors.As(err, &broken))
	require.Len(t, broken.Problems, 7)
	for _, source := range []string{file + ": timeout", `"color"`, `"log_levle"`, "FLEXIE_READ_ONLY", "FLEXIE_TOOLSTES", "--base-url", "--log-format"} {
		require.ErrorContains(t, err, source)
	}
	require.Len(t, strings.Split(err.Error(), "\n"), 8, "a line each, below one that says what they are")

	_, err = Load(nil, []string{"FLEXIE_READ_ONLY=maybe"})
	require.EqualError(t, err, `FLEXIE_READ_ONLY: "maybe" is neither true nor false`, "one problem needs no heading")
}

// Names that are not nearly ours are other programs', and so are empty ones.
func TestOtherVariablesAreLeftAlone(t *testing.T) {
	load(t, []string{"FLEXIE_THEME=dark", "FLEXIEST=1", "FLEXIE_=1", "FLEXIE_SUBDOMIAN=", "flexie_subdomain=acme"})
}
