package main

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/mcp"

	"flexie-mcp/internal/server"
)

// session is an MCP client of a workspace's server: one that can't ask its user by
// itself, so that risky writes are previewed.
type session struct {
	mcp          *client.Client
	instructions string
	tools        []mcp.Tool
	calls        []call
}

// call is one call of a tool that was made.
type call struct {
	Tool      string          `json:"tool"`
	Arguments json.RawMessage `json:"arguments"`
	Failed    bool            `json:"failed,omitempty"`
}

func connect(ctx context.Context, w *workspace) (*session, error) {
	c, err := client.NewInProcessClient(server.New(w.options))
	if err != nil {
		return nil, err
	}
	s := &session{mcp: c}
	return s, errors.Join(c.Start(ctx), s.hello(ctx))
}

func (s *session) hello(ctx context.Context) error {
	var hello mcp.InitializeRequest
	hello.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	hello.Params.ClientInfo = mcp.Implementation{Name: "jobs", Version: "1"}
	hi, err := s.mcp.Initialize(ctx, hello)
	if err != nil {
		return err
	}
	offered, err := s.mcp.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		return err
	}
	s.instructions, s.tools = hi.Instructions, offered.Tools
	return nil
}

// call makes a call, and gives the text of its answer, as a model reads it.
func (s *session) call(ctx context.Context, tool string, arguments json.RawMessage) (text string, failed bool) {
	var request mcp.CallToolRequest
	request.Params.Name, request.Params.Arguments = tool, arguments
	answer, err := s.mcp.CallTool(ctx, request)
	if err != nil {
		text, failed = err.Error(), true
	} else {
		text, failed = said(answer), answer.IsError
	}
	s.calls = append(s.calls, call{tool, arguments, failed})
	return text, failed
}

func said(answer *mcp.CallToolResult) string {
	for _, c := range answer.Content {
		if text, ok := c.(mcp.TextContent); ok {
			return text.Text
		}
	}
	return ""
}

// codeLine ends the text of a preview, for which nothing was done yet.
var codeLine = regexp.MustCompile(`\nconfirm: ([0-9a-z]+)(\n\n\(.*\))?$`)

// codeOf is the code of a preview; "" if an answer is none.
func codeOf(text string) string {
	if found := codeLine.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
