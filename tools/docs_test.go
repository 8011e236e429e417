package tools_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

var update = flag.Bool("update", false, "write docs/tools.md instead of checking it")

func TestTheDocumentCountsWhatIsInIt(t *testing.T) {
	all := tools.All()
	finders := tools.Discover(all)
	cases, err := tools.Choose(all, tools.Choice{Toolsets: []string{"cases"}})
	require.NoError(t, err)
	require.Contains(t, tools.Markdown(append(all, finders...)), fmt.Sprintf("\n%d tools, and 3 of `discover` that find and run them, in %d toolsets.", len(all), len(flexie.Groups)+2))
	require.Contains(t, tools.Markdown(cases), "\n11 tools, in 1 toolset.")
	require.Contains(t, tools.Markdown(finders), "\n3 tools, in 1 toolset.")
}

func TestToolsAreDocumented(t *testing.T) {
	const file = "../docs/tools.md"
	all := tools.All()
	want := tools.Markdown(append(all, tools.Discover(all)...))
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(want), 0o644))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.True(t, want == string(got), "docs/tools.md is not current: run go test ./tools -update")
}
