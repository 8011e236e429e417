package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThreatsAreCovered: each row of docs/security.md that says what prevents a
// threat names tests, all of which there are.
func TestThreatsAreCovered(t *testing.T) {
	document, err := os.ReadFile("docs/security.md")
	require.NoError(t, err)
	_, threats, found := strings.Cut(string(document), "## What prevents it")
	require.True(t, found)
	rows := regexp.MustCompile(`(?m)^\|(.*)\|([^|]*)\|([^|]*)\|$`).FindAllStringSubmatch(threats, -1)
	named := 0
	for _, row := range rows {
		if last := strings.TrimSpace(row[3]); last == "test" || strings.HasPrefix(last, "---") {
			continue // the head of a table
		}
		tests := regexp.MustCompile("`(\\w+)\\.((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(row[3], -1)
		require.NotEmpty(t, tests, "a row names no test: %s", row[0])
		for _, test := range tests {
			require.True(t, slices.Contains(testsIn(t, folderOf(t, test[1]), test[2]), test[2]), "there is no %s", test[0])
			named++
		}
	}
	require.Greater(t, named, 60)
}

// folderOf is where a package is that a document names by its last word.
func folderOf(t *testing.T, name string) string {
	if name == "main" {
		return "."
	}
	for _, folder := range []string{name, filepath.Join("internal", name)} {
		if _, err := os.Stat(folder); err == nil {
			return folder
		}
	}
	require.FailNow(t, "there is no package "+name)
	return ""
}
