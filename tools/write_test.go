package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
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
	"flexie-mcp/tools"
)

// desk is where somebody works in a workspace that misbehaves on request. Its
// user is the seed's first, who is in Belgrade.
type desk struct {
	t testing.TB
	*chaos.Workspace
	who tools.Caller
	all []tools.Tool
	ctx context.Context // of the calls
}

// atDesk has a careful caller; a rule may be nil.
func atDesk(t *testing.T, rule chaos.Rule, set ...func(*flexie.Options)) *desk {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	w := chaos.New(box, rule)
	t.Cleanup(func() { w.Close(); box.Close() })
	d := &desk{t: t, Workspace: w, all: chosenAt(t, tools.Choice{}), ctx: t.Context()}
	d.who = careful(t, d.client(sandbox.Key, set...))
	return d
}

// client is one of a user of the workspace.
func (d *desk) client(key string, set ...func(*flexie.Options)) *flexie.Client {
	o := flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(key), Transport: d.Transport()}
	for _, change := range set {
		change(&o)
	}
	c, err := flexie.New(o)
	require.NoError(d.t, err)
	return c
}

// trusting is the same desk with writes that are made at once.
func (d *desk) trusting() *desk {
	d.who.Confirm = tools.Never
	return d
}

// as is the same workspace with another caller.
func (d *desk) as(change func(*tools.Caller)) *desk {
	other := *d
	change(&other.who)
	return &other
}

// try calls a tool.
func (d *desk) try(name, arguments string) (string, error) {
	d.t.Helper()
	i := slices.IndexFunc(d.all, func(t tools.Tool) bool { return t.Name == name })
	require.GreaterOrEqual(d.t, i, 0, "no tool %s", name)
	answer, err := d.all[i].Run(d.ctx, d.who, json.RawMessage(arguments))
	if err != nil {
		require.Empty(d.t, answer.Text())
		return "", err
	}
	return answer.Text(), nil
}

func (d *desk) run(name, arguments string) string {
	d.t.Helper()
	text, err := d.try(name, arguments)
	require.NoError(d.t, err, "%s %s", name, arguments)
	return text
}

func (d *desk) fails(name, arguments string) string {
	d.t.Helper()
	text, err := d.try(name, arguments)
	require.Error(d.t, err, text)
	return err.Error()
}

// written are the requests so far that could change something.
func (d *desk) written() []chaos.Request {
	return slices.DeleteFunc(d.Requests(), func(r chaos.Request) bool { return !r.Writes() })
}

// entries are those of the journal, the newest first.
func (d *desk) entries() []journal.Entry {
	all, _, err := d.who.Journal.List(d.t.Context(), journal.Filter{})
	require.NoError(d.t, err)
	return all
}

// record is what the workspace holds under a path, past the caller.
func (d *desk) record(path string) map[string]any {
	d.t.Helper()
	status, answer := d.Direct(sandbox.Key, "GET", path, "")
	require.Equal(d.t, 200, status, "%s: %s", path, answer)
	var outer map[string]any
	require.NoError(d.t, json.Unmarshal([]byte(answer), &outer))
	for _, inner := range outer {
		if values, ok := inner.(map[string]any); ok && len(outer) == 1 {
			return flat(values)
		}
	}
	return flat(outer)
}

// flat is a record with its fields beside its properties, without what changes
// with every write.
func flat(record map[string]any) map[string]any {
	values := map[string]any{}
	for name, v := range record {
		if name == "fields" {
			continue
		}
		values[name] = v
	}
	for _, groups := range []string{"fields"} {
		fields, _ := record[groups].(map[string]any)
		for name, v := range fields {
			if group, ok := v.(map[string]any); ok {
				for alias, f := range group {
					values[alias] = valueIn(f)
				}
				continue
			}
			values[name] = v
		}
	}
	for _, own := range []string{"dateModified", "date_modified", "modifiedBy", "modified_by", "modifiedByUser", "modified_by_user", "date_completed"} {
		delete(values, own)
	}
	return values
}

func valueIn(field any) any {
	if f, ok := field.(map[string]any); ok {
		if v, has := f["value"]; has {
			return v
		}
	}
	return field
}

func (d *desk) gone(path string) bool {
	status, _ := d.Direct(sandbox.Key, "GET", path, "")
	return status == 404
}

// direct is what another user does, past the caller.
func (d *desk) direct(method, path, body string) string {
	d.t.Helper()
	status, answer := d.Direct(sandbox.SalesKey, method, path, body)
	if status >= 300 {
		status, answer = d.Direct(sandbox.Key, method, path, body)
	}
	require.Less(d.t, status, 300, "%s %s %s: %s", method, path, body, answer)
	return answer
}

var codeIn = regexp.MustCompile(`(?m)^confirm: (\S+)$`)

// code is the one of a preview.
func (d *desk) code(text string) string {
	d.t.Helper()
	found := codeIn.FindAllStringSubmatch(text, -1)
	require.Len(d.t, found, 1, text)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	require.Equal(d.t, found[0][0], lines[len(lines)-1], "the code is the last line")
	return found[0][1]
}

// with adds an argument to those of a call.
func with(arguments, name string, value any) string {
	o := map[string]any{}
	if err := json.Unmarshal([]byte(arguments), &o); err != nil {
		panic(err)
	}
	o[name] = value
	data, err := json.Marshal(o)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// deed is a call of a writing tool that the seeded workspace carries out.
type deed struct {
	tool, arguments string
	endpoint        string
	shows           []string // telling pieces of its preview
	risky           bool
	at              string // the path of what it is about; "" for what is yet to be made
}

// asContacts reports whether it is done to what differs from contacts by its name
// alone, which a test of many cases can do without.
func (x deed) asContacts() bool {
	group, _, _ := strings.Cut(x.endpoint, ".")
	return slices.Contains([]string{"leads", "accounts", "deals"}, group)
}

// fieldsOf are values to give a record of each kind, and what they replace.
var fieldsOf = []struct {
	kind, table, path string
	name              string // of the first record
	update, shows     string
	create, made      string
	list, on, off     int // a list, a record that is on it, and one that is not
}{
	{"contact", "", "/contacts", "Ana Ruiz", `{"city":"Leeds"}`, "city | Rotterdam | Leeds", `{"email":"new@acme.example","last_name":"Newman"}`, "email |  | new@acme.example", 42, 4, 1},
	{"lead", "", "/leads", "Oliver Grant", `{"city":"Bath"}`, "city | Leeds | Bath", `{"email":"new@acme.example","last_name":"Newman"}`, "email |  | new@acme.example", 2, 4, 1},
	{"account", "", "/accounts", "Acme Logistics", `{"billing_city":"Leeds"}`, "billing_city | Rotterdam | Leeds", `{"name":"Newman Ltd"}`, "name |  | Newman Ltd", 42, 2, 4},
	{"deal", "", "/deals", "", `{"amount":777}`, "amount | ", `{"name":"A new deal"}`, "name |  | A new deal", 42, 3, 1},
	{"case", "", "/cases", "Trackers of Acme trailers stop reporting at night", `{"priority":"Low"}`, "priority | High | Low", `{"title":"A new case"}`, "title |  | A new case", 2, 1, 3},
	{"custom_record", "equipment", "/ce/equipment", "Gateway hall A", `{"remarks":"Seen"}`, "remarks | ", `{"name":"Scanner 99"}`, "name |  | Scanner 99", 42, 3, 1},
}

// deeds are one call of every tool that writes by itself.
func deeds() []deed {
	var all []deed
	for _, f := range fieldsOf {
		group, table := strings.TrimPrefix(f.path, "/"), ""
		if f.table != "" {
			group, table = "custom_records", fmt.Sprintf(`"table":%q,`, f.table)
		}
		one := f.path + "/1"
		noun := f.kind
		if f.table != "" {
			noun = "record"
		}
		all = append(all,
			deed{"create_" + f.kind, `{` + table + `"fields":` + f.create + `}`, group + ".create", []string{"create a new " + noun, "field | from | to", f.made, f.table}, false, ""},
			deed{"update_" + f.kind, `{` + table + `"id":1,"fields":` + f.update + `}`, group + ".update", []string{"update " + noun + " 1", f.name, f.table, f.shows}, false, one},
			deed{"delete_" + f.kind, `{` + table + `"id":1}`, group + ".delete", []string{"delete " + noun + " 1", f.name, f.table, "What hangs on it", "notes: ", "lists: ", "workflows: ", "undo_change can make it again"}, true, one},
			deed{"add_" + f.kind + "_to_list", fmt.Sprintf(`{%s"id":%d,"list_id":%d}`, table, f.off, f.list), group + ".add_to_list",
				[]string{fmt.Sprintf("put %s %d on list %d", noun, f.off, f.list), f.table, fmt.Sprintf("on list %d | false | true", f.list)}, false, fmt.Sprintf("%s/%d", f.path, f.off)},
			deed{"remove_" + f.kind + "_from_list", fmt.Sprintf(`{%s"id":%d,"list_id":%d}`, table, f.on, f.list), group + ".remove_from_list",
				[]string{fmt.Sprintf("take %s %d off list %d", noun, f.on, f.list), f.table, fmt.Sprintf("on list %d | true | false", f.list)}, false, fmt.Sprintf("%s/%d", f.path, f.on)},
		)
	}
	return append(all,
		deed{"add_case_reply", `{"id":1,"text":"We are on it."}`, "cases.reply", []string{"reply to the customer on case 1", "to: ", "contact 17", "Last so far", "We are on it.", "can't be taken back"}, true, ""},
		deed{"create_task", `{"task":"Call back","due_date":"2026-06-25 14:00"}`, "tasks.create", []string{"create a task", "task |  | Call back", "due_date |  | 2026-06-25 14:00"}, false, ""},
		deed{"update_task", `{"id":1,"due_date":"2026-06-25 14:00"}`, "tasks.update", []string{"update task 1: \"Call Pieter about the contract\"", "due_date | 2026-06-22 16:00 | 2026-06-25 14:00"}, false, "/tasks/1"},
		deed{"delete_task", `{"id":1}`, "tasks.delete", []string{"delete task 1: \"Call Pieter about the contract\""}, true, "/tasks/1"},
		deed{"complete_task", `{"id":1}`, "tasks.complete", []string{"complete task 1: \"Call Pieter about the contract\"", "is_completed | false | true"}, false, "/tasks/1"},
		deed{"reopen_task", `{"id":9}`, "tasks.incomplete", []string{"reopen task 9: \"Congratulate Marta on the launch\"", "is_completed | true | false"}, false, "/tasks/9"},
		deed{"add_note", `{"entity_type":"contact","entity_id":1,"text":"Called her."}`, "notes.create", []string{"add a note to contact 1", "text |  | Called her."}, false, ""},
		deed{"update_note", `{"id":1,"text":"Called again."}`, "notes.update", []string{"update note 1", "Ana confirmed the budget", "Called again."}, false, "/notes/1"},
		deed{"delete_note", `{"id":1}`, "notes.delete", []string{"delete note 1", "Ana confirmed the budget"}, true, "/notes/1"},
		deed{"send_email", `{"id":4}`, "emails.send", []string{"send email 4: \"June newsletter\"", "everybody on list 1: ", "can't be taken back", "What is new in June"}, true, ""},
		deed{"update_workflow", `{"id":1,"is_published":false}`, "workflows.update", []string{"update workflow 1: \"New lead: assign and greet\"", "| true | false"}, true, "/workflows/1"},
		deed{"delete_workflow", `{"id":1}`, "workflows.delete", []string{"delete workflow 1: \"New lead: assign and greet\"", "can't be taken back: the API makes no workflows"}, true, "/workflows/1"},
		deed{"create_user", `{"username":"newman","first_name":"Nina","last_name":"Newman","email":"newman@flexie-demo.example","password":"hunter2-hunter2","role":"Sales"}`, "users.create",
			[]string{"create a user who can sign in", "newman@flexie-demo.example", "password |  | (hidden)"}, true, ""},
		deed{"update_user", `{"id":42,"position":"Head of Sales","password":"hunter2-hunter2"}`, "users.update", []string{"update user 42: \"John Davies\"", "position | Sales Manager | Head of Sales", "password |  | (hidden)"}, true, "/users/42"},
		deed{"delete_user", `{"id":42}`, "users.delete", []string{"delete user 42: \"John Davies\"", "can't be taken back: a user needs a password"}, true, "/users/42"},
	)
}

// TestDeedsAreOfEveryTool that writes by itself, and as risky as it says.
func TestDeedsAreOfEveryTool(t *testing.T) {
	var want, got []string
	for _, tool := range tools.All() {
		if !tool.Act.ReadOnly && tool.Name != "undo_change" {
			want = append(want, tool.Name)
		}
	}
	for _, x := range deeds() {
		got = append(got, x.tool)
	}
	require.ElementsMatch(t, want, got)
}

// TestDryRun of every tool shows what would change, and changes nothing.
func TestDryRun(t *testing.T) {
	d := atDesk(t, nil)
	for _, x := range deeds() {
		t.Run(x.tool, func(t *testing.T) {
			for _, confirmation := range []tools.Confirmation{tools.Auto, tools.Preview, tools.Never, tools.Ask} {
				d := d.as(func(who *tools.Caller) { who.Confirm = confirmation })
				d.t = t
				text := d.run(x.tool, with(x.arguments, "dry_run", true))
				require.Contains(t, text, "Dry run: nothing was changed. This would ")
				require.NotContains(t, text, "confirm:")
				require.NotContains(t, text, "hunter2")
				for _, piece := range x.shows {
					require.Contains(t, text, piece)
				}
			}
			require.Empty(t, d.written())
			require.Empty(t, d.entries())
		})
	}
}

// TestAnEndingServer lets a write under way learn its answer, and begins none.
func TestAnEndingServer(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault chaos.Fault
		slow  func(*desk)
		want  journal.Outcome
	}{
		{"that is answered in time", chaos.None, func(d *desk) {
			d.AfterNth(1, chaos.Writes, func() { time.Sleep(time.Second) })
		}, journal.Done},
		{"that is never answered", chaos.SilenceAfter, func(*desk) {}, journal.Unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := atDesk(t, chaos.When(chaos.Writes, chaos.Always(test.fault)), func(o *flexie.Options) { o.Timeout = time.Hour }).trusting()
				defer d.Close()
				d.who.Writes = &tools.Writes{}
				test.slow(d)
				d.run("get_contact", `{"id":1}`)
				ended := make(chan error)
				go func() {
					_, err := d.try("update_contact", `{"id":1,"fields":{"city":"Leeds"}}`)
					ended <- err
				}()
				synctest.Wait()
				require.Equal(t, 1, d.who.Writes.Pending())
				go func() {
					time.Sleep(100 * time.Millisecond)
					_, err := d.try("update_contact", `{"id":2,"fields":{"city":"Leeds"}}`)
					assert.ErrorContains(t, err, "This server is ending, so nothing was begun and nothing was changed.")
				}()
				require.True(t, d.who.Writes.End(5*time.Second, 5*time.Second))
				err := <-ended
				require.Equal(t, test.want == journal.Done, err == nil, "%v", err)
				require.Len(t, d.entries(), 1)
				require.Equal(t, test.want, d.entries()[0].Outcome, d.entries()[0].Note)
				require.Len(t, d.written(), 1)
			})
		})
	}
}
