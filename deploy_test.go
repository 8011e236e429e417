package main_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
)

// TestDeployedSettingsExist: a setting that deploy/ or the Dockerfile names is one
// of docs/settings.md, and a metric one of docs/operating.md. The rest of deploy/
// is checked by a module of its own, deploy/check.
func TestDeployedSettingsExist(t *testing.T) {
	settings := namesIn(t, "docs/settings.md", "`(FLEXIE_[A-Z_]+)`")
	metrics := namesIn(t, "docs/operating.md", "(?m)^\\| `(flexie_mcp_[a-z_]+)`")
	for _, path := range deployed(t) {
		for name := range namesIn(t, path, `\b(FLEXIE_[A-Z_]+)\b`) {
			require.True(t, settings[name], "%s: there is no setting %s", path, name)
		}
		for name := range namesIn(t, path, `\b(flexie_mcp_[a-z_]+)\b`) {
			plain := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(name, "")
			require.True(t, metrics[name] || metrics[plain], "%s: there is no metric %s", path, name)
		}
	}
	require.NotEmpty(t, settings)
	require.NotEmpty(t, metrics)
}

// TestTheChartKnowsTheSettings: its schema has all of them, so that a misspelt one is
// refused, and a secret is refused with where it goes instead. With -update the
// schema is written anew.
func TestTheChartKnowsTheSettings(t *testing.T) {
	const path, template = "deploy/helm/flexie-mcp/values.schema.json", "deploy/helm/flexie-mcp/templates/deployment.yaml"
	refused, err := os.ReadFile(template)
	require.NoError(t, err)
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeFor[config.Settings]()) {
		name := field.Tag.Get("key")
		if name == "" {
			continue
		}
		names = append(names, fmt.Sprintf(`        "%s": {"$ref": "#/definitions/setting"}`, name))
		if field.Tag.Get("as") == "secret" {
			require.Contains(t, string(refused), `"`+name+`"`, "%s: it is a secret, and would stand in the values", template)
		}
	}
	slices.Sort(names)
	schema, err := os.ReadFile(path)
	require.NoError(t, err)
	listed := regexp.MustCompile(`(?s)("settings": \{\n.*?"properties": \{\n).*?( {6}\}\n)`)
	require.Len(t, listed.FindAll(schema, -1), 1)
	want := listed.ReplaceAll(schema, []byte("${1}"+strings.ReplaceAll(strings.Join(names, ",\n"), "$", "$$")+"\n${2}"))
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.WriteFile(path, want, 0o644))
		schema = want
	}
	require.Equal(t, string(want), string(schema), "%s is out of date; run: go test . -run TestTheChartKnowsTheSettings -update", path)
}

// TestTheDocumentsBuildWhatThereIs: each --target of a docker build is a stage.
func TestTheDocumentsBuildWhatThereIs(t *testing.T) {
	stages := namesIn(t, "Dockerfile", `(?m)^FROM \S+ AS (\w+)$`)
	found := 0
	for _, path := range []string{"README.md", "docs/operating.md", "deploy/compose.yaml", "deploy/helm/flexie-mcp/values.yaml"} {
		for name := range namesIn(t, path, `(?:--target |target: )(\w+)`) {
			require.True(t, stages[name], "%s: the Dockerfile has no stage %s", path, name)
			found++
		}
	}
	require.GreaterOrEqual(t, found, 3)
}

// deployed are the files by which the program is run elsewhere.
func deployed(t *testing.T) []string {
	paths := []string{"Dockerfile"}
	require.NoError(t, filepath.WalkDir("deploy", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == filepath.Join("deploy", "check") {
			return fs.SkipDir
		}
		if !d.IsDir() {
			paths = append(paths, path)
		}
		return nil
	}))
	require.Greater(t, len(paths), 20)
	return paths
}

// namesIn are what the first group of a pattern finds in a file.
func namesIn(t *testing.T, path, pattern string) map[string]bool {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	names := map[string]bool{}
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
		names[m[1]] = true
	}
	return names
}
