package main

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/bench/internal/process"
	"flexie-mcp/flexie"
	"flexie-mcp/internal/auth"
)

// rootVariable says which workspace the bare server asks.
const rootVariable = "FLEXIE_MCP_BENCH_ROOT"

// serveBare serves the least that can be called the same: one tool that makes the
// same request to the workspace, on connections that are kept in the same way,
// and returns the body as text.
func serveBare(root string) {
	s := mcpserver.NewMCPServer("bare", "1")
	s.AddTool(mcp.NewTool("get_contact", mcp.WithNumber("id", mcp.Required())), passThrough(root, &http.Client{Transport: flexie.Ordinary()}))
	process.Serve(mcpserver.NewStreamableHTTPServer(s))
}

func passThrough(root string, c *http.Client) mcpserver.ToolHandlerFunc {
	return func(ctx context.Context, call mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, root+"/contacts/"+strconv.Itoa(call.GetInt("id", 0)), nil)
		if err != nil {
			return nil, err
		}
		r.Header.Set("apikey", call.Header.Get(auth.KeyHeader))
		answer, err := c.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return nil, err
		}
		return mcp.NewToolResultText(string(body)), nil
	}
}
