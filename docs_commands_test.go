package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheChecksOfSafetyRunSomething: each command of docs/safety.md that names
// tests finds some.
func TestTheChecksOfSafetyRunSomething(t *testing.T) {
	document, err := os.ReadFile("docs/safety.md")
	require.NoError(t, err)
	found := 0
	for _, row := range regexp.MustCompile("(?m)^\\|.*`go test.*$").FindAllString(string(document), -1) {
		folder := "."
		for _, command := range regexp.MustCompile("`([^`]*-(?:run|fuzz) [^`]*)`").FindAllStringSubmatch(row, -1) {
			if at := regexp.MustCompile(`\./\S+`).FindString(command[1]); at != "" {
				folder = at
			} else if strings.HasPrefix(command[1], "go test . ") {
				folder = "."
			}
			name := regexp.MustCompile(`-(?:run|fuzz) (\w+)`).FindStringSubmatch(command[1])
			require.NotNil(t, name, command[1])
			require.NotEmpty(t, testsIn(t, folder, name[1]), command[1])
			found++
		}
	}
	require.GreaterOrEqual(t, found, 8)
}

// testsIn are the tests and fuzz targets of a folder that have a word in their name.
func testsIn(t *testing.T, folder, word string) (names []string) {
	paths, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	for _, path := range paths {
		source, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			if strings.Contains(m[1], word) {
				names = append(names, m[1])
			}
		}
	}
	return names
}
