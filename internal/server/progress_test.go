package server_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/chaos"
	"flexie-mcp/tools"
)

// progress is what a client is told of a call under way.
type progress struct {
	ProgressToken any
	Progress      float64
	Total         float64
	Message       string
}

// notes are the progress notifications that a client in the same process gets.
type notes struct {
	mu  sync.Mutex
	all []progress
}

func (n *notes) follow(c *client.Client) *client.Client {
	c.OnNotification(func(told mcp.JSONRPCNotification) {
		if told.Method != "notifications/progress" {
			return
		}
		var p progress
		data, _ := json.Marshal(told.Params.AdditionalFields)
		_ = json.Unmarshal(data, &p)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.all = append(n.all, p)
	})
	return c
}

func (n *notes) take() []progress {
	synctest.Wait() // until they have come
	n.mu.Lock()
	defer n.mu.Unlock()
	all := n.all
	n.all = nil
	return all
}

// TestLongWaitsAreTold to clients that asked for it, in either era.
func TestLongWaitsAreTold(t *testing.T) {
	for _, version := range []string{"2025-11-25", "2026-07-28"} {
		t.Run(version, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, tools.Never)
				var n notes
				c, err := client.NewInProcessClient(w.serve())
				require.NoError(t, err)
				n.follow(greeted(t, c, version))
				call := func(rule chaos.Rule, tool string, arguments map[string]any, token any) string {
					w.Use(rule)
					request := callOf(tool, arguments)
					if token != nil {
						request.Params.Meta = &mcp.Meta{ProgressToken: token}
					}
					r, err := c.CallTool(t.Context(), request)
					require.NoError(t, err)
					return textOf(t, r)
				}
				one := map[string]any{"id": 42}
				busy := func() chaos.Rule {
					return chaos.When(chaos.To("contacts.get"), chaos.Sequence(chaos.UnavailableLater, chaos.TooManyLater))
				}
				require.Contains(t, call(busy(), "get_contact", one, "the token"), "Contact 42")
				told := n.take()
				require.Len(t, told, 2)
				require.Equal(t, "the token", told[0].ProgressToken)
				require.Regexp(t, `^Waiting for Flexie: Flexie is not available \(HTTP 503\): trying again in 2(\.\d)?s \(try 2\)$`, told[0].Message)
				require.Regexp(t, `^Waiting for Flexie: .* \(try 3\)$`, told[1].Message)
				require.Less(t, told[0].Progress, told[1].Progress)

				require.Contains(t, call(busy(), "get_contact", one, nil), "Contact 42")
				require.Empty(t, n.take(), "nothing without a token")

				require.Contains(t, call(nil, "get_contact", one, 7), "Contact 42")
				require.Empty(t, n.take(), "nothing of what is quick")

				call(chaos.When(chaos.To("contacts.get"), chaos.Always(chaos.SilenceBefore)), "get_contact", one, 7)
				told = n.take()
				require.Greater(t, len(told), 10, "of a minute of silence")
				for i, p := range told {
					require.EqualValues(t, 7, p.ProgressToken)
					require.Regexp(t, map[bool]string{true: "^Waiting for Flexie$", false: "has not answered for"}[i == 0], p.Message)
					require.True(t, i == 0 || told[i-1].Progress < p.Progress, "it increases")
				}

				// A write that waits to be sent, and the look for one whose answer was lost.
				refused := chaos.When(chaos.Writes, chaos.Sequence(chaos.TooManyLater))
				require.Contains(t, call(refused, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": "Leeds"}}, "w"), "Updated")
				require.Len(t, n.take(), 1)

				w.Use(chaos.When(chaos.To("contacts.get"), chaos.Sequence(chaos.UnavailableLater)))
				_, err = c.ReadResource(t.Context(), mcp.ReadResourceRequest{Params: mcp.ReadResourceParams{
					URI: "flexie://contacts/42", Meta: &mcp.Meta{ProgressToken: "r"},
				}})
				require.NoError(t, err)
				require.Len(t, n.take(), 1, "of resources too")
			})
		})
	}
}

// TestLongWorkIsToldInNumbers: of how much, and that it gets ever more.
func TestLongWorkIsToldInNumbers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, tools.Never)
		var n notes
		c, err := client.NewInProcessClient(w.serve())
		require.NoError(t, err)
		n.follow(greeted(t, c, "2025-11-25"))
		call := func(tool string, arguments map[string]any) {
			request := callOf(tool, arguments)
			request.Params.Meta = &mcp.Meta{ProgressToken: 1}
			_, err := c.CallTool(t.Context(), request)
			require.NoError(t, err)
		}
		call("search_workspace", map[string]any{"search": "acme"})
		require.Empty(t, n.take(), "nothing of what is quick")

		w.Use(chaos.When(chaos.To("deals.list"), chaos.Always(chaos.SilenceBefore)))
		call("search_workspace", map[string]any{"search": "acme"})
		told := n.take()
		require.Equal(t, progress{1., 5, 6, "Searching kinds of records"}, told[0])
		require.Regexp(t, "^Waiting for Flexie: .* has not answered for 2s$", told[1].Message)
		last := 0.
		for _, p := range told {
			require.Greater(t, p.Progress, last)
			require.LessOrEqual(t, p.Progress, 6.)
			require.EqualValues(t, 6, p.Total)
			last = p.Progress
		}
	})
}

// TestLongWaitsAreToldOnEachTransport, before the answer.
func TestLongWaitsAreToldOnEachTransport(t *testing.T) {
	const params = `{"name":"get_contact","arguments":{"id":42},"_meta":{"progressToken":"p1"%s}}`
	const modern = `,"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"desk","version":"3"},"io.modelcontextprotocol/clientCapabilities":{}`
	call := func(meta string) string {
		return `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":` + fmt.Sprintf(params, meta) + `}`
	}
	ways := map[string]func(*testing.T, *watched) []rpc{
		"stdio": func(t *testing.T, w *watched) []rpc {
			wire := startStdio(t, w.options())
			wire.send(hello)
			wire.receive()
			wire.send("%s", call(""))
			return untilAnswered(wire)
		},
		"stdio, modern": func(t *testing.T, w *watched) []rpc {
			wire := startStdio(t, w.options())
			wire.send("%s", call(modern))
			return untilAnswered(wire)
		},
		"streamable HTTP": func(t *testing.T, w *watched) []rpc {
			url := overHTTP(t, w.options()) + "/mcp"
			return messagesOf(t, bodyOf(t, post(t, url, call(""), openSession(t, url))))
		},
		"streamable HTTP, modern": func(t *testing.T, w *watched) []rpc {
			url := overHTTP(t, w.options()) + "/mcp"
			return messagesOf(t, bodyOf(t, post(t, url, call(modern), map[string]string{
				"Mcp-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "get_contact",
			})))
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			if !strings.HasPrefix(name, "stdio") { // of which mcp-go has one session in a process
				t.Parallel() // since each waits a second
			}
			w := watch(t, tools.Never)
			later := chaos.UnavailableLater
			later.RetryAfter = "1"
			w.Use(chaos.When(chaos.To("contacts.get"), chaos.Sequence(later)))
			messages := way(t, w)
			require.Len(t, messages, 2)
			require.Equal(t, "notifications/progress", messages[0].Method)
			var p progress
			require.NoError(t, json.Unmarshal(messages[0].Params, &p))
			require.Equal(t, "p1", p.ProgressToken)
			require.Contains(t, p.Message, "Waiting for Flexie")
			require.Contains(t, string(messages[1].Result), "Contact 42")
		})
	}
}

// untilAnswered are the messages up to the answer of call 1.
func untilAnswered(w wire) (all []rpc) {
	for {
		m := w.receive()
		all = append(all, m)
		if m.ID == 1.0 {
			return all
		}
	}
}

// messagesOf are those of a body that is one, or a stream of them.
func messagesOf(t *testing.T, body string) (all []rpc) {
	if strings.HasPrefix(body, "{") {
		return []rpc{parse(t, body)}
	}
	for line := range strings.Lines(body) {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			all = append(all, parse(t, data))
		}
	}
	return all
}
