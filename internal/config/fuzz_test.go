package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzSettings: any file and any environment makes settings or says what is
// wrong, a line a problem, without the key that is in it.
func FuzzSettings(f *testing.F) {
	f.Add([]byte("subdomain = \"acme\"\ntimeout = '5s'\n"), "FLEXIE_READ_ONLY=1\nFLEXIE_TOOLSETS=all", false)
	f.Add([]byte("toolsets = ['core', \"cases\"]\nmax_rate = 1e9\nsandbox_error_rate = nan\n"), "FLEXIE_BASE_URL=https://x:y@acme.flexie.io/api?k=v#f", true)
	f.Add([]byte("[flexie]\nsubdomain = 'x'\n"), "FLEXIE_SUBDOMAN=x\nFLEXIE_ACCESS=ADMIN ", false)
	f.Add([]byte("timeout = = 3\nkeep_changes = -1\n"), "FLEXIE_API_KEY_FILE=nowhere\nFLEXIE_STATE_DIR=~/x", true)
	f.Add([]byte("api_kee = \"\"\"\n\"\"\"\nread_only = 1979-05-27\n"), "FLEXIE_TIMEOUT=1ns\nFLEXIE_LOG_LEVEL=\xff", false)
	f.Add([]byte("\xef\xbb\xbfanswer_tokens = 0x1F4\ncustom_tables = [[]]\n"), "HOME=/h\nXDG_STATE_HOME=x\nFLEXIE_CONFIRM=", true)
	f.Add([]byte("[assumptions]\nlist_totals = ['a.b']\nfilter_operators = { gte = '>=' }\nlist_limit = 1e3\n"), "FLEXIE_ASSUMPTIONS_REPLY_NAMES=text=a|b,=,x\nFLEXIE_ASSUMPTIONS_TIMES_ZONE=../x", false)
	path := filepath.Join(f.TempDir(), "config.toml")
	f.Fuzz(func(t *testing.T, toml []byte, environment string, inFile bool) {
		environ := strings.Split(environment, "\n")
		if inFile {
			toml = append([]byte("api_key = \""+secret+"\"\n"), toml...)
		} else {
			environ = append(environ, "FLEXIE_API_KEY="+secret)
		}
		require.NoError(t, os.WriteFile(path, toml, 0o600))
		loaded, err := Load(nil, append(environ, "FLEXIE_CONFIG="+path))
		if err != nil {
			require.Nil(t, loaded)
			var told *Error
			require.ErrorAs(t, err, &told)
			require.NotEmpty(t, told.Problems)
			require.NotContains(t, err.Error(), secret)
			return
		}
		require.NotContains(t, strings.Join(loaded.Warnings, "\n"), secret)
		for _, row := range loaded.Rows() {
			require.NotContains(t, row.Value, secret)
		}
		require.NotContains(t, loaded.String(), secret)
		require.True(t, utf8.ValidString(loaded.Access))
		require.Positive(t, loaded.Timeout)
		require.Contains(t, AccessLevels, loaded.Access)
	})
}
