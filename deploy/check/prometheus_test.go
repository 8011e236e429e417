package check_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// alerts are those of deploy/prometheus: name to expression.
func alerts(t *testing.T) map[string]string {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(content(t, "../prometheus/alerts.yaml")), &file))
	found := map[string]string{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			found[r.Alert] = r.Expr
		}
	}
	require.NotEmpty(t, found)
	return found
}

// queries are those of the dashboard, by the title of their panel. What Grafana
// puts in is put in.
func queries(t *testing.T) map[string][]string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(content(t, "../grafana/flexie-mcp.json")), &dashboard))
	fill := strings.NewReplacer("$__rate_interval", "5m", "$job", "flexie-mcp", "$instance", ".*")
	found := map[string][]string{}
	for _, p := range dashboard.Panels {
		for _, target := range p.Targets {
			found[p.Title] = append(found[p.Title], fill.Replace(target.Expr))
		}
	}
	require.Greater(t, len(found), 20)
	return found
}

// ofOthers are metrics of Prometheus and of its library for Go.
var ofOthers = []string{
	"up", "go_goroutines", "go_gc_gomemlimit_bytes", "go_memstats_heap_inuse_bytes",
	"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
}

// declared are the program's metrics with their labels, of the table that it makes
// itself.
func declared(t *testing.T) map[string][]string {
	t.Helper()
	_, table, _ := strings.Cut(content(t, repository+"/docs/operating.md"), "<!-- metrics -->")
	table, _, _ = strings.Cut(table, "<!-- /metrics -->")
	found := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| (.*?) \\|").FindAllStringSubmatch(table, -1) {
		named := []string{}
		for _, label := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[3], -1) {
			named = append(named, label[1])
		}
		found[row[1]] = named
		if row[2] == "histogram" {
			found[row[1]+"_bucket"], found[row[1]+"_count"], found[row[1]+"_sum"] = append(slices.Clone(named), "le"), named, named
		}
	}
	require.NotEmpty(t, found)
	return found
}

// targetLabels are those that Prometheus adds.
var targetLabels = []string{"job", "instance", "namespace", "pod"}

// known requires that an expression has metrics and labels that there are, and
// returns which of ours.
func known(t *testing.T, where, expression string) (ours []string) {
	t.Helper()
	parsed, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	require.NoError(t, err, where)
	metrics := declared(t)
	may := slices.Clone(targetLabels)
	used := []string{}
	parser.Inspect(parsed, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			named, is := metrics[n.Name]
			require.True(t, is || slices.Contains(ofOthers, n.Name), "%s: there is no metric %s", where, n.Name)
			if is {
				ours = append(ours, n.Name)
			}
			may = append(may, named...)
			for _, m := range n.LabelMatchers {
				if m.Name != "__name__" {
					require.Contains(t, append(slices.Clone(named), targetLabels...), m.Name, "%s: %s", where, n.Name)
				}
			}
		case *parser.AggregateExpr:
			used = append(used, n.Grouping...)
		}
		return nil
	})
	require.Subset(t, may, used, where)
	return ours
}

// TestEveryMetricIsOne that the program has, and each that it has is shown.
func TestEveryMetricIsOne(t *testing.T) {
	for name, expression := range alerts(t) {
		known(t, name, expression)
		require.Contains(t, expression, `job="flexie-mcp"`, name)
	}
	shown := []string{}
	for title, expressions := range queries(t) {
		for _, expression := range expressions {
			shown = append(shown, known(t, title, expression)...)
		}
	}
	for name := range declared(t) {
		if plain := strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_count"); plain == name || strings.HasSuffix(name, "_calls_in_flight") {
			require.True(t, slices.Contains(shown, name) || slices.Contains(shown, name+"_bucket"), "no panel shows %s", name)
		}
	}
}

// TestOutcomesAreKinds: what the alerts and the dashboard name as outcomes of
// calls are those that docs/operating.md explains.
func TestOutcomesAreKinds(t *testing.T) {
	explained := content(t, repository+"/docs/operating.md")
	for _, text := range []string{content(t, "../prometheus/alerts.yaml"), content(t, "../grafana/flexie-mcp.json")} {
		for _, found := range regexp.MustCompile(`outcome=~\\?"([^"\\]+)`).FindAllStringSubmatch(text, -1) {
			for kind := range strings.SplitSeq(found[1], "|") {
				require.Contains(t, explained, "`"+kind+"`")
			}
		}
	}
}

// TestEachAlertIsExplained in docs/operating.md, with what to do.
func TestEachAlertIsExplained(t *testing.T) {
	document := content(t, repository+"/docs/operating.md")
	rows := regexp.MustCompile("(?m)^\\| `(FlexieMCP\\w+)` \\|").FindAllStringSubmatch(document, -1)
	explained := []string{}
	for _, row := range rows {
		explained = append(explained, row[1])
	}
	names := []string{}
	for name := range alerts(t) {
		names = append(names, name)
	}
	require.ElementsMatch(t, names, explained)
}

// TestAlertsGoOff when they should, and not else: deploy/prometheus/alerts_test.yaml.
func TestAlertsGoOff(t *testing.T) {
	ran(t, "promtool", "check", "rules", "--lint-fatal", "../prometheus/alerts.yaml")
	ran(t, "promtool", "check", "config", "../prometheus/prometheus.yaml")
	ran(t, "promtool", "test", "rules", "../prometheus/alerts_test.yaml")
	tested := content(t, "../prometheus/alerts_test.yaml")
	for name := range alerts(t) {
		require.Contains(t, tested, name)
	}
}
