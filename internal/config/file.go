package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/v2"
	gotoml "github.com/pelletier/go-toml/v2"
	"github.com/spf13/pflag"
)

// maxFile is how much of a file is read: none of ours is near it, and
// /dev/zero has no end.
const maxFile = 1 << 20

// loadFile loads the TOML file, if one is named.
func (l *loader) loadFile(flags *pflag.FlagSet, environ []string) {
	label, path := l.configFile(flags, environ)
	if path == "" {
		return
	}
	content, readable, err := readFile(path)
	if err != nil {
		l.problem("%s: %v", label, err)
		return
	}
	values, err := toml.Parser().Unmarshal(content)
	if err != nil {
		l.problem("%s%v", path, tomlProblem(err))
		return
	}
	for _, secret := range [][2]string{{"api_key", "the API key"}, {"oauth_client_secret", "the OAuth client secret"}} {
		if _, ok := values[secret[0]]; ok && readable {
			l.warn(path, secret[1])
		}
	}
	l.problems = append(l.problems, unknownKeys(path, values)...)
	l.assume(fileLayer(path), values[assumptionsKey])
	l.load(fileLayer(path), confmap.Provider(values, ""), nil)
}

// configFile is the path of the TOML file, and what named it. Where nothing does, and
// nothing else says which workspace, it is the one that init writes, if that is there.
func (l *loader) configFile(flags *pflag.FlagSet, environ []string) (label, path string) {
	named := &loader{koanf: koanf.New("."), from: map[string]layer{}}
	named.load(envLayer, envProvider(environ), nil)
	named.load(flagLayer, flagProvider(flags), nil)
	if path = named.koanf.String(configKey); path != "" {
		return named.label(configKey), path
	}
	if named.koanf.String("subdomain") != "" || named.koanf.String("base_url") != "" || named.koanf.Bool("sandbox") {
		return "", ""
	}
	path = DefaultFile(runtime.GOOS, environ)
	if _, err := os.Stat(path); err != nil {
		return "", ""
	}
	return path, path
}

// DefaultFile is where the settings of the user of an environment are kept, "" where
// it does not say who that is.
func DefaultFile(system string, environ []string) string {
	if system == "windows" {
		return below(variable(environ, "APPDATA"), "flexie-mcp/config.toml")
	}
	if dir := variable(environ, "XDG_CONFIG_HOME"); filepath.IsAbs(dir) { // its standard says to pass over others
		return below(dir, "flexie-mcp/config.toml")
	}
	return below(variable(environ, "HOME"), ".config/flexie-mcp/config.toml")
}

func fileLayer(path string) layer {
	return layer{
		origin: func(field) Origin { return Origin("file " + path) },
		label:  func(f field) string { return path + ": " + f.key },
		dir:    filepath.Dir(path),
	}
}

// loadKey is the API key, from its file if that is where it is.
func (l *loader) loadKey(s Settings) string {
	return l.loadSecret("the API key", "api_key_file", s.APIKeyFile, s.APIKey)
}

// loadSecret is what the file holds that a setting names, and nothing else; the
// given secret where it names none.
func (l *loader) loadSecret(what, setting, path, given string) string {
	if path == "" {
		return given
	}
	label := l.label(setting)
	content, readable, err := readFile(path)
	if err != nil {
		l.problem("%s: %v", label, err)
		return ""
	}
	secret := strings.TrimSpace(string(content))
	if secret == "" {
		l.problem("%s: %s is empty", label, path)
		return ""
	}
	if _, err := readSecret(field{}, secret); err != nil {
		l.problem("%s: %s: %v", label, path, err)
		return ""
	}
	if readable {
		l.warn(path, what)
	}
	return secret
}

func (l *loader) warn(path, what string) {
	l.warnings = append(l.warnings, fmt.Sprintf("%s holds %s and other users can read it or write to it: chmod 600 %s", path, what, path))
}

// readFile reads a whole file, less the byte order mark some editors put at
// its start, and reports whether other users can read it too, or write to it. Its
// group may read it: so Kubernetes hands a secret to who is not root. A pipe will
// do, as shells make them of <(pass flexie), if somebody writes to it: opening one
// that nobody does would else never end.
func readFile(path string) (content []byte, othersCan bool, err error) {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false, unreadable(path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, false, unreadable(path, err)
	}
	if content, err = io.ReadAll(io.LimitReader(file, maxFile+1)); err != nil {
		return nil, false, unreadable(path, err)
	}
	if len(content) > maxFile {
		return nil, false, fmt.Errorf("%s is too large to be what goes here", path)
	}
	if len(content) == 0 && info.Mode()&fs.ModeNamedPipe != 0 {
		return nil, false, fmt.Errorf("%s is a pipe that nothing has been written to", path)
	}
	othersCan = runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode()&0o027 != 0
	return bytes.TrimPrefix(content, []byte("\ufeff")), othersCan, nil
}

// unreadable says why a file can't be read, without the name of the system call.
func unreadable(path string, err error) error {
	if pathErr := new(fs.PathError); errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return fmt.Errorf("cannot read %s: %w", path, err)
}

// stray is where a TOML error quotes the file, a character of it at most. It
// is cut out: the file may hold a key.
var stray = regexp.MustCompile(`( but got)?:? U\+[0-9A-F]+( '.*')?`)

// tomlProblem is ":LINE:COLUMN: what is wrong", or ": what" without a place.
func tomlProblem(err error) string {
	decodeErr := new(gotoml.DecodeError)
	if !errors.As(err, &decodeErr) {
		return ": this is not TOML"
	}
	line, column := decodeErr.Position()
	what := strings.TrimPrefix(decodeErr.Error(), "toml: ")
	what = stray.ReplaceAllString(what, "")
	what, _, _ = strings.Cut(what, ": strconv.")
	if strings.HasSuffix(what, "at start of value") {
		what += "; text goes in quotes"
	}
	return fmt.Sprintf(":%d:%d: %s", line, column, what)
}

// unknownKeys finds keys that are no settings, and what was probably meant.
func unknownKeys(path string, values map[string]any) []string {
	var known, problems []string
	for _, f := range fields {
		if f.inFile() {
			known = append(known, f.key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(known, key) || key == assumptionsKey {
			continue
		}
		problems = append(problems, fmt.Sprintf("%s: unknown key %q: %s", path, key, advice(key, values[key], known)))
	}
	return problems
}

func advice(key string, value any, known []string) string {
	if _, ok := value.(map[string]any); ok {
		if nearest(key, []string{assumptionsKey}, 3) != "" {
			return "did you mean [assumptions]?"
		}
		return "settings are not in sections; write them without a [heading]"
	}
	if slices.Contains(guessNames(), key) {
		return "it goes below a line [assumptions]"
	}
	if near := nearest(strings.ToLower(key), append(known, assumptionsKey), max(2, len(key)/3)); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "the keys are " + strings.Join(known, ", ")
}
