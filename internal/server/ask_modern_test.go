package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// From revision 2026-07-28 on a call that must ask its user ends with the
// question, and is made again with the answer.

// modernCall is how a client of that revision calls a tool, with what it says it
// can do, as JSON; more are further parameters.
type modernCall func(capabilities, tool, arguments, more string) rpc

// modernWays are the transports.
var modernWays = map[string]func(*watched) modernCall{"stdio": modernStdio, "streamable HTTP": modernHTTP}

const able, unable = `{"elicitation":{}}`, `{}`

func modernParams(capabilities, tool, arguments, more string) string {
	return fmt.Sprintf(`{"name":%q,"arguments":%s,%s"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"desk","version":"3"},"io.modelcontextprotocol/clientCapabilities":%s}}`,
		tool, arguments, more, capabilities)
}

func modernStdio(w *watched) modernCall {
	wire, id := startStdio(w.t, w.options()), 0
	return func(capabilities, tool, arguments, more string) rpc {
		id++
		wire.send(`{"jsonrpc":"2.0","id":%d,"method":"tools/call","params":%s}`, id, modernParams(capabilities, tool, arguments, more))
		m := wire.receive()
		require.Equal(w.t, float64(id), m.ID, "nothing is sent but the answer")
		return m
	}
}

func modernHTTP(w *watched) modernCall {
	url := overHTTP(w.t, w.options()) + "/mcp"
	return func(capabilities, tool, arguments, more string) rpc {
		headers := map[string]string{"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool}
		response := post(w.t, url, fmt.Sprintf(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":%s}`, modernParams(capabilities, tool, arguments, more)), headers)
		return parse(w.t, bodyOf(w.t, response))
	}
}

// pending is a question, as it is the result of a call.
type pendingQuestion struct {
	ResultType    string
	InputRequests map[string]struct {
		Method string
		Params struct {
			Message         string
			RequestedSchema json.RawMessage
		}
	}
	RequestState string
}

// requireQuestion gives the state of a call that ended with a question.
func requireQuestion(t *testing.T, m rpc) (state string) {
	t.Helper()
	var q pendingQuestion
	require.NoError(t, json.Unmarshal(m.Result, &q))
	require.Equal(t, "input_required", q.ResultType, string(m.Result))
	require.Len(t, q.InputRequests, 1)
	require.Equal(t, "elicitation/create", q.InputRequests["confirm"].Method)
	requireReadable(t, q.InputRequests["confirm"].Params.Message)
	require.Contains(t, string(q.InputRequests["confirm"].Params.RequestedSchema), `"boolean"`)
	require.NotEmpty(t, q.RequestState)
	return q.RequestState
}

// answer are the parameters of a call that is made again.
func answer(state, action string) string {
	return fmt.Sprintf(`"requestState":%q,"inputResponses":{"confirm":{"action":%q,"content":{"confirm":true}}},`, state, action)
}

const deletionJSON = `{"id":47}`

func TestModernClientsAreAsked(t *testing.T) {
	for name, way := range modernWays {
		t.Run(name, func(t *testing.T) {
			w := watch(t, tools.Auto)
			call := way(w)
			state := requireQuestion(t, call(able, "delete_contact", deletionJSON, ""))
			require.Empty(t, w.writes())
			require.Empty(t, w.changes())
			require.Contains(t, string(call(able, "delete_contact", deletionJSON, answer(state, "accept")).Result), "Deleted contact 47")
			require.Equal(t, deleted, w.writes())
			require.Equal(t, journal.Done, w.changes()[0].Outcome)
			require.Equal(t, "desk 3", w.changes()[0].Client)

			again := call(able, "delete_contact", deletionJSON, answer(state, "accept"))
			require.NotContains(t, string(again.Result), "Deleted")
			require.Equal(t, deleted, w.writes(), "the state works once")
		})
	}
}

// TestModernAnswers that are no yes, or none to this.
func TestModernAnswers(t *testing.T) {
	const asksAgain, no = `"resultType":"input_required"`, "The user said no. Nothing was changed, and that is final"
	for way, start := range modernWays {
		for name, test := range map[string]struct {
			tool, arguments string
			more            func(state string) string
			says            string
		}{
			"no":         {"delete_contact", deletionJSON, func(s string) string { return answer(s, "decline") }, no},
			"closed":     {"delete_contact", deletionJSON, func(s string) string { return answer(s, "cancel") }, "closed the question"},
			"rubbish":    {"delete_contact", deletionJSON, func(s string) string { return `"requestState":"` + s + `","inputResponses":{"confirm":7},` }, "without its answer"},
			"no answer":  {"delete_contact", deletionJSON, func(s string) string { return `"requestState":"` + s + `",` }, "without its answer"},
			"to another": {"delete_contact", deletionJSON, func(s string) string { return strings.ReplaceAll(answer(s, "accept"), `"confirm":{`, `"other":{`) }, "without its answer"},
			"no state":   {"delete_contact", deletionJSON, func(string) string { return answer("", "accept") }, asksAgain},

			"a state with another letter": {"delete_contact", deletionJSON, func(s string) string { return answer(swapped(s), "accept") }, asksAgain},
			"a state made up":             {"delete_contact", deletionJSON, func(string) string { return answer("yes", "accept") }, asksAgain},
			"other arguments":             {"delete_contact", `{"id":46}`, func(s string) string { return answer(s, "accept") }, asksAgain},
			"another tool":                {"delete_lead", `{"id":7}`, func(s string) string { return answer(s, "accept") }, asksAgain},
		} {
			t.Run(way+", "+name, func(t *testing.T) {
				w := watch(t, tools.Auto)
				call := start(w)
				state := requireQuestion(t, call(able, "delete_contact", deletionJSON, ""))
				m := call(able, test.tool, test.arguments, test.more(state))
				require.Contains(t, string(m.Result), test.says)
				require.Empty(t, w.writes())
				require.Empty(t, w.changes())
			})
		}
	}
}

// TestAModernNo voids the state of the question, which is no argument either.
func TestAModernNo(t *testing.T) {
	for name, way := range modernWays {
		for _, action := range []string{"decline", "cancel"} {
			t.Run(name+", "+action, func(t *testing.T) {
				w := watch(t, tools.Ask)
				call := way(w)
				state := requireQuestion(t, call(able, "delete_contact", deletionJSON, ""))
				argument := fmt.Sprintf(`{"id":47,"confirm":%q}`, state)
				call(able, "delete_contact", argument, "")
				call(unable, "delete_contact", argument, "")
				require.Empty(t, w.writes(), "a state is no argument")
				require.Contains(t, modernText(t, call(able, "delete_contact", deletionJSON, answer(state, action))), "Nothing was changed")
				call(able, "delete_contact", deletionJSON, answer(state, "accept"))
				call(unable, "delete_contact", deletionJSON, answer(state, "accept"))
				require.Empty(t, w.writes(), "a no is no yes later")
				if action == "decline" {
					require.Contains(t, modernText(t, call(able, "delete_contact", deletionJSON, "")), "The user said no to this")
				}
			})
		}
	}
}

// swapped is a text with its first letter made another.
func swapped(s string) string {
	if s[0] == '0' {
		return "1" + s[1:]
	}
	return "0" + s[1:]
}

// TestAStateExpires, ten minutes after it was given.
func TestAStateExpires(t *testing.T) {
	for name, way := range modernWays {
		t.Run(name, func(t *testing.T) {
			w, now := watch(t, tools.Auto), time.Now()
			w.restart(store.Memory(), confirm.Options{Now: func() time.Time { return now }})
			call := way(w)
			state := requireQuestion(t, call(able, "delete_contact", deletionJSON, ""))
			now = now.Add(11 * time.Minute)
			state = requireQuestion(t, call(able, "delete_contact", deletionJSON, answer(state, "accept")))
			require.Empty(t, w.writes())
			now = now.Add(9 * time.Minute)
			require.Contains(t, string(call(able, "delete_contact", deletionJSON, answer(state, "accept")).Result), "Deleted contact 47")
			require.Equal(t, deleted, w.writes())
		})
	}
}

// TestAStateOutlivesARestart: the client may come back to another process, which
// has the same state directory. Used up it stays as well.
func TestAStateOutlivesARestart(t *testing.T) {
	for name, way := range modernWays {
		t.Run(name, func(t *testing.T) {
			w, dir := watch(t, tools.Auto), t.TempDir()
			restart := func() modernCall {
				w.restart(store.Durable(store.Options{Dir: dir}), confirm.Options{})
				return way(w)
			}
			state := requireQuestion(t, restart()(able, "delete_contact", deletionJSON, ""))
			require.Contains(t, string(restart()(able, "delete_contact", deletionJSON, answer(state, "accept")).Result), "Deleted contact 47")
			require.Equal(t, deleted, w.writes())
			restart()(able, "delete_contact", deletionJSON, answer(state, "accept"))
			require.Equal(t, deleted, w.writes())

			w.restart(store.Durable(store.Options{Dir: t.TempDir()}), confirm.Options{})
			require.NotContains(t, string(way(w)(able, "delete_contact", deletionJSON, answer(state, "accept")).Result), "Deleted")
			require.Equal(t, deleted, w.writes())
		})
	}
}

// TestModernClientsThatCantAsk get a preview and a code. What they say they can
// do is said anew by each request.
func TestModernClientsThatCantAsk(t *testing.T) {
	for name, way := range modernWays {
		for _, capabilities := range []string{unable, `{"elicitation":{"url":{}}}`} {
			t.Run(name+" "+capabilities, func(t *testing.T) {
				w := watch(t, tools.Auto)
				call := way(w)
				requireQuestion(t, call(able, "delete_contact", deletionJSON, ""))
				code := requirePreview(t, w, modernText(t, call(capabilities, "delete_contact", deletionJSON, "")))
				confirmed := fmt.Sprintf(`{"id":47,"confirm":%q}`, code)
				require.Contains(t, modernText(t, call(capabilities, "delete_contact", confirmed, "")), "Deleted contact 47")
				require.Equal(t, deleted, w.writes())
			})
		}
	}
}

// TestModernAskedThroughAnotherTool: run_write_tool ends with the question too.
func TestModernAskedThroughAnotherTool(t *testing.T) {
	for name, way := range modernWays {
		t.Run(name, func(t *testing.T) {
			w := watch(t, tools.Auto)
			call := way(w)
			const arguments = `{"name":"delete_contact","arguments":{"id":47}}`
			state := requireQuestion(t, call(able, "run_write_tool", arguments, ""))
			require.Contains(t, modernText(t, call(able, "run_write_tool", arguments, answer(state, "accept"))), "Deleted contact 47")
			require.Equal(t, deleted, w.writes())
		})
	}
}

// modernText is the text of a call's answer.
func modernText(t *testing.T, m rpc) string {
	t.Helper()
	var result struct{ Content []struct{ Text string } }
	require.NoError(t, json.Unmarshal(m.Result, &result))
	require.NotEmpty(t, result.Content, string(m.Result))
	return result.Content[0].Text
}
