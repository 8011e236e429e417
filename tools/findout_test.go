package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// onWrites has a fault for every request that changes something.
func onWrites(f chaos.Fault) chaos.Rule { return chaos.When(chaos.Writes, chaos.Always(f)) }

// told is what the caller is told came of a write whose answer was lost.
func told(text string, err error) journal.Outcome {
	if err != nil {
		text = err.Error()
	}
	var found []journal.Outcome
	for outcome, says := range map[journal.Outcome]string{
		journal.Done:    "Flexie's answer was lost, but it was done",
		journal.NotDone: "It was looked up, and did not happen.",
		journal.Unknown: "It is NOT known whether this was done.",
	} {
		if strings.Contains(text, says) {
			found = append(found, outcome)
		}
	}
	if len(found) != 1 || (found[0] == journal.Done) != (err == nil) {
		return journal.Outcome("told: " + text)
	}
	return found[0]
}

// madeBy is the id in the answer that was lost, if it was a record.
func madeBy(t *testing.T, r chaos.Request) string {
	var outer map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(r.Answer), &outer), r.Answer)
	for _, inner := range outer {
		var record struct{ ID json.Number }
		if json.Unmarshal(inner, &record) == nil && record.ID != "" {
			return record.ID.String()
		}
	}
	t.Fatalf("no id in %s", r.Answer)
	return ""
}

// TestLostAnswers: whatever the tool, what is told of a write whose answer was
// lost is what happened, it was sent once, and the journal says the same.
func TestLostAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	drip := chaos.Drip
	drip.Interval = 20 * time.Second // or the shortest answers are whole in time
	for _, fault := range []chaos.Fault{
		chaos.ResetAfter, chaos.ResetBefore, chaos.SilenceAfter, chaos.SilenceBefore,
		chaos.Garbage, chaos.Truncated, chaos.ProxyError, chaos.ProxyError.Idle(), drip, chaos.ServerError,
	} {
		for _, x := range deeds() {
			if fault.Name != chaos.ResetAfter.Name && fault.Name != chaos.ResetBefore.Name && x.asContacts() {
				continue
			}
			t.Run(fmt.Sprintf("%s/%v/%s", fault, fault.Acts, x.tool), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := atDesk(t, onWrites(fault)).trusting()
					defer d.Close()
					d.loseAnswer(x)
				})
			})
		}
	}
}

// loseAnswer makes a call whose answer the rule loses.
func (d *desk) loseAnswer(x deed) {
	t := d.t.(*testing.T)
	text, err := d.try(x.tool, x.arguments)
	verdict, e := told(text, err), d.entries()[0]
	require.Len(t, d.written(), 1, "sent once")
	sent := d.written()[0]
	require.Equal(t, verdict, e.Outcome, "the journal says what was told")
	over := sent.Fault.Name == chaos.ServerError.Name // Flexie itself answered
	switch {
	case sent.Acted():
		require.Equal(t, journal.Done, verdict, text)
		require.Contains(t, text, "Change 1")
		if strings.HasPrefix(x.tool, "create_") || x.tool == "add_note" {
			require.Equal(t, madeBy(t, sent), e.Record)
			require.Contains(t, text, e.Record)
		}
	case !over, x.tool == "send_email": // it may still come
		require.Equal(t, journal.Unknown, verdict)
		require.Contains(t, err.Error(), "Do not repeat it blindly: ")
	default:
		require.Equal(t, journal.NotDone, verdict)
		require.Contains(t, err.Error(), "Nothing was changed: it can be done again.")
	}
	if err != nil {
		require.Contains(t, err.Error(), "It is change 1 in list_changes.")
	}
}

// TestADuplicateIsNotTakenForTheNewOne: one that was there before.
func TestADuplicateIsNotTakenForTheNewOne(t *testing.T) {
	for _, test := range []struct {
		tool, arguments string
		prepare         func(*desk)
	}{
		{"create_contact", `{"fields":{"email":"ana.ruiz@acme.example","last_name":"Ruiz"},"if_exists":"create_anyway"}`, nil},
		{"create_task", `{"task":"Call Pieter about the contract"}`, nil},
		{"add_note", `{"entity_type":"contact","entity_id":1,"text":"Ana confirmed the budget for phase 2. She wants the quote this week."}`, nil},
		{"add_note", `{"entity_type":"contact","entity_id":1,"text":"Twice"}`, func(d *desk) { d.direct("POST", "/notes/contact/1", `{"text":"Twice"}`) }},
		{"add_case_reply", `{"id":1,"text":"Twice"}`, func(d *desk) { d.direct("POST", "/cases/1/replies", `{"text":"Twice"}`) }},
		{"create_user", `{"username":"elena","first_name":"E","last_name":"M","email":"elena@flexie-demo.example","password":"hunter2-hunter2","role":"Sales"}`, nil},
	} {
		d := atDesk(t, onWrites(chaos.ServerError)).trusting()
		if test.prepare != nil {
			test.prepare(d)
		}
		text, err := d.try(test.tool, test.arguments)
		require.Equal(t, journal.NotDone, told(text, err), test.arguments)

		if test.tool == "create_contact" || test.tool == "create_user" {
			continue // Flexie refuses another
		}
		d.Forget()
		d.Use(onWrites(chaos.ResetAfter))
		text, err = d.try(test.tool, test.arguments)
		require.Equal(t, journal.Done, told(text, err), "%s %s %v", test.arguments, text, err)
		if test.tool != "add_case_reply" {
			require.Equal(t, madeBy(t, d.written()[0]), d.entries()[0].Record)
		}
	}
}

// alikes are calls, and how somebody makes the same meanwhile.
var alikes = []struct{ tool, arguments, endpoint, path, body string }{
	{"create_task", `{"task":"Call"}`, "tasks.create", "/tasks/new", `{"task":"Call"}`},
	{"add_note", `{"entity_type":"contact","entity_id":1,"text":"Hm"}`, "notes.create", "/notes/contact/1", `{"text":"Hm"}`},
	{"add_case_reply", `{"id":1,"text":"Hm"}`, "cases.reply", "/cases/1/replies", `{"text":"Hm"}`},
	{"add_case_reply", `{"id":1,"template_id":1}`, "cases.reply", "/cases/1/replies", `{"text":"Hm"}`},
}

// TestOfTwoAlikeNobodyKnows which it is, if the same user has made both.
func TestOfTwoAlikeNobodyKnows(t *testing.T) {
	for _, test := range alikes {
		d := atDesk(t, onWrites(chaos.ResetAfter)).trusting()
		d.AfterNth(1, chaos.To(test.endpoint), func() { d.Direct(sandbox.Key, "POST", test.path, test.body) })
		text, err := d.try(test.tool, test.arguments)
		require.Equal(t, journal.Unknown, told(text, err), text)
		require.Contains(t, err.Error(), "There are 2 like it that were not there before, and any may be the one: ")
		require.Len(t, d.written(), 1)
	}
}

// TestSomebodyElsesIsNotTakenForIt, whether or not there is the right one too.
func TestSomebodyElsesIsNotTakenForIt(t *testing.T) {
	for _, test := range alikes {
		for fault, want := range map[chaos.Fault]journal.Outcome{chaos.ResetAfter: journal.Done, chaos.ResetBefore: journal.Unknown} {
			d := atDesk(t, onWrites(fault)).trusting()
			d.AfterNth(1, chaos.To(test.endpoint), func() {
				key := sandbox.SalesKey
				if test.tool == "add_case_reply" {
					key = sandbox.SupportKey // who may
				}
				status, answer := d.Direct(key, "POST", test.path, test.body)
				assert.Equal(t, 200, status, answer)
			})
			text, err := d.try(test.tool, test.arguments)
			require.Equal(t, want, told(text, err), "%s %s: %s %v", test.tool, fault, text, err)
			if err != nil {
				require.Contains(t, err.Error(), "which somebody else made")
			} else if test.tool != "add_case_reply" {
				require.Equal(t, madeBy(t, d.written()[0]), d.entries()[0].Record)
			}
		}
	}
}

// TestSomebodyElsesUniqueOne: it was made in the moment between the look and the
// write, which Flexie refused, with an answer that was lost.
func TestSomebodyElsesUniqueOne(t *testing.T) {
	d := atDesk(t, onWrites(chaos.ProxyError.Acting())).trusting()
	d.BeforeNth(1, chaos.To("contacts.create"), func() {
		status, answer := d.Direct(sandbox.SalesKey, "POST", "/contacts/new", `{"email":"new@acme.example"}`)
		assert.Equal(t, 200, status, answer)
	})
	text, err := d.try("create_contact", `{"fields":{"email":"new@acme.example"}}`)
	require.False(t, d.written()[0].Acted())
	require.Equal(t, journal.Unknown, told(text, err), text)
	require.Contains(t, err.Error(), "which somebody else made")
}

// TestAUniqueNumberTellsARecord, and not what else it has in common with others.
func TestAUniqueNumberTellsARecord(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/list/fields"):
			return answering(200, `[{"alias":"number","type":"number","isUniqueIdentifier":true},{"alias":"name","type":"text"}]`)(r)
		case strings.HasSuffix(r.URL.Path, "/new"):
			return answering(500, `{}`)(r)
		case r.Method == http.MethodPost:
			body, err := io.ReadAll(r.Body)
			require.NoError(t, err)
			if strings.Contains(string(body), `"number"`) {
				return answering(200, `[]`)(r)
			}
		}
		return answering(200, `[{"id":7,"number":1,"name":"Jane"}]`)(r)
	})
	_, err := run(t, flexieIs, "create_contact", `{"fields":{"number":2,"name":"Jane"}}`)
	require.ErrorContains(t, err, "It was looked up, and did not happen.")
}

// TestAGatewayThatGaveUp leaves Flexie at it: what is not there yet may come.
func TestAGatewayThatGaveUp(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		switch {
		case r.Method == http.MethodPut:
			return answering(504, `<html>Gateway Timeout</html>`)(r)
		case strings.HasSuffix(r.URL.Path, "/list/fields"):
			return answering(200, `[{"alias":"name","type":"text"}]`)(r)
		}
		return answering(200, `{"contact":{"id":7,"name":"Jane"}}`)(r)
	})
	_, err := run(t, flexieIs, "update_contact", `{"id":7,"fields":{"name":"Jo"}}`)
	require.ErrorContains(t, err, "It is NOT known whether this was done. It is as it was before. But Flexie had not answered by then, ")
	require.Regexp(t, `, \d\d:\d\d:\d\d UTC, and may still be at it: after \d\d:\d\d:\d\d UTC it will have ended\.`, err.Error())
}

// TestAnUpdateToTheSameValue: it is as it was to become, whether or not it was
// carried out, and nothing is lost by saying so.
func TestAnUpdateToTheSameValue(t *testing.T) {
	for _, fault := range []chaos.Fault{chaos.ResetAfter, chaos.ServerError} {
		d := atDesk(t, onWrites(fault)).trusting()
		text, err := d.try("update_contact", `{"id":1,"fields":{"city":"Rotterdam"}}`)
		require.Equal(t, journal.Done, told(text, err), "%s %v", text, err)

		// One that became another decides for all.
		text, err = d.try("update_contact", `{"id":1,"fields":{"city":"Rotterdam","phone":"+44 1"}}`)
		want := map[bool]journal.Outcome{true: journal.Done, false: journal.NotDone}[fault.Acts]
		require.Equal(t, want, told(text, err), "%s %v", text, err)
	}
}

// TestSomebodyElseChangedItMeanwhile: neither as it was nor as it was to become.
func TestSomebodyElseChangedItMeanwhile(t *testing.T) {
	for _, fault := range []chaos.Fault{chaos.ResetAfter, chaos.ResetBefore} {
		d := atDesk(t, onWrites(fault)).trusting()
		d.AfterNth(1, chaos.To("contacts.update"), func() { d.direct("PUT", "/contacts/1", `{"city":"Porto"}`) })
		text, err := d.try("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
		require.Equal(t, journal.Unknown, told(text, err))
		require.Contains(t, err.Error(), "It is neither as it was nor as it was to become: see city.")
		require.Contains(t, err.Error(), "read it with get_contact first")
	}
}

// TestLookingFailsAsWell: it is not known, and how to see it is said.
func TestLookingFailsAsWell(t *testing.T) {
	for _, x := range deeds() {
		if x.asContacts() {
			continue
		}
		for _, fault := range []chaos.Fault{chaos.ResetAfter, chaos.ResetBefore} {
			d := atDesk(t, onWrites(fault)).trusting()
			d.AfterNth(1, chaos.Writes, func() { d.Use(chaos.Always(chaos.Refused)) })
			text, err := d.try(x.tool, x.arguments)
			require.Equal(t, journal.Unknown, told(text, err), x.tool)
			require.Contains(t, err.Error(), "Looking for it failed as well: ", x.tool)
			require.Regexp(t, `Do not repeat it blindly: (look|read)`, err.Error(), x.tool)
			require.Equal(t, journal.Unknown, d.entries()[0].Outcome)
			require.Len(t, d.written(), 1)
		}
	}
}

// TestLookingAgain finds what came late.
func TestLookingAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := atDesk(t, onWrites(chaos.ResetBefore)).trusting()
		defer d.Close()
		d.who.LookAgain = 5 * time.Second
		time.AfterFunc(2*time.Second, func() { d.direct("PUT", "/contacts/1", `{"city":"Leeds"}`) })
		text, err := d.try("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
		require.Equal(t, journal.Done, told(text, err), "%s %v", text, err)
	})
}

// TestARefusalIsNoDoubt: Flexie said no, or was never reached.
func TestARefusalIsNoDoubt(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	for _, fault := range []chaos.Fault{chaos.Refused, chaos.TooMany, chaos.TooManyLater, chaos.UnavailableLater, chaos.RedirectSame} {
		for _, x := range deeds() {
			if x.asContacts() {
				continue
			}
			d := atDesk(t, onWrites(fault)).trusting()
			text := d.fails(x.tool, x.arguments)
			require.Contains(t, text, "Nothing was changed.", "%s %s", fault, x.tool)
			require.NotContains(t, text, "NOT known")
			require.Equal(t, journal.NotDone, d.entries()[0].Outcome)
			require.Len(t, d.written(), 1)
		}
	}
}

// TestACancelledCall is not begun; one that was sent learns its answer.
func TestACancelledCall(t *testing.T) {
	for _, fault := range []chaos.Fault{chaos.None, chaos.ResetAfter, chaos.ServerError} {
		d := atDesk(t, onWrites(fault)).trusting()
		ctx, cancel := context.WithCancel(t.Context())
		d.ctx = ctx
		d.AfterNth(1, chaos.To("contacts.update"), cancel)
		_, _ = d.try("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
		want := journal.Done
		if fault == chaos.ServerError {
			want = journal.NotDone
		}
		require.Equal(t, want, d.entries()[0].Outcome, "%s: %s", fault, d.entries()[0].Note)

		d.Forget()
		_, err := d.try("update_contact", `{"id":1,"fields":{"city":"Porto"}}`)
		require.Error(t, err)
		require.Empty(t, d.written())
		require.Len(t, d.entries(), 1)
	}
}

// TestPasswordsAloneCantBeFoundOut, as nobody can read them.
func TestPasswordsAloneCantBeFoundOut(t *testing.T) {
	d := atDesk(t, onWrites(chaos.ResetAfter)).trusting()
	text, err := d.try("update_user", `{"id":42,"password":"hunter2-hunter2"}`)
	require.Equal(t, journal.Unknown, told(text, err), text)
	require.NotContains(t, err.Error(), "see .", "there is nothing to see")
}

// TestTimesAreFoundOut: a due date is answered in another form than it is given.
func TestTimesAreFoundOut(t *testing.T) {
	for _, x := range []deed{
		{tool: "update_task", arguments: `{"id":1,"due_date":"2026-06-25 14:00"}`},
		{tool: "update_note", arguments: `{"id":1,"datetime":"2026-06-25 14:00"}`},
		{tool: "update_contact", arguments: `{"id":1,"fields":{"last_contacted":"2026-06-25 14:00"}}`},
		{tool: "update_contact", arguments: `{"id":1,"fields":{"interests":["Pricing","Training"],"newsletter":false,"lead_score":"7","account_id":3,"background":""}}`},
		{tool: "update_user", arguments: `{"id":42,"role":"Support"}`},
		{tool: "update_workflow", arguments: `{"id":1,"category":"Support"}`},
		{tool: "update_deal", arguments: `{"id":1,"fields":{"owner_id":"me","stage_id":"Negotiation"}}`},
	} {
		for _, fault := range []chaos.Fault{chaos.ResetAfter, chaos.ServerError} {
			d := atDesk(t, onWrites(fault)).trusting()
			text, err := d.try(x.tool, x.arguments)
			want := map[bool]journal.Outcome{true: journal.Done, false: journal.NotDone}[fault.Acts]
			require.Equal(t, want, told(text, err), "%s %s", x.arguments, fault)
		}
	}
}

// TestDialects: whatever form Flexie answers in.
func TestLostAnswersInEveryDialect(t *testing.T) {
	if testing.Short() {
		t.Skip("one case after the other, at length")
	}
	for _, dialect := range sandbox.Dialects {
		for _, fault := range []chaos.Fault{chaos.ResetAfter, chaos.ServerError} {
			for _, x := range deeds() {
				if x.asContacts() {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%s", dialect, fault, x.tool), func(t *testing.T) {
					box, err := sandbox.Open(sandbox.Options{Dialect: dialect})
					require.NoError(t, err)
					w := chaos.New(box, onWrites(fault))
					t.Cleanup(func() { w.Close(); box.Close() })
					d := atDesk(t, nil, func(o *flexie.Options) { o.Transport = http.RoundTripper(w.Transport()) }).trusting()
					d.Workspace = w
					text, err := d.try(x.tool, x.arguments)
					want := map[bool]journal.Outcome{true: journal.Done, false: journal.NotDone}[fault.Acts]
					if x.tool == "send_email" && !fault.Acts {
						want = journal.Unknown
					}
					require.Equal(t, want, told(text, err))
				})
			}
		}
	}
}

// settle looks for what came of writes, and gives how many are to be looked for
// later.
func (d *desk) settle() int {
	d.t.Helper()
	later, err := tools.Settle(d.t.Context(), d.who)
	require.NoError(d.t, err)
	return len(later)
}

// hourAgo is the clock of a process that ended long ago.
func hourAgo() time.Time { return time.Now().Add(-time.Hour) }

// TestSettle: what came of a write whose program ended before it knew is found
// out by the next one, and told in the journal.
func TestSettle(t *testing.T) {
	for _, fault := range []chaos.Fault{chaos.ResetAfter, chaos.ServerError} {
		for _, x := range deeds() {
			if x.asContacts() {
				continue
			}
			t.Run(fmt.Sprintf("%s/%s", fault, x.tool), func(t *testing.T) {
				d := atDesk(t, onWrites(fault)).trusting()
				o := store.Options{Dir: t.TempDir()}
				ended := journal.New(journal.Options{Store: store.Durable(o), Now: hourAgo})
				d.who.Journal = ended
				d.AfterNth(1, chaos.Writes, func() { assert.NoError(t, ended.Close()) }) // as if it had been killed
				_, _ = d.try(x.tool, x.arguments)

				next := journal.New(journal.Options{Store: store.Durable(o)})
				t.Cleanup(func() { next.Close() })
				d.who.Journal = next
				require.Equal(t, journal.Unknown, d.entry(1).Outcome, "until it is looked for")
				require.Contains(t, d.fails("undo_change", `{"change_id":1}`), "it is not known whether change 1 happened")
				d.settle()
				e := d.entry(1)
				want := map[bool]journal.Outcome{true: journal.Done, false: journal.NotDone}[fault.Acts]
				if x.tool == "send_email" && !fault.Acts {
					want = journal.Unknown
				}
				require.Equal(t, want, e.Outcome, e.Note)
				require.Contains(t, e.Note, "The program ended before it knew what came of this. ")
				require.Len(t, d.written(), 1, "nothing is sent again")
				if strings.HasPrefix(x.tool, "create_") && want == journal.Done {
					require.Equal(t, madeBy(t, d.written()[0]), e.Record)
				}
				if e.Outcome == journal.Done && e.NoUndo == "" {
					d.Use(nil)
					d.undo(1)
				}
				d.Forget()
				d.settle()
				require.Empty(t, d.Requests(), "once")
			})
		}
	}
}

// TestSettleLeavesOthersAlone: what is under way, and what is of another
// workspace.
func TestSettleLeavesOthersAlone(t *testing.T) {
	d := atDesk(t, nil)
	o := store.Options{Dir: t.TempDir()}
	running, ended := journal.New(journal.Options{Store: store.Durable(o)}), journal.New(journal.Options{Store: store.Durable(o)})
	t.Cleanup(func() { running.Close() })
	e := journal.Entry{Workspace: d.who.Workspace, Caller: "one", Tool: "update_contact", Act: "update", Kind: "contact", Record: "1"}
	_, err := running.Begin(t.Context(), e)
	require.NoError(t, err)
	e.Workspace = "https://other.flexie.io/api"
	_, err = ended.Begin(t.Context(), e)
	require.NoError(t, err)
	require.NoError(t, ended.Close())
	d.who.Journal = running
	d.settle()
	require.Empty(t, d.Requests())
	require.Equal(t, journal.Pending, d.entry(1).Outcome)
}

// TestSettleWhileFlexieIsDown: it stays unknown, and the next start looks again.
func TestSettleWhileFlexieIsDown(t *testing.T) {
	d := atDesk(t, onWrites(chaos.ResetAfter)).trusting()
	o := store.Options{Dir: t.TempDir()}
	ended := journal.New(journal.Options{Store: store.Durable(o)})
	d.who.Journal = ended
	d.AfterNth(1, chaos.Writes, func() { assert.NoError(t, ended.Close()) })
	_, _ = d.try("create_contact", `{"fields":{"email":"new@acme.example"}}`)
	for _, start := range []struct {
		rule chaos.Rule
		want journal.Outcome
	}{{chaos.Always(chaos.Refused), journal.Unknown}, {nil, journal.Done}} {
		d.Use(start.rule)
		d.who.Journal = journal.New(journal.Options{Store: store.Durable(o)})
		d.settle()
		require.Equal(t, start.want, d.entry(1).Outcome)
		require.NoError(t, d.who.Journal.Close())
	}
}

// TestABrokenConnectionLeavesFlexieAtIt: what is not there is not told to be done
// again, and what came of it is found out once that is over.
func TestABrokenConnectionLeavesFlexieAtIt(t *testing.T) {
	const call = `{"entity_type":"contact","entity_id":1,"text":"Called her."}`
	for name, test := range map[string]struct {
		later func(*desk)
		want  journal.Outcome
	}{
		"it acts later": {func(d *desk) { d.Direct(sandbox.Key, "POST", "/notes/contact/1", `{"text":"Called her."}`) }, journal.Done},
		"it does not":   {func(*desk) {}, journal.NotDone},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := atDesk(t, chaos.When(chaos.Writes, chaos.Nth(1, chaos.ResetBefore))).trusting()
				defer d.Close()
				d.who.LookAgain = 5 * time.Second
				start := time.Now()
				text, err := d.try("add_note", call)
				require.Equal(t, 5*time.Second, time.Since(start).Truncate(time.Second))
				require.Equal(t, journal.Unknown, told(text, err))
				require.Contains(t, err.Error(), "There is none that was not there before. But Flexie had not answered by then, 00:00:05 UTC, and may still be at it: after 00:01:00 UTC it will have ended.")
				require.NotContains(t, err.Error(), "it can be done again")

				later, err := tools.Settle(t.Context(), d.who)
				require.NoError(t, err)
				require.Len(t, later, 1)
				require.Equal(t, journal.Unknown, d.entry(1).Outcome, "it is too early")
				test.later(d)
				time.Sleep(time.Minute)
				later, err = tools.Settle(t.Context(), d.who, later...)
				require.NoError(t, err)
				require.Empty(t, later)
				require.Equal(t, test.want, d.entry(1).Outcome)
				require.Contains(t, d.entry(1).Note, "It was looked for again later. ")
			})
		})
	}
}

// TestSettleIsForTheCallersOwn: another key may not see what they did.
func TestSettleIsForTheCallersOwn(t *testing.T) {
	d := atDesk(t, onWrites(chaos.ServerError)).trusting()
	o := store.Options{Dir: t.TempDir()}
	ended := journal.New(journal.Options{Store: store.Durable(o), Now: hourAgo})
	d.who.Journal = ended
	d.AfterNth(1, chaos.Writes, func() { assert.NoError(t, ended.Close()) })
	_, _ = d.try("delete_contact", `{"id":47}`)
	next := journal.New(journal.Options{Store: store.Durable(o)})
	t.Cleanup(func() { next.Close() })
	d.who.Journal = next
	two := d.as(func(who *tools.Caller) { who.Name = "two" })
	two.Use(chaos.Always(chaos.LoginPage)) // would be seen
	d.Forget()
	two.settle()
	require.Empty(t, d.Requests())
	require.Equal(t, journal.Unknown, d.entry(1).Outcome)
	d.Use(nil)
	d.settle()
	require.Equal(t, journal.NotDone, d.entry(1).Outcome)
}

// TestWhatAnotherChangeMadeIsNotTakenForIt: of the same user, by another caller.
func TestWhatAnotherChangeMadeIsNotTakenForIt(t *testing.T) {
	for _, x := range alikes[:3] {
		d := atDesk(t, chaos.When(chaos.Writes, chaos.Nth(1, chaos.ServerError))).trusting()
		other := d.as(func(who *tools.Caller) { who.Name = "two" })
		d.AfterNth(1, chaos.To(x.endpoint), func() { other.did(x.tool, x.arguments) })
		text, err := d.try(x.tool, x.arguments)
		require.Equal(t, journal.NotDone, told(text, err), "%s %v", text, err)
		require.Contains(t, err.Error(), "What is like it was made by another change.")
		require.Equal(t, []journal.Outcome{journal.NotDone, journal.Done}, []journal.Outcome{d.entry(1).Outcome, d.entry(2).Outcome})
	}
}

// TestWhatAnotherChangeMayHaveMade is nobody's.
func TestWhatAnotherChangeMayHaveMade(t *testing.T) {
	for _, x := range alikes[:3] {
		d := atDesk(t, onWrites(chaos.ServerError)).trusting()
		d.AfterNth(1, chaos.To(x.endpoint), func() {
			e := d.entry(1)
			e.Caller = "two"
			_, err := d.who.Journal.Begin(t.Context(), e)
			assert.NoError(t, err)
			d.Direct(sandbox.Key, "POST", x.path, x.body)
		})
		text, err := d.try(x.tool, x.arguments)
		require.Equal(t, journal.Unknown, told(text, err), "%s %v", text, err)
		require.Regexp(t, `There is one like it, \d+, which change 2 may have made\.`, err.Error())
	}
}

// TestPutBackMeanwhile: it is as it was, and was not all the time.
func TestPutBackMeanwhile(t *testing.T) {
	d := atDesk(t, onWrites(chaos.ProxyError.Acting())).trusting()
	d.AfterNth(1, chaos.To("contacts.update"), func() { d.direct("PUT", "/contacts/1", `{"city":"Rotterdam"}`) })
	text, err := d.try("update_contact", `{"id":1,"fields":{"city":"Porto"}}`)
	require.Equal(t, journal.Unknown, told(text, err), text)
	require.Contains(t, err.Error(), "It is as it was before, but has been changed meanwhile: it may have been done, and put back.")
}

// moveEmail gives the email of contact 1 to contact 2.
func (d *desk) moveEmail() {
	d.direct("PUT", "/contacts/1", `{"email":"old-ana@acme.example"}`)
	d.direct("PUT", "/contacts/2", `{"email":"ana.ruiz@acme.example"}`)
}

const byItsEmail = `{"unique_field":"email","fields":{"email":"ana.ruiz@acme.example","city":"Porto"}}`

// TestAnEditThatChangedAnother says so, and is recorded as what it was.
func TestAnEditThatChangedAnother(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.BeforeNth(1, chaos.To("contacts.edit"), d.moveEmail)
	text := d.run("update_contact", byItsEmail)
	require.Contains(t, text, "ANOTHER contact was changed than was looked at: contact 2, not contact 1. The email had moved to it just before.")
	require.NotContains(t, text, "undo_change takes it back")
	e := d.entry(1)
	require.Equal(t, []any{"2", journal.Done}, []any{e.Record, e.Outcome})
	d.Forget()
	require.Contains(t, d.fails("undo_change", `{"change_id":1}`), "change 1 can't be taken back: it changed contact 2, and what is recorded is how contact 1 was before")
	require.Empty(t, d.written())
}

// TestALostEditOfAnother is not told not to have happened.
func TestALostEditOfAnother(t *testing.T) {
	d := atDesk(t, onWrites(chaos.ServerError.Acting())).trusting()
	d.BeforeNth(1, chaos.To("contacts.edit"), d.moveEmail)
	text, err := d.try("update_contact", byItsEmail)
	require.Equal(t, journal.Unknown, told(text, err), text)
	require.Equal(t, "Porto", d.record("/contacts/2")["city"])
}

// TestMadeWithAComplaint: what has an id was made, whatever Flexie says besides.
func TestMadeWithAComplaint(t *testing.T) {
	flexieIs := transport(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/tasks/new") {
			return answering(200, `{"task":{"id":7,"task":"Call"},"errors":[{"message":"reminder could not be sent","code":0}]}`)(r)
		}
		return answering(200, `{"total":"0","tasks":[]}`)(r)
	})
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey("k"), Transport: flexieIs})
	require.NoError(t, err)
	d := &desk{t: t, who: trusted(t, c), all: chosenAt(t, tools.Choice{}), ctx: t.Context()}
	text := d.run("create_task", `{"task":"Call"}`)
	require.Contains(t, text, `It was done, but Flexie complained: "reminder could not be sent" (HTTP 200). Created. Task 7`)
	require.NotContains(t, text, "Nothing was changed")
	require.Equal(t, journal.Done, d.entry(1).Outcome)
	require.Contains(t, d.entry(1).Note, "reminder could not be sent")
}
