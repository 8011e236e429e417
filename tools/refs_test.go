package tools_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNamesForIDs: what goes out when a name is given where Flexie wants an id.
func TestNamesForIDs(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		answers := map[string]string{
			"GET /api/users":                     `[{"id":3,"firstName":"Anna","lastName":"Berg"},{"id":7,"firstName":"Anna","lastName":"Ek"}]`,
			"GET /api/users/self":                `{"user":{"id":7,"firstName":"Anna"}}`,
			"GET /api/roles":                     `[{"id":2,"name":"Support"}]`,
			"GET /api/workflows/list/categories": `[{"id":12,"title":"Onboarding"}]`,
			"GET /api/deals/list/lists":          `[{"id":42,"name":"Board deals"}]`,
			"GET /api/deals/5/lists":             `[]`,
			"GET /api/tasks/1":                   `{"task":{"id":1}}`,
			"GET /api/workflows/1":               `{"workflow":{"id":1}}`,
		}
		if answer, ok := answers[r.Method+" "+r.URL.Path]; ok {
			return answering(200, answer)(r)
		}
		return answering(200, `{"success":1}`)(r)
	})
	for _, test := range []struct{ tool, arguments, sends, says string }{
		{"create_task", `{"task":"Call","owner_id":"anna berg"}`, `POST /api/tasks/new {"task":"Call","owner_id":3}`, ""},
		{"create_task", `{"task":"Call","owner_id":"me"}`, `POST /api/tasks/new {"task":"Call","owner_id":7}`, ""},
		{"create_task", `{"task":"Call","owner_id":3}`, `POST /api/tasks/new {"task":"Call","owner_id":3}`, ""},
		{"create_task", `{"task":"Call","owner_id":""}`, `POST /api/tasks/new {"task":"Call"}`, ""},
		{"create_task", `{"task":"Call","owner_id":"Anna"}`, "", "create_task was not called:\n- owner_id: \"Anna\" may be Anna Berg (3) or Anna Ek (7): give the id"},
		{"update_task", `{"id":1,"owner_id":"Ek"}`, `PUT /api/tasks/1 {"owner_id":7}`, ""},
		{"update_task", `{"id":1,"owner_id":-1}`, "", "owner_id: an id is above 0, like 42; got -1"},
		{"create_user", `{"username":"x","role":"support"}`, `POST /api/users/new {"username":"x","role":2}`, ""},
		{"update_user", `{"id":1,"role":"Sales"}`, "", "update_user was not called:\n- role: no role is called \"Sales\"; did you mean Support (2)?"},
		{"update_workflow", `{"id":1,"category":"onboarding"}`, `PUT /api/workflows/1 {"category":12}`, ""},
		{"add_deal_to_list", `{"id":5,"list_id":"board deals"}`, "POST /api/deal/lists/42/add/5 ", "Put deal 5 on list \"board deals\" (42)."},
		{"remove_deal_from_list", `{"id":5,"list_id":42}`, "POST /api/deal/lists/42/remove/5 ", "Took deal 5 off list 42."},
		{"add_deal_to_list", `{"id":5,"list_id":"VIP"}`, "", "add_deal_to_list was not called:\n- list_id: no list is called \"VIP\"; did you mean Board deals (42)?"},
		{"search_tasks", `{"filters":[{"field":"owner_id","op":"is","value":"Anna Ek"}]}`, `"alias":"owner_id","value":{"operator":"=","input":7}`, ""},
	} {
		t.Run(test.tool+" "+test.arguments, func(t *testing.T) {
			var requests []string
			text, err := run(t, recording(&requests, flexieIs), test.tool, test.arguments)
			if err != nil {
				text = err.Error()
			}
			require.Contains(t, text, test.says)
			sent := strings.ReplaceAll(strings.Join(requests, "\n")+"\n", "https://acme.flexie.io", "")
			require.Contains(t, sent, test.sends)
			if test.sends == "" {
				require.NotContains(t, strings.ReplaceAll(sent, "GET", ""), "P", "nothing is written: %s", sent)
			}
		})
	}
}

// TestNamesAreShown beside the ids that Flexie answers with.
func TestNamesAreShown(t *testing.T) {
	flexieIs := inSandbox(t, "flat")
	for _, test := range []struct{ tool, arguments, says string }{
		{"get_user", `{"id":5}`, "role: Support (2)"},
		{"search_users", `{"search":"jdavies"}`, "| Sales (3)"},
		{"get_task", `{"id":1}`, "category: Email (2)"},
		{"search_workflows", `{"search":"VIP"}`, "| Onboarding (12)"},
		{"search_tasks", `{"filters":[{"field":"owner_id","op":"is","value":"John Davies"}],"limit":1}`, "| 42 | John Davies"},
		{"update_contact", `{"id":1,"fields":{"owner_id":"Priya"}}`, "owner: Priya Raman"},
		{"add_contact_to_list", `{"id":1,"list_id":"win back"}`, "Put contact 1 on list \"win back\" (4)."},
	} {
		text, err := run(t, flexieIs, test.tool, test.arguments)
		require.NoError(t, err)
		require.Contains(t, text, test.says, test.tool)
	}
}
