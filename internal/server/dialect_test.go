package server_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/sandbox"
)

// sameAnywhere are calls whose answers must not tell which shape Flexie
// answered in. Lists are asked for whole: one shape has no totals, so that of a
// part it could not be said how many there are. Writes come last, and change
// what the reads after them see.
var sameAnywhere = []struct{ tool, arguments string }{
	{"get_current_user", `{}`},
	{"search_workspace", `{"search":"acme","tables":["subscriptions"]}`},
	{"search_workspace", `{"search":"ana ruiz"}`},
	{"search_contacts", `{"search":"acme"}`},
	{"search_contacts", `{"filters":[{"field":"Email","op":"ends_with","value":"acme.example"}],"order_by":"last_name","columns":["id","last_name","email","birthday"]}`},
	{"search_leads", `{"limit":200}`},
	{"search_accounts", `{"order_by":"annual_revenue","order":"desc","limit":200}`},
	{"search_deals", `{"filters":[{"field":"amount","op":"between","value":[20000,40000]},{"field":"stage_id","op":"in","value":"2|3"}],"order_by":"amount"}`},
	{"search_cases", `{"filters":[{"field":"priority","op":"is","value":"Urgent"}]}`},
	{"search_custom_records", `{"table":"subscriptions","limit":200}`},
	{"get_contact", `{"id":42,"include":["notes","lists","workflows"]}`},
	{"get_lead", `{"id":7}`},
	{"get_account", `{"id":1,"include":["lists"]}`},
	{"get_deal", `{"id":3,"include":["notes"]}`},
	{"get_case", `{"id":1,"include":["workflows"]}`},
	{"get_custom_record", `{"table":"equipment","id":1}`},
	{"describe_contact_fields", `{}`},
	{"describe_custom_record_fields", `{"table":"equipment"}`},
	{"list_contact_lists", `{}`},
	{"list_deal_lists", `{"search":"a"}`},
	{"get_case_replies", `{"identifier":"REF-1042"}`},
	{"search_tasks", `{"filters":[{"field":"is_completed","op":"is","value":false}],"order_by":"due_date","limit":200}`},
	{"get_task", `{"id":1}`},
	{"list_task_categories", `{}`},
	{"get_note", `{"id":1}`},
	{"search_emails", `{}`},
	{"get_email", `{"id":1}`},
	{"search_workflows", `{}`},
	{"get_workflow", `{"id":1}`},
	{"list_workflow_categories", `{}`},
	{"search_forms", `{}`},
	{"get_form", `{"id":1}`},
	{"search_pages", `{}`},
	{"get_page", `{"id":1}`},
	{"search_reports", `{}`},
	{"get_report", `{"id":1}`},
	{"search_users", `{}`},
	{"get_user", `{"id":2}`},
	{"check_user_permissions", `{"id":3,"permissions":["lead:leads:viewown","user:users:delete"]}`},
	{"search_roles", `{}`},
	{"get_role", `{"id":1}`},

	{"create_contact", `{"fields":{"first_name":"Jane","last_name":"Doe","email":"jane@new.example"}}`},
	{"update_contact", `{"unique_field":"email","fields":{"email":"jane@new.example","city":"Leeds"}}`},
	{"update_deal", `{"id":3,"fields":{"stage_id":4}}`},
	{"add_contact_to_list", `{"list_id":1,"id":42}`},
	{"remove_contact_from_list", `{"list_id":1,"id":42}`},
	{"add_case_reply", `{"id":1,"text":"Thanks."}`},
	{"create_task", `{"task":"Call","due_date":"2026-06-25 14:00","association_type":"contact","association_id":42}`},
	{"complete_task", `{"id":1}`},
	{"reopen_task", `{"id":1}`},
	{"update_task", `{"id":1,"task":"Call again"}`},
	{"add_note", `{"entity_type":"deal","entity_id":3,"text":"<p>Agreed.</p>"}`},
	{"update_note", `{"id":1,"text":"Agreed."}`},
	{"send_email", `{"id":4,"limit":5}`},
	{"update_workflow", `{"id":1,"is_published":false}`},
	{"create_user", `{"username":"jdoe","first_name":"John","last_name":"Doe","email":"jdoe@new.example","password":"S3cretPass!","role":2}`},
	{"update_user", `{"id":2,"position":"Head of sales"}`},
	{"delete_note", `{"id":2}`},
	{"delete_task", `{"id":2}`},
	{"delete_contact", `{"id":47}`},
	{"delete_custom_record", `{"table":"equipment","id":2}`},
	{"delete_workflow", `{"id":2}`},
	{"delete_user", `{"id":7}`},
}

// failAnywhere are calls that must fail alike.
var failAnywhere = []struct{ tool, arguments string }{
	{"get_contact", `{"id":99999}`},
	{"get_custom_record", `{"table":"nosuch","id":1}`},
	{"create_contact", `{"fields":{"email":"not an email","lifetime_value":"much","nonsense":1}}`},
	{"create_contact", `{"fields":{"email":"ana.ruiz@acme.example"}}`},
	{"search_contacts", `{"filters":[{"field":"emial","op":"is","value":"x"}]}`},
	{"update_deal", `{"id":3,"fields":{"status":"Maybe"}}`},
	{"delete_user", `{"id":1}`},
}

// TestTheSameInEveryDialect: an assistant can't tell which shape Flexie speaks.
func TestTheSameInEveryDialect(t *testing.T) {
	answers := map[string][]string{}
	for _, dialect := range sandbox.Dialects {
		box, err := sandbox.Open(sandbox.Options{Dialect: dialect})
		require.NoError(t, err)
		t.Cleanup(func() { box.Close() })
		call := connected(t, box.Transport(), sandbox.Key)
		for i, c := range slices.Concat(failAnywhere, sameAnywhere) {
			answer := call(c.tool, c.arguments)
			require.Equal(t, i < len(failAnywhere), answer.IsError, "%s: %s %s: %s", dialect, c.tool, c.arguments, text(answer))
			answers[dialect] = append(answers[dialect], text(answer))
		}
	}
	for _, dialect := range sandbox.Dialects[1:] {
		for i, c := range slices.Concat(failAnywhere, sameAnywhere) {
			require.Equal(t, answers[sandbox.Dialects[0]][i], answers[dialect][i], "%s: %s %s", dialect, c.tool, c.arguments)
		}
	}
}

var resultID = regexp.MustCompile(`flexie://results/\w+`)

// text is the text of an answer, without the random part of an address.
func text(r *mcp.CallToolResult) string {
	return resultID.ReplaceAllString(r.Content[0].(mcp.TextContent).Text, "flexie://results/…")
}
