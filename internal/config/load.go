package config

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"flexie-mcp/flexie"
)

// Loaded is the settings with where each came from.
type Loaded struct {
	Settings

	// Warnings are what is accepted but should be mended, one line each, to be
	// logged once there is a logger.
	Warnings []string

	origins map[string]Origin
}

// Origin says where a value came from: "default", "flag --subdomain",
// "environment FLEXIE_SUBDOMAIN" or "file PATH".
type Origin string

// Error is everything wrong with the settings: a problem a line, which names
// where it came from and holds no secret.
type Error struct{ Problems []string }

func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return e.Problems[0]
	}
	return "the settings are not right:\n  " + strings.Join(e.Problems, "\n  ")
}

// Load reads the settings: from the flags of fs (nil for none) that Flags
// registered, over environ (as of os.Environ), over the file that either
// names, over the defaults. It looks at all of them before it fails, with an
// *Error.
func Load(fs *pflag.FlagSet, environ []string) (*Loaded, error) {
	loaded, err := Inspect(fs, environ)
	if err != nil {
		return nil, err
	}
	return loaded, nil
}

// Inspect is Load for those who want to see what is set even when it is not
// right: beside the error it gives all settings that could be read.
func Inspect(fs *pflag.FlagSet, environ []string) (*Loaded, error) {
	l := &loader{koanf: koanf.New("."), from: map[string]layer{}}
	l.load(defaultLayer, confmap.Provider(defaults(), ""), nil)
	l.loadFile(fs, environ)
	l.load(envLayer, envProvider(environ), nil)
	l.assume(envLayer, assumptionsIn(environ))
	l.problems = append(l.problems, misspelt(environ)...)
	l.load(flagLayer, flagProvider(fs), nil)
	return l.finish(environ)
}

// loader gathers settings, where they came from, and what is wrong with them.
type loader struct {
	koanf    *koanf.Koanf
	from     map[string]layer // by key: the layer whose value counts
	assumed  flexie.Assumptions
	problems []string
	warnings []string
}

func (l *loader) problem(format string, args ...any) {
	l.problems = append(l.problems, fmt.Sprintf(format, args...))
}

// load merges one layer over those before. Values are read here rather than at
// the end, while it is still known which layer they came from.
func (l *loader) load(from layer, provider koanf.Provider, parser koanf.Parser) {
	err := l.koanf.Load(provider, parser, koanf.WithMergeFunc(func(src, dest map[string]any) error {
		for _, f := range fields {
			if raw, ok := src[f.key]; ok {
				l.set(dest, from, f, raw)
			}
		}
		return nil
	}))
	if err != nil {
		l.problem("%s: %v", from.origin(field{}), err)
	}
}

func (l *loader) set(dest map[string]any, from layer, f field, raw any) {
	value, err := f.read(raw)
	if err != nil {
		l.problem("%s: %v", from.label(f), err)
		return
	}
	if path, ok := value.(string); ok && f.kind.name == "path" {
		value = from.resolve(path)
	}
	dest[f.key] = value
	l.from[f.key] = from
}

// label is how a problem names the setting, by where its value came from.
func (l *loader) label(key string) string {
	f, _ := find(key)
	return l.from[key].label(f)
}

// finish makes the settings of what was gathered.
func (l *loader) finish(environ []string) (*Loaded, error) {
	loaded := &Loaded{origins: map[string]Origin{}}
	if err := l.koanf.UnmarshalWithConf("", &loaded.Settings, koanf.UnmarshalConf{Tag: "key"}); err != nil {
		l.problem("%v", err)
	}
	loaded.Assumptions = l.assumed
	if loaded.StateDir == "" {
		loaded.StateDir = stateDir(runtime.GOOS, environ)
	}
	l.checkTogether(loaded.Settings)
	loaded.key = l.loadKey(loaded.Settings)
	loaded.clientSecret = l.loadSecret("the OAuth client secret", "oauth_client_secret_file", loaded.OAuthClientSecretFile, loaded.OAuthClientSecret)
	for _, f := range fields {
		loaded.origins[f.key] = l.from[f.key].origin(f)
	}
	for _, g := range guesses {
		if from, set := l.from[g.key]; set {
			loaded.origins[g.key] = from.origin(g.field)
		}
	}
	loaded.Warnings = l.warnings
	if len(l.problems) > 0 {
		return loaded, &Error{Problems: l.problems}
	}
	return loaded, nil
}

// layer is one place settings come from: how it is told of, and where its
// relative paths start.
type layer struct {
	origin func(field) Origin
	label  func(field) string
	dir    string // "" for the working directory
}

var (
	defaultLayer = layer{
		origin: func(field) Origin { return "default" },
		label:  func(f field) string { return "default of " + f.key },
	}
	envLayer = layer{
		origin: func(f field) Origin { return Origin("environment " + f.env()) },
		label:  field.env,
	}
	flagLayer = layer{
		origin: func(f field) Origin { return Origin("flag --" + f.flag()) },
		label:  func(f field) string { return "--" + f.flag() },
	}
)

// resolve makes a path written in a file start at that file: the program's
// working directory is whatever started it, and may be anything.
func (l layer) resolve(path string) string {
	if path == "" || l.dir == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(l.dir, path)
}

// defaults are what the declaration says, as text like that of the environment.
func defaults() map[string]any {
	values := map[string]any{}
	for _, f := range fields {
		values[f.key] = f.defaultText()
	}
	return values
}

// envProvider reads the variables that are ours. One that is set to nothing
// counts as not set: docker-compose and the settings of MCP clients pass on
// variables that nobody filled in.
func envProvider(environ []string) koanf.Provider {
	return env.Provider("", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			at := slices.IndexFunc(fields, func(f field) bool { return f.env() == name })
			if at < 0 || strings.TrimSpace(value) == "" {
				return "", nil
			}
			return fields[at].key, value
		},
	})
}

// misspelt finds variables that are nearly one of ours. Those farther off may
// be another program's, and are left alone.
func misspelt(environ []string) []string {
	var names, problems []string
	for _, f := range fields {
		names = append(names, f.env())
	}
	for _, g := range guesses {
		names = append(names, g.env())
	}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		if value == "" || !strings.HasPrefix(name, envPrefix) || isAssumption(name) || slices.Contains(names, name) {
			continue
		}
		if near := nearest(name, names, 2); near != "" {
			problems = append(problems, fmt.Sprintf("%s: no such setting; did you mean %s?", name, near))
		}
	}
	return problems
}

// flagProvider reads the flags that were given, leaving others' flags alone.
func flagProvider(fs *pflag.FlagSet) koanf.Provider {
	if fs == nil {
		fs = pflag.NewFlagSet("", pflag.ContinueOnError)
	}
	return posflag.ProviderWithFlag(fs, ".", nil, func(f *pflag.Flag) (string, any) {
		value, ok := f.Value.(*flagValue)
		if !ok {
			return "", nil
		}
		return value.field.key, value.given
	})
}
