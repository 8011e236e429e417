package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEachToolIsScored also says which new tool nobody has read yet.
func TestEachToolIsScored(t *testing.T) {
	all, err := described()
	require.NoError(t, err)
	require.Greater(t, len(all), 90)
	groups, err := loadScores(all)
	require.NoError(t, err)
	for _, g := range groups {
		for _, n := range g.Scores {
			require.True(t, n >= 1 && n <= 5, g.Name)
		}
	}
	mean, least := sums(groups)
	require.GreaterOrEqual(t, mean, 3.5)
	require.GreaterOrEqual(t, least, 2.9)
}

func TestNoDescriptionHasWhatAProgramCanFindWrong(t *testing.T) {
	all, err := described()
	require.NoError(t, err)
	for _, d := range all {
		require.Empty(t, d.problems(all), d.Name)
	}
}

func TestWhatAProgramCanFindWrong(t *testing.T) {
	get := tool{Name: "get_cat", Title: "Get cat", Description: "Read one cat."}
	get.Annotations.ReadOnly = true
	for says, d := range map[string]tool{
		"no description":          {Name: "a"},
		"is its title":            {Title: "Create a cat", Description: "Create a cat."},
		"does not begin":          {Description: "Cats are created."},
		"is long":                 {Description: "Create a cat" + strings.Repeat(" and another", 30)},
		"for good":                {Name: "delete_cat", Description: "Delete a cat."},
		"can't be taken back":     {Name: "send_email", Description: "Send an email."},
		"what there is not: gets": {Description: "Change a cat; read it with get_cat or gets_cat."},
	} {
		require.Contains(t, strings.Join(d.problems([]tool{get}), "\n"), says)
	}
	require.Empty(t, get.problems([]tool{get}))
}

func TestWhetherADescriptionSaysWhen(t *testing.T) {
	all := []tool{{Name: "get_cat"}, {Name: "delete_cat"}}
	for description, says := range map[string]bool{
		"Read one cat.":                           false,
		"Delete a cat for good.":                  false,
		"Read one cat, e.g. its name.":            true,
		"Delete a cat; get_cat shows what it is.": true,
		"Delete a cat by cat_id.":                 false,
	} {
		require.Equal(t, says, tool{Name: "x", Description: description}.saysWhen(all), description)
	}
}

func TestAScoreIsTheRubricsOwn(t *testing.T) {
	g := &group{Scores: []int{4, 2, 2, 3, 4, 2}, tools: make([]tool, 1)}
	require.InDelta(t, 2.85, g.score(), 1e-9) // the rubric's worked example
	mean, least := sums([]*group{g, {Scores: []int{5, 5, 5, 5, 5, 5}, tools: make([]tool, 3)}})
	require.InDelta(t, (2.85+15)/4, mean, 1e-9)
	require.InDelta(t, 2.85, least, 1e-9)
}

func TestTheTableAsItIsPrinted(t *testing.T) {
	var out strings.Builder
	require.NoError(t, print(&out))
	require.Contains(t, out.String(), "Counted: 0 problems")
	require.Regexp(t, `\d+ tools: mean \d\.\d\d, least \d\.\d\d, together`, out.String())
}

var update = flag.Bool("update", false, "write the table in docs/jobs.md anew")

func TestTheDocumentHasTheScores(t *testing.T) {
	const path, begin, end = "../../../docs/jobs.md", "<!-- scores -->\n", "<!-- end of scores -->"
	all, err := described()
	require.NoError(t, err)
	groups, err := loadScores(all)
	require.NoError(t, err)
	document, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(document), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)
	want := before + begin + table(groups) + end + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(document), "run: go test ./bench/jobs/rubric -update")
}
