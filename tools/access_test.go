package tools_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// every is every tool there is.
func every() []tools.Tool { return slices.Concat(tools.All(), tools.Discover(tools.All())) }

// chosenAt are all tools of a choice at a level.
func chosenAt(t *testing.T, c tools.Choice) []tools.Tool {
	c.Toolsets = []string{"all", "discover"}
	picked, err := tools.Choose(tools.All(), c)
	require.NoError(t, err)
	return picked
}

// levels reads testdata/levels.txt, which a person has read: the lowest level at
// which each tool may be used.
func levels(t *testing.T) map[string]tools.Level {
	data, err := os.ReadFile("testdata/levels.txt")
	require.NoError(t, err)
	of := map[string]tools.Level{}
	for line := range strings.Lines(string(data)) {
		words := strings.Fields(line)
		require.Len(t, words, 2, line)
		of[words[1]] = tools.Level(words[0])
	}
	return of
}

func TestLevelsAreTheOnesRead(t *testing.T) {
	byName := every()
	slices.SortFunc(byName, func(a, b tools.Tool) int { return strings.Compare(a.Name, b.Name) })
	var want strings.Builder
	for _, level := range tools.Levels {
		for _, tool := range byName {
			if tool.Level() == level {
				fmt.Fprintf(&want, "%-6s %s\n", level, tool.Name)
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/levels.txt", []byte(want.String()), 0o644))
	}
	got, err := os.ReadFile("testdata/levels.txt")
	require.NoError(t, err)
	require.Equal(t, want.String(), string(got), "run go test ./tools -update, and read what changed in testdata/levels.txt")
}

// TestLevelsFollowTheEndpoints: whatever a tool is declared to be, it is no lower
// than what it calls.
func TestLevelsFollowTheEndpoints(t *testing.T) {
	for _, tool := range tools.All() {
		for _, name := range tool.Endpoints {
			e, _ := flexie.EndpointNamed(name)
			switch {
			case !e.Writes():
				require.Equal(t, tools.AccessRead, tool.Level(), tool.Name)
			case slices.Contains([]string{"users", "roles", "workflows"}, e.Group):
				require.Equal(t, tools.AccessAdmin, tool.Level(), tool.Name)
			case e.Method == "DELETE":
				require.Equal(t, tools.AccessDelete, tool.Level(), tool.Name)
			default:
				require.Equal(t, tools.AccessWrite, tool.Level(), tool.Name)
			}
		}
	}
}

// TestEachLevelOffersTheToolsUpToIt: those, all of those, and no others, listed
// and within reach.
func TestEachLevelOffersTheToolsUpToIt(t *testing.T) {
	of := levels(t)
	for i, level := range tools.Levels {
		var want []string
		for _, tool := range every() {
			if slices.Contains(tools.Levels[:i+1], of[tool.Name]) {
				want = append(want, tool.Name)
			}
		}
		picked := chosenAt(t, tools.Choice{Access: level})
		require.Equal(t, want, tools.Names(picked), level)

		discover, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"discover"}, Access: level})
		require.NoError(t, err)
		require.ElementsMatch(t, want, tools.Names(tools.Reachable(discover)), level)
	}
	require.Len(t, chosenAt(t, tools.Choice{}), len(every()), "no level is all of them")
}

// TestTheLowerLevelWins where a choice has two.
func TestTheLowerLevelWins(t *testing.T) {
	read := tools.Names(chosenAt(t, tools.Choice{Access: tools.AccessRead}))
	for _, level := range append(tools.Levels, "") {
		require.Equal(t, read, tools.Names(chosenAt(t, tools.Choice{Access: level, ReadOnly: true})), level)
	}
	picked, err := tools.Choose(tools.All(), tools.Choice{Tools: []string{"delete_contact", "create_user", "get_user"}, Access: tools.AccessWrite})
	require.NoError(t, err)
	require.Equal(t, []string{"get_user"}, tools.Names(picked), "a name in tools does not raise the level")
}

func TestAnUnknownLevelIsRefused(t *testing.T) {
	_, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"all"}, Access: "Delete"})
	require.EqualError(t, err, `there is no access level "Delete"; there are read, write, delete and admin`)
	for _, tool := range every() {
		require.Error(t, tools.Choice{Access: "Delete"}.Allows(tool), "%s: an unknown level allows nothing", tool.Name)
	}
}

// TestNoWayAroundTheLevel: every tool above a level, tried by itself and through
// those that run others: as they are offered, and as they would be if they had
// been made to reach everything. Nothing is sent.
func TestNoWayAroundTheLevel(t *testing.T) {
	of, tried := levels(t), 0
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey("s3cret"), Transport: unasked(t)})
	require.NoError(t, err)
	for i, level := range tools.Levels {
		choice := tools.Choice{Access: level}
		picked, who := chosenAt(t, choice), tools.Caller{Client: c, Allows: choice.Allows}
		for _, tool := range every() {
			if slices.Contains(tools.Levels[:i+1], of[tool.Name]) {
				require.NoError(t, choice.Allows(tool), "%s at %s", tool.Name, level)
				continue
			}
			tried++
			const arguments = `{"id":1,"table":"t","fields":{"a":"b"},"change_id":1}`
			through := fmt.Sprintf(`{"name":%q,"arguments":%s}`, tool.Name, arguments)
			no := fmt.Sprintf("%s is not allowed here: this server's access is %s (FLEXIE_ACCESS); the operator can set it to %s", tool.Name, level, of[tool.Name])
			require.NotContains(t, tools.Names(picked), tool.Name, level)
			require.EqualError(t, choice.Allows(tool), no)
			_, err := tool.Run(t.Context(), who, json.RawMessage(arguments))
			require.EqualError(t, err, no)
			for _, runner := range tools.Discover(tools.All())[1:] {
				_, err := runner.Run(t.Context(), who, json.RawMessage(through))
				require.Error(t, err, "%s through %s at %s", tool.Name, runner.Name, level)
				if runner.Name == "run_write_tool" && choice.Allows(runner) == nil {
					require.EqualError(t, err, no)
				}
			}
			for _, runner := range picked {
				if runner.Name == "run_tool" || runner.Name == "run_write_tool" {
					_, err := runner.Run(t.Context(), who, json.RawMessage(through))
					require.ErrorContains(t, err, tool.Name, level)
				}
			}
		}
	}
	require.Greater(t, tried, 60)
}

// TestWhatRunsOthersRunsWhatIsAllowed, whichever tool it is.
func TestWhatRunsOthersRunsWhatIsAllowed(t *testing.T) {
	for _, choice := range []tools.Choice{
		{ReadOnly: true},
		{Access: tools.AccessRead},
		{Access: tools.AccessWrite},
		{Access: tools.AccessDelete, Exclude: []string{"delete_contact", "create_lead"}},
		{Exclude: []string{"delete_contact", "update_user", "get_role"}},
	} {
		for _, tool := range chosenAt(t, choice) {
			for _, run := range tools.Reachable([]tools.Tool{tool}) {
				require.NoError(t, choice.Allows(run), "through %s", tool.Name)
			}
		}
	}
}

func TestWhyAToolIsNotAllowed(t *testing.T) {
	byName := map[string]tools.Tool{}
	for _, tool := range every() {
		byName[tool.Name] = tool
	}
	for _, test := range []struct {
		choice    tools.Choice
		tool, why string
	}{
		{tools.Choice{Access: tools.AccessWrite}, "delete_contact", "this server's access is write (FLEXIE_ACCESS); the operator can set it to delete"},
		{tools.Choice{Access: tools.AccessDelete}, "update_workflow", "this server's access is delete (FLEXIE_ACCESS); the operator can set it to admin"},
		{tools.Choice{Access: tools.AccessRead}, "run_write_tool", "this server's access is read (FLEXIE_ACCESS); the operator can set it to write"},
		{tools.Choice{ReadOnly: true}, "add_note", "this server only reads (FLEXIE_READ_ONLY); the operator can unset that"},
		{tools.Choice{ReadOnly: true, Access: tools.AccessWrite}, "add_note", "this server only reads (FLEXIE_READ_ONLY); the operator can unset that"},
		{tools.Choice{ReadOnly: true, Access: tools.AccessWrite}, "delete_note", "this server only reads (FLEXIE_READ_ONLY); the operator can unset that, and set FLEXIE_ACCESS to delete"},
		{tools.Choice{Exclude: []string{"get_contact"}}, "get_contact", "this server's settings leave it out (FLEXIE_EXCLUDE_TOOLS)"},
	} {
		err := test.choice.Allows(byName[test.tool])
		require.EqualError(t, err, test.tool+" is not allowed here: "+test.why)
		var notAllowed tools.NotAllowed
		require.ErrorAs(t, err, &notAllowed)
	}
	require.NoError(t, tools.Choice{}.Allows(byName["delete_user"]))
}

// TestPermissionsAreNamedByTheScheme of the two on Flexie's page.
func TestPermissionsAreNamedByTheScheme(t *testing.T) {
	names := tools.PermissionsFor(every())
	require.Subset(t, names, []string{"lead:leads:viewown", "lead:leads:editown"})
	require.True(t, slices.IsSorted(names))
	for i, name := range names {
		require.Regexp(t, `^[a-z]+:[a-z]+:(view|edit|delete)(own|other)?$|^[a-z]+:[a-z]+:create$`, name)
		require.False(t, slices.Contains(names[:i], name), name)
	}
}

func TestForbidden(t *testing.T) {
	byName := map[string]tools.Tool{}
	for _, tool := range every() {
		byName[tool.Name] = tool
	}
	for _, test := range []struct {
		tool, needs string
	}{
		{"search_leads", "lead:leads:viewother lead:leads:viewown"},
		{"describe_lead_fields", "lead:leads:viewother lead:leads:viewown"},
		{"create_lead", "lead:leads:create"},
		{"update_lead", "lead:leads:editother lead:leads:editown"},
		{"add_lead_to_list", "lead:leads:editother lead:leads:editown"},
		{"delete_lead", "lead:leads:deleteother lead:leads:deleteown"},
		{"add_case_reply", "case:cases:editother case:cases:editown"},
		{"complete_task", "task:tasks:editother task:tasks:editown"},
		{"send_email", "email:emails:viewother email:emails:viewown"},
		{"update_workflow", "workflow:workflows:editother workflow:workflows:editown"},
		{"create_user", "user:users:create"},
		{"get_role", "user:roles:view"},

		// What everybody may, or what no permission is known for.
		{"get_current_user", ""},
		{"check_user_permissions", ""},
		{"delete_custom_record", ""},
		{"find_tools", ""},
		{"run_write_tool", ""},
	} {
		tool := byName[test.tool]
		names := strings.Fields(test.needs)
		require.Equal(t, names, append([]string{}, tools.PermissionsFor([]tools.Tool{tool})...), test.tool)

		none := map[string]bool{}
		for _, name := range tools.PermissionsFor(every()) {
			none[name] = false
		}
		require.Equal(t, len(names) > 0, tools.Forbidden(tool, none), test.tool)
		for _, name := range names {
			none[name] = true
			require.False(t, tools.Forbidden(tool, none), "%s: %s suffices", test.tool, name)
			delete(none, name)
			require.False(t, tools.Forbidden(tool, none), "%s: %s is not known", test.tool, name)
			none[name] = false
		}
		require.False(t, tools.Forbidden(tool, nil), test.tool)
	}
}

// TestWhatIsLeftToWhoMayNothing: what everybody may, and what looks in custom
// records too, for which no permission is known.
func TestWhatIsLeftToWhoMayNothing(t *testing.T) {
	none := map[string]bool{}
	for _, name := range tools.PermissionsFor(every()) {
		none[name] = false
	}
	var left []string
	for _, tool := range tools.All() {
		if len(tool.Endpoints) > 0 && tool.Toolset != "custom_records" && !tools.Forbidden(tool, none) {
			left = append(left, tool.Name)
		}
	}
	require.Equal(t, []string{"search_workspace", "check_user_permissions", "get_current_user"}, left)
}
