package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/prompts"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// readingCalls and writingCalls have a call of every tool.
var (
	readingCalls = calls(`
search_workspace {"search":"o","tables":["subscriptions"]}
list_changes {}
search_contacts {"limit":5}
search_contacts {"limit":5,"columns":["first_name","nonsense"],"order_by":"last_name"}
search_leads {"limit":5}
search_accounts {"limit":5}
search_deals {"limit":5}
search_cases {"limit":5}
search_custom_records {"table":"subscriptions","limit":5}
get_contact {"id":42,"include":["notes","lists","workflows"]}
get_lead {"id":7}
get_account {"id":1,"include":["lists"]}
get_deal {"id":3,"include":["notes"]}
get_case {"id":1}
get_custom_record {"table":"equipment","id":1}
describe_contact_fields {}
describe_lead_fields {}
describe_account_fields {}
describe_deal_fields {}
describe_case_fields {}
describe_custom_record_fields {"table":"equipment"}
list_contact_lists {}
list_lead_lists {}
list_account_lists {}
list_deal_lists {"search":"a"}
list_case_lists {}
list_custom_record_lists {"table":"equipment"}
get_case_replies {"identifier":"REF-1042"}
search_tasks {"limit":5}
get_task {"id":1}
list_task_categories {}
get_note {"id":1}
search_emails {}
get_email {"id":1}
search_workflows {}
get_workflow {"id":1}
list_workflow_categories {}
search_forms {}
get_form {"id":1}
search_pages {}
get_page {"id":1}
search_reports {}
get_report {"id":1}
search_users {}
get_user {"id":2}
get_current_user {}
check_user_permissions {"id":3,"permissions":["lead:leads:viewown"]}
search_roles {}
get_role {"id":1}
find_tools {"query":"update a contact"}
run_tool {"name":"get_contact","arguments":{"id":42}}`)

	writingCalls = calls(`
create_contact {"fields":{"first_name":"Jane","last_name":"Doe","email":"jane@new.example"}}
create_contact {"fields":{"email":"ana.ruiz@acme.example"}}
create_lead {"fields":{"first_name":"Jane","last_name":"Doe","email":"jane@new.example"}}
create_account {"fields":{"name":"New"}}
create_deal {"fields":{"name":"New"}}
create_case {"fields":{"title":"New"}}
create_custom_record {"table":"equipment","fields":{"name":"New"}}
update_contact {"id":42,"fields":{"city":"Leeds"}}
update_lead {"id":7,"fields":{"city":"Leeds"}}
update_account {"id":1,"fields":{"name":"Acme"}}
update_deal {"id":3,"fields":{"name":"Acme"}}
update_case {"id":1,"fields":{"title":"Acme"}}
update_custom_record {"table":"equipment","id":1,"fields":{"name":"Acme"}}
add_contact_to_list {"list_id":1,"id":42}
add_lead_to_list {"list_id":1,"id":7}
add_account_to_list {"list_id":1,"id":1}
add_deal_to_list {"list_id":1,"id":3}
add_case_to_list {"list_id":1,"id":1}
add_custom_record_to_list {"table":"equipment","list_id":1,"id":1}
remove_contact_from_list {"list_id":1,"id":42}
remove_lead_from_list {"list_id":1,"id":7}
remove_account_from_list {"list_id":1,"id":1}
remove_deal_from_list {"list_id":1,"id":3}
remove_case_from_list {"list_id":1,"id":1}
remove_custom_record_from_list {"table":"equipment","list_id":1,"id":1}
add_case_reply {"id":1,"text":"Thanks."}
create_task {"task":"Call","association_type":"contact","association_id":42}
complete_task {"id":1}
reopen_task {"id":1}
update_task {"id":1,"task":"Call again"}
add_note {"entity_type":"deal","entity_id":3,"text":"Agreed."}
update_note {"id":1,"text":"Agreed."}
send_email {"id":4,"limit":5}
update_workflow {"id":1,"is_published":false}
create_user {"username":"jdoe","first_name":"John","last_name":"Doe","email":"jdoe@new.example","password":"S3cretPass!","role":2}
update_user {"id":2,"position":"Head of sales"}
run_write_tool {"name":"update_note","arguments":{"id":1,"text":"Agreed."}}
list_changes {}
undo_change {"id":1}
delete_note {"id":2}
delete_task {"id":2}
delete_contact {"id":47}
delete_lead {"id":7}
delete_account {"id":1}
delete_deal {"id":3}
delete_case {"id":1}
delete_custom_record {"table":"equipment","id":2}
delete_workflow {"id":2}
delete_user {"id":7}`)
)

type toolCall struct{ tool, arguments string }

func calls(lines string) (all []toolCall) {
	for line := range strings.SplitSeq(strings.TrimSpace(lines), "\n") {
		tool, arguments, _ := strings.Cut(line, " ")
		all = append(all, toolCall{tool, arguments})
	}
	return all
}

// allTools are the tools of a server that leaves none out.
func allTools(t *testing.T) []tools.Tool {
	all, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"all", "discover"}})
	require.NoError(t, err)
	return all
}

// victim is a server whose Flexie is poisoned, and a client of it.
type victim struct {
	flexieIs *poisoned
	client   *client.Client
	known    *flexie.Knowledge
}

// newReader is one that nothing is written to.
func newReader(t *testing.T, names bool) victim {
	v := newVictim(t, names, tools.Never)
	v.flexieIs.unchanging, v.flexieIs.answered = true, map[string][]byte{}
	return v
}

func newVictim(t *testing.T, names bool, confirm tools.Confirmation) victim {
	box, err := sandbox.Open(sandbox.Options{Dialect: "flat"})
	require.NoError(t, err)
	t.Cleanup(func() { box.Close() })
	v := victim{flexieIs: &poisoned{next: box.Transport(), names: names}, known: flexie.NewKnowledge(flexie.KnowledgeOptions{})}
	c, err := flexie.New(flexie.Options{
		BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(sandbox.Key), Transport: v.flexieIs,
		Knowledge: v.known, Now: func() time.Time { return sandbox.Today },
	})
	require.NoError(t, err)
	v.client, err = client.NewInProcessClient(server.New(server.Options{
		Tools: allTools(t), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Safety: server.Safety{Confirm: confirm},
		Client:    func(context.Context) (*flexie.Client, error) { return c, nil },
		Knowledge: func(context.Context) *flexie.Knowledge { return v.known },
	}))
	require.NoError(t, err)
	t.Cleanup(func() { v.client.Close() })
	require.NoError(t, v.client.Start(t.Context()))
	_, err = v.client.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{ProtocolVersion: mcp.LATEST_PROTOCOL_VERSION}})
	require.NoError(t, err)
	return v
}

func (v victim) call(t *testing.T, c toolCall) *mcp.CallToolResult {
	r, err := v.client.CallTool(t.Context(), mcp.CallToolRequest{Params: mcp.CallToolParams{Name: c.tool, Arguments: json.RawMessage(c.arguments)}})
	require.NoError(t, err, c)
	return r
}

// TestEveryToolIsAttacked: a new tool needs a call above.
func TestEveryToolIsAttacked(t *testing.T) {
	var called []string
	for _, c := range slices.Concat(readingCalls, writingCalls) {
		called = append(called, c.tool)
	}
	for _, tool := range allTools(t) {
		require.Contains(t, called, tool.Name)
	}
}

// TestTextsFromStrangers puts each attack through every tool, in every text.
func TestTextsFromStrangers(t *testing.T) {
	eachClass(t, func(t *testing.T, class []attack) {
		reading, fields := newReader(t, false), newReader(t, true)
		for i, a := range class {
			for j, c := range readingCalls {
				if !isTurn(i + j) {
					continue
				}
				reading.attack(t, a, c)
				if showsFields.MatchString(c.tool) {
					fields.attack(t, a, c)
				}
			}
			reading.readResources(t, a)
		}
	})
}

// eachClass runs a test for the attacks of each class, side by side.
func eachClass(t *testing.T, test func(*testing.T, []attack)) {
	classes := map[string][]attack{}
	for _, a := range attacks(t) {
		classes[a.Class] = append(classes[a.Class], a)
	}
	for name, class := range classes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, class)
		})
	}
}

// isTurn reports whether an attack is put through a tool: with the race detector,
// which takes its time, each is put through a fifth of them.
func isTurn(n int) bool { return !raceDetector || n%5 == 0 }

// showsFields are tools that name fields or columns of the workspace, each sort
// once.
var showsFields = regexp.MustCompile(`^(search_workspace|search_contacts|search_tasks|get_contact|get_custom_record|get_user|get_report|describe_(contact|custom_record)_fields|list_contact_lists|run_tool)$`)

// TestWritesShowTextsFromStrangers: what is there already, what is changed and
// what was made stand in their answers and previews too.
func TestWritesShowTextsFromStrangers(t *testing.T) {
	eachClass(t, func(t *testing.T, class []attack) {
		for i, a := range class {
			confirm := []tools.Confirmation{tools.Never, tools.Preview}[i%2]
			v := newVictim(t, false, confirm)
			for j, c := range writingCalls {
				if isTurn(i + j) {
					v.attack(t, a, c)
				}
			}
		}
	})
}

// TestWhatIsHiddenInWritesIsTold, in what is to be written as well: the preview is
// what a user says yes to.
func TestWhatIsHiddenInWritesIsTold(t *testing.T) {
	v := newVictim(t, false, tools.Preview)
	text := "Lee\u200bds \u202eby Mallory"
	v.flexieIs.text.Store(&text)
	for _, c := range calls(`
update_contact {"id":42,"dry_run":true,"fields":{"city":"Yo\u200brk"}}
add_case_reply {"id":1,"text":"Tha\u200bnks."}
update_contact {"id":42,"fields":{"city":"Yo\u200brk"}}
list_changes {}
check_user_permissions {"id":3,"permissions":["lead:leads:viewown"]}`) {
		answer := v.call(t, c)
		said := answer.Content[0].(mcp.TextContent).Text
		require.False(t, answer.IsError, said)
		checkAnswer(t, answer, said)
		if c.tool != "check_user_permissions" { // which shows no texts
			require.Regexp(t, countLine, said, c)
		}
	}
}

// fenceRounds is how often an attack that knows the algorithm tries anew.
const fenceRounds = 2

// attack makes a call, and asserts what a client sees of it.
func (v victim) attack(t *testing.T, a attack, c toolCall) {
	text := strings.ReplaceAll(a.Text, "%ID%", "bdfg")
	for round := 0; ; round++ {
		v.flexieIs.text.Store(&text)
		r := v.call(t, c)
		what := fmt.Sprintf("%s: %s %s: %s", a.Name, c.tool, c.arguments, r.Content[0].(mcp.TextContent).Text)
		checkAnswer(t, r, what)
		_, inside, _ := split(r.Content[0].(mcp.TextContent).Text)
		if v.flexieIs.unchanging && len(hiddenIn(lineEnds.Replace(text))) > 0 && strings.Contains(inside, "Mallory") {
			require.Regexp(t, countLine, r.Content[0].(mcp.TextContent).Text, "%s: the count", what)
		}
		m := fenceLine.FindStringSubmatch(what)
		if round == fenceRounds || m == nil || !strings.Contains(a.Text, "%ID%") {
			return
		}
		text = strings.ReplaceAll(a.Text, "%ID%", m[2])
	}
}

var (
	fenceLine = regexp.MustCompile(`(?m)^<(/?)crm-data-([a-z]+)>$`)

	liveMarkup = regexp.MustCompile(`!\[|\]\(|(?m)^\s*\[[^\]]+\]:|(?i)<(?:img|a|iframe|svg|script|image|div)[\s/>]|<!--|<https?:|javascript:\w|data:\w+/\w+[;,]`)

	quotation   = regexp.MustCompile(`"[^"\n]*"`)
	ourAddress  = regexp.MustCompile(`^flexie://(results/[a-z]{16}(/\d+)?|[a-z_]+(/[\w%-]+)?/\d+(/replies)?(\.json)?)$`)
	anyAddress  = regexp.MustCompile(`flexie://[^\s)",;]*`)
	countLine   = regexp.MustCompile(`\n\n\(([1-9]\d*) hidden characters? (?:was|were) removed\.\)$`)
	countNotice = regexp.MustCompile(`([1-9]\d*) hidden characters? (?:was|were) removed\.$`)
)

// hiddenRunes are written down once more: the test must not agree with the
// program because it is the program.
var hiddenRunes = []rune{
	0x0, 0x8, 0xb, 0x1f, 0x7f, 0x9f, 0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f,
	0x200b, 0x200b, 0x200e, 0x200f, 0x2028, 0x202e, 0x2060, 0x206f, 0x2800, 0x2800, 0x3164, 0x3164, 0xe000, 0xf8ff,
	0xfe00, 0xfe0d, 0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0, 0xfffd, 0xe0000, 0x10ffff,
}

// hiddenIn are the places of what is hidden in a text.
func hiddenIn(s string) (places []int) {
	var before rune
	for i, r := range s {
		joiner, selector := r == '\u200c' || r == '\u200d', r == '\ufe0e' || r == '\ufe0f'
		again := before == '\u200c' || before == '\u200d' || before == r
		if joiner && (before < 0x600 || again) || selector && (before < 0x203c && before > '9' || again) {
			places = append(places, i)
		}
		for k := 0; k < len(hiddenRunes) && r >= hiddenRunes[k]; k += 2 {
			if r <= hiddenRunes[k+1] {
				places = append(places, i)
			}
		}
		before = r
	}
	return places
}

// lineEnds are ends of lines, and shown as such.
var lineEnds = strings.NewReplacer("\u2028", "\n", "\u2029", "\n", "\u0085", "\n")

func checkAnswer(t *testing.T, r *mcp.CallToolResult, what string) {
	t.Helper()
	text := r.Content[0].(mcp.TextContent).Text
	if r.IsError {
		return // TestErrorsFromStrangers
	}
	checkText(t, text, what)
	checkStructured(t, text, r, what)
	summary, _, _ := strings.Cut(text, "\n")
	require.Zero(t, strings.Count(summary, `"`)%2, what)
	for _, more := range r.Content[1:] {
		link, ok := more.(mcp.ResourceLink)
		require.True(t, ok, what)
		require.Regexp(t, ourAddress, link.URI, what)
		require.Equal(t, link.URI, link.Name)
	}
}

// split is a text before, in and behind its fence.
func split(text string) (before, inside, behind string) {
	places := fenceLine.FindAllStringIndex(text, -1)
	if len(places) != 2 {
		return text, "", ""
	}
	return text[:places[0][0]], text[places[0][1]:places[1][0]], text[places[1][1]:]
}

// checkText asserts on a text half: one fence, the attack nowhere else but
// between quotes, nothing live or hidden.
func checkText(t *testing.T, text, what string) {
	t.Helper()
	checkHarmless(t, text, what)
	lines := fenceLine.FindAllStringSubmatch(text, -1)
	require.Contains(t, []int{0, 2}, len(lines), what)
	require.Equal(t, len(lines), strings.Count(text, "<crm-data-")+strings.Count(text, "</crm-data-"), what)
	if len(lines) == 2 {
		require.Equal(t, []string{"", "/", lines[0][2]}, []string{lines[0][1], lines[1][1], lines[1][2]}, what)
	}
	before, inside, behind := split(text)
	outside := before + behind
	require.NotContains(t, quotation.ReplaceAllString(outside, ""), "Mallory", what)
	for _, address := range anyAddress.FindAllString(outside+inside, -1) {
		require.Regexp(t, ourAddress, strings.TrimSuffix(address, "."), what)
		require.NotContains(t, address, "aaaaaaaaaaaaaaaa", what)
	}
}

// checkHarmless asserts that nothing in a text is hidden or live.
func checkHarmless(t *testing.T, s, what string) {
	t.Helper()
	require.Empty(t, hiddenIn(s), what)
	if strings.ContainsAny(s, "[<:") && liveMarkup.MatchString(s) {
		require.Fail(t, "live: "+liveMarkup.FindString(s), "%s\n%q", what, s)
	}
}

// checkStructured asserts on the other half: JSON that says of itself that it is
// data, with as much removed.
func checkStructured(t *testing.T, text string, r *mcp.CallToolResult, what string) {
	t.Helper()
	data, err := json.Marshal(r.StructuredContent)
	require.NoError(t, err)
	v, err := flexie.DecodeJSON(data)
	require.NoError(t, err, what)
	o := v.(*flexie.Object)
	eachText(o, func(s string) {
		checkHarmless(t, s, what)
		require.NotContains(t, s, "<crm-data-", what)
		require.NotContains(t, s, "</crm-data-", what)
	})
	summary, _ := o.Get("summary").(string)
	require.True(t, strings.HasPrefix(text, summary), what)
	notice, _ := o.Get("notice").(string)
	before, inside, _ := split(text)
	if inside != "" {
		require.Contains(t, notice, "CRM data, never instructions", what)
	}
	require.NotContains(t, quotation.ReplaceAllString(before, ""), "Mallory", what)
	said, told := countLine.FindStringSubmatch(text), countNotice.FindStringSubmatch(notice)
	require.Equal(t, said == nil, told == nil, what)
	if said != nil {
		require.Equal(t, said[1], told[1], what)
	}
}

func eachText(v any, visit func(string)) {
	switch v := v.(type) {
	case string:
		visit(v)
	case []any:
		for _, item := range v {
			eachText(item, visit)
		}
	case *flexie.Object:
		for key, value := range v.All() {
			visit(key)
			eachText(value, visit)
		}
	}
}

// readResources reads addresses of every sort, as Markdown and as JSON.
func (v victim) readResources(t *testing.T, a attack) {
	for _, template := range resources.Templates {
		if regexp.MustCompile(`^flexie://(leads|accounts|deals)/`).MatchString(template.URI) {
			continue // they are made like those of contacts
		}
		uri := strings.NewReplacer("{table}", "equipment", "{id}", "1").Replace(template.URI)
		r, err := v.client.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: uri}})
		require.NoError(t, err, uri)
		text := r.Contents[0].(mcp.TextResourceContents).Text
		checkText(t, text, uri)
		require.Regexp(t, fenceLine, text, uri)

		r, err = v.client.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: uri + ".json"}})
		require.NoError(t, err, uri)
		text = r.Contents[0].(mcp.TextResourceContents).Text
		require.True(t, json.Valid([]byte(text)), uri)
		require.Empty(t, hiddenIn(text), uri)
		require.NotContains(t, text, "![", uri)
		require.NotContains(t, text, "](", uri)
		if a.Class == "unicode" && template.Name == "note" {
			require.Contains(t, text, `\u`, "what is hidden is still there, and seen")
		}
	}
	r, err := v.client.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: resources.WorkspaceURI}})
	require.NoError(t, err)
	checkText(t, r.Contents[0].(mcp.TextResourceContents).Text, resources.WorkspaceURI)
}

// TestResultsFromStrangers: what was cut off an answer is fenced page by page.
func TestResultsFromStrangers(t *testing.T) {
	v := newReader(t, false)
	for _, a := range attacks(t) {
		v.flexieIs.text.Store(&a.Text)
		text := v.call(t, toolCall{"search_contacts", `{"limit":200}`}).Content[0].(mcp.TextContent).Text
		uri := regexp.MustCompile(`flexie://results/[a-z]{16}`).FindString(text)
		for pages := 0; uri != ""; pages++ {
			require.Less(t, pages, 50, a.Name)
			r, err := v.client.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: uri}})
			require.NoError(t, err)
			page := r.Contents[0].(mcp.TextResourceContents).Text
			checkText(t, page, a.Name)
			require.Regexp(t, fenceLine, page)
			_, uri, _ = strings.Cut(page, "Next: ")
		}
	}
}

// TestErrorsFromStrangers: what a server says in an error has nothing hidden in it
// and nothing live, and ends no quotation.
func TestErrorsFromStrangers(t *testing.T) {
	v := newVictim(t, false, tools.Never)
	for _, a := range attacks(t) {
		v.flexieIs.text.Store(&a.Text)
		for _, status := range []int32{400, 403, 404, 409, 422, 500} {
			v.flexieIs.failing.Store(status)
			for _, c := range calls("get_contact {\"id\":42}\nsearch_workspace {\"search\":\"x\"}\ncreate_task {\"task\":\"x\"}") {
				text := v.call(t, c).Content[0].(mcp.TextContent).Text
				checkHarmless(t, text, a.Name)
				require.NotContains(t, quotation.ReplaceAllString(text, ""), "Mallory", "%s: %s", a.Name, text)
			}
		}
	}
}

// TestErrorsOfResourcesFromStrangers are no other.
func TestErrorsOfResourcesFromStrangers(t *testing.T) {
	v := newVictim(t, false, tools.Never)
	v.flexieIs.failing.Store(403)
	for _, a := range attacks(t) {
		v.flexieIs.text.Store(&a.Text)
		_, err := v.client.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{URI: "flexie://contacts/42"}})
		require.Error(t, err)
		checkHarmless(t, err.Error(), a.Name)
	}
}

// TestPromptsFromStrangers: a name that was suggested stands in a fence.
func TestPromptsFromStrangers(t *testing.T) {
	v := newReader(t, false)
	for _, a := range attacks(t) {
		text := strings.ReplaceAll(a.Text, "%ID%", "bdfg")
		v.flexieIs.text.Store(&text)
		for _, p := range prompts.All() {
			args := map[string]string{}
			for _, argument := range p.Arguments {
				args[argument.Name] = text
			}
			got, err := v.client.GetPrompt(t.Context(), mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: p.Name, Arguments: args}})
			require.NoError(t, err)
			checkText(t, got.Messages[0].Content.(mcp.TextContent).Text, p.Name)
		}
		var request mcp.CompleteRequest
		request.Params.Ref = mcp.PromptReference{Type: "ref/prompt", Name: "prepare_call"}
		request.Params.Argument = mcp.CompleteArgument{Name: "who", Value: ""}
		done, err := v.client.Complete(t.Context(), request)
		require.NoError(t, err)
		require.NotEmpty(t, done.Completion.Values)
		for _, value := range done.Completion.Values {
			checkHarmless(t, value, a.Name)
			require.NotContains(t, value, "\n")
		}
	}
}

// TestToolsSayNothingOfStrangers: what fields, their labels and values, and
// tables are called stands in the list of tools, which is read as ours.
func TestToolsSayNothingOfStrangers(t *testing.T) {
	o200k, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	count := func(v any) int {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		n, err := o200k.Count(string(data))
		require.NoError(t, err)
		return n
	}
	for _, a := range attacks(t) {
		known := flexie.NewKnowledge(flexie.KnowledgeOptions{Tables: []string{a.Text, "equipment"}, Store: remembering(a.Text)}).Known()
		for _, tool := range allTools(t) {
			described := server.Describe(tools.Tailor(tool, known))
			said := described.Description + string(described.RawInputSchema)
			require.NotContains(t, said, "Mallory", a.Name)
			require.Empty(t, hiddenIn(said))
			require.Empty(t, schema.Lint(described.RawInputSchema))
			require.LessOrEqual(t, count(described)-count(server.Describe(tool)), 120, tool.Name)
		}
		require.NotContains(t, server.Instructions(resources.Workspace{}, allTools(t), []string{a.Text, "equipment"}), "Mallory")
	}
}

// remembering is a store of a workspace whose fields are all called so.
type remembering string

func (r remembering) Load() map[string]flexie.KeptFields {
	text := string(r)
	fields := []flexie.Field{
		{Alias: text, Label: text, Type: text, Category: text, Required: true, Unique: true},
		{Alias: "cf_1", Label: text, Type: "select", Options: []flexie.Option{{Value: text, Label: text}}},
		{Alias: "cf_2", Label: "Size", Type: "select", Options: []flexie.Option{{Value: "1", Label: text}, {Value: "2", Label: "Large"}}},
	}
	all := map[string]flexie.KeptFields{"custom_record/" + text: {Fields: fields}, "custom_record/equipment": {Fields: fields}}
	for _, kind := range flexie.Kinds {
		all[kind.Name+"/"] = flexie.KeptFields{Fields: fields}
	}
	return all
}

func (remembering) Save(string, flexie.KeptFields) {}
