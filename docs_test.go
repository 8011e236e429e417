package main_test

import (
	"fmt"
	"go/ast"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// TestTheREADMECountsRight: its figures are those that the endpoints and tools
// commands print.
func TestTheREADMECountsRight(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	core, err := tools.Choose(tools.All(), tools.Choice{
		Toolsets: []string{"core"}, Exclude: tools.Names(tools.Discover(nil)), // counted apart, in words
	})
	require.NoError(t, err)
	figures := regexp.MustCompile(`(\d+) endpoints in (\d+)\s+groups, reached by (\d+) tools, of\s+which (\d+) `).FindStringSubmatch(string(readme))
	require.NotNil(t, figures)
	require.Equal(t, fmt.Sprint([]int{len(flexie.Endpoints), len(flexie.Groups), len(tools.All()), len(core)}), fmt.Sprint(figures[1:]))
	for _, name := range tools.Toolsets() {
		require.Contains(t, string(readme), "`"+name+"`")
	}
}

// TestTheREADMEMeasuresAsTheBenchmarks: each figure of its table is in the run that
// docs/benchmarks.md shows.
func TestTheREADMEMeasuresAsTheBenchmarks(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	run, err := os.ReadFile("docs/benchmarks.md")
	require.NoError(t, err)
	table := regexp.MustCompile(`(?s)\| measured by .*?\n\n`).FindString(string(readme))
	figures := regexp.MustCompile(`\| ([\d.]+)`).FindAllStringSubmatch(table, -1)
	require.Len(t, figures, 3*7)
	for _, figure := range figures {
		require.Regexp(t, `[\s]`+regexp.QuoteMeta(figure[1])+`[\s:]`, string(run))
	}
}

// TestAssumptionsAreListed: each guess stands in one place of the code and in
// one row of the document, and the two agree on where.
func TestAssumptionsAreListed(t *testing.T) {
	places := map[string][]string{}
	mark := regexp.MustCompile(`Assumption:\s+(?://\s+)?([a-z]+(?:-[a-z]+)+)`)
	eachFile(t, func(path string, file *ast.File) {
		for _, group := range file.Comments {
			for _, m := range mark.FindAllStringSubmatch(group.Text(), -1) {
				places[m[1]] = append(places[m[1]], path)
			}
		}
	})
	document, err := os.ReadFile("docs/assumptions.md")
	require.NoError(t, err)
	rows := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|[^|]*\\| `([^`]+)` \\|").FindAllStringSubmatch(string(document), -1)
	require.NotEmpty(t, rows)
	listed := map[string][]string{}
	for _, row := range rows {
		listed[row[1]] = append(listed[row[1]], row[2])
	}
	require.Equal(t, listed, places)
}
