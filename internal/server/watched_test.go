package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
	"flexie-mcp/internal/chaos"
	"flexie-mcp/internal/confirm"
	"flexie-mcp/internal/journal"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/internal/store"
	"flexie-mcp/tools"
)

// watched is a workspace whose requests are written down, and what stands
// between it and its callers.
type watched struct {
	*chaos.Workspace
	t      *testing.T
	safety server.Safety
}

func watch(t *testing.T, how tools.Confirmation) *watched {
	box, err := sandbox.Open(sandbox.Options{})
	require.NoError(t, err)
	w := &watched{chaos.New(box, nil), t, server.Safety{Confirm: how}}
	w.restart(store.Memory(), confirm.Options{})
	t.Cleanup(func() {
		require.NoError(t, w.safety.Journal.Close())
		w.Workspace.Close()
		require.NoError(t, box.Close())
	})
	return w
}

// restart makes anew what a process has, as if it were another.
func (w *watched) restart(s store.Store, c confirm.Options) {
	if w.safety.Journal != nil {
		require.NoError(w.t, w.safety.Journal.Close())
	}
	w.safety.Journal = journal.New(journal.Options{Store: s})
	c.Store = s
	w.safety.Codes, w.safety.Writes = confirm.New(c), &tools.Writes{}
}

func (w *watched) serve() *mcpserver.MCPServer { return server.New(w.options()) }

// options are those of a server of all tools.
func (w *watched) options() server.Options {
	c, err := flexie.New(flexie.Options{
		BaseURL: "https://acme.flexie.io/api", Auth: flexie.APIKey(sandbox.Key), Transport: w.Transport(),
		Timeout: time.Minute, Retries: 3, Now: func() time.Time { return sandbox.Today },
	})
	require.NoError(w.t, err)
	all, err := tools.Choose(tools.All(), tools.Choice{Toolsets: []string{"all", "discover"}})
	require.NoError(w.t, err)
	return server.Options{
		Tools: all, Log: quiet, Safety: w.safety,
		Client: func(context.Context) (*flexie.Client, error) { return c, nil },
	}
}

// writes are the writing requests that went out.
func (w *watched) writes() (all []string) {
	for _, r := range w.Requests() {
		if r.Writes() {
			all = append(all, r.Method+" "+r.Path)
		}
	}
	return all
}

// changes are the entries of the journal, the oldest first.
func (w *watched) changes() []journal.Entry {
	newest, _, err := w.safety.Journal.List(context.Background(), journal.Filter{Limit: 100})
	require.NoError(w.t, err)
	var all []journal.Entry
	for _, e := range newest {
		all = append([]journal.Entry{e}, all...)
	}
	return all
}

// inProcess is a client of the old protocol, which can put questions if asked by
// something.
func inProcess(t *testing.T, s *mcpserver.MCPServer, asked client.ElicitationHandler) *client.Client {
	var options []client.ClientOption
	if asked != nil {
		options = append(options, client.WithElicitationHandler(asked))
	}
	c, err := client.NewInProcessClientWithOptions(s, options...)
	require.NoError(t, err)
	return greeted(t, c, "2025-11-25")
}

func greeted(t *testing.T, c *client.Client, version string) *client.Client {
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.Start(t.Context()))
	_, err := c.Initialize(t.Context(), mcp.InitializeRequest{Params: mcp.InitializeParams{
		ProtocolVersion: version, ClientInfo: mcp.Implementation{Name: "desk", Version: "2"},
	}})
	require.NoError(t, err)
	return c
}

// told is the text of a call's answer.
func told(t *testing.T, c *client.Client, tool string, arguments map[string]any) string {
	t.Helper()
	r, err := c.CallTool(t.Context(), callOf(tool, arguments))
	require.NoError(t, err)
	return textOf(t, r)
}
