package tools_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/tools"
)

// takesBack is the tool that takes a call of another one back; "" if none does.
func takesBack(name string) string {
	for from, to := range map[string]string{
		"add_note": "delete_note", "delete_note": "add_note", "complete_task": "reopen_task", "reopen_task": "complete_task",
		"add_case_reply": "", "send_email": "", "delete_workflow": "", "delete_user": "",
	} {
		if name == from {
			return to
		}
	}
	switch does, what, _ := strings.Cut(name, "_"); {
	case strings.HasSuffix(name, "_to_list"):
		return "remove_" + strings.TrimSuffix(what, "_to_list") + "_from_list"
	case strings.HasSuffix(name, "_from_list"):
		return "add_" + strings.TrimSuffix(what, "_from_list") + "_to_list"
	case does == "create":
		return "delete_" + what
	case does == "delete":
		return "create_" + what
	}
	return name
}

// choices are settings that keep a tool from being used, and why they do.
func choices(t *testing.T, name string) map[string]tools.Choice {
	level := levels(t)[name]
	all := map[string]tools.Choice{
		"this server's settings leave it out (FLEXIE_EXCLUDE_TOOLS)": {Exclude: []string{name}},
	}
	for _, below := range tools.Levels[:slices.Index(tools.Levels, level)] {
		why := fmt.Sprintf("this server's access is %s (FLEXIE_ACCESS); the operator can set it to %s", below, level)
		all[why] = tools.Choice{Access: below}
	}
	why := "this server only reads (FLEXIE_READ_ONLY); the operator can unset that"
	all[why] = tools.Choice{ReadOnly: true}
	return all
}

// TestNoWayIn: every tool that writes, by itself, through run_write_tool, and by
// taking a change back, at every level below its own and where it is left out,
// whichever tools are offered. It is refused with the same words, and nothing is
// written.
func TestNoWayIn(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	all, tried := every(), 0
	for _, x := range deeds() {
		d := atDesk(t, nil).trusting()
		d.run(x.tool, x.arguments)
		d.Forget()
		for why, choice := range choices(t, x.tool) {
			d := d.as(func(who *tools.Caller) { who.Allows = choice.Allows })
			no := x.tool + " is not allowed here: " + why
			for _, offered := range [][]tools.Tool{all, chosenAt(t, choice), chosenAt(t, tools.Choice{})} {
				d.all = offered
				tried += d.refuses(x.tool, x.arguments, no)
				tried += d.refuses(x.tool, with(x.arguments, "dry_run", true), no)
				tried += d.refuses("run_write_tool", through(x.tool, x.arguments), no)
			}
		}
		back := takesBack(x.tool)
		if back == "" {
			continue
		}
		for why, choice := range choices(t, back) {
			d := d.as(func(who *tools.Caller) { who.Allows = choice.Allows })
			for _, offered := range [][]tools.Tool{chosenAt(t, choice), chosenAt(t, tools.Choice{})} {
				d.all = offered
				tried += d.refuses("undo_change", `{"change_id":1}`, back+" is not allowed here: "+why)
				tried += d.refuses("undo_change", `{"change_id":1,"dry_run":true}`, back+" is not allowed here: "+why)
				tried += d.refuses("run_write_tool", through("undo_change", `{"change_id":1}`), back+" is not allowed here: "+why)
			}
		}
		require.Empty(t, d.written(), x.tool)
		require.Len(t, d.entries(), 1, x.tool)
	}
	require.Greater(t, tried, 1000)
}

func through(name, arguments string) string {
	return fmt.Sprintf(`{"name":%q,"arguments":%s}`, name, arguments)
}

// refuses makes a call and requires that it is refused: with these words, or with
// those about the tool that would have run it. One that is not offered can't be
// called.
func (d *desk) refuses(name, arguments, no string) int {
	d.t.Helper()
	i := slices.IndexFunc(d.all, func(t tools.Tool) bool { return t.Name == name })
	if i < 0 {
		return 0
	}
	answer, err := d.all[i].Run(d.t.Context(), d.who, json.RawMessage(arguments))
	require.Error(d.t, err, "%s %s: %s", name, arguments, answer.Text())
	if d.who.Allows(d.all[i]) != nil {
		no = d.who.Allows(d.all[i]).Error()
	} else if name == "run_write_tool" && strings.Contains(arguments, "undo_change") {
		for _, tool := range tools.All() {
			if err := d.who.Allows(tool); tool.Name == "undo_change" && err != nil {
				no = err.Error()
			}
		}
	}
	require.EqualError(d.t, err, no, "%s %s", name, arguments)
	return 1
}

// TestUndoReachesOnlyWhatIsAllowed: a change that was made when more was.
func TestUndoReachesOnlyWhatIsAllowed(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.run("create_contact", `{"fields":{"email":"new@acme.example"}}`)
	d.run("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
	choice := tools.Choice{Access: tools.AccessWrite}
	d.all = chosenAt(t, choice)
	d.who.Allows = choice.Allows
	require.Equal(t, "delete_contact is not allowed here: this server's access is write (FLEXIE_ACCESS); the operator can set it to delete",
		d.fails("undo_change", `{"change_id":1}`))
	d.run("undo_change", `{"change_id":2}`)
	require.Equal(t, "Rotterdam", d.record("/contacts/1")["city"])
	require.Zero(t, d.entry(1).UndoneBy)
}

// TestTheSettingsHoldForACode as well: a yes from before is none to what is not
// allowed.
func TestTheSettingsHoldForACode(t *testing.T) {
	d := atDesk(t, nil)
	code := d.code(d.run("delete_contact", `{"id":1}`))
	d.who.Allows = tools.Choice{Access: tools.AccessWrite}.Allows
	require.Contains(t, d.fails("delete_contact", with(`{"id":1}`, "confirm", code)), "is not allowed here")
	d.who.Agreed = code
	require.Contains(t, d.fails("delete_contact", `{"id":1}`), "is not allowed here")
	require.Empty(t, d.written())
}
