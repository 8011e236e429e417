package tools_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/tools"
)

// kindTools are the names that every kind of record has, as people build on
// them: K is the kind, P its plural.
const kindTools = "search_P get_K create_K update_K delete_K describe_K_fields list_K_lists add_K_to_list remove_K_from_list"

// otherTools are the rest.
const otherTools = `search_workspace list_changes undo_change
	get_case_replies add_case_reply
	search_tasks get_task create_task update_task delete_task complete_task reopen_task list_task_categories
	add_note get_note update_note delete_note
	search_emails get_email send_email
	search_workflows get_workflow update_workflow delete_workflow list_workflow_categories
	search_forms get_form search_pages get_page search_reports get_report
	search_users get_user create_user update_user delete_user check_user_permissions get_current_user
	search_roles get_role`

func TestNamesAreThePromisedOnes(t *testing.T) {
	promised := strings.Fields(otherTools)
	for _, kind := range flexie.Kinds {
		names := strings.NewReplacer("_K", "_"+kind.Name, "_P", "_"+kind.Plural).Replace(kindTools)
		promised = append(promised, strings.Fields(names)...)
	}
	require.ElementsMatch(t, promised, tools.Names(tools.All()))
	require.Equal(t, []string{"find_tools", "run_tool", "run_write_tool"}, tools.Names(tools.Discover(nil)))
}

func TestEveryToolIsWholeAndEveryEndpointHasOne(t *testing.T) {
	reached := map[string]bool{}
	for _, tool := range tools.All() {
		require.NotEmpty(t, tool.Title, tool.Name)
		require.Equal(t, tool.Name == "list_changes" || tool.Name == "undo_change", len(tool.Endpoints) == 0, tool.Name)
		require.Contains(t, append([]string{"core"}, flexie.Groups...), tool.Toolset, tool.Name)
		require.Regexp(t, `^[A-Z].*[.]$`, tool.Description, "%s: a description is sentences", tool.Name)
		require.NotContains(t, tool.Description+tool.Title, "{", "%s: a word in braces was not replaced", tool.Name)
		for _, name := range tool.Endpoints {
			e, ok := flexie.EndpointNamed(name)
			require.True(t, ok, "%s names the endpoint %s, which there is not", tool.Name, name)
			require.Equal(t, e.Writes(), !tool.Act.ReadOnly, "%s and %s disagree on whether they write", tool.Name, name)
			reached[name] = true
		}
	}
	for _, e := range flexie.Endpoints {
		require.True(t, reached[e.Name], "no tool reaches %s", e.Name)
	}
}

func TestActs(t *testing.T) {
	acts := map[string]tools.Act{
		"search_contacts": tools.Read, "get_report": tools.Read, "check_user_permissions": tools.Read,
		"create_deal": tools.Upsert, "add_note": tools.Create, "create_task": tools.Create,
		"update_contact": tools.Change, "update_workflow": tools.Change,
		"complete_task": tools.Mark, "add_lead_to_list": tools.Mark, "remove_lead_from_list": tools.Mark,
		"delete_user": tools.Delete, "delete_custom_record": tools.Delete,
		"add_case_reply": tools.Send, "send_email": tools.Send,
	}
	for _, tool := range tools.All() {
		if act, ok := acts[tool.Name]; ok {
			require.Equal(t, act, tool.Act, tool.Name)
		}
		if strings.HasPrefix(tool.Name, "delete_") {
			require.True(t, tool.Act.Destructive, tool.Name)
		}
	}
}

func TestOnlyCustomRecordsTakeATable(t *testing.T) {
	for _, tool := range tools.All() {
		_, has := tool.Schema.Properties.Get("table")
		require.Equal(t, tool.Toolset == "custom_records", has, tool.Name)
		require.Equal(t, has, slices.Contains(tool.Schema.Required, "table"), tool.Name)
	}
}

func TestChoose(t *testing.T) {
	all := tools.All()
	choose := func(c tools.Choice) []string {
		picked, err := tools.Choose(all, c)
		require.NoError(t, err)
		return tools.Names(picked)
	}
	require.Len(t, choose(tools.Choice{Toolsets: []string{"all"}}), len(all))
	require.Equal(t, []string{"search_forms", "get_form"}, choose(tools.Choice{Toolsets: []string{"forms"}}))
	require.Equal(t, []string{"search_forms", "get_form", "get_role"}, choose(tools.Choice{Toolsets: []string{"forms"}, Tools: []string{"get_role"}}))
	require.Equal(t, []string{"get_form"}, choose(tools.Choice{Toolsets: []string{"forms"}, Exclude: []string{"search_forms"}}))
	require.Empty(t, choose(tools.Choice{}))

	discover := []string{"find_tools", "run_tool", "run_write_tool"}
	require.Equal(t, discover, choose(tools.Choice{Toolsets: []string{"discover"}}))
	require.Equal(t, discover[:2], choose(tools.Choice{Toolsets: []string{"discover"}, ReadOnly: true}))
	require.Equal(t, []string{"run_tool"}, choose(tools.Choice{Toolsets: []string{"discover"}, Exclude: []string{"run_write_tool", "find_tools"}}))
	require.Equal(t, []string{"get_form", "find_tools"}, choose(tools.Choice{Tools: []string{"find_tools", "get_form"}}))
	require.Equal(t, append(tools.Names(all), discover...), choose(tools.Choice{Toolsets: []string{"all", "discover"}}))

	core := choose(tools.Choice{Toolsets: []string{"core"}})
	require.LessOrEqual(t, len(core), 40)
	require.Equal(t, discover, core[len(core)-3:])
	for _, name := range strings.Fields("search_contacts get_lead create_account update_deal describe_case_fields get_case_replies add_case_reply search_tasks create_task update_task complete_task add_note get_current_user") {
		require.Contains(t, core, name)
	}
	for _, name := range strings.Fields("delete_contact search_custom_records delete_task send_email add_contact_to_list") {
		require.NotContains(t, core, name)
	}
}

func TestReadOnlyLeavesNoWrite(t *testing.T) {
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"all"}, Tools: []string{"delete_user"}, ReadOnly: true})
	require.NoError(t, err)
	require.NotEmpty(t, picked)
	for _, tool := range picked {
		for _, name := range tool.Endpoints {
			e, _ := flexie.EndpointNamed(name)
			require.False(t, e.Writes(), "%s calls %s", tool.Name, name)
		}
	}
}

func TestUnknownNamesAreAllNamed(t *testing.T) {
	_, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"core", "kontacts"}, Tools: []string{"serch_contacts"}, Exclude: []string{"delete_contakt"}})
	require.ErrorContains(t, err, `no toolset "kontacts"; there are core, all, discover, contacts, leads`)
	require.ErrorContains(t, err, `no tool "serch_contacts"; did you mean search_contacts`)
	require.ErrorContains(t, err, `no tool "delete_contakt"; did you mean delete_contact`)
}
