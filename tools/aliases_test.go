package tools_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/tools"
)

// rename adds a renaming for the length of a test.
func rename(t *testing.T, old, now string) {
	tools.Renamed[old] = now
	t.Cleanup(func() { delete(tools.Renamed, old) })
}

// TestRenamedToolsExist: an old name leads to a tool that there is, in one step,
// and is no tool's name.
func TestRenamedToolsExist(t *testing.T) {
	all := tools.All()
	names := tools.Names(append(all, tools.Discover(all)...))
	for old, now := range tools.Renamed {
		require.NotContains(t, names, old)
		require.Contains(t, names, now, old)
	}
}

func TestResolve(t *testing.T) {
	renamed := tools.Aliases{"read_contact": "get_contact"}
	require.Equal(t, "get_contact", renamed.Resolve("read_contact"))
	require.Equal(t, "get_contact", renamed.Resolve("get_contact"))
	require.Equal(t, "nonsense", renamed.Resolve("nonsense"))
}

// TestOldNamesInSettings: above all, what was excluded stays so.
func TestOldNamesInSettings(t *testing.T) {
	rename(t, "erase_role", "get_role")
	rename(t, "find_forms", "search_forms")
	picked, err := tools.Choose(tools.All(), tools.Choice{
		Toolsets: []string{"roles"}, Tools: []string{"find_forms"}, Exclude: []string{"erase_role"},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"search_forms", "search_roles"}, tools.Names(picked))
}

func TestOldNamesRun(t *testing.T) {
	rename(t, "read_contact", "get_contact")
	direct, _ := runOf(t, answering(200, contact), tools.All(), "get_contact", `{"id":42}`)
	reached, err := runOf(t, answering(200, contact), reaching, "run_tool", `{"name":"read_contact","arguments":{"id":42}}`)
	require.NoError(t, err)
	require.Equal(t, direct, reached)
}
