package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

const secret = "s3cr3t-Zq9XvK"

// hides fails if the text holds the secret or any four characters of it in a row.
func hides(t *testing.T, text string) {
	t.Helper()
	for i := range len(secret) - 3 {
		require.NotContains(t, text, secret[i:i+4])
	}
}

// However settings are printed, the key is not in it.
func TestSettingsHideTheKey(t *testing.T) {
	fs := parsed(t, "--api-key", secret)
	loaded, err := Load(fs, nil)
	require.NoError(t, err)
	require.Equal(t, secret, loaded.Key())
	require.Equal(t, Row{"api_key", "set, hidden", "flag --api-key"}, row(t, loaded, "api_key"))

	encoded, err := json.Marshal(loaded)
	require.NoError(t, err)
	var logged bytes.Buffer
	slog.New(slog.NewTextHandler(&logged, nil)).Info("", "settings", loaded.Settings, "loaded", loaded)
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("", "settings", loaded.Settings, "loaded", loaded)
	hides(t, string(encoded))
	hides(t, logged.String())
	hides(t, fs.FlagUsages())
	hides(t, fs.Lookup("api-key").Value.String())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		hides(t, fmt.Sprintf(verb, loaded.Settings))
		hides(t, fmt.Sprintf(verb, loaded))
		hides(t, fmt.Sprintf(verb, *loaded))
		hides(t, fmt.Sprintf(verb, loaded.Rows()))
	}
}

func TestKeyFileIsHidden(t *testing.T) {
	file := written(t, "key", secret)
	require.NoError(t, os.Chmod(file, 0o644))
	loaded := load(t, nil, "--api-key-file", file)
	require.Equal(t, secret, loaded.Key())
	hides(t, fmt.Sprintf("%+v %#v %v %v", loaded, loaded.Settings, loaded.Rows(), loaded.Warnings))
}

// Whatever is wrong with the key, the error does not show it.
func TestProblemsHideTheKey(t *testing.T) {
	inFile := func(toml string) []string {
		return []string{"FLEXIE_CONFIG=" + written(t, "config.toml", toml)}
	}
	for name, environ := range map[string][]string{
		"space inside":          {"FLEXIE_API_KEY=" + secret + " x"},
		"control character":     {"FLEXIE_API_KEY=" + secret + "\x00x"},
		"line break":            {"FLEXIE_API_KEY=x\n" + secret},
		"no-break space":        {"FLEXIE_API_KEY=x\u00a0" + secret},
		"key file with two":     {"FLEXIE_API_KEY_FILE=" + written(t, "key", secret+"\n"+secret)},
		"both":                  {"FLEXIE_API_KEY=" + secret, "FLEXIE_API_KEY_FILE=" + written(t, "key", secret)},
		"misspelt":              {"FLEXIE_API_KYE=" + secret},
		"misspelt in the file":  inFile(`api_kee = "` + secret + `"`),
		"in a section":          inFile("[flexie]\napi_key = '" + secret + "'"),
		"array":                 inFile(`api_key = ["` + secret + `"]`),
		"no quotes":             inFile(`api_key = ` + secret),
		"one quote":             inFile(`api_key = "` + secret),
		"text after it":         inFile(`api_key = "x" ` + secret),
		"bad escape":            inFile(`api_key = "\` + secret + `"`),
		"twice":                 inFile("api_key = '" + secret + "'\napi_key = '" + secret + "'"),
		"nothing but the key":   inFile(secret),
		"in the address":        {"FLEXIE_BASE_URL=https://acme.flexie.io/api?apikey=" + secret},
		"as a password":         {"FLEXIE_BASE_URL=https://me:" + secret + "@acme.flexie.io/api"},
		"as a password, broken": {"FLEXIE_BASE_URL=https://me:" + secret + "@acme.flexie.io:x/api"},
		"in a pasted address":   {"FLEXIE_SUBDOMAIN=https://example.com/?apikey=" + secret},
	} {
		t.Run(name, func(t *testing.T) {
			loaded, err := Load(nil, environ)
			require.Error(t, err)
			require.Nil(t, loaded)
			hides(t, err.Error())
		})
	}

	for _, number := range []string{"93847561023", "9384756102393847561023", "9384756.1023", "1e9384756"} {
		_, err := Load(nil, inFile("api_key = "+number))
		require.Error(t, err)
		require.NotContains(t, err.Error(), "9384", "a key of digits, without quotes")
	}
}
