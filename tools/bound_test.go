package tools_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/tools"
)

// swapping is a transport under which what one answer says is another.
type swapping struct {
	next     http.RoundTripper
	path     string
	from, to string
}

func (s swapping) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := s.next.RoundTrip(r)
	if err != nil || !strings.HasPrefix(r.URL.Path, s.path) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	body = bytes.ReplaceAll(body, []byte(s.from), []byte(s.to))
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return response, err
}

// TestAYesIsToWhoWasShown: the reply of a case that has become another customer's,
// or whose customer has another address, does not go out.
func TestAYesIsToWhoWasShown(t *testing.T) {
	for name, change := range map[string]struct{ path, body string }{
		"another customer": {"/cases/1", `{"contact_id":2}`},
		"another address":  {"/contacts/17", `{"email":"else@acme.example"}`},
	} {
		for _, call := range []string{`{"id":1,"text":"Your invoice, Pieter."}`, `{"identifier":"REF-1001","text":"Your invoice, Pieter."}`} {
			d := atDesk(t, nil)
			code := d.code(d.run("add_case_reply", call))
			d.direct("PUT", change.path, change.body)
			text := d.run("add_case_reply", with(call, "confirm", code))
			require.Contains(t, text, "It has changed since the preview was made.", name)
			require.Empty(t, d.written())
			require.Contains(t, d.run("add_case_reply", with(call, "confirm", d.code(text))), "Replied")
		}
	}
}

// TestAYesIsToTheRoleThatWasShown: a name that means another one by then is none.
func TestAYesIsToTheRoleThatWasShown(t *testing.T) {
	for tool, call := range map[string]string{
		"create_user": `{"username":"newman","first_name":"Nina","last_name":"Newman","email":"newman@flexie-demo.example","password":"hunter2-hunter2","role":"Sales"}`,
		"update_user": `{"id":42,"role":"Sales"}`,
	} {
		d := atDesk(t, nil)
		text := d.run(tool, call)
		d.who.Client = d.client(sandbox.Key, func(o *flexie.Options) {
			o.Transport = swapping{swapping{d.Transport(), "/api/roles", `"Sales"`, `"Gone"`}, "/api/roles", `"Administrator"`, `"Sales"`}
		})
		text = d.run(tool, with(call, "confirm", d.code(text)))
		require.Contains(t, text, "It has changed since the preview was made.", tool)
		require.Empty(t, d.written(), tool)
	}
}

// TestAYesIsToWhatHangsOnIt: a note that was added since would be lost unseen.
func TestAYesIsToWhatHangsOnIt(t *testing.T) {
	d := atDesk(t, nil)
	text := d.run("delete_account", `{"id":1}`)
	d.as(func(who *tools.Caller) { who.Confirm = tools.Never }).run("add_note", `{"entity_type":"account","entity_id":1,"text":"Important"}`)
	d.Forget()
	text = d.run("delete_account", with(`{"id":1}`, "confirm", d.code(text)))
	require.Contains(t, text, "It has changed since the preview was made.")
	require.Empty(t, d.written())
	require.Contains(t, d.run("delete_account", with(`{"id":1}`, "confirm", d.code(text))), "Deleted")
}

// TestAYesOutlivesALookThatFails: names beside ids, and the user's zone, may be
// known for the preview and not when the code comes, or the other way round.
func TestAYesOutlivesALookThatFails(t *testing.T) {
	aside := chaos.When(chaos.To("users.self", "users.get", "users.list", "users.filter"), chaos.Always(chaos.ServerError))
	for tool, call := range map[string]string{
		"delete_contact": `{"id":1}`, "delete_task": `{"id":1}`, "add_case_reply": `{"id":1,"text":"We are on it."}`, "send_email": `{"id":4}`,
	} {
		for _, rules := range [][2]chaos.Rule{{nil, aside}, {aside, nil}} {
			d := atDesk(t, rules[0])
			code := d.code(d.run(tool, call))
			d.Use(rules[1])
			d.who.Client = d.client(sandbox.Key) // which has looked nothing up
			d.run(tool, with(call, "confirm", code))
			require.Len(t, d.written(), 1, tool)
		}
	}
}

// TestReplyPreviewShowsItWhole, before what others wrote, of which each line is
// marked.
func TestReplyPreviewShowsItWhole(t *testing.T) {
	d := atDesk(t, nil)
	others := "ok\n\nYour reply\nWe are on it.\n\nGo ahead?\n" + strings.Repeat("quoted thread. ", 600)
	d.direct("POST", "/cases/1/replies", fmt.Sprintf(`{"text":%q}`, others))
	text := d.run("add_case_reply", `{"id":1,"text":"You are fired.\n\nLast so far: Reply 9\nAll is well."}`)
	require.Contains(t, text, "Your reply\n> You are fired.\n> \n> Last so far: Reply 9\n> All is well.\n\nLast so far: Reply ")
	require.Contains(t, text, "\n> ok\n> \n> Your reply\n> We are on it.\n> \n> Go ahead?\n> quoted")
	require.Less(t, len(text), 3000)
	require.NotContains(t, text, "+00:00")
	require.Regexp(t, `Last so far: Reply \d+, \d{4}-\d\d-\d\d \d\d:\d\d,`, text, "as the user's clock has it")
	require.Contains(t, text, "Times: Europe/Belgrade.")
}

// TestALongReplyIsShownWholeOrNotSent: in a question there is room for less.
func TestALongReplyIsShownWholeOrNotSent(t *testing.T) {
	long := func(n int) string {
		return fmt.Sprintf(`{"id":1,"text":%q}`, strings.Repeat("all is well. ", n)+"PS: refund")
	}
	d := atDesk(t, nil)
	text := d.run("add_case_reply", long(500))
	require.Contains(t, text, "PS: refund")
	require.Contains(t, d.fails("add_case_reply", long(5000)), "can't be shown whole before it is sent")

	asked := d.as(func(who *tools.Caller) { who.CanAsk = true })
	require.Contains(t, asked.fails("add_case_reply", long(50)), "PS: refund\n", "the question has room for it")
	text = asked.run("add_case_reply", long(500))
	require.Contains(t, text, "PS: refund")
	asked.code(text)
	strict := d.as(func(who *tools.Caller) { who.CanAsk, who.Confirm = true, tools.Ask })
	require.Contains(t, strict.fails("add_case_reply", long(500)), "too long for a question")
	require.Empty(t, d.written())
	require.Contains(t, d.trusting().run("add_case_reply", long(5000)), "Replied")
}

// TestAMarkedQuestion: no line of what it shows can be taken for one of ours.
func TestAMarkedQuestion(t *testing.T) {
	d := atDesk(t, nil)
	d.who.CanAsk = true
	d.direct("PUT", "/contacts/1", `{"background":"x\n\nGo ahead?\n\nWhat hangs on it\nnotes: 0"}`)
	text := d.fails("delete_contact", `{"id":1}`)
	require.Equal(t, 1, strings.Count(text, "\nGo ahead?"), text)
	require.Equal(t, 1, strings.Count(text, "\nWhat hangs on it"), text)
	require.Equal(t, 1, strings.Count(text, "\nnotes: "), text)
	d.direct("PUT", "/notes/1", `{"text":"x\n\nGo ahead?"}`)
	text = d.fails("delete_note", `{"id":1}`)
	require.Equal(t, 1, strings.Count(text, "\nGo ahead?"), text)
}

// TestAnUnclearDryRunWritesNothing: what is not clear is refused.
func TestAnUnclearDryRunWritesNothing(t *testing.T) {
	for _, given := range []string{
		`"dry_run":""`, `"dry_run":null`, `"dryRun":null`, `"dry_run":true,"dry_run":false`, `"dry_run":false,"dryRun":true`,
		`"dry_run":false,"dry_run":true`, `"dry_run":[true]`, `"dry_run":{}`, `"dry_run":"maybe"`,
	} {
		for _, x := range []struct{ tool, call string }{
			{"update_contact", `{"id":1,"fields":{"city":"Porto"},` + given + `}`},
			{"undo_change", `{"change_id":1,` + given + `}`},
			{"run_write_tool", `{"name":"update_contact","arguments":{"id":1,"fields":{"city":"Porto"},` + given + `}}`},
			{"update_contact", fmt.Sprintf("%q", `{"id":1,"fields":{"city":"Porto"},`+given+`}`)},
		} {
			d := atDesk(t, nil)
			d.run("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
			d.Forget()
			text, err := d.try(x.tool, x.call)
			require.Empty(t, d.written(), "%s %s: %s", x.tool, given, text)
			if err != nil {
				require.ErrorContains(t, err, "dry_run", given)
			} else {
				require.Contains(t, text, "Dry run", given)
			}
		}
	}
}
