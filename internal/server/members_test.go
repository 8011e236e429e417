package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// TestCallersAreKeptApart: whatever one of them does, the other learns nothing of
// it and can do nothing about it, in the same workspace and in another.
func TestCallersAreKeptApart(t *testing.T) {
	of := openOffice(t, nil)
	ways := map[string]func(*testing.T, person, person){
		"fields": fieldsApart, "results": resultsApart, "journal": journalApart, "codes": codesApart,
		"subscriptions": subscriptionsApart, "news of tools": newsApart, "sessions": sessionsApart,
		"answers to questions": answersApart, "cancellation": cancellationApart,
	}
	pairs := map[string]func(name string) (one, other person){
		"the same workspace": func(name string) (person, person) { return of.withKey("anna-" + name), of.withKey("ben-" + name) },
		"another": func(name string) (person, person) {
			return of.withKey("eve-" + name), of.withToken(t, "cleo-"+name, "cleo-"+name)
		},
		"and back": func(name string) (person, person) {
			return of.withToken(t, "cora-"+name, "cora-"+name), of.withKey("fred-" + name)
		},
		"tokens of one key": func(name string) (person, person) {
			return of.withToken(t, "cid-"+name, "shared-"+name), of.withToken(t, "cem-"+name, "shared-"+name)
		},
	}
	for pair, of := range pairs {
		for way, try := range ways {
			one, other := of(strings.ReplaceAll(way, " ", "-"))
			t.Run(pair+"/"+way, func(t *testing.T) {
				t.Parallel()
				try(t, one, other)
			})
		}
	}
}

func fieldsApart(t *testing.T, one, other person) {
	if one.word == other.word {
		return // Flexie shows them the same
	}
	require.Contains(t, one.call(t, "describe_lead_fields", `{}`), one.field)
	require.Contains(t, one.tools(t), one.field)
	require.NotContains(t, other.tools(t), one.field)
	said := other.call(t, "describe_lead_fields", `{}`)
	require.Contains(t, said, other.field)
	require.NotContains(t, said, one.field)
	require.NotContains(t, other.call(t, "find_tools", `{"query":"create lead"}`), one.field)
	require.NotContains(t, one.tools(t), other.field)
}

func resultsApart(t *testing.T, one, other person) {
	uri := resultURI.FindString(one.call(t, "search_tasks", `{"limit":100}`))
	require.NotEmpty(t, uri)
	require.Contains(t, one.read(t, uri), `"text"`)
	for _, at := range []string{uri, uri + "/1"} {
		require.Contains(t, other.read(t, at), "there is no result")
	}
	require.Contains(t, one.read(t, uri), `"text"`)
}

func journalApart(t *testing.T, one, other person) {
	said := one.call(t, "update_task", `{"id":11,"task":"Secret of `+one.word+`"}`)
	change := changeOf.FindStringSubmatch(said)
	require.NotNil(t, change, said)
	require.Contains(t, one.call(t, "list_changes", `{}`), "Secret of "+one.word)
	for _, ask := range []string{`{}`, `{"record_type":"task"}`} {
		require.NotContains(t, other.call(t, "list_changes", ask), "Secret of "+one.word)
	}
	undone := other.call(t, "undo_change", `{"change_id":`+change[1]+`}`)
	require.Contains(t, undone, "there is no change "+change[1]+" of yours")
	require.Contains(t, one.call(t, "list_changes", `{}`), "yes", "it can still be undone")
}

func codesApart(t *testing.T, one, other person) {
	preview := one.call(t, "delete_contact", `{"id":31}`)
	code := codeLine.FindStringSubmatch(preview)
	require.NotNil(t, code, preview)
	stolen := other.call(t, "delete_contact", `{"id":31,"confirm":"`+code[1]+`"}`)
	require.NotContains(t, stolen, "Deleted")
	require.Contains(t, other.call(t, "get_contact", `{"id":31}`), "Contact 31")
}

// subscriptionsApart: what the other is told of first is what they did last.
func subscriptionsApart(t *testing.T, one, other person) {
	const filter = `{"resourceSubscriptions":["flexie://contacts/22","flexie://contacts/23"]}`
	mine, theirs := one.listen(t, filter), other.listen(t, filter)
	events, messages := other.sse(t)
	for _, m := range []string{hello, subscribe("flexie://contacts/22"), subscribe("flexie://contacts/23")} {
		post(t, other.url+messages, m, other.headers)
		await(t, events, "the answer")
	}
	one.call(t, "update_contact", `{"id":22,"fields":{"city":"Town of `+one.word+`"}}`)
	require.Contains(t, nextUpdate(t, mine), "flexie://contacts/22")
	other.call(t, "update_contact", `{"id":23,"fields":{"city":"Town of `+other.word+one.word+`"}}`)
	require.Contains(t, nextUpdate(t, theirs), "flexie://contacts/23")
	require.Contains(t, nextUpdate(t, events), "flexie://contacts/23")
}

// nextUpdate is the next that is told of a record, whatever else is.
func nextUpdate(t *testing.T, events <-chan string) (news string) {
	t.Helper()
	for !strings.Contains(news, "resources/updated") {
		news = await(t, events, "the news")
	}
	return news
}

func subscribe(uri string) string {
	return `{"jsonrpc":"2.0","id":5,"method":"resources/subscribe","params":{"uri":"` + uri + `"}}`
}

// newsApart: the other, who has learnt nothing, is told first of what they did.
func newsApart(t *testing.T, one, other person) {
	const filter, news = `{"toolsListChanged":true,"resourceSubscriptions":["flexie://tasks/12"]}`, "list_changed"
	mine, theirs := one.listen(t, filter), other.listen(t, filter)
	session := other.session(t, `{}`)
	_, get := other.open(t, http.MethodGet, "/mcp", "", session)
	post(t, other.url+"/mcp", subscribe("flexie://tasks/12"), session)
	sse, messages := other.sse(t)
	for _, m := range []string{hello, subscribe("flexie://tasks/12")} {
		post(t, other.url+messages, m, other.headers)
		await(t, sse, "the answer")
	}
	_, ownGet := one.open(t, http.MethodGet, "/mcp", "", one.session(t, `{}`))
	ownSSE, messages := one.sse(t)
	post(t, one.url+messages, hello, one.headers)
	await(t, ownSSE, "the answer")

	one.call(t, "describe_deal_fields", `{}`)
	for _, events := range []<-chan string{mine, ownGet, ownSSE} {
		require.Contains(t, await(t, events, "the news"), news)
	}
	other.call(t, "update_task", `{"id":12,"task":"Task of `+other.word+one.word+`"}`)
	for _, events := range []<-chan string{theirs, get, sse} {
		require.Contains(t, await(t, events, "the news"), "resources/updated")
	}
}

func sessionsApart(t *testing.T, one, other person) {
	session := one.session(t, `{}`)
	id := session["Mcp-Session-Id"]
	stolen := other.with("Mcp-Session-Id", id)
	const list = `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`
	require.Equal(t, http.StatusNotFound, post(t, other.url+"/mcp", list, stolen).StatusCode)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		response, _ := other.open(t, method, "/mcp", "", stolen)
		require.Equal(t, http.StatusNotFound, response.StatusCode, method)
	}
	require.Contains(t, bodyOf(t, post(t, one.url+"/mcp", list, session)), "search_contacts")

	events, messages := one.sse(t)
	require.Equal(t, http.StatusNotFound, post(t, other.url+messages, list, other.headers).StatusCode)
	require.Equal(t, http.StatusNotFound, post(t, other.url+"/mcp", list, other.with("Mcp-Session-Id", messages[strings.Index(messages, "=")+1:])).StatusCode)
	require.Equal(t, http.StatusAccepted, post(t, one.url+messages, hello, one.headers).StatusCode)
	await(t, events, "the answer")

	require.Equal(t, http.StatusUnauthorized, post(t, one.url+"/mcp", list, map[string]string{"Mcp-Session-Id": id}).StatusCode)
	ended, _ := one.open(t, http.MethodDelete, "/mcp", "", session)
	require.Equal(t, http.StatusOK, ended.StatusCode)
	require.Equal(t, http.StatusNotFound, post(t, one.url+"/mcp", list, session).StatusCode, "an ended one is no more")
}

func answersApart(t *testing.T, one, other person) {
	session := one.session(t, `{"elicitation":{}}`)
	_, events := one.open(t, http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"delete_contact","arguments":{"id":32}}}`, session)
	question := await(t, events, "the question")
	require.Contains(t, question, "elicitation/create")
	id := strings.Split(strings.Split(question, `"id":`)[1], ",")[0]
	yes := `{"jsonrpc":"2.0","id":` + id + `,"result":{"action":"accept","content":{"confirm":true}}}`
	no := `{"jsonrpc":"2.0","id":` + id + `,"result":{"action":"decline"}}`
	require.Equal(t, http.StatusNotFound, post(t, other.url+"/mcp", yes, other.with("Mcp-Session-Id", session["Mcp-Session-Id"])).StatusCode)
	own := other.session(t, `{"elicitation":{}}`)
	require.NotEqual(t, http.StatusAccepted, post(t, other.url+"/mcp", yes, own).StatusCode)
	require.Equal(t, http.StatusAccepted, post(t, one.url+"/mcp", no, session).StatusCode)
	require.Contains(t, await(t, events, "the answer"), "The user said no")
}

// cancellationApart: a request is known by its id, which many have in common.
func cancellationApart(t *testing.T, one, other person) {
	session := one.session(t, `{"elicitation":{}}`)
	_, events := one.open(t, http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"delete_contact","arguments":{"id":33}}}`, session)
	question := await(t, events, "the question")
	listening := one.listen(t, `{"toolsListChanged":true}`) // a request of the newer protocol, with the id 9
	for _, id := range []string{"7", "9"} {
		cancel := `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":` + id
		post(t, other.url+"/mcp", cancel+`}}`, other.session(t, `{}`))
		post(t, other.url+"/mcp", cancel+`}}`, other.with("Mcp-Session-Id", session["Mcp-Session-Id"]))
		post(t, other.url+"/mcp", cancel+`,`+modernMeta+`}}`, other.with("Mcp-Protocol-Version", "2026-07-28", "Mcp-Method", "notifications/cancelled"))
	}
	qid := strings.Split(strings.Split(question, `"id":`)[1], ",")[0]
	require.Equal(t, http.StatusAccepted, post(t, one.url+"/mcp", `{"jsonrpc":"2.0","id":`+qid+`,"result":{"action":"decline"}}`, session).StatusCode)
	require.Contains(t, await(t, events, "the answer"), "The user said no")
	select {
	case e, ok := <-listening:
		require.True(t, ok, "the stream was ended by somebody else")
		require.Contains(t, e, "list_changed")
	default:
	}
}

// TestCallersTakeTurns: one who asks for much does not keep another waiting.
func TestCallersTakeTurns(t *testing.T) {
	of := openOffice(t, nil)
	greedy, modest := of.withKey("greedy-key"), of.withKey("modest-key")
	greedy.get42(t)
	modest.get42(t)
	before := len(of.acme.asked())
	hold, done := make(chan struct{}), make(chan string, 100)
	of.acme.holdAll(hold)
	call := func(p person, name string) {
		p.get42(t)
		done <- name
	}
	for range 20 {
		go call(greedy, "greedy")
	}
	require.Eventually(t, func() bool { return len(of.acme.asked()) == before+atOnce }, soon, time.Millisecond)
	go call(modest, "modest")
	go func() { // a slow workspace
		defer close(hold)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for range 200 {
			<-tick.C
			select {
			case hold <- struct{}{}:
			case <-t.Context().Done():
				return
			}
		}
	}()
	earlier := 0
	for await(t, done, "the end of a call") != "modest" {
		earlier++
	}
	require.Less(t, earlier, 15, "of the 20 that were asked for earlier")
}

// TestWhatAnotherWorkspaceIsTold: nothing of the server's own.
func TestWhatAnotherWorkspaceIsTold(t *testing.T) {
	of := openOffice(t, nil)
	own, elsewhere := of.withKey("anna-key"), of.withToken(t, "cleo", "cleo-key")
	require.Contains(t, own.read(t, "flexie://workspace"), of.acme.URL)
	said := elsewhere.read(t, "flexie://workspace")
	require.NotContains(t, said, of.acme.URL)
	require.Contains(t, said, of.globex.URL)
	_, hello := own.rpc(t, "server/discover", "", "")
	require.Contains(t, hello, "Custom tables: equipment")
	_, hello = elsewhere.rpc(t, "server/discover", "", "")
	require.NotContains(t, hello, "equipment")
	require.Contains(t, own.tools(t), "equipment")
	require.NotContains(t, elsewhere.tools(t), "equipment")
	const table = `"ref":{"type":"ref/resource","uri":"flexie://custom_records/{table}/{id}"},"argument":{"name":"table","value":"eq"}`
	_, suggested := own.rpc(t, "completion/complete", "", table)
	require.Contains(t, suggested, "equipment")
	_, suggested = elsewhere.rpc(t, "completion/complete", "", table)
	require.Contains(t, suggested, `"values":[]`)
}

// TestANarrowedListLeavesOutWhatTheRoleForbids: the narrower of both holds.
func TestANarrowedListLeavesOutWhatTheRoleForbids(t *testing.T) {
	s := config.Settings{Sandbox: true, Toolsets: []string{"all"}, Timeout: time.Minute, StateDir: t.TempDir()}
	o, w := opened(t, s)
	_, o.Client = clientOffContacts(t)
	root, key := w.Own()
	gate, err := auth.New(auth.Options{Root: root, SharedKey: key, Names: auth.Names{Toolsets: tools.Toolsets(), Tools: everyTool(), Renamed: tools.Renamed.Resolve}})
	require.NoError(t, err)
	door := server.Door{Members: server.NewMembers(w, s, gate, gate.Trusts, quiet)}
	for hides, contacts := range map[bool]bool{false: true, true: false} {
		o.HideForbidden = hides
		hs := newServer(t, server.Handler(server.New(o), door, quiet).ServeHTTP)
		narrowed := person{url: hs, headers: map[string]string{auth.KeyHeader: sandbox.Key, auth.ToolsetsHeader: "contacts,deals"}}
		_, listed := narrowed.rpc(t, "resources/templates/list", "", "")
		require.Contains(t, listed, "flexie://deals/{id}")
		require.NotContains(t, listed, "flexie://leads/{id}")
		require.Equal(t, contacts, strings.Contains(listed, "flexie://contacts/{id}"))
	}
}

// TestAnotherKeyOfTheSameToken is the one that is used from then on.
func TestAnotherKeyOfTheSameToken(t *testing.T) {
	of := openOffice(t, nil)
	file := t.TempDir() + "/key"
	writeFile(t, file, "first-key")
	text := of.issue(t, auth.Token{Name: "dora", BaseURL: of.globex.URL + "/api", KeyFile: file})
	dora := person{url: of.url, headers: map[string]string{"Authorization": "Bearer " + text}}
	dora.call(t, "get_contact", `{"id":42}`)
	require.Contains(t, of.globex.asked(), "first-key")
	writeFile(t, file, "second-key")
	require.NoError(t, of.tokens.Reload())
	before := len(of.globex.asked())
	dora.call(t, "get_contact", `{"id":43}`)
	require.NotContains(t, of.globex.asked()[before:], "first-key")
	require.Contains(t, of.globex.asked()[before:], "second-key")
}

// TestRevokedTokens are refused at the next request, and their streams end.
func TestRevokedTokens(t *testing.T) {
	of := openOffice(t, nil)
	carl, dora := of.withToken(t, "revoked", "revoked-key"), of.withToken(t, "kept", "kept-key")
	session := carl.session(t, `{}`)
	_, get := carl.open(t, http.MethodGet, "/mcp", "", session)
	sse, messages := carl.sse(t)
	listening, kept := carl.listen(t, `{"toolsListChanged":true}`), dora.listen(t, `{"toolsListChanged":true}`)
	_, err := auth.RevokeToken(of.file, "revoked")
	require.NoError(t, err)
	require.NoError(t, of.tokens.Reload())

	for _, path := range []string{"/mcp", messages} {
		response := post(t, carl.url+path, `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`, session)
		require.Equal(t, http.StatusUnauthorized, response.StatusCode, path)
		require.Contains(t, response.Header.Get("WWW-Authenticate"), `error="invalid_token"`)
	}
	for _, events := range []<-chan string{get, sse, listening} {
		for range events { // until it ends
		}
	}
	require.Contains(t, dora.tools(t), "search_contacts")
	select {
	case _, open := <-kept:
		require.True(t, open, "somebody else's stream ended")
	default:
	}
}

// TestWhoIsRefused, and what they are told.
func TestWhoIsRefused(t *testing.T) {
	of := openOffice(t, nil)
	token := strings.TrimPrefix(of.withToken(t, "t", "t-key").headers["Authorization"], "Bearer ")
	const ping = `{"jsonrpc":"2.0","id":1,"method":"ping"}`
	tests := map[string]struct {
		headers map[string]string
		status  int
		says    string
	}{
		"nothing":             {nil, 401, "Send your Flexie API key in X-Flexie-Api-Key"},
		"a wrong token":       {map[string]string{"Authorization": "Bearer flx_" + strings.Repeat("a", 43)}, 401, "not one of this server"},
		"no bearer":           {map[string]string{"Authorization": "Basic YTpi"}, 401, "Bearer TOKEN"},
		"an empty key":        {map[string]string{auth.KeyHeader: ""}, 400, "is empty"},
		"both":                {map[string]string{auth.KeyHeader: "k", "Authorization": "Bearer " + token}, 400, "keep one"},
		"another workspace":   {map[string]string{auth.KeyHeader: "k", auth.SubdomainHeader: "globex"}, 403, "not for the workspace"},
		"none that there is":  {map[string]string{auth.KeyHeader: "k", auth.SubdomainHeader: "nosuch"}, 403, "not for the workspace"},
		"an address":          {map[string]string{auth.KeyHeader: "k", auth.SubdomainHeader: "evil.example/"}, 400, "not an address"},
		"the metadata":        {map[string]string{auth.KeyHeader: "k", auth.SubdomainHeader: "169.254.169.254"}, 400, "not an address"},
		"a token's elsewhere": {map[string]string{"Authorization": "Bearer " + token, auth.SubdomainHeader: "evil"}, 403, "leave it out"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, at := range []string{"/mcp", "/mcp/x/cases", "/message?sessionId=x", "/nowhere"} {
				response := post(t, of.url+at, ping, test.headers)
				body := bodyOf(t, response)
				require.Equal(t, test.status, response.StatusCode, body)
				require.Contains(t, body, test.says)
				require.NotContains(t, body, of.acme.URL)
				require.Equal(t, test.status == 401, response.Header.Get("WWW-Authenticate") != "")
				require.Empty(t, response.Header.Get("Location"))
			}
		})
	}
	require.Empty(t, of.acme.asked(), "Flexie is not asked")
}

// TestKeysGoNowhereElse: a workspace that redirects does not get a key sent on.
func TestKeysGoNowhereElse(t *testing.T) {
	of := openOffice(t, nil)
	got := make(chan http.Header, 10)
	evil := newServer(t, func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Clone() })
	leading := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, evil+"/api"+r.URL.Path, http.StatusTemporaryRedirect)
	})
	text := of.issue(t, auth.Token{Name: "led", BaseURL: leading + "/api", KeyEnv: "DORA"})
	led := person{url: of.url, headers: map[string]string{"Authorization": "Bearer " + text}}
	led.call(t, "get_contact", `{"id":42}`)
	led.call(t, "update_task", `{"id":2,"task":"x"}`)
	close(got)
	for h := range got {
		require.NotContains(t, fmt.Sprint(h), "dora-key")
	}
}
