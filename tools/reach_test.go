package tools_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

const contact = `{"contact":{"id":42,"fields":{"all":{"email":"jane@acme.com","city":"Leeds"}}}}`

// runOf calls one tool of some.
func runOf(t *testing.T, flexieIs transport, some []tools.Tool, name, arguments string) (resources.Answer, error) {
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey("s3cret"), Transport: flexieIs})
	require.NoError(t, err)
	for _, tool := range some {
		if tool.Name == name {
			return tool.Run(context.Background(), trusted(t, c), json.RawMessage(arguments))
		}
	}
	t.Fatalf("no tool %s", name)
	return resources.Answer{}, nil
}

// recording answers like another transport, and writes down what was asked, in
// any order: some is asked side by side.
func recording(requests *[]string, flexieIs transport) transport {
	var mu sync.Mutex
	return func(r *http.Request) (*http.Response, error) {
		body := ""
		if r.Body != nil {
			data, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			body = string(data)
		}
		mu.Lock()
		defer mu.Unlock()
		*requests = append(*requests, fmt.Sprintf("%s %s %s", r.Method, r.URL, body))
		return flexieIs(r)
	}
}

// TestReachedToolsActAsThemselves: the requests, the answer and every kind of
// error are those of a direct call.
func TestReachedToolsActAsThemselves(t *testing.T) {
	for _, test := range []struct {
		through, tool, arguments string
		flexieIs                 transport
	}{
		{"run_tool", "get_contact", `{"id":42}`, answering(200, contact)},
		{"run_tool", "get_contact", `{"id":"42"}`, answering(200, contact)},
		{"run_tool", "get_contact", `{"id":9007199254740993}`, answering(404, `{}`)},
		{"run_tool", "get_contact", `{"id":42,"include":["notes","nonsense"]}`, answering(200, contact)},
		{"run_tool", "get_contact", `{}`, answering(200, contact)},
		{"run_tool", "search_custom_records", `{"table":"subscriptions","search":"acme"}`, answering(200, `{"total":0,"records":[]}`)},
		{"run_tool", "get_current_user", `{}`, answering(401, `{"error":{"message":"Invalid API key","code":401}}`)},
		{"run_write_tool", "create_contact", `{"fields":{"z":1.10,"a":null,"big":12345678901234567.89}}`, answering(200, contact)},
		{"run_write_tool", "delete_contact", `{"id":42}`, answering(403, `{"error":{"message":"No access","code":403}}`)},
		{"run_write_tool", "add_case_reply", `{"id":1,"text":"Hi"}`, answering(500, `{}`)},
		{"run_write_tool", "update_note", `{"id":1}`, answering(200, `{}`)},
	} {
		t.Run(test.tool+" "+test.arguments, func(t *testing.T) {
			var asked, askedDirectly []string
			direct, want := runOf(t, recording(&askedDirectly, test.flexieIs), tools.All(), test.tool, test.arguments)
			call := fmt.Sprintf(`{"name":%q,"arguments":%s}`, test.tool, test.arguments)
			got, err := runOf(t, recording(&asked, test.flexieIs), reaching, test.through, call)
			require.ElementsMatch(t, askedDirectly, asked)
			require.Equal(t, direct, got)
			require.Equal(t, want, err)
		})
	}
}

// TestArgumentsOfReachedTools: slips in how they are packed are mended.
func TestArgumentsOfReachedTools(t *testing.T) {
	for _, call := range []string{
		`{"name":"get_contact","arguments":{"id":42}}`,
		`{"name":"get_contact","arguments":"{\"id\":42}"}`,
		`{"name":" get_contact ","arguments":{"id":42}}`,
	} {
		got, err := runOf(t, answering(200, contact), reaching, "run_tool", call)
		require.NoError(t, err, call)
		require.Contains(t, got.Text(), "jane@acme.com", call)
	}
	for _, call := range []string{
		`{"name":"get_current_user"}`,
		`{"name":"get_current_user","arguments":null}`,
		`{"name":"get_current_user","arguments":""}`,
		`{"name":"get_current_user","arguments":{}}`,
	} {
		got, err := runOf(t, answering(200, `{"user":{"id":1,"username":"anna"}}`), reaching, "run_tool", call)
		require.NoError(t, err, call)
		require.Contains(t, got.Text(), "anna", call)
	}
}

// TestWhatIsNotReached: nothing is sent, and the message says what to do.
func TestWhatIsNotReached(t *testing.T) {
	const no = " was not called:\n- "
	settings := tools.Choice{Toolsets: []string{"discover"}, Exclude: []string{"delete_contact"}}
	readOnly := settings
	readOnly.ReadOnly = true
	for _, test := range []struct {
		settings            tools.Choice
		tool, call, message string
	}{
		{settings, "run_tool", `{"name":"create_contact","arguments":{"fields":{"email":"a@b.c"}}}`, no + "create_contact does not only read: use run_write_tool"},
		{settings, "run_tool", `{"name":"send_email","arguments":{"id":1}}`, no + "send_email does not only read: use run_write_tool"},
		{settings, "run_write_tool", `{"name":"get_contact","arguments":{"id":1}}`, no + "get_contact only reads: use run_tool"},
		{settings, "run_write_tool", `{"name":"delete_contact","arguments":{"id":1}}`, no + "delete_contact is left out by this server's settings"},
		{settings, "run_tool", `{"name":"delete_contact","arguments":{"id":1}}`, no + "delete_contact is left out by this server's settings"},
		{readOnly, "run_tool", `{"name":"create_contact","arguments":{}}`, no + "create_contact is left out by this server's settings"},
		{settings, "run_tool", `{"name":"run_write_tool","arguments":{}}`, no + "run_write_tool is no tool to run: call it itself"},
		{settings, "run_tool", `{"name":"get_contct"}`, no + `there is no tool "get_contct"; did you mean get_contact, get_note or create_contact? find_tools finds tools by what they do`},
		{settings, "run_tool", `{"name":""}`, no + `there is no tool ""; did you mean `},
		{settings, "run_tool", `{}`, no + "name is missing: The tool's name."},
		{settings, "run_tool", `{"name":"get_contact","id":42}`, no + "there is no argument id; use name or arguments"},
		{settings, "run_tool", `{"name":"get_contact","arguments":42}`, no + "arguments must be an object"},
	} {
		picked, err := tools.Choose(tools.All(), test.settings)
		require.NoError(t, err)
		_, err = runOf(t, unasked(t), picked, test.tool, test.call)
		require.ErrorContains(t, err, test.tool+test.message, test.call)
		var wrong *schema.ArgumentError
		require.ErrorAs(t, err, &wrong, test.call)
	}
}

// TestEveryToolIsReachedByOne of the two, as its act says, and through nothing
// that a client may take for a read does anything get written.
func TestEveryToolIsReachedByOne(t *testing.T) {
	all := tools.All()
	discover := tools.Discover(all)
	require.ElementsMatch(t, append(tools.Names(all), "find_tools", "run_tool", "run_write_tool"), tools.Names(tools.Reachable(discover)))
	for _, tool := range tools.Reachable(discover[:2]) {
		require.True(t, tool.Act.ReadOnly, tool.Name)
	}
	for _, tool := range tools.Reachable(discover[2:])[1:] {
		require.False(t, tool.Act.ReadOnly, tool.Name)
	}
}

// TestReachable: what the settings forbid, no other tool reaches.
func TestReachable(t *testing.T) {
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"core"}, Exclude: []string{"get_role", "get_contact"}, ReadOnly: true})
	require.NoError(t, err)
	reachable := tools.Names(tools.Reachable(picked))
	require.Contains(t, reachable, "search_roles")
	require.Contains(t, reachable, "search_contacts")
	for _, name := range []string{"get_role", "get_contact", "delete_contact", "create_contact", "run_write_tool"} {
		require.NotContains(t, reachable, name)
	}

	picked, err = tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"forms"}})
	require.NoError(t, err)
	require.Equal(t, tools.Names(picked), tools.Names(tools.Reachable(picked)))
}

// TestDiscoverActs: a client must take run_write_tool for the worst that it can
// run.
func TestDiscoverActs(t *testing.T) {
	discover := tools.Discover(tools.All())
	require.Equal(t, []tools.Act{tools.Read, tools.Read, tools.AnyWrite}, []tools.Act{discover[0].Act, discover[1].Act, discover[2].Act})
	require.False(t, tools.AnyWrite.ReadOnly)
	require.True(t, tools.AnyWrite.Destructive)
	require.False(t, tools.AnyWrite.Idempotent)
	require.True(t, tools.AnyWrite.OpenWorld)
	for _, tool := range discover {
		require.NotEmpty(t, tool.Title)
		require.True(t, tool.Core)
		require.Regexp(t, `^[A-Z].*[.]$`, tool.Description)
		data, err := json.Marshal(tool.Schema)
		require.NoError(t, err)
		require.Empty(t, schema.Lint(data))
	}
}

// TestChangesWithinReach: a change is told of to whoever can read what it is about,
// by whichever tool shows that whole.
func TestChangesWithinReach(t *testing.T) {
	d := withHistory(t)
	for reaches, want := range map[string][]string{
		"get_task":                             {"4"},
		"delete_task":                          {"4"},
		"create_task complete_task":            nil,
		"get_case":                             nil, // which shows no reply
		"get_case get_case_replies":            {"6"},
		"get_contact update_custom_record":     {"5", "3", "2", "1"},
		"get_contacts search_contacts":         nil,
		"get_case_replies get_note get_report": nil,
	} {
		d.who.Reaches = func(tool string) bool { return slices.Contains(strings.Fields(reaches), tool) }
		text := d.run("list_changes", `{}`)
		require.Equal(t, want, listed(text), reaches)
		require.Contains(t, text, "Changes of what can't be read here are not listed.", reaches)
		if want == nil {
			require.Contains(t, text, "No changes found", reaches)
		}
		for id := 1; id <= 6; id++ {
			said, err := d.try("undo_change", fmt.Sprintf(`{"change_id":%d,"dry_run":true}`, id))
			if err != nil {
				said = err.Error()
			}
			require.NotEqual(t, slices.Contains(want, fmt.Sprint(id)), strings.Contains(said, "there is no change"), "%s: %s", reaches, said)
		}
	}
}
