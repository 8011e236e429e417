package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// session is a real MCP client, connected to a server in this process: what
// call and demo show is what an assistant sees.
type session struct{ *client.Client }

func connect(ctx context.Context, s *mcpserver.MCPServer) (session, error) {
	c, err := client.NewInProcessClient(s)
	if err != nil {
		return session{}, err
	}
	if err := c.Start(ctx); err != nil {
		return session{}, err
	}
	var hello mcp.InitializeRequest
	hello.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	hello.Params.ClientInfo = mcp.Implementation{Name: "flexie-mcp", Version: version()}
	_, err = c.Initialize(ctx, hello)
	return session{c}, err
}

func (s session) call(ctx context.Context, tool string, arguments json.RawMessage) (*mcp.CallToolResult, error) {
	return s.callTold(ctx, tool, arguments, nil)
}

// callTold has told called, one call of it at a time, of how far it is when that
// takes long; not after it has returned.
func (s session) callTold(ctx context.Context, tool string, arguments json.RawMessage, told func(progressed)) (*mcp.CallToolResult, error) {
	var request mcp.CallToolRequest
	if told != nil {
		request.Params.Meta = &mcp.Meta{ProgressToken: tool}
		var mu sync.Mutex
		s.OnNotification(func(n mcp.JSONRPCNotification) {
			if n.Method != string(mcp.MethodNotificationProgress) {
				return
			}
			var p progressed
			data, _ := json.Marshal(n.Params.AdditionalFields)
			mu.Lock()
			defer mu.Unlock()
			if json.Unmarshal(data, &p) == nil && told != nil {
				told(p)
			}
		})
		defer func() { // what comes late is told no more
			mu.Lock()
			defer mu.Unlock()
			told = nil
		}()
	}
	request.Params.Name = tool
	request.Params.Arguments = arguments
	answer, err := s.CallTool(ctx, request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tool, err)
	}
	return answer, nil
}

// textOf is the text of an answer, without its links.
func textOf(answer *mcp.CallToolResult) string {
	for _, c := range answer.Content {
		if text, ok := c.(mcp.TextContent); ok {
			return text.Text
		}
	}
	return ""
}
