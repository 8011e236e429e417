package server_test

import (
	"strings"

	"flexie-mcp/flexie"
)

// chaosCall is a call that works at the sandbox as it is seeded.
type chaosCall struct {
	tool, arguments string

	// before is put straight to the sandbox first: METHOD PATH BODY.
	before string

	// after is another call that is made first, for a change to take back.
	after *chaosCall
}

// chaosRecordCalls are those of every kind of record. K stands for the kind's
// name in tools and P for its plural, L for the path segment of its lists, T for
// the table argument of custom records, and U for the values of a unique field.
var chaosRecordCalls = []chaosCall{
	{tool: "search_P", arguments: `{T"search":"a","limit":3}`},
	{tool: "get_K", arguments: `{T"id":42,"include":["notes","lists","workflows"]}`},
	{tool: "describe_K_fields", arguments: `{T}`},
	{tool: "list_K_lists", arguments: `{T}`},
	{tool: "create_K", arguments: `{T"fields":{U}}`},
	{tool: "update_K", arguments: `{T"id":42,"fields":{U}}`},
	{tool: "delete_K", arguments: `{T"id":42}`},
	{tool: "add_K_to_list", arguments: `{T"list_id":42,"id":7}`, before: "POST /L/lists/42/remove/7"},
	{tool: "remove_K_from_list", arguments: `{T"list_id":42,"id":7}`, before: "POST /L/lists/42/add/7"},
}

var chaosOtherCalls = []chaosCall{
	{tool: "search_workspace", arguments: `{"search":"acme"}`},
	{tool: "list_changes", arguments: `{}`},
	{tool: "undo_change", arguments: `{"change_id":LAST}`, after: &chaosCall{tool: "update_contact", arguments: `{"id":42,"fields":{"city":"Ghent"}}`}},
	{tool: "find_tools", arguments: `{"query":"delete a contact"}`},
	{tool: "run_tool", arguments: `{"name":"get_contact","arguments":{"id":42}}`},
	{tool: "run_write_tool", arguments: `{"name":"update_contact","arguments":{"id":42,"fields":{"city":"Ghent"}}}`},

	{tool: "get_case_replies", arguments: `{"id":42}`},
	{tool: "add_case_reply", arguments: `{"id":42,"text":"It works again."}`},

	{tool: "search_tasks", arguments: `{"search":"call"}`},
	{tool: "get_task", arguments: `{"id":42}`},
	{tool: "create_task", arguments: `{"task":"Ask for the photographs","due_date":"2026-06-25 14:00"}`},
	{tool: "update_task", arguments: `{"id":42,"task":"Ask for the photographs"}`},
	{tool: "delete_task", arguments: `{"id":42}`},
	{tool: "complete_task", arguments: `{"id":42}`, before: "POST /tasks/42/incomplete"},
	{tool: "reopen_task", arguments: `{"id":42}`, before: "POST /tasks/42/complete"},
	{tool: "list_task_categories", arguments: `{}`},

	{tool: "add_note", arguments: `{"entity_type":"contact","entity_id":42,"text":"Asked for the photographs."}`},
	{tool: "get_note", arguments: `{"id":42}`},
	{tool: "update_note", arguments: `{"id":42,"text":"Asked for the photographs."}`},
	{tool: "delete_note", arguments: `{"id":42}`},

	{tool: "search_emails", arguments: `{}`},
	{tool: "get_email", arguments: `{"id":42}`},
	{tool: "send_email", arguments: `{"id":42}`},

	{tool: "search_workflows", arguments: `{}`},
	{tool: "get_workflow", arguments: `{"id":42}`},
	{tool: "update_workflow", arguments: `{"id":42,"name":"Onboarding of the important"}`},
	{tool: "delete_workflow", arguments: `{"id":42}`},
	{tool: "list_workflow_categories", arguments: `{}`},

	{tool: "search_forms", arguments: `{}`},
	{tool: "get_form", arguments: `{"id":42}`},
	{tool: "search_pages", arguments: `{}`},
	{tool: "get_page", arguments: `{"id":42}`},
	{tool: "search_reports", arguments: `{}`},
	{tool: "get_report", arguments: `{"id":42}`},

	{tool: "search_users", arguments: `{}`},
	{tool: "get_user", arguments: `{"id":42}`},
	{tool: "get_current_user", arguments: `{}`},
	{tool: "check_user_permissions", arguments: `{"id":42,"permissions":["lead:leads:viewown"]}`},
	{tool: "create_user", arguments: `{"username":"jdoe","first_name":"Jo","last_name":"Doe","email":"jdoe@example.com","password":"S3cretPass!","role":3}`},
	{tool: "update_user", arguments: `{"id":42,"position":"Head of photographs"}`},
	{tool: "delete_user", arguments: `{"id":42}`},
	{tool: "search_roles", arguments: `{}`},
	{tool: "get_role", arguments: `{"id":42}`},
}

// chaosUnique are a new value of a unique field of each kind.
var chaosUnique = map[string]string{
	"contact": `"email":"jo@chaos.example"`, "lead": `"email":"jo@chaos.example"`, "account": `"name":"Chaos Holding"`,
	"deal": `"name":"Chaos, 20 seats"`, "case": `"title":"Chaos in the warehouse"`, "custom_record": `"name":"Chaos, yearly"`,
}

// chaosCalls are one of every tool.
func chaosCalls() []chaosCall {
	var all []chaosCall
	for _, kind := range flexie.Kinds {
		table, only, lists := "", "", kind.Name
		if kind.Custom() {
			table, only, lists = `"table":"subscriptions",`, `"table":"subscriptions"`, "ce/subscriptions"
		}
		replace := strings.NewReplacer("{T}", "{"+only+"}", "{T", "{"+table, "{U}", "{"+chaosUnique[kind.Name]+"}",
			"_P", "_"+kind.Plural, "_K", "_"+kind.Name, "/L", "/"+lists)
		for _, c := range chaosRecordCalls {
			all = append(all, chaosCall{tool: replace.Replace(c.tool), arguments: replace.Replace(c.arguments), before: replace.Replace(c.before)})
		}
	}
	return append(all, chaosOtherCalls...)
}
