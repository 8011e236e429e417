package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store/storetest"
	"flexie-mcp/tools"
)

// grants are those of people, by their tokens.
type grants map[string]auth.Grant

func (g grants) Grant(_ context.Context, token, _ string) (auth.Grant, bool, error) {
	given, ok := g[token]
	return given, ok, nil
}
func (grants) Metadata(path string) string { return "https://mcp.example.com/.well-known/x" + path }
func (grants) Scopes() string              { return "flexie:read" }

// assistants are those of one person at two servers with one database.
type assistants struct {
	urls   [2]string
	grants grants
	key    string
}

func newAssistants(t *testing.T) *assistants {
	a := &assistants{grants: grants{}, key: "annas-key"}
	database, flexie := storetest.Postgres(t), newWorkplace(t)
	for i := range a.urls {
		a.urls[i] = a.serves(t, database, flexie)
	}
	return a
}

func (a *assistants) serves(t *testing.T, database string, flexie *workplace) string {
	s := config.Settings{
		BaseURL: flexie.URL + "/api", APIKey: "operator-key", Toolsets: []string{"all", "discover"}, Confirm: "auto",
		Timeout: time.Minute, StateDir: t.TempDir(), DatabaseURL: database,
	}
	o, w := opened(t, s)
	o.Results = w.Results
	gate, err := auth.New(auth.Options{Root: s.Root(), SharedKey: s.Key(), BaseURL: s.BaseURL, Grants: a.grants,
		Names: auth.Names{Toolsets: tools.Toolsets(), Tools: everyTool(), Renamed: tools.Renamed.Resolve}})
	require.NoError(t, err)
	for _, name := range []string{"desk", "phone", "tasks", "cases"} {
		g := auth.Grant{Name: "Anna, " + name, Caller: strings.Repeat("a", 32), ID: name, Root: s.Root(), Key: auth.NewSecret(a.key), Access: "delete", Most: "delete"}
		if name == "tasks" || name == "cases" {
			g.Toolsets, g.Tools = []string{name, "discover"}, []string{"list_changes", "undo_change"}
		}
		a.grants[token(name)] = g
	}
	return newServer(t, server.Handler(server.New(o), server.Door{Members: server.NewMembers(w, s, gate, gate.Trusts, quiet)}, quiet).ServeHTTP)
}

func token(name string) string { return "fla_" + (name + strings.Repeat("x", 43))[:43] }

// at is an assistant at one of the servers.
func (a *assistants) at(server int, name string) person {
	return person{url: a.urls[server], headers: map[string]string{"Authorization": "Bearer " + token(name)}, word: name}
}

// TestAssistantsOfOnePerson: what one may not read it isn't told of by way of what
// another one did, and the person says yes to one of them at a time; at any server.
func TestAssistantsOfOnePerson(t *testing.T) {
	a := newAssistants(t)
	for name, test := range map[string]func(*testing.T, *assistants){
		"changes": changesWithinReach, "lookups": lookupsWithinReach, "results": resultsOfOne, "codes": codesOfOne,
		"questions": questionsOfOne, "noes": noesOfAll, "what was shown": shownToOne,
	} {
		t.Run(name, func(t *testing.T) { test(t, a) })
	}
}

var digits = regexp.MustCompile(`\d+`)

func changesWithinReach(t *testing.T, a *assistants) {
	desk, few := a.at(0, "desk"), a.at(1, "tasks")
	changed := changeOf.FindStringSubmatch(desk.call(t, "update_contact", `{"id":22,"fields":{"city":"Hiddenville"}}`))
	require.NotNil(t, changed)
	desk.call(t, "update_task", `{"id":11,"task":"Call about the plan"}`)
	all := a.at(1, "desk").call(t, "list_changes", `{}`)
	require.Contains(t, all, "Hiddenville")
	require.NotContains(t, all, "not listed")

	said := few.call(t, "list_changes", `{}`)
	require.Contains(t, said, "Call about the plan")
	require.Contains(t, said, "Changes of what can't be read here are not listed.")
	for _, arguments := range []string{`{}`, `{"tool":"update_contact"}`, `{"record_type":"contact","record_id":22}`, `{"client":"test"}`, `{"start":1}`} {
		for _, said := range []string{few.call(t, "list_changes", arguments), few.call(t, "run_tool", `{"name":"list_changes","arguments":`+arguments+`}`)} {
			require.NotContains(t, said, "Hiddenville", arguments)
			require.NotContains(t, said, "update_contact", arguments)
			require.NotContains(t, said, "2 changes", arguments)
		}
	}
	undone := few.call(t, "undo_change", `{"change_id":`+changed[1]+`,"dry_run":true}`)
	require.Contains(t, undone, "there is no change "+changed[1]+" of yours in this workspace, or it is about what can't be read here")
	none := few.call(t, "undo_change", `{"change_id":987654321,"dry_run":true}`)
	require.Equal(t, digits.ReplaceAllString(none, "N"), digits.ReplaceAllString(undone, "N"), "it is not told whether there is one")
	require.Contains(t, a.at(1, "desk").call(t, "undo_change", `{"change_id":`+changed[1]+`,"dry_run":true}`), "Hiddenville")
}

// lookupsWithinReach: to look for the changes of a case by what customers call it
// is not to learn whether there is one.
func lookupsWithinReach(t *testing.T, a *assistants) {
	ask := func(name, identifier string) string {
		return a.at(0, name).call(t, "list_changes", fmt.Sprintf(`{"record_type":"case","record_id":%q}`, identifier))
	}
	require.NotContains(t, ask("cases", "REF-1001"), "could not be looked up")
	require.Contains(t, ask("cases", "REF-9999"), "could not be looked up")
	require.Contains(t, ask("tasks", "REF-1001"), "could not be looked up")
}

func resultsOfOne(t *testing.T, a *assistants) {
	uri := resultURI.FindString(a.at(0, "desk").call(t, "search_tasks", `{"limit":100}`))
	require.NotEmpty(t, uri)
	require.Contains(t, a.at(1, "desk").read(t, uri), `"text"`)
	for _, name := range []string{"phone", "cases"} {
		require.Contains(t, a.at(1, name).read(t, uri), "there is no result", name)
	}
}

func codesOfOne(t *testing.T, a *assistants) {
	preview := a.at(0, "desk").call(t, "delete_contact", `{"id":31}`)
	code := codeLine.FindStringSubmatch(preview)
	require.NotNil(t, code, preview)
	with := `{"id":31,"confirm":"` + code[1] + `"}`
	taken := a.at(1, "phone").call(t, "delete_contact", with)
	require.Contains(t, taken, "That code is for another call")
	require.Contains(t, taken, "another caller or assistant")
	require.Contains(t, a.at(0, "phone").call(t, "get_contact", `{"id":31}`), "Contact 31")
	require.Contains(t, a.at(1, "desk").call(t, "delete_contact", with), "Deleted")
}

// calls makes a call of a client that can ask its user.
func (p person) calls(t *testing.T, tool, arguments, more string) rpc {
	t.Helper()
	headers := p.with("Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "tools/call", "Mcp-Name", tool)
	response := post(t, p.url+"/mcp", fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":%s}`, modernParams(able, tool, arguments, more)), headers)
	require.Equal(t, http.StatusOK, response.StatusCode)
	return parse(t, sseData(bodyOf(t, response)))
}

// stateOf is that of a call that ended with a question.
func stateOf(t *testing.T, m rpc) string {
	t.Helper()
	var q pendingQuestion
	require.NoError(t, json.Unmarshal(m.Result, &q))
	require.NotEmpty(t, q.RequestState, string(m.Result))
	return q.RequestState
}

const (
	saysYes = `"inputResponses":{"confirm":{"action":"accept","content":{"confirm":true}}},"requestState":%q,`
	saysNo  = `"inputResponses":{"confirm":{"action":"decline"}},"requestState":%q,`
)

// questionsOfOne: a yes that one assistant got is none to another.
func questionsOfOne(t *testing.T, a *assistants) {
	state := stateOf(t, a.at(0, "desk").calls(t, "delete_contact", `{"id":32}`, ""))
	taken := a.at(1, "phone").calls(t, "delete_contact", `{"id":32}`, fmt.Sprintf(saysYes, state))
	require.NotContains(t, string(taken.Result), "Deleted")
	require.Contains(t, a.at(0, "phone").call(t, "get_contact", `{"id":32}`), "Contact 32")
	require.Contains(t, string(a.at(1, "desk").calls(t, "delete_contact", `{"id":32}`, fmt.Sprintf(saysYes, state)).Result), "Deleted")
}

// noesOfAll: a no is one to all of a person's assistants.
func noesOfAll(t *testing.T, a *assistants) {
	state := stateOf(t, a.at(0, "desk").calls(t, "delete_contact", `{"id":33}`, ""))
	require.Contains(t, string(a.at(0, "desk").calls(t, "delete_contact", `{"id":33}`, fmt.Sprintf(saysNo, state)).Result), "The user said no")
	require.Contains(t, string(a.at(1, "phone").calls(t, "delete_contact", `{"id":33}`, "").Result), "The user said no to this")
}

// shownToOne: what one assistant has read, another has not, and what one writes is
// somebody else's change to another.
func shownToOne(t *testing.T, a *assistants) {
	desk, phone := a.at(0, "desk"), a.at(0, "phone")
	desk.call(t, "get_contact", `{"id":42}`)
	phone.call(t, "get_contact", `{"id":42}`)
	require.Contains(t, phone.call(t, "update_contact", `{"id":42,"fields":{"city":"Porto"}}`), "Updated")
	desk.call(t, "get_contact", `{"id":43}`)
	require.Contains(t, phone.call(t, "update_contact", `{"id":42,"fields":{"city":"Braga"}}`), "Updated", "its own change is none of somebody else")
	require.Contains(t, desk.call(t, "update_contact", `{"id":42,"fields":{"city":"Leeds"}}`), "was changed since you last read it. Nothing was changed now.")

	phone.call(t, "get_contact", `{"id":43}`)
	news := phone.listen(t, `{"resourceSubscriptions":["flexie://contacts/43"]}`)
	a.at(1, "phone").call(t, "update_contact", `{"id":43,"fields":{"city":"Porto"}}`)
	nextUpdate(t, news)
	require.Contains(t, phone.call(t, "update_contact", `{"id":43,"fields":{"city":"Braga"}}`), "Updated", "nor at another server")
	require.Contains(t, desk.call(t, "update_contact", `{"id":43,"fields":{"city":"Leeds"}}`), "was changed since you last read it. Nothing was changed now.")
}
