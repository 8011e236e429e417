package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	gosdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/schema"
	"flexie-mcp/tools"
)

// workshop is a Flexie whose fields can be changed.
type workshop struct{ fields atomic.Value }

func (w *workshop) has(aliases ...string) {
	var fields []map[string]any
	for _, alias := range aliases {
		fields = append(fields, map[string]any{"alias": alias, "type": "text"})
	}
	data, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	w.fields.Store(string(data))
}

func (w *workshop) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"7":{"id":7}}`
	if strings.HasSuffix(r.URL.Path, "/fields") {
		body = w.fields.Load().(string)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// taught is a server whose knowledge comes from a transport alone.
func taught(t *testing.T, flexieIs http.RoundTripper) *mcpserver.MCPServer {
	k := flexie.NewKnowledge(flexie.KnowledgeOptions{})
	c, err := flexie.New(flexie.Options{BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey("key"), Transport: flexieIs, Knowledge: k})
	require.NoError(t, err)
	return server.New(server.Options{
		Tools: tools.All(), Log: quiet,
		Client:    func(context.Context) (*flexie.Client, error) { return c, nil },
		Knowledge: func(context.Context) *flexie.Knowledge { return k },
	})
}

// listener is a client that counts what it is told of changes.
type listener struct {
	*client.Client
	told atomic.Int32
}

func listen(t *testing.T, s *mcpserver.MCPServer) *listener {
	time.Sleep(time.Nanosecond) // mcp-go names the session by the time, which stands still here
	c, err := client.NewInProcessClient(s)
	require.NoError(t, err)
	l := &listener{Client: c}
	c.OnNotification(func(n mcp.JSONRPCNotification) {
		if n.Method == mcp.MethodNotificationToolsListChanged {
			l.told.Add(1)
		}
	})
	initialized(t, c)
	return l
}

func (l *listener) call(t *testing.T, tool string, arguments map[string]any) {
	t.Helper()
	answer, err := l.CallTool(t.Context(), callOf(tool, arguments))
	require.NoError(t, err)
	require.False(t, answer.IsError, "%v", answer.Content)
}

// tool is a tool as the list has it: its description and its schema.
func toolOf(t *testing.T, c *client.Client, name string) string {
	t.Helper()
	listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
	require.NoError(t, err)
	for _, tool := range listed.Tools {
		if tool.Name == name {
			data, err := json.Marshal(tool)
			require.NoError(t, err)
			return string(data)
		}
	}
	require.FailNow(t, "there is no tool "+name)
	return ""
}

// TestToolsSayWhatIsKnown, once it is, and clients are told of it once: however
// many calls learn however many kinds, and of nothing when nothing is new.
func TestToolsSayWhatIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w workshop
		w.has("email", "shoe_size")
		s := taught(t, &w)
		one, other := listen(t, s), listen(t, s)
		settle := func(want int32, why string) {
			t.Helper()
			time.Sleep(time.Second)
			synctest.Wait()
			require.Equal(t, want, one.told.Load(), why)
			require.Equal(t, want, other.told.Load(), why)
		}
		names := []string{"create_contact", "update_contact", "search_contacts", "describe_contact_fields"}
		for _, name := range names {
			require.NotContains(t, toolOf(t, one.Client, name), "shoe_size")
		}
		settle(0, "nothing was learnt")
		one.call(t, "search_contacts", nil)
		settle(0, "this needs no fields")

		var calls sync.WaitGroup
		for i := range 12 {
			tool := []string{"describe_contact_fields", "describe_lead_fields"}[i%2]
			calls.Go(func() { one.call(t, tool, nil) })
		}
		calls.Wait()
		settle(1, "two kinds were learnt at once")
		for _, name := range names {
			require.Contains(t, toolOf(t, other.Client, name), "shoe_size")
			require.Contains(t, toolOf(t, other.Client, strings.Replace(name, "contact", "lead", 1)), "shoe_size")
			require.NotContains(t, toolOf(t, other.Client, strings.Replace(name, "contact", "deal", 1)), "shoe_size")
		}

		one.call(t, "describe_contact_fields", nil)
		settle(1, "they are the same")
		w.has("email", "hat_size")
		one.call(t, "describe_contact_fields", nil)
		settle(2, "they were changed in Flexie")
		require.Contains(t, toolOf(t, other.Client, "create_contact"), "hat_size")
		require.NotContains(t, toolOf(t, other.Client, "create_contact"), "shoe_size")

		one.call(t, "get_custom_record", map[string]any{"table": "boats", "id": 7})
		settle(3, "a table was used")
		require.Contains(t, toolOf(t, other.Client, "delete_custom_record"), "boats")
	})
}

// TestManyFieldsBeyondTheList: a change that no tool says is not told.
func TestManyFieldsBeyondTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var w workshop
		var aliases []string
		for i := range 600 {
			aliases = append(aliases, fmt.Sprintf("a_rather_long_alias_%d", i))
		}
		w.has(aliases...)
		l := listen(t, taught(t, &w))
		l.call(t, "describe_contact_fields", nil)
		time.Sleep(time.Second)
		synctest.Wait()
		require.EqualValues(t, 1, l.told.Load())
		w.has(aliases[:599]...)
		l.call(t, "describe_contact_fields", nil)
		time.Sleep(time.Second)
		synctest.Wait()
		require.EqualValues(t, 1, l.told.Load())
	})
}

// TestListChangesOverHTTP: whoever holds a stream open is told there. Clients
// open it after they have begun, so that the first news may come too early.
func TestListChangesOverHTTP(t *testing.T) {
	var w workshop
	w.has("shoe_size")
	hs := httptest.NewServer(server.Handler(taught(t, &w), server.Door{}, quiet))
	t.Cleanup(hs.Close)
	for name, transport := range map[string]gosdk.Transport{
		"streamable": &gosdk.StreamableClientTransport{Endpoint: hs.URL + "/mcp"},
		"SSE":        &gosdk.SSEClientTransport{Endpoint: hs.URL + "/sse"},
	} {
		t.Run(name, func(t *testing.T) {
			told := make(chan struct{}, 100)
			c := gosdk.NewClient(&gosdk.Implementation{Name: "test", Version: "1"}, &gosdk.ClientOptions{
				ToolListChangedHandler: func(context.Context, *gosdk.ToolListChangedRequest) { told <- struct{}{} },
			})
			session, err := c.Connect(t.Context(), transport, nil)
			require.NoError(t, err)
			t.Cleanup(func() { session.Close() })
			size := 0
			require.Eventually(t, func() bool {
				size++
				w.has(fmt.Sprintf("shoe_size_%d", size))
				_, err := session.CallTool(t.Context(), &gosdk.CallToolParams{Name: "describe_deal_fields"})
				require.NoError(t, err)
				select {
				case <-told:
					return true
				case <-time.After(soon / 10):
					return false
				}
			}, soon, time.Millisecond)
			listed, err := session.ListTools(t.Context(), nil)
			require.NoError(t, err)
			data, err := json.Marshal(listed)
			require.NoError(t, err)
			require.Contains(t, string(data), "shoe_size_")
		})
	}
}

// realSandbox is the sandbox over HTTP, so that what is learnt of it is kept.
func realSandbox(t *testing.T) (config.Settings, *atomic.Int32) {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	requests := new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		box.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { s.Close(); box.Close() })
	return config.Settings{
		BaseURL: s.URL + "/api", APIKey: sandbox.Key, Toolsets: []string{"all"},
		LearnFields: true, StateDir: filepath.Join(t.TempDir(), "state"),
	}, requests
}

func learningFrom(t *testing.T, s config.Settings) *client.Client {
	w, err := server.Open(s, "1.2.3", quiet)
	require.NoError(t, err)
	t.Cleanup(func() { w.Close() })
	picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: s.Toolsets, ReadOnly: s.ReadOnly})
	require.NoError(t, err)
	return connect(t, server.New(server.Options{Tools: picked, About: w.About, Client: w.Client, Knowledge: w.Knowledge(), Log: quiet}))
}

// TestTheNextStartListsWhatWasLearnt, in the same workspace with the same key,
// and asks Flexie nothing for it.
func TestTheNextStartListsWhatWasLearnt(t *testing.T) {
	s, requests := realSandbox(t)
	first := learningFrom(t, s)
	for _, call := range []mcp.CallToolRequest{
		callOf("describe_contact_fields", nil), callOf("describe_custom_record_fields", map[string]any{"table": "equipment"}),
	} {
		answer, err := first.CallTool(t.Context(), call)
		require.NoError(t, err)
		require.False(t, answer.IsError, "%v", answer.Content)
	}
	asked := requests.Load()

	second := learningFrom(t, s)
	require.Contains(t, toolOf(t, second, "create_contact"), "status: New|")
	require.Contains(t, toolOf(t, second, "search_custom_records"), "equipment")
	require.Contains(t, toolOf(t, second, "create_custom_record"), "in equipment: name*")
	require.Equal(t, asked, requests.Load())

	for name, change := range map[string]func(*config.Settings){
		"another key":       func(s *config.Settings) { s.APIKey = "another" },
		"another workspace": func(s *config.Settings) { s.BaseURL = "https://other.flexie.io/api" },
		"another directory": func(s *config.Settings) { s.StateDir = t.TempDir() },
		"no directory":      func(s *config.Settings) { s.StateDir = "" },
		"turned off":        func(s *config.Settings) { s.LearnFields = false },
	} {
		other := s
		change(&other)
		require.NotContains(t, toolOf(t, learningFrom(t, other), "create_contact"), "status: New|", name)
	}
	files, err := filepath.Glob(filepath.Join(s.StateDir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 2, "cache.db and its lock")
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NotContains(t, file+string(data), sandbox.Key)
	}
}

// TestNowhereToKeepWhatIsLearnt: the server works all the same.
func TestNowhereToKeepWhatIsLearnt(t *testing.T) {
	s, _ := realSandbox(t)
	require.NoError(t, os.WriteFile(s.StateDir, nil, 0o600))
	c := learningFrom(t, s)
	answer, err := c.CallTool(t.Context(), callOf("describe_contact_fields", nil))
	require.NoError(t, err)
	require.False(t, answer.IsError)
	require.Contains(t, toolOf(t, c, "create_contact"), "status: New|")
}

// TestTablesOfTheSettings are offered from the start, whether or not more is
// learnt, and one that is wrong gets the closest.
func TestTablesOfTheSettings(t *testing.T) {
	s, _ := realSandbox(t)
	s.CustomTables = []string{"subscriptions", "equipment"}
	for _, learn := range []bool{true, false} {
		s.LearnFields = learn
		c := learningFrom(t, s)
		require.Contains(t, toolOf(t, c, "get_custom_record"), `The custom table: subscriptions, equipment.`)
		for table, said := range map[string]string{"equipmnt": "Perhaps there is no table \"equipmnt\"; did you mean equipment", "equipment": ""} {
			answer, err := c.CallTool(t.Context(), callOf("get_custom_record", map[string]any{"table": table, "id": 99999}))
			require.NoError(t, err)
			require.True(t, answer.IsError)
			require.Contains(t, textOf(t, answer), said)
			if said == "" {
				require.NotContains(t, textOf(t, answer), "Perhaps")
			}
		}
	}
}

// TestFindToolsSaysWhatIsKnown, as the list does.
func TestFindToolsSaysWhatIsKnown(t *testing.T) {
	s, _ := realSandbox(t)
	s.Toolsets = []string{"discover"}
	c := learningFrom(t, s)
	for _, call := range []mcp.CallToolRequest{
		callOf("run_tool", map[string]any{"name": "describe_deal_fields"}), callOf("find_tools", map[string]any{"query": "create a deal"}),
	} {
		answer, err := c.CallTool(t.Context(), call)
		require.NoError(t, err)
		require.False(t, answer.IsError)
		if call.Params.Name == "find_tools" {
			require.Contains(t, textOf(t, answer), "stage_id: 1=Qualification|")
		}
	}
}

// TestPlainInEveryMode lints the schemas of each toolset, read-only or not, with
// fields and without, as they go out in either era of the protocol.
func TestPlainInEveryMode(t *testing.T) {
	eras := map[string]string{
		"handshake": `{}`,
		"stateless": `{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}`,
	}
	workspaces := map[string]flexie.FieldStore{"nothing": nil, "quotes": storeOf(random(alphabets["quotes"], 600), "a")}
	for what, store := range workspaces {
		k := flexie.NewKnowledge(flexie.KnowledgeOptions{Store: store})
		for _, toolset := range tools.Toolsets() {
			for _, readOnly := range []bool{true, false} {
				picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{toolset}, ReadOnly: readOnly})
				require.NoError(t, err)
				s := server.New(server.Options{
					Tools: picked, Log: quiet,
					Client:    func(context.Context) (*flexie.Client, error) { return nil, context.Canceled },
					Knowledge: func(context.Context) *flexie.Knowledge { return k },
				})
				for era, params := range eras {
					mode := fmt.Sprint(what, " ", toolset, " read-only ", readOnly, " ", era)
					require.Len(t, plainTools(t, s, mode, params), len(picked), mode)
				}
			}
		}
	}
}

// plainTools are the names that a tools/list gives, whose schemas are plain.
func plainTools(t *testing.T, s *mcpserver.MCPServer, mode, params string) (names []string) {
	answer := s.HandleMessage(t.Context(), json.RawMessage(`{"jsonrpc":"2.0","id":1,"method":"tools/list","params":`+params+`}`))
	data, err := json.Marshal(answer)
	require.NoError(t, err)
	var list struct {
		Result struct {
			Tools []struct {
				Name        string
				InputSchema json.RawMessage
			}
		}
	}
	require.NoError(t, json.Unmarshal(data, &list))
	for _, tool := range list.Result.Tools {
		require.Empty(t, schema.Lint(tool.InputSchema), mode)
		names = append(names, tool.Name)
	}
	require.IsIncreasing(t, append(names, "~"), mode)
	return names
}
