package tools_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// TestRiskyIsPreviewedFirst: a call changes nothing and gives a code, and the
// same call with it does it, once.
func TestRiskyIsPreviewedFirst(t *testing.T) {
	for _, x := range deeds() {
		t.Run(x.tool, func(t *testing.T) {
			d := atDesk(t, nil)
			text := d.run(x.tool, x.arguments)
			if !x.risky {
				require.NotContains(t, text, "confirm:")
				require.Len(t, d.written(), 1, "at once")
				return
			}
			require.Contains(t, text, "Nothing was changed yet. This would ")
			for _, piece := range x.shows {
				require.Contains(t, text, piece)
			}
			require.Empty(t, d.written())
			require.Empty(t, d.entries())

			yes := with(x.arguments, "confirm", d.code(text))
			require.Contains(t, d.run(x.tool, with(yes, "dry_run", true)), "Dry run")
			require.Empty(t, d.written(), "a dry run uses no code up")
			require.Contains(t, d.run(x.tool, yes), "Change 1")
			require.Len(t, d.written(), 1)
			require.Equal(t, x.endpoint, d.written()[0].Endpoint)
			require.Equal(t, journal.Done, d.entries()[0].Outcome)
			require.NotContains(t, d.written()[0].Body, "confirm")

			again, err := d.try(x.tool, yes)
			require.Len(t, d.written(), 1, "not a second time: %s %v", again, err)
			require.Len(t, d.entries(), 1)
		})
	}
}

// TestACodeIsGoodForThisCallOnly: why another is not done is told apart, and the
// preview of the call that was made comes along.
func TestACodeIsGoodForThisCallOnly(t *testing.T) {
	const call = `{"id":1}`
	clock := time.Now()
	for _, test := range []struct {
		name      string
		meanwhile func(*desk)
		tool      string
		arguments string
		code      func(string) string
		says      string
	}{
		{"other arguments", nil, "delete_contact", `{"id":2}`, nil, "That code is for another call"},
		{"another tool", nil, "delete_lead", call, nil, "That code is for another call"},
		{"another caller", func(d *desk) { d.who.Name = "two" }, "delete_contact", call, nil, "That code is for another call"},
		{"another workspace", func(d *desk) { d.who.Workspace = "https://other.flexie.io/api" }, "delete_contact", call, nil, "That code is for another call"},
		{"a changed record", func(d *desk) { d.direct("PUT", "/contacts/1", `{"city":"Porto"}`) }, "delete_contact", call, nil, "It has changed since the preview was made"},
		{"too late", func(*desk) { clock = clock.Add(10*time.Minute + time.Second) }, "delete_contact", call, nil, "That code has expired"},
		{"garbage", nil, "delete_contact", call, func(string) string { return "yes" }, "That is no code of this server"},
		{"nearly", nil, "delete_contact", call, func(code string) string { return "0" + code[1:] + "0" }, "That is no code of this server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := atDesk(t, nil)
			d.who.Codes = confirm.New(confirm.Options{Store: store.Memory(), Now: func() time.Time { return clock }})
			code := d.code(d.run("delete_contact", call))
			if test.code != nil {
				code = test.code(code)
			}
			if test.meanwhile != nil {
				test.meanwhile(d)
			}
			text := d.run(test.tool, with(test.arguments, "confirm", code))
			require.True(t, strings.HasPrefix(text, test.says), text)
			require.Empty(t, d.written())
			require.Empty(t, d.entries())
			require.Contains(t, text, "This would delete ")
			if test.name == "a changed record" {
				require.Contains(t, text, "city: Porto", "as it is now")
			}
			fresh := d.code(text)
			require.NotEqual(t, code, fresh)
			require.Contains(t, d.run(test.tool, with(test.arguments, "confirm", fresh)), "Deleted")
			require.Len(t, d.written(), 1)
		})
	}
}

// TestAUsedCode says so, where nothing else keeps it from being good.
func TestAUsedCode(t *testing.T) {
	d := atDesk(t, nil)
	const person = `{"username":"newman","first_name":"Nina","last_name":"Newman","email":"newman@flexie-demo.example","password":"hunter2-hunter2","role":"Sales"}`
	code := d.code(d.run("create_user", person))
	d.run("create_user", with(person, "confirm", code))
	text := d.run("create_user", with(person, "confirm", code))
	require.Contains(t, text, "That code has been used: each works once. list_changes shows whether the change was made.")
	require.Contains(t, text, "The very same was done")
	require.NotEqual(t, code, d.code(text))
	require.Len(t, d.written(), 1)
}

// TestTheSameArgumentsInAnotherOrder are the same call.
func TestTheSameArgumentsInAnotherOrder(t *testing.T) {
	d := atDesk(t, nil)
	code := d.code(d.run("update_workflow", `{"id":1,"is_published":false,"runtime":"sync"}`))
	d.run("update_workflow", `{"confirm":"`+strings.ToUpper(code)+`","runtime":"sync","is_published":false,"id":1}`)
	require.Len(t, d.written(), 1)
}

// TestAColleaguesReplyVoidsTheYes: what is to be said may be another by then.
func TestAColleaguesReplyVoidsTheYes(t *testing.T) {
	for _, arguments := range []string{`{"id":1,"text":"We are on it."}`, `{"identifier":"REF-1001","text":"We are on it."}`} {
		d := atDesk(t, nil)
		code := d.code(d.run("add_case_reply", arguments))
		d.direct("POST", "/cases/1/replies", `{"text":"A new tracker is on its way."}`)
		text := d.run("add_case_reply", with(arguments, "confirm", code))
		require.Contains(t, text, "It has changed since the preview was made.")
		require.Contains(t, text, "A new tracker is on its way.", "the last reply is shown")
		require.Empty(t, d.written())
		require.Contains(t, d.run("add_case_reply", with(arguments, "confirm", d.code(text))), "Replied to case")
		require.Len(t, d.written(), 1)
	}
}

// TestReplyPreview says to whom, also where the case is named otherwise.
func TestReplyPreview(t *testing.T) {
	d := atDesk(t, nil)
	for _, arguments := range []string{`{"id":1,"text":"<b>Yes</b>"}`, `{"identifier":"REF-1001","template_id":1}`} {
		text := d.run("add_case_reply", arguments)
		require.Contains(t, text, "Trackers of Acme trailers stop reporting at night")
		require.Contains(t, text, "@", "the address")
		require.Contains(t, text, "contact 17")
	}
	require.Contains(t, d.run("add_case_reply", `{"id":1,"template_id":1}`), "template 1")
}

// TestTheSameAgain within ten minutes is held, whatever the tool; by somebody
// else, or after it was taken back, it is not.
func TestTheSameAgain(t *testing.T) {
	for _, x := range deeds() {
		if !strings.HasPrefix(x.tool, "create_") && !strings.HasPrefix(x.tool, "add_note") && x.tool != "add_case_reply" && x.tool != "send_email" {
			continue
		}
		t.Run(x.tool, func(t *testing.T) {
			d := atDesk(t, nil)
			text := d.run(x.tool, x.arguments)
			if x.risky {
				require.NotContains(t, text, "very same")
				d.run(x.tool, with(x.arguments, "confirm", d.code(text)))
			}
			require.Len(t, d.written(), 1)
			repeated := x.arguments
			if strings.Contains(x.arguments, "fields") {
				require.Contains(t, d.fails(x.tool, x.arguments), "Nothing was created: there is")
				return
			}
			text = d.run(x.tool, repeated)
			require.Regexp(t, `The very same was done \d+s ago \(change 1[,)]`, text)
			require.Len(t, d.written(), 1)
			_, err := d.try(x.tool, with(repeated, "confirm", d.code(text)))
			if x.tool == "create_user" {
				require.ErrorContains(t, err, "already", "Flexie says what is wrong")
			} else {
				require.NoError(t, err)
			}
			require.Len(t, d.written(), 2)

			d.who.Name = "two"
			require.NotContains(t, d.run(x.tool, with(repeated, "dry_run", true)), "very same")
		})
	}
}

func TestTheSameRecordAgain(t *testing.T) {
	d := atDesk(t, nil)
	const call = `{"fields":{"name":"Twin"},"if_exists":"create_anyway"}`
	d.run("create_deal", call)
	text := d.run("create_deal", call)
	require.Regexp(t, `The very same was done \d+s ago \(change 1, deal \d+\): it would be done twice`, text)
	require.Len(t, d.written(), 1)
	require.Contains(t, d.fails("create_deal", with(call, "confirm", d.code(text))), "already taken", "as Flexie sees it")
	require.Len(t, d.written(), 2)

	require.NotContains(t, d.run("create_deal", `{"fields":{"name":"Twin 2"},"if_exists":"create_anyway"}`), "confirm:", "another call")
	d = d.trusting()
	d.run("create_task", `{"task":"Twin"}`)
	require.Contains(t, d.run("create_task", `{"task":"Twin"}`), "Created", "a script's is made")
}

// TestTakenBackIsNotTheSameAgain: it may be made anew.
func TestTakenBackIsNotTheSameAgain(t *testing.T) {
	d := atDesk(t, nil)
	const call = `{"task":"Call back"}`
	d.run("create_task", call)
	d.run("undo_change", with(`{"change_id":1}`, "confirm", d.code(d.run("undo_change", `{"change_id":1}`))))
	require.NotContains(t, d.run("create_task", call), "confirm:")
}

// TestAsking: where the client can, its user is asked, and a yes is a code that
// only the client's part of this server has seen.
func TestAsking(t *testing.T) {
	d := atDesk(t, nil)
	asked := d.as(func(who *tools.Caller) { who.CanAsk = true })
	var question *tools.Question
	_, err := asked.try("delete_contact", `{"id":1}`)
	require.True(t, errors.As(err, &question), "%v", err)
	require.Contains(t, question.Text, `This would delete contact 1: "Ana Ruiz".`)
	require.Contains(t, question.Text, "What hangs on it")
	require.True(t, strings.HasSuffix(question.Text, "\n\nGo ahead?"))
	require.NotContains(t, question.Text, question.Code)
	require.Empty(t, d.written())

	other := asked.as(func(who *tools.Caller) { who.Agreed = question.Code })
	_, err = other.try("delete_contact", `{"id":2}`)
	require.True(t, errors.As(err, new(*tools.Question)), "another call is asked about again: %v", err)
	require.Contains(t, other.run("delete_contact", `{"id":1}`), "Deleted contact 1.")
	require.Len(t, d.written(), 1)

	d.who.CanAsk, d.who.Confirm = true, tools.Preview
	require.Contains(t, d.run("delete_contact", `{"id":2}`), "confirm: ")
	d.who.CanAsk, d.who.Confirm = false, tools.Ask
	require.Equal(t, "delete_contact must be confirmed by the user, and this client can't ask them. Nothing was changed. The operator of this server can set FLEXIE_CONFIRM=preview, which shows what would change and takes a code for a yes.",
		d.fails("delete_contact", `{"id":2}`))
	require.Len(t, d.written(), 1)
}

// TestWithoutCodes what is risky is refused, and the rest is done.
func TestWithoutCodes(t *testing.T) {
	d := atDesk(t, nil)
	d.who.Codes = confirm.New(confirm.Options{})
	require.Contains(t, d.fails("delete_contact", `{"id":1}`), "Nothing was changed: the confirmation that delete_contact needs can't be made")
	require.Empty(t, d.written())
	d.run("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
}

// TestWithoutAJournal nothing is written, and reading goes on.
func TestWithoutAJournal(t *testing.T) {
	for _, x := range deeds() {
		d := atDesk(t, nil).trusting()
		d.who.Journal = journal.New(journal.Options{})
		require.Contains(t, d.fails(x.tool, x.arguments), "recorded", x.tool)
		require.Empty(t, d.written(), x.tool)
		d.run("get_contact", `{"id":1}`)
	}
}

// TestAnUpdateThatChangesNothing says so before it is made.
func TestAnUpdateThatChangesNothing(t *testing.T) {
	d := atDesk(t, nil)
	text := d.run("update_contact", `{"id":1,"fields":{"city":"Rotterdam"},"dry_run":true}`)
	require.Contains(t, text, fmt.Sprintf("This would update contact 1: %q. It is so already: no value would become another.", "Ana Ruiz"))
}

// TestACodeWorksOnceAtATime, however many come with it.
func TestACodeWorksOnceAtATime(t *testing.T) {
	d := atDesk(t, nil)
	const person = `{"username":"newman","first_name":"Nina","last_name":"Newman","email":"newman@flexie-demo.example","password":"hunter2-hunter2","role":"Sales"}`
	yes := with(person, "confirm", d.code(d.run("create_user", person)))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { _, _ = d.try("create_user", yes) })
	}
	all.Wait()
	require.Len(t, d.written(), 1)
	require.Len(t, d.entries(), 1)
}

// TestConfirmingThroughAnotherTool is confirming the same.
func TestConfirmingThroughAnotherTool(t *testing.T) {
	d := atDesk(t, nil)
	code := d.code(d.run("run_write_tool", `{"name":"delete_contact","arguments":{"id":1}}`))
	require.Contains(t, d.run("run_write_tool", `{"name":"delete_contact","arguments":{"id":1,"confirm":"`+code+`"}}`), "Deleted contact 1.")
	require.Contains(t, d.run("run_write_tool", `{"name":"undo_change","arguments":{"change_id":1}}`), "took back change 1")
}

// TestTheSameAgainAfterALostAnswer: what may have been done is held, and what is
// known not to have been is not.
func TestTheSameAgainAfterALostAnswer(t *testing.T) {
	for _, x := range deeds() {
		if x.tool != "create_task" && x.tool != "add_note" && x.tool != "create_contact" {
			continue
		}
		d := atDesk(t, onWrites(chaos.ServerError))
		require.Contains(t, d.fails(x.tool, x.arguments), "did not happen")
		d.Use(onWrites(chaos.ResetAfter))
		d.AfterNth(1, chaos.Writes, func() { d.Use(chaos.Always(chaos.Refused)) })
		require.Contains(t, d.fails(x.tool, x.arguments), "NOT known")
		d.Use(nil)
		d.Forget()
		if x.tool == "create_contact" {
			require.Contains(t, d.fails(x.tool, x.arguments), "Nothing was created: there is a contact")
		} else {
			require.Regexp(t, `The very same may have been done \d+s ago \(change 2\)`, d.run(x.tool, x.arguments))
		}
		require.Empty(t, d.written())
	}
}

// TestTheSameUnderWay is held as well.
func TestTheSameUnderWay(t *testing.T) {
	d := atDesk(t, nil)
	var held string
	d.AfterNth(1, chaos.Writes, func() { held = d.run("create_task", `{ "task": "Call" }`) })
	d.run("create_task", `{"task":"Call"}`)
	require.Contains(t, held, "The very same has been under way for 0s (change 1): it would be done twice.")
	require.Len(t, d.written(), 1)
}

// TestAUsedCodeOfASentEmail says that it was used, and not that it has changed.
func TestAUsedCodeOfASentEmail(t *testing.T) {
	d := atDesk(t, nil)
	yes := with(`{"id":4}`, "confirm", d.code(d.run("send_email", `{"id":4}`)))
	d.run("send_email", yes)
	text := d.run("send_email", yes)
	require.True(t, strings.HasPrefix(text, "That code has been used: each works once."), text)
	require.Len(t, d.written(), 1)
}

// TestSentTo: an answer says that it counts people, and a preview which lists are
// meant.
func TestSentTo(t *testing.T) {
	d := atDesk(t, nil)
	text := d.run("send_email", `{"id":4}`)
	require.Contains(t, text, "to everybody on list 1: Flexie does not say here how many.")
	require.Regexp(t, `^Sent email 4 to \d+ people; none failed\.`, d.run("send_email", with(`{"id":4}`, "confirm", d.code(text))))
}

// TestANoIsFinal: the very same call is not asked about again for ten minutes, by
// whatever way it comes, and one that is another is.
func TestANoIsFinal(t *testing.T) {
	d := atDesk(t, nil)
	clock := time.Now()
	d.who.Codes = confirm.New(confirm.Options{Store: store.Memory(), Now: func() time.Time { return clock }})
	d.who.CanAsk = true
	const call = `{"id":1}`
	require.Contains(t, d.fails("delete_contact", call), "Go ahead?")
	declined := d.as(func(who *tools.Caller) { who.Declined = true })
	require.Contains(t, declined.fails("delete_contact", call), "The user said no. Nothing was changed, and that is final")
	clock = clock.Add(time.Minute)
	for _, again := range []struct{ tool, call string }{
		{"delete_contact", call}, {"delete_contact", `{ "id" : 1, "confirm": "x" }`}, {"run_write_tool", `{"name":"delete_contact","arguments":{"id":1}}`},
	} {
		text := d.fails(again.tool, again.call)
		require.Contains(t, text, "The user said no to this 1m0s ago. Nothing was changed, and they are not asked about it again within ten minutes")
		require.Contains(t, text, "FLEXIE_CONFIRM=preview", "the way out, if nothing was seen")
	}
	require.Contains(t, d.run("delete_contact", with(call, "dry_run", true)), "Dry run")
	require.Contains(t, d.fails("delete_contact", `{"id":2}`), "Go ahead?", "another record")
	other := d.as(func(who *tools.Caller) { who.Name = "two" })
	require.Contains(t, other.fails("delete_contact", call), "Go ahead?", "another caller")
	clock = clock.Add(10 * time.Minute)
	require.Contains(t, d.fails("delete_contact", call), "Go ahead?")
	require.Empty(t, d.written())
}

// TestTheCodeOfAQuestionIsNoArgument: it is for the user's own yes.
func TestTheCodeOfAQuestionIsNoArgument(t *testing.T) {
	const call = `{"id":1}`
	for _, how := range []tools.Confirmation{tools.Auto, tools.Ask, tools.Preview} {
		d := atDesk(t, nil)
		var question *tools.Question
		_, err := d.as(func(who *tools.Caller) { who.CanAsk = true }).try("delete_contact", call)
		require.ErrorAs(t, err, &question)
		d.who.Confirm = how
		for _, able := range []bool{true, false} {
			d.who.CanAsk = able
			text, err := d.try("delete_contact", with(call, "confirm", question.Code))
			require.NotContains(t, text, "Deleted", "%s %v", how, err)
		}
		d.who.CanAsk, d.who.Agreed = false, question.Code
		text, err := d.try("delete_contact", call)
		require.NotContains(t, text, "Deleted", "a client that can't ask has no user who said yes: %v", err)
		require.Empty(t, d.written())
	}
	d := atDesk(t, nil)
	code := d.code(d.run("delete_contact", call))
	d.who.CanAsk, d.who.Confirm = true, tools.Ask
	require.Contains(t, d.fails("delete_contact", with(call, "confirm", code)), "Go ahead?", "only the user's own yes counts")
	require.Empty(t, d.written())
}

// events are those that were told, in order.
type events struct{ told []string }

func (e *events) Confirmation(step string) { e.told = append(e.told, "confirmation "+step) }
func (e *events) Change(outcome string)    { e.told = append(e.told, "change "+outcome) }

// TestEvents: each step is told once, and no more than that.
func TestEvents(t *testing.T) {
	const call = `{"id":1}`
	for name, test := range map[string]struct {
		does func(*desk)
		told []string
	}{
		"at once":   {func(d *desk) { d.run("update_contact", `{"id":1,"fields":{"city":"Porto"}}`) }, []string{"change begun", "change done"}},
		"a dry run": {func(d *desk) { d.run("delete_contact", with(call, "dry_run", true)) }, nil},
		"a code": {func(d *desk) {
			d.run("delete_contact", with(call, "confirm", d.code(d.run("delete_contact", call))))
		}, []string{"confirmation previewed", "confirmation accepted", "change begun", "change done"}},
		"no code": {func(d *desk) { d.run("delete_contact", with(call, "confirm", "yes")) }, []string{"confirmation refused", "confirmation previewed"}},
		"a question": {func(d *desk) {
			d.who.CanAsk = true
			d.fails("delete_contact", call)
		}, []string{"confirmation asked"}},
		"nobody to ask": {func(d *desk) {
			d.who.Confirm = tools.Ask
			d.fails("delete_contact", call)
		}, []string{"confirmation refused"}},
		"refused by Flexie": {func(d *desk) {
			d.Use(chaos.When(chaos.Writes, chaos.Always(chaos.Refused)))
			d.trusting().fails("delete_contact", call)
		}, []string{"change begun", "change not_done"}},
		"no journal": {func(d *desk) {
			d.who.Journal = journal.New(journal.Options{})
			d.trusting().fails("delete_contact", call)
		}, []string{"change refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			told := &events{}
			d := atDesk(t, nil)
			d.who.Events = told
			test.does(d)
			require.Equal(t, test.told, told.told)
		})
	}
}
