package tools_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/tools"
)

// TestSomebodyChangedTheSameField since it was shown: it is said who and what,
// and the same call again goes through.
func TestSomebodyChangedTheSameField(t *testing.T) {
	for _, test := range []struct{ read, arguments string }{
		{"get_contact", `{"id":1}`},
		{"search_contacts", `{"search":"Ruiz"}`},
		{"search_contacts", `{"filters":[{"field":"email","op":"is","value":"ana.ruiz@acme.example"}],"columns":["city"]}`},
		{"update_contact", `{"id":1,"fields":{"phone":"+44 1"}}`},
	} {
		d := atDesk(t, nil)
		d.run(test.read, test.arguments)
		d.direct("PUT", "/contacts/1", `{"city":"Porto"}`)
		d.Forget()
		const update = `{"id":1,"fields":{"city":"Leeds"}}`
		text := d.fails("update_contact", update)
		require.Contains(t, text, `Contact 1: "Ana Ruiz" was changed since you last read it. Nothing was changed now.`, test.read)
		require.Contains(t, text, "changed by: Sofia Lindqvist")
		require.Contains(t, text, "city | Rotterdam | Porto")
		require.Contains(t, text, "Ask the user whether the new values are still right. If they are, make the same call again: it will overwrite city.")
		require.Contains(t, text, "at: 2026-06-22 11:00", "where the user is")
		require.Empty(t, d.written())
		require.Contains(t, d.run("update_contact", update), "city: Leeds")
		require.Equal(t, "Leeds", d.record("/contacts/1")["city"])
	}
}

// TestSomebodyChangedAnotherField: it goes ahead, and says so.
func TestSomebodyChangedAnotherField(t *testing.T) {
	d := atDesk(t, nil)
	d.run("get_contact", `{"id":1}`)
	d.direct("PUT", "/contacts/1", `{"city":"Porto"}`)
	text := d.run("update_contact", `{"id":1,"fields":{"phone":"+44 1"}}`)
	require.Contains(t, text, "It had been changed since you last read it, but none of the fields given.")
	require.Contains(t, text, "city | Rotterdam | Porto")
	require.Contains(t, text, "changed by: Sofia Lindqvist")
	require.Equal(t, "Porto", d.record("/contacts/1")["city"])
	require.NotContains(t, d.run("update_contact", `{"id":1,"fields":{"phone":"+44 2"}}`), "since you last read it", "once")
}

// TestOwnWritesAreNoAlarm, whatever the tool, nor what was never shown.
func TestOwnWritesAreNoAlarm(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	for _, x := range deeds() {
		if x.asContacts() {
			continue
		}
		d := atDesk(t, nil).trusting()
		for _, read := range []string{"get_contact", "get_lead", "get_account", "get_deal", "get_case", "get_task", "get_workflow"} {
			d.run(read, `{"id":1}`)
		}
		d.run("get_custom_record", `{"table":"equipment","id":1}`)
		d.run("get_user", `{"id":42}`)
		d.run(x.tool, x.arguments)
		for _, update := range []struct{ tool, arguments, path string }{
			{"update_contact", `{"id":1,"fields":{"city":"Oslo"}}`, "/contacts/1"},
			{"update_lead", `{"id":1,"fields":{"city":"Oslo"}}`, "/leads/1"},
			{"update_account", `{"id":1,"fields":{"billing_city":"Oslo"}}`, "/accounts/1"},
			{"update_deal", `{"id":1,"fields":{"amount":5}}`, "/deals/1"},
			{"update_case", `{"id":1,"fields":{"priority":"Urgent"}}`, "/cases/1"},
			{"update_custom_record", `{"table":"equipment","id":1,"fields":{"remarks":"Mine"}}`, "/ce/equipment/1"},
			{"update_task", `{"id":1,"task":"Mine"}`, "/tasks/1"},
			{"update_workflow", `{"id":1,"is_published":true}`, "/workflows/1"},
			{"update_user", `{"id":42,"position":"Mine"}`, "/users/42"},
		} {
			if !d.gone(update.path) {
				require.NotContains(t, d.run(update.tool, update.arguments), "since you last read it", "%s after %s", update.tool, x.tool)
			}
		}
	}
}

// TestAReplyByIdentifierIsAnOwnWrite too.
func TestAReplyByIdentifierIsAnOwnWrite(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.run("get_case", `{"id":1}`)
	d.run("add_case_reply", `{"identifier":"REF-1001","text":"Hello"}`)
	require.NotContains(t, d.run("update_case", `{"id":1,"fields":{"priority":"Low"}}`), "since you last read it")
}

// TestEachCallerHasSeenTheirOwn.
func TestEachCallerHasSeenTheirOwn(t *testing.T) {
	d := atDesk(t, nil)
	other := d.as(func(who *tools.Caller) { who.Name, who.Shown = "two", tools.NewShown() })
	d.run("get_contact", `{"id":1}`)
	d.direct("PUT", "/contacts/1", `{"city":"Porto"}`)
	other.run("update_contact", `{"id":1,"fields":{"phone":"+44 1"}}`)
	require.Contains(t, d.fails("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`), "city | Rotterdam | Porto")
	none := d.as(func(who *tools.Caller) { who.Shown = nil })
	none.run("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
}

// TestAnUpdateByNameIsCheckedAsWell: by a unique field, and if_exists update.
func TestAnUpdateByNameIsCheckedAsWell(t *testing.T) {
	for tool, arguments := range map[string]string{
		"update_contact": `{"unique_field":"email","fields":{"email":"ana.ruiz@acme.example","city":"Leeds"}}`,
		"create_contact": `{"if_exists":"update","fields":{"email":"ana.ruiz@acme.example","city":"Leeds"}}`,
	} {
		d := atDesk(t, nil)
		d.run("get_contact", `{"id":1}`)
		d.direct("PUT", "/contacts/1", `{"city":"Porto"}`)
		require.Contains(t, d.fails(tool, arguments), "it will overwrite city")
		d.run(tool, arguments)
	}
}

// TestOtherKindsAreCheckedAsWell.
func TestOtherKindsAreCheckedAsWell(t *testing.T) {
	for _, test := range []struct{ get, path, other, update, arguments, overwrites string }{
		{"get_task", "/tasks/1", `{"task":"Theirs"}`, "update_task", `{"id":1,"task":"Mine"}`, "task"},
		{"get_note", "/notes/1", `{"text":"Theirs"}`, "update_note", `{"id":1,"text":"Mine"}`, "text"},
		{"get_user", "/users/42", `{"position":"Theirs"}`, "update_user", `{"id":42,"position":"Mine"}`, "position"},
		{"get_user", "/users/42", `{"firstName":"Theirs"}`, "update_user", `{"id":42,"first_name":"Mine"}`, "firstName"},
		{"get_user", "/users/42", `{"role":2}`, "update_user", `{"id":42,"role":"Viewer"}`, "role"},
		{"get_workflow", "/workflows/1", `{"category":11}`, "update_workflow", `{"id":1,"category":"Onboarding"}`, "category"},
		{"get_workflow", "/workflows/1", `{"isPublished":false}`, "update_workflow", `{"id":1,"is_published":false}`, "is_published"},
		{"get_custom_record", "/ce/equipment/1", `{"remarks":"Theirs"}`, "update_custom_record", `{"table":"equipment","id":1,"fields":{"remarks":"Mine"}}`, "remarks"},
	} {
		t.Run(fmt.Sprintf("%s %s", test.update, test.overwrites), func(t *testing.T) {
			d := atDesk(t, nil).trusting()
			read := `{"id":` + test.path[len(test.path)-1:] + `}`
			if test.path == "/users/42" {
				read = `{"id":42}`
			}
			if test.get == "get_custom_record" {
				read = with(read, "table", "equipment")
			}
			d.run(test.get, read)
			d.direct("PUT", test.path, test.other)
			require.Contains(t, d.fails(test.update, test.arguments), "it will overwrite "+test.overwrites+".")
			d.run(test.update, test.arguments)
		})
	}
}
