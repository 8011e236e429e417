package config

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// parsed is a flag set as it is after the command line has been read.
func parsed(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("flexie-mcp", pflag.ContinueOnError)
	Flags(fs)
	require.NoError(t, fs.Parse(args))
	return fs
}

// written is a file with that content, which only its owner can read.
func written(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

// load is Load where nothing is expected to be wrong.
func load(t *testing.T, environ []string, args ...string) *Loaded {
	t.Helper()
	loaded, err := Load(parsed(t, args...), environ)
	require.NoError(t, err)
	return loaded
}

// row is the line of the config command for one setting.
func row(t *testing.T, loaded *Loaded, name string) Row {
	t.Helper()
	for _, r := range loaded.Rows() {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no row %s", name)
	return Row{}
}

func TestDefaults(t *testing.T) {
	loaded, err := Load(nil, nil)
	require.NoError(t, err)
	require.Equal(t, Settings{
		Timeout:              30 * time.Second,
		Retries:              3,
		MaxRate:              10,
		MaxConcurrent:        8,
		OAuthRedirect:        "http://127.0.0.1:8976/callback",
		Keyring:              true,
		SandboxTokenLifetime: time.Hour,
		SandboxTokenRotation: true,
		Toolsets:             []string{"core"},
		Tools:                []string{},
		ExcludeTools:         []string{},
		Access:               "admin",
		Confirm:              "auto",
		KeepChanges:          90,
		KeepChangesMB:        200,
		CustomTables:         []string{},
		LearnFields:          true,
		AnswerTokens:         2500,
		HTTPSubdomains:       []string{},
		HTTPOrigins:          []string{},
		HTTPMaxBodyMB:        4,
		HTTPMaxHeaderKB:      64,
		HTTPMaxInFlight:      32,
		HTTPMaxStreams:       20,
		HTTPMaxSessions:      100,
		HTTPMaxSessionsInAll: 10000,
		HTTPGrace:            20 * time.Second,
		SandboxDialect:       "classic",
		SandboxErrorStatus:   503,
		SandboxFaultsOn:      "all",
		LogLevel:             "warn",
		LogFormat:            "text",
	}, loaded.Settings)
	require.Empty(t, loaded.Root())
	require.Empty(t, loaded.Key())
	require.Empty(t, loaded.Warnings)
	for _, r := range loaded.Rows() {
		require.Equal(t, Origin("default"), r.Origin, r.Name)
	}
}

// A flag wins over the environment, which wins over the file, which wins over
// the default. Each place is tried against each other.
func TestPrecedence(t *testing.T) {
	file := written(t, "config.toml", `timeout = "1s"`)
	fromFile := []string{"FLEXIE_CONFIG=" + file}
	for name, tt := range map[string]struct {
		environ []string
		args    []string
		want    string
		origin  Origin
	}{
		"default":                           {nil, nil, "30s", "default"},
		"file over default":                 {fromFile, nil, "1s", Origin("file " + file)},
		"environment over default":          {[]string{"FLEXIE_TIMEOUT=2s"}, nil, "2s", "environment FLEXIE_TIMEOUT"},
		"flag over default":                 {nil, []string{"--timeout=3s"}, "3s", "flag --timeout"},
		"environment over file":             {append(fromFile, "FLEXIE_TIMEOUT=2s"), nil, "2s", "environment FLEXIE_TIMEOUT"},
		"flag over file":                    {fromFile, []string{"--timeout=3s"}, "3s", "flag --timeout"},
		"flag over environment":             {[]string{"FLEXIE_TIMEOUT=2s"}, []string{"--timeout=3s"}, "3s", "flag --timeout"},
		"flag over all":                     {append(fromFile, "FLEXIE_TIMEOUT=2s"), []string{"--timeout=3s"}, "3s", "flag --timeout"},
		"a flag that says the default":      {[]string{"FLEXIE_TIMEOUT=2s"}, []string{"--timeout=30s"}, "30s", "flag --timeout"},
		"empty environment leaves the file": {append(fromFile, "FLEXIE_TIMEOUT="), nil, "1s", Origin("file " + file)},
		"blank environment too":             {[]string{"FLEXIE_TIMEOUT=  "}, nil, "30s", "default"},
	} {
		t.Run(name, func(t *testing.T) {
			got := row(t, load(t, tt.environ, tt.args...), "timeout")
			require.Equal(t, Row{"timeout", tt.want, tt.origin}, got)
		})
	}
}

// The file is named by a flag or the environment, as any other setting.
func TestConfigFile(t *testing.T) {
	first := written(t, "first.toml", `subdomain = "first"`)
	second := written(t, "second.toml", `subdomain = "second"`)

	loaded := load(t, []string{"FLEXIE_CONFIG=" + first}, "--config", second)
	require.Equal(t, "second", loaded.Subdomain)
	require.Equal(t, Row{"config", second, "flag --config"}, row(t, loaded, "config"))

	loaded = load(t, []string{"FLEXIE_CONFIG=" + first}, "--config=")
	require.Empty(t, loaded.Subdomain, "an empty flag takes away what the environment says")

	loaded = load(t, []string{"FLEXIE_CONFIG=" + written(t, "bom.toml", "\ufeffsubdomain = \"third\"")})
	require.Equal(t, "third", loaded.Subdomain, "some editors begin a file with a byte order mark")
}

// Every setting can be given in all three places, and means the same in each.
func TestEverySettingInEveryPlace(t *testing.T) {
	for _, f := range fields {
		if !f.inFile() || f.kind.name == "path" {
			continue // the files do not exist; TestPaths is about them
		}
		value := f.defaultText()
		if value == "" {
			value = f.example
		}
		t.Run(f.key, func(t *testing.T) {
			file := written(t, "config.toml", f.key+" = "+f.literal())
			for origin, loaded := range map[Origin]*Loaded{
				Origin("flag --" + f.flag()):     load(t, nil, "--"+f.flag()+"="+value),
				Origin("environment " + f.env()): load(t, []string{f.env() + "=" + value}),
				Origin("file " + file):           load(t, nil, "--config", file),
			} {
				require.Equal(t, origin, row(t, loaded, f.key).Origin)
				require.Equal(t, value, f.of(loaded.Settings))
			}
		})
	}
}

func TestLists(t *testing.T) {
	for name, tt := range map[string]struct {
		environ []string
		toml    string
		args    []string
		want    []string
	}{
		"one":                         {args: []string{"--tools=get_case"}, want: []string{"get_case"}},
		"commas":                      {args: []string{"--tools", "get_case,add_note"}, want: []string{"get_case", "add_note"}},
		"a flag given twice adds up":  {args: []string{"--tools=a,b", "--tools=c"}, want: []string{"a", "b", "c"}},
		"spaces and empty items":      {environ: []string{"FLEXIE_TOOLS= a , ,b,"}, want: []string{"a", "b"}},
		"an array in TOML":            {toml: `tools = ["a", " b "]`, want: []string{"a", "b"}},
		"commas in TOML":              {toml: `tools = "a, b"`, want: []string{"a", "b"}},
		"an array over several lines": {toml: "tools = [\n  'a', # why\n  'b',\n]", want: []string{"a", "b"}},
		"nothing":                     {toml: `tools = []`, want: []string{}},
		"places do not add up":        {toml: `tools = ["a"]`, environ: []string{"FLEXIE_TOOLS=b"}, args: []string{"--tools=c"}, want: []string{"c"}},
	} {
		t.Run(name, func(t *testing.T) {
			environ := append(tt.environ, "FLEXIE_CONFIG="+written(t, "config.toml", tt.toml))
			require.Equal(t, tt.want, load(t, environ, tt.args...).Tools)
		})
	}

	require.Empty(t, load(t, nil, "--toolsets=", "--tools=get_case").Toolsets, "the default can be taken away")
}

func TestBooleans(t *testing.T) {
	for text, want := range map[string]bool{
		"1": true, "true": true, "TRUE": true, "yes": true, "On": true,
		"0": false, "false": false, "No": false, "off": false,
	} {
		require.Equal(t, want, load(t, []string{"FLEXIE_READ_ONLY=" + text}).ReadOnly, "environment %s", text)
		require.Equal(t, want, load(t, nil, "--read-only="+text).ReadOnly, "flag %s", text)
	}
	require.True(t, load(t, nil, "--read-only").ReadOnly)
	require.False(t, load(t, []string{"FLEXIE_READ_ONLY=yes"}, "--read-only=no").ReadOnly)
}

// However the workspace is named, there is one address, without a slash at its end.
func TestRoot(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"neither":              {nil, ""},
		"subdomain":            {[]string{"--subdomain=acme"}, "https://acme.flexie.io/api"},
		"upper case":           {[]string{"--subdomain=Acme"}, "https://acme.flexie.io/api"},
		"base URL":             {[]string{"--base-url=https://crm.example.com/flexie/api"}, "https://crm.example.com/flexie/api"},
		"slash at the end":     {[]string{"--base-url=https://ACME.flexie.io/api/"}, "https://acme.flexie.io/api"},
		"no path, not Flexie":  {[]string{"--base-url=https://crm.example.com:8443/"}, "https://crm.example.com:8443"},
		"both, and they agree": {[]string{"--subdomain=acme", "--base-url=https://acme.flexie.io/api/"}, "https://acme.flexie.io/api"},
		"http to loopback":     {[]string{"--base-url=http://127.0.0.1:8080/api"}, "http://127.0.0.1:8080/api"},
		"http to ::1":          {[]string{"--base-url=http://[::1]:8080/api"}, "http://[::1]:8080/api"},
		"http to localhost":    {[]string{"--base-url=http://localhost/api"}, "http://localhost/api"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tt.want, load(t, nil, tt.args...).Root())
		})
	}
}

// The key may be given itself or in a file; spaces around it are no part of it.
func TestKey(t *testing.T) {
	require.Equal(t, "k-1", load(t, []string{"FLEXIE_API_KEY= k-1\n"}).Key())
	require.Equal(t, "k-1", Settings{APIKey: "k-1"}.Key())

	file := written(t, "key", "\ufeff k-1\r\n")
	loaded := load(t, nil, "--api-key-file", file)
	require.Equal(t, "k-1", loaded.Key())
	require.Empty(t, loaded.APIKey)
	require.Empty(t, loaded.Warnings)
}

// A file others can read is used, with a warning that says how to mend it. One that
// its group can read is not worth one.
func TestReadableKeyIsWarnedOf(t *testing.T) {
	key := written(t, "key", "k-1")
	require.NoError(t, os.Chmod(key, 0o644))
	loaded := load(t, nil, "--api-key-file", key)
	require.Equal(t, "k-1", loaded.Key())
	require.Equal(t, []string{key + " holds the API key and other users can read it or write to it: chmod 600 " + key}, loaded.Warnings)
	for mode, warnings := range map[os.FileMode]int{0o640: 0, 0o440: 0, 0o660: 1} {
		require.NoError(t, os.Chmod(key, mode))
		require.Len(t, load(t, nil, "--api-key-file", key).Warnings, warnings, mode)
	}

	config := written(t, "config.toml", `api_key = "k-1"`)
	require.NoError(t, os.Chmod(config, 0o644))
	require.Len(t, load(t, nil, "--config", config).Warnings, 1)

	require.NoError(t, os.WriteFile(config, []byte(`subdomain = "acme"`), 0o644))
	require.Empty(t, load(t, nil, "--config", config).Warnings, "there is no key in it")
}

func TestPaths(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	require.Equal(t, filepath.Join(home, "box.db"), load(t, nil, "--sandbox-file", "~/box.db").SandboxFile)
	require.Equal(t, "box.db", load(t, nil, "--sandbox-file", "box.db").SandboxFile, "from the working directory")

	file := written(t, "config.toml", `sandbox_file = "box.db"`)
	require.Equal(t, filepath.Join(filepath.Dir(file), "box.db"), load(t, nil, "--config", file).SandboxFile, "from the file it is written in")
}

// The command line has flags of its own; they are nobody's setting.
func TestOtherFlagsAreLeftAlone(t *testing.T) {
	fs := pflag.NewFlagSet("flexie-mcp", pflag.ContinueOnError)
	fs.String("addr", ":8080", "")
	Flags(fs)
	require.NoError(t, fs.Parse([]string{"--addr=:9090", "--subdomain=acme"}))
	loaded, err := Load(fs, []string{"PATH=/bin", "FLEXIE_ADDRESS_BOOK=other program", "=C:=C:\\", "odd"})
	require.NoError(t, err)
	require.Equal(t, "acme", loaded.Subdomain)
}
