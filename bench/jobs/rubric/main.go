// Command rubric scores the descriptions of all tools by the Tool Definition Quality
// Score (github.com/glama-ai/tool-definition-quality-score): six dimensions from 1 to
// 5. What can be counted is counted here; the scores themselves are a person's, who
// has read each description, and stand in scores.toml with their reasons.
//
//	go run ./bench/jobs/rubric
//
// A model that judges by the same rubric may say otherwise.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if err := print(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rubric:", err)
		os.Exit(1)
	}
}

func print(out io.Writer) error {
	all, err := described()
	if err != nil {
		return err
	}
	groups, err := loadScores(all)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, table(groups)); err != nil {
		return err
	}
	return counted(out, all)
}

// table is the scores in Markdown, as docs/jobs.md has them.
func table(groups []*group) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| tools | %s | score | why not more |\n|---|%s---:|---|\n", strings.Join(dimensions, " | "), strings.Repeat("---:|", len(dimensions)))
	n := 0
	for _, g := range groups {
		fmt.Fprintf(&b, "| %s (%d) | ", g.Name, len(g.tools))
		for _, score := range g.Scores {
			fmt.Fprintf(&b, "%d | ", score)
		}
		fmt.Fprintf(&b, "%.2f | %s |\n", g.score(), g.Why)
		n += len(g.tools)
	}
	mean, least := sums(groups)
	fmt.Fprintf(&b, "\n%d tools: mean %.2f, least %.2f, together %.2f (0.6 of the mean and 0.4 of the least).\n", n, mean, least, .6*mean+.4*least)
	return b.String()
}

// counted prints what a program can find wrong.
func counted(out io.Writer, all []tool) error {
	found := 0
	for _, t := range all {
		for _, p := range t.problems(all) {
			found++
			fmt.Fprintf(out, "- %s: %s\n", t.Name, p)
		}
	}
	without := slices.DeleteFunc(slices.Clone(all), func(t tool) bool { return t.saysWhen(all) })
	_, err := fmt.Fprintf(out, "\nCounted: %d problems; %d of %d descriptions say when to use the tool, or name another; %d %% of all arguments are described.\nWithout a when: %s.\n",
		found, len(all)-len(without), len(all), coverageOf(all), strings.Join(names(without), ", "))
	return err
}

func names(all []tool) (names []string) {
	for _, t := range all {
		names = append(names, t.Name)
	}
	return names
}
