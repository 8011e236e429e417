package tools_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// listed are the ids of the changes in an answer, in their order.
func listed(text string) (ids []string) {
	for _, row := range regexp.MustCompile(`(?m)^(\d+) \| `).FindAllStringSubmatch(text, -1) {
		ids = append(ids, row[1])
	}
	return ids
}

// withHistory is a desk whose journal has a clock: it begins at a day in Belgrade, and
// moves by an hour with each change.
func withHistory(t *testing.T) *desk {
	d := atDesk(t, nil).trusting()
	clock := time.Date(2026, 6, 21, 21, 30, 0, 0, time.UTC) // 23:30 there
	d.who.Journal = journal.New(journal.Options{Store: store.Memory(), Now: func() time.Time { return clock }})
	t.Cleanup(func() { d.who.Journal.Close() })
	for _, x := range []struct{ tool, arguments string }{
		{"update_contact", `{"id":1,"fields":{"city":"Leeds"}}`},                                 // 1, 23:30 on the 21st
		{"update_custom_record", `{"table":"equipment","id":1,"fields":{"remarks":"Seen"}}`},     // 2, 00:30 on the 22nd
		{"update_custom_record", `{"table":"subscriptions","id":1,"fields":{"plan":"Starter"}}`}, // 3, 01:30
		{"create_task", `{"task":"Call","due_date":"2026-06-25 14:00"}`},                         // 4, 02:30
		{"add_contact_to_list", `{"id":1,"list_id":42}`},                                         // 5, 03:30
		{"add_case_reply", `{"id":1,"text":"Hello"}`},                                            // 6, 04:30
	} {
		d.run(x.tool, x.arguments)
		clock = clock.Add(time.Hour)
	}
	return d
}

func TestListChanges(t *testing.T) {
	d := withHistory(t)
	text := d.run("list_changes", `{}`)
	require.Equal(t, []string{"6", "5", "4", "3", "2", "1"}, listed(text), text)
	require.Contains(t, text, "Times: Europe/Belgrade")
	for _, row := range []string{
		`1 | 2026-06-21 23:30 | update_contact | contact 1 Ana Ruiz | city: Rotterdam → Leeds | done | yes | test 1`,
		`2 | 2026-06-22 00:30 | update_custom_record | equipment 1 Gateway hall A | remarks: Seen | done | yes | Elena Marković, test 1`,
		`4 | 2026-06-22 02:30 | create_task | task 49 Call | task: Call; due_date: 2026-06-25 14:00 | done | yes | Elena Marković, test 1`,
		`6 | 2026-06-22 04:30 | add_case_reply | case 1 | text: Hello | done | no | Elena Marković, test 1`,
	} {
		require.Contains(t, text, row)
	}
	require.Regexp(t, `(?m)^6 \|.*\| text: Hello \| done \| no \|`, text)
	require.Regexp(t, `(?m)^5 \|.*\| on list 42: false → true \| done \| yes \|`, text)
	d.run("add_case_reply", `{"identifier":"REF-1001","text":"Hello again"}`)
	require.Contains(t, d.run("list_changes", `{}`), "| add_case_reply | case 1 REF-1001 | text: Hello again | done | no |")
	d.undo(1)
	require.Regexp(t, `(?m)^1 \|.*\| taken back by 8 \|`, d.run("list_changes", `{}`))
	require.Regexp(t, `(?m)^8 \|.*\| took back 1 \|`, d.run("list_changes", `{}`))
}

func TestListChangesFilters(t *testing.T) {
	d := withHistory(t)
	for arguments, want := range map[string]string{
		`{"record_type":"contact"}`:                               "5 1",
		`{"record_type":"contacts"}`:                              "5 1",
		`{"record_type":"Contact","record_id":1}`:                 "5 1",
		`{"record_type":"contact","record_id":2}`:                 "",
		`{"record_type":"custom_record"}`:                         "3 2",
		`{"record_type":"custom_records"}`:                        "3 2",
		`{"record_type":"equipment"}`:                             "2",
		`{"record_type":"subscriptions"}`:                         "3",
		`{"record_type":"tasks"}`:                                 "4",
		`{"record_type":"case"}`:                                  "6",
		`{"record_id":1}`:                                         "6 5 3 2 1",
		`{"tool":"create_task"}`:                                  "4",
		`{"tool":"nothing"}`:                                      "",
		`{"client":"test 1"}`:                                     "6 5 4 3 2 1",
		`{"client":"other"}`:                                      "",
		`{"since":"2026-06-22"}`:                                  "6 5 4 3 2",
		`{"until":"2026-06-21"}`:                                  "1",
		`{"since":"2026-06-22","until":"2026-06-22"}`:             "6 5 4 3 2",
		`{"since":"2026-06-22 01:30","until":"2026-06-22 03:30"}`: "4 3",
		`{"since":"2026-06-22T01:00:00Z"}`:                        "6 5",
		`{"since":"2026-06-23"}`:                                  "",
		`{"limit":2}`:                                             "6 5",
		`{"limit":2,"start":4}`:                                   "2 1",
		`{"limit":2,"start":6}`:                                   "",
		`{"tool":"update_custom_record","record_type":"equipment","limit":1}`: "2",
	} {
		require.Equal(t, strings.Fields(want), append([]string{}, listed(d.run("list_changes", arguments))...), arguments)
	}
	require.Contains(t, d.run("list_changes", `{"limit":2}`), "1–2 of 6 changes. More: start=2.")
	require.Contains(t, d.fails("list_changes", `{"since":"some day"}`), "since must be a date, a date and time like 2026-06-22 14:00, a time of today like 14:00, today or yesterday; got \"some day\"")
	require.Contains(t, d.fails("list_changes", `{"until":"22.6."}`), "until must be a date")
}

// TestADayIsOneOnTheDayThatClocksChange too.
func TestADayIsOneOnTheDayThatClocksChange(t *testing.T) {
	d := atDesk(t, nil).trusting()
	clock := time.Date(2026, 10, 25, 22, 30, 0, 0, time.UTC) // 23:30 in Belgrade, on a day of 25 hours
	d.who.Journal = journal.New(journal.Options{Store: store.Memory(), Now: func() time.Time { return clock }})
	d.run("create_task", `{"task":"Call"}`)
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"until":"2026-10-25"}`)))
	require.Empty(t, listed(d.run("list_changes", `{"since":"2026-10-26"}`)))
}

// TestOwnChangesOnly, unless one runs the server; of other workspaces never.
func TestOwnChangesOnly(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.who.Operator = false
	two := d.as(func(who *tools.Caller) { who.Name, who.Via, who.Client = "two", "test 2", d.client(sandbox.SupportKey) })
	elsewhere := d.as(func(who *tools.Caller) { who.Workspace, who.Operator = "https://other.flexie.io/api", true })
	d.run("create_task", `{"task":"One"}`)
	two.run("create_task", `{"task":"Two"}`)
	elsewhere.run("create_task", `{"task":"Three"}`)
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{}`)))
	require.Equal(t, []string{"2"}, listed(two.run("list_changes", `{"record_type":"task"}`)))
	require.Equal(t, []string{"3"}, listed(elsewhere.run("list_changes", `{}`)))
	operator := d.as(func(who *tools.Caller) { who.Operator = true })
	text := operator.run("list_changes", `{}`)
	require.Equal(t, []string{"2", "1"}, listed(text))
	require.Contains(t, text, "test 2")
	require.NotContains(t, d.run("list_changes", `{}`), "| by", "it is oneself")
	for id := 1; id <= 3; id++ {
		_, err := two.try("undo_change", fmt.Sprintf(`{"change_id":%d}`, id))
		require.Equal(t, id != 2, err != nil, "%d %v", id, err)
	}
}

// TestOutcomesAreListed, also of what did not happen.
func TestOutcomesAreListed(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.fails("update_deal", `{"id":1,"fields":{"name":"`+strings.Repeat("x", 5)+`","account_id":999999}}`)
	require.Regexp(t, `(?m)^1 \|.*\| not done \| no \|`, d.run("list_changes", `{}`))
	require.NotContains(t, d.run("list_changes", `{}`), "confirm")
}

func TestNoChanges(t *testing.T) {
	require.Contains(t, atDesk(t, nil).run("list_changes", `{}`), "No changes found.")
}

// TestListChangesOfToday: people say today.
func TestListChangesOfToday(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.run("create_task", `{"task":"Call"}`)
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"since":"today"}`)))
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"since":"Yesterday","until":"today"}`)))
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"since":"0:00"}`)))
	require.Empty(t, listed(d.run("list_changes", `{"until":"yesterday"}`)))
}

// TestACreateThatUpdatesIsListedWithUpdates, and with creates.
func TestACreateThatUpdatesIsListedWithUpdates(t *testing.T) {
	d := atDesk(t, nil).trusting()
	email := d.record("/contacts/1")["email"]
	d.run("create_contact", fmt.Sprintf(`{"if_exists":"update","fields":{"email":%q,"city":"Leeds"}}`, email))
	d.run("create_contact", `{"fields":{"last_name":"New","email":"new@acme.example"}}`)
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"tool":"update_contact"}`)))
	require.Equal(t, []string{"2", "1"}, listed(d.run("list_changes", `{"tool":"create_contact"}`)))
}

// TestUpdatingThroughCreateNeedsUpdating: taking update_contact away takes all of
// its ways away.
func TestUpdatingThroughCreateNeedsUpdating(t *testing.T) {
	d := atDesk(t, nil)
	choice := tools.Choice{Exclude: []string{"update_contact"}}
	d.all, d.who.Allows = chosenAt(t, choice), choice.Allows
	email := d.record("/contacts/1")["email"]
	for _, more := range []string{`"dry_run":true`, `"dry_run":false`} {
		text := d.fails("create_contact", fmt.Sprintf(`{"if_exists":"update","fields":{"email":%q,"city":"Leeds"},%s}`, email, more))
		require.Contains(t, text, "Nothing was changed. create_contact would do here what update_contact does.")
		require.Contains(t, text, "update_contact is not allowed here: this server's settings leave it out")
	}
	require.Empty(t, d.written())
	d.run("create_contact", `{"if_exists":"update","fields":{"last_name":"New","email":"new@acme.example"}}`)
	require.Len(t, d.written(), 1)
}

// TestNotesAreListedWithTheirRecord, by whatever was done to them.
func TestNotesAreListedWithTheirRecord(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.run("add_note", `{"entity_type":"contact","entity_id":1,"text":"Called her."}`)
	id := d.entries()[0].Record
	d.run("update_note", fmt.Sprintf(`{"id":%s,"text":"Called her twice."}`, id))
	d.run("add_note", `{"entity_type":"contact","entity_id":11,"text":"Other."}`)
	d.run("delete_note", fmt.Sprintf(`{"id":%s}`, id))
	text := d.run("list_changes", `{"record_type":"contact","record_id":1}`)
	require.Equal(t, []string{"4", "2", "1"}, listed(text), text)
	require.Contains(t, text, "| note "+id+" on contact 1 |")
	require.Equal(t, []string{"4", "2", "1"}, listed(d.run("list_changes", fmt.Sprintf(`{"record_type":"note","record_id":%s}`, id))))
}

// TestRepliesAreListedWithTheirCase, whichever way the case was named.
func TestRepliesAreListedWithTheirCase(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.run("add_case_reply", `{"identifier":"REF-1001","text":"Hello"}`)
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"record_type":"case","record_id":1}`)))
	require.Equal(t, []string{"1"}, listed(d.run("list_changes", `{"record_type":"case","record_id":"REF-1001"}`)))
	require.Contains(t, d.fails("list_changes", `{"record_type":"case","record_id":"REF-9"}`), "give its id")
	require.Contains(t, d.fails("list_changes", `{"record_type":"contact","record_id":"Ana"}`), "record_id must be a whole number")
}

func TestAKindThatIsNoneIsSaid(t *testing.T) {
	require.Contains(t, atDesk(t, nil).run("list_changes", `{"record_type":"contcat"}`), "No changes found. record_type contcat was taken for the name of a custom table; other kinds are contact, lead,")
}

// TestTheUserIsRecordedOnceKnown, and never asked for.
func TestTheUserIsRecordedOnceKnown(t *testing.T) {
	d := atDesk(t, nil).trusting()
	d.run("create_task", `{"task":"One"}`)
	require.Empty(t, d.entries()[0].User)
	d.run("get_current_user", `{}`)
	d.run("create_task", `{"task":"Two"}`)
	require.Equal(t, "Elena Marković", d.entries()[0].User)
	over := d.as(func(who *tools.Caller) { who.User = "key c4a7…" })
	over.run("create_task", `{"task":"Three"}`)
	require.Equal(t, "key c4a7… (in Flexie Elena Marković)", d.entries()[0].User)
}

// TestADamagedJournalIsTold for some days, with the list.
func TestADamagedJournalIsTold(t *testing.T) {
	dir := t.TempDir()
	d := atDesk(t, nil).trusting()
	d.who.Journal = journal.New(journal.Options{Store: store.Durable(store.Options{Dir: dir})})
	t.Cleanup(func() { d.who.Journal.Close() })
	require.NotContains(t, d.run("list_changes", `{}`), "set aside")
	for _, at := range []time.Time{time.Now(), time.Now().AddDate(0, -1, 0)} {
		require.NoError(t, os.WriteFile(dir+"/journal.db.corrupt-"+at.UTC().Format("20060102T150405Z"), nil, 0o600))
	}
	text := d.run("list_changes", `{}`)
	require.Contains(t, text, "An earlier journal was damaged and set aside as journal.db.corrupt-"+time.Now().UTC().Format("2006"))
	require.Equal(t, 1, strings.Count(text, "corrupt-"))
}

// TestLargeChangesAreListed, cut, and recorded without what is of no use.
func TestLargeChangesAreListed(t *testing.T) {
	d := atDesk(t, nil).trusting()
	long := strings.Repeat("Long text. ", 40_000)
	d.run("update_contact", fmt.Sprintf(`{"id":1,"fields":{"background":%q}}`, long))
	text := d.run("list_changes", `{}`)
	require.Regexp(t, `(?m)^1 \|.*\| background: Long text\. .*… \| done \| yes \|`, text)
	require.Less(t, len(text), 1000)
	arguments := string(d.entry(1).Arguments)
	require.Less(t, len(arguments), 2000)
	require.Contains(t, arguments, "… (cut: 440000 bytes in all)")
	require.Equal(t, long, d.entry(1).Changes[0].To)
}
