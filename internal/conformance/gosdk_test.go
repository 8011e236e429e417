package conformance_test

import (
	"context"
	"os/exec"
	"testing"
	"time"

	gosdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"
)

// goSDK has a client of the official Go SDK do what client.mjs does.
func goSDK(t *testing.T, over, era string) {
	environ := busyOnce(t)
	at := reached(t, over, environ)
	var transport gosdk.Transport
	switch over {
	case overStdio:
		cmd := exec.CommandContext(t.Context(), at[0], at[1:]...)
		cmd.Env = alone(t, environ)
		transport = &gosdk.CommandTransport{Command: cmd}
	case overHTTP:
		transport = &gosdk.StreamableClientTransport{Endpoint: at[0] + "/mcp"}
	case overSSE:
		transport = &gosdk.SSEClientTransport{Endpoint: at[0] + "/sse"}
	}
	g := &goClient{T: t}
	c := g.connect(transport, newest[era])
	g.use(c)
	g.did.require(t, over, era)
	require.NoError(t, c.Close(), "it ends well")
}

// goClient is a client, and what it did.
type goClient struct {
	*testing.T
	did             did
	progress        chan string
	toolsChanged    chan bool
	resourceChanged chan string
}

func (g *goClient) connect(transport gosdk.Transport, revision string) *gosdk.ClientSession {
	g.progress, g.toolsChanged, g.resourceChanged = make(chan string, 10), make(chan bool, 10), make(chan string, 10)
	c, err := gosdk.NewClient(&gosdk.Implementation{Name: "go-sdk", Version: "1"}, &gosdk.ClientOptions{
		ElicitationHandler: func(_ context.Context, r *gosdk.ElicitRequest) (*gosdk.ElicitResult, error) {
			g.did.Questions = append(g.did.Questions, r.Params.Message)
			return &gosdk.ElicitResult{Action: "accept", Content: map[string]any{"confirm": true}}, nil
		},
		ToolListChangedHandler: func(context.Context, *gosdk.ToolListChangedRequest) { g.toolsChanged <- true },
		ResourceUpdatedHandler: func(_ context.Context, r *gosdk.ResourceUpdatedNotificationRequest) {
			g.resourceChanged <- r.Params.URI
		},
		ProgressNotificationHandler: func(_ context.Context, r *gosdk.ProgressNotificationClientRequest) {
			g.progress <- r.Params.Message
		},
	}).Connect(g.Context(), transport, &gosdk.ClientSessionOptions{ProtocolVersion: revision})
	require.NoError(g, err)
	return c
}

// use does all that the server is for.
func (g *goClient) use(c *gosdk.ClientSession) {
	hello := c.InitializeResult()
	g.did.Server, g.did.Revision, g.did.Instructions = hello.ServerInfo.Name, hello.ProtocolVersion, hello.Instructions != ""
	listed, err := c.ListTools(g.Context(), nil)
	require.NoError(g, err)
	for _, tool := range listed.Tools {
		g.did.Tools = append(g.did.Tools, tool.Name)
	}
	const watched = "flexie://contacts/42"
	require.NoError(g, c.Subscribe(g.Context(), &gosdk.SubscribeParams{URI: watched}))
	g.did.Waited = g.call(c, "get_contact", map[string]any{"id": 7})
	g.did.Progress = append(g.did.Progress, soon(g, "progress", g.progress))
	g.did.Found = g.call(c, "search_contacts", map[string]any{"search": "a", "limit": 3})
	g.did.Fields = g.call(c, "describe_contact_fields", nil)
	g.did.ToolsChanged = soon(g, "a change of the tools", g.toolsChanged)
	content, err := c.ReadResource(g.Context(), &gosdk.ReadResourceParams{URI: watched})
	require.NoError(g, err)
	g.did.Resource = content.Contents[0].Text
	g.did.Updated = g.call(c, "update_contact", map[string]any{"id": 42, "fields": map[string]any{"city": "Leeds"}})
	g.did.ResourceChanged = soon(g, "a change of the resource", g.resourceChanged)
	g.did.Deleted = g.call(c, "delete_contact", map[string]any{"id": 47})
}

// call calls a tool, and gives the text that it answers with.
func (g *goClient) call(c *gosdk.ClientSession, tool string, args map[string]any) string {
	params := &gosdk.CallToolParams{Name: tool, Arguments: args}
	params.SetProgressToken(tool)
	answer, err := c.CallTool(g.Context(), params)
	require.NoError(g, err, tool)
	return answer.Content[0].(*gosdk.TextContent).Text
}

// soon is what comes, and fails if nothing does.
func soon[T any](t require.TestingT, what string, from <-chan T) (got T) {
	select {
	case got = <-from:
	case <-time.After(20 * time.Second):
		require.Fail(t, "waited in vain for "+what)
	}
	return got
}
