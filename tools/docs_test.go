package tools_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/tools"
)

var update = flag.Bool("update", false, "write docs/tools.md instead of checking it")

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
