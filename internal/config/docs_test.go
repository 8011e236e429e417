package config

import (
	"regexp"
	"strings"
	"testing"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/stretchr/testify/require"
)

// commentedOut is a setting's line in config.example.toml: no space after #.
var commentedOut = regexp.MustCompile(`(?m)^#([\w\[])`)

// Uncommented, the example is TOML in which every setting reads without error.
func TestExampleIsGood(t *testing.T) {
	values, err := toml.Parser().Unmarshal([]byte(commentedOut.ReplaceAllString(ExampleTOML(), "$1")))
	require.NoError(t, err)
	require.Len(t, values, len(fields), "every setting but config, and the assumptions")
	require.Len(t, values[assumptionsKey], len(guesses))
	delete(values, assumptionsKey)
	for key, raw := range values {
		f, ok := find(key)
		require.True(t, ok, key)
		_, err := f.read(raw)
		require.NoError(t, err, key)
	}
}

// As it stands, the example sets nothing.
func TestExampleSetsNothing(t *testing.T) {
	values, err := toml.Parser().Unmarshal([]byte(ExampleTOML()))
	require.NoError(t, err)
	require.Empty(t, values)
}

// A setting that is declared is in the help, the example and the docs.
func TestEverySettingIsDocumented(t *testing.T) {
	fs := parsed(t)
	for _, f := range fields {
		require.NotEmpty(t, f.help, f.key)
		require.NotEmpty(t, f.group, f.key)
		require.NotEmpty(t, f.defaultText()+f.example, "%s needs a default or an example", f.key)
		require.NotContains(t, f.usage(), "|", "%s would break the table", f.key)
		require.Contains(t, fs.Lookup(f.flag()).Usage, f.help)
		require.Contains(t, Markdown(), "| `--"+f.flag()+"` | `"+f.env()+"` |")
		require.Equal(t, f.inFile(), strings.Contains(ExampleTOML(), "# "+f.env()+";"), f.key)
	}
}

func TestHelp(t *testing.T) {
	usage := parsed(t).FlagUsages()
	require.Regexp(t, `--timeout duration +How long .* \(default 30s\)\n`, usage)
	require.Regexp(t, `--toolsets list +.* \(default core\)\n`, usage)
	require.Regexp(t, `--read-only  +Offer only`, usage)
	require.Regexp(t, `--log-level text .*One of debug, info, warn, error\. \(default warn\)\n`, usage)
	require.Regexp(t, `--api-key secret .*list of processes`, usage)
}
