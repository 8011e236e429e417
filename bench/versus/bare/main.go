// Bare is the least that can be called an MCP server for Flexie: a tool for each
// endpoint, by mcp-go, that makes the request and returns the JSON as it came. It is
// what flexie-mcp is measured beside.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
)

// together is how many calls it answers at the same time, as flexie-mcp does.
const together = 100

var inBraces = regexp.MustCompile(`\{(\w+)\}`)

func main() {
	a := api{root: os.Getenv("FLEXIE_BASE_URL"), key: os.Getenv("FLEXIE_API_KEY"), http: &http.Client{Transport: flexie.Ordinary()}}
	s := server.NewMCPServer("bare", "1")
	for _, e := range flexie.Endpoints {
		s.AddTool(describe(e), a.tool(e))
	}
	if err := server.ServeStdio(s, server.WithWorkerPoolSize(together), server.WithQueueSize(100*together)); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

// describe is a tool with the parameters of the path, and query or body as an object.
func describe(e flexie.Endpoint) mcp.Tool {
	options := []mcp.ToolOption{mcp.WithDescription(e.Method + " " + e.Path)}
	for _, name := range inBraces.FindAllStringSubmatch(e.Path, -1) {
		options = append(options, mcp.WithString(name[1], mcp.Required()))
	}
	rest := "body"
	if e.Method == http.MethodGet {
		rest = "query"
	}
	return mcp.NewTool(strings.ReplaceAll(e.Name, ".", "_"), append(options, mcp.WithObject(rest))...)
}

// api is Flexie's, as one caller.
type api struct {
	root, key string
	http      *http.Client
}

func (a api) tool(e flexie.Endpoint) server.ToolHandlerFunc {
	return func(ctx context.Context, call mcp.CallToolRequest) (*mcp.CallToolResult, error) {
		r, err := a.request(ctx, e, call.GetArguments())
		if err != nil {
			return nil, err
		}
		answer, err := a.http.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return nil, err
		}
		if answer.StatusCode >= 400 {
			return mcp.NewToolResultError(answer.Status + ": " + string(body)), nil
		}
		return mcp.NewToolResultText(string(body)), nil
	}
}

func (a api) request(ctx context.Context, e flexie.Endpoint, arguments map[string]any) (*http.Request, error) {
	path := inBraces.ReplaceAllStringFunc(e.Path, func(name string) string {
		return url.PathEscape(fmt.Sprint(arguments[strings.Trim(name, "{}")]))
	})
	query := url.Values{}
	if given, ok := arguments["query"].(map[string]any); ok {
		for name, value := range given {
			query.Set(name, fmt.Sprint(value))
		}
		path += "?" + query.Encode()
	}
	var body []byte
	if given, ok := arguments["body"]; ok {
		var err error
		if body, err = json.Marshal(given); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, e.Method, a.root+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("apikey", a.key)
	r.Header.Set("Content-Type", "application/json")
	return r, nil
}
