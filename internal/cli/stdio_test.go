package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/flexie"
)

// TestAnotherTeamsClient drives the program by the client of the MCP project
// itself: initialize, list, call, read a resource, and end.
func TestAnotherTeamsClient(t *testing.T) {
	errors := &log{}
	cmd := command(t, []string{"FLEXIE_TOOLSETS=all"}, "--sandbox")
	cmd.Stderr = errors
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	c, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: cmd}, nil)
	require.NoError(t, err)

	require.Equal(t, "flexie-mcp", c.InitializeResult().ServerInfo.Name)
	require.LessOrEqual(t, len(strings.Fields(c.InitializeResult().Instructions)), 250)

	listed, err := c.ListTools(t.Context(), nil)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(listed.Tools), len(flexie.Groups))

	answer, err := c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
	require.NoError(t, err)
	require.False(t, answer.IsError)
	require.Contains(t, answer.Content[0].(*mcp.TextContent).Text, "Contact 42")
	require.Equal(t, "flexie://contacts/42", answer.Content[1].(*mcp.ResourceLink).URI)

	answer, err = c.CallTool(t.Context(), &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": "nobody"}})
	require.NoError(t, err)
	require.True(t, answer.IsError)

	content, err := c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "flexie://contacts/42.json"})
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(content.Contents[0].Text)))

	_, err = c.ReadResource(t.Context(), &mcp.ReadResourceParams{URI: "flexie://nothing/1"})
	require.Error(t, err)

	require.NoError(t, c.Close(), "it ends well when its input is closed")
	require.Empty(t, errors.String(), "nothing is logged of what went well")
}

// TestAnotherTeamsClientCancels: cancelling a call ends the request at Flexie.
func TestAnotherTeamsClientCancels(t *testing.T) {
	environ, arrived, gaveUp := hangingFlexie(t)
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	c, err := client.Connect(t.Context(), &mcp.CommandTransport{Command: command(t, environ)}, nil)
	require.NoError(t, err)
	defer c.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	called := make(chan error, 1)
	go func() {
		_, err := c.CallTool(ctx, &mcp.CallToolParams{Name: "get_contact", Arguments: map[string]any{"id": 42}})
		called <- err
	}()
	await(t, arrived, "the request")
	cancel()
	await(t, gaveUp, "the end of the request")
	require.ErrorIs(t, <-called, context.Canceled)
	require.NoError(t, c.Ping(t.Context(), nil), "it goes on")
}

// TestPipe is how people try a server: printf '…' | flexie-mcp.
func TestPipe(t *testing.T) {
	c := command(t, nil, "--sandbox")
	c.Stdin = strings.NewReader(hello + "\n" + strings.ReplaceAll(getOne, "%d", "1"))
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr = &out, &errors
	start := time.Now()
	require.NoError(t, c.Run())
	require.Less(t, time.Since(start), soon)
	answered := map[any]bool{}
	for line := range strings.Lines(out.String()) {
		answered[parse(t, line).ID] = true
	}
	require.Equal(t, map[any]bool{"hello": true, 1.0: true}, answered)
	require.Empty(t, errors.String())
}

// TestMuchAtOnce: many calls are all answered, and so is one of 5 MB.
func TestMuchAtOnce(t *testing.T) {
	const many = 200
	p := start(t, nil, "--sandbox")
	for i := range many {
		p.send(getOne, i)
	}
	answered := map[any]bool{}
	for range many {
		m := p.receive()
		require.Contains(t, string(m.Result), "Contact 42")
		answered[m.ID] = true
	}
	require.Len(t, answered, many)
	p.send(`{"jsonrpc":"2.0","id":"long","method":"tools/call","params":{"name":"search_contacts","arguments":{"search":"%s"}}}`, strings.Repeat("x", 5<<20))
	m := p.receive()
	require.Equal(t, "long", m.ID)
	require.NotNil(t, m.Result)
	p.in.Close()
	require.Zero(t, p.end())
}

// TestEndsSoon, with a call hanging, and its log is whole: each line is
// JSON, and the request to Flexie, the call and the message are all there.
func TestEndsSoon(t *testing.T) {
	for name, stop := range map[string]func(process){
		"input closed": func(p process) { p.in.Close() },
		"SIGTERM":      func(p process) { p.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGINT":       func(p process) { p.cmd.Process.Signal(os.Interrupt) },
	} {
		t.Run(name, func(t *testing.T) {
			environ, arrived, gaveUp := hangingFlexie(t)
			p := start(t, append(environ, "FLEXIE_LOG_LEVEL=debug", "FLEXIE_LOG_FORMAT=json"))
			p.send(hello)
			require.Equal(t, "hello", p.receive().ID)
			p.send(getOne, 1)
			await(t, arrived, "the request")
			start := time.Now()
			stop(p)
			require.Zero(t, p.end(), p.errors)
			require.Less(t, time.Since(start), soon)
			await(t, gaveUp, "the end of the request")
			require.Contains(t, string(p.receive().Result), "cancelled")
			requireWholeLog(t, p.errors.String(), "initialize", "tools/call")
			require.NotContains(t, p.errors.String(), secretKey)
		})
	}
}

// requireWholeLog looks for one request for a contact, one call of a tool, and
// messages of these methods, in a log of JSON lines.
func requireWholeLog(t *testing.T, text string, methods ...string) {
	t.Helper()
	requests, calls, seen := 0, 0, []string{}
	require.True(t, strings.HasSuffix(text, "\n"), text)
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "flexie-mcp: ") {
			continue // said, not logged
		}
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		switch entry["msg"] {
		case "flexie request":
			if entry["endpoint"] == "contacts.get" {
				requests++
			}
		case "mcp.tool":
			calls++
		case "mcp.request":
			seen = append(seen, entry["mcp.method"].(string))
		}
	}
	require.Equal(t, 1, requests, text)
	require.Equal(t, 1, calls, text)
	require.Subset(t, seen, methods, text)
}

// TestNobodyReads: an output that is full is an error that is told, of the
// server as of any command. One that is closed is nobody's to be told of.
func TestNobodyReads(t *testing.T) {
	closed := func(t *testing.T) *os.File {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, r.Close())
		return w
	}
	full := func(t *testing.T) *os.File {
		f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip("there is no /dev/full here")
		}
		return f
	}
	outputs := map[string]func(*testing.T) *os.File{"broken pipe": closed, "no space left on device": full}
	commands := [][]string{
		{"--sandbox"}, {"demo"}, {"tools"}, {"tools", "--json"}, {"tools", "--markdown"}, {"endpoints"}, {"config"}, {"version"}, {"--version"},
		{"--help"}, {"help", "settings"}, {"completion", "bash"}, {"call", "--sandbox", "get_contact", `{"id":42}`},
	}
	for reason, output := range outputs {
		for _, args := range commands {
			t.Run(reason+" "+strings.Join(args, " "), func(t *testing.T) {
				c := command(t, nil, args...)
				in, err := c.StdinPipe() // stays open: it is the output that ends the server
				require.NoError(t, err)
				defer in.Close()
				out := output(t)
				defer out.Close()
				errors := &log{}
				c.Stdout, c.Stderr = out, errors
				require.NoError(t, c.Start())
				_, _ = in.Write([]byte(hello + "\n"))
				exit := new(exec.ExitError)
				require.ErrorAs(t, c.Wait(), &exit)
				require.Equal(t, 1, exit.ExitCode(), errors)
				if reason == "broken pipe" {
					require.Empty(t, errors.String())
				} else {
					require.Regexp(t, `^flexie-mcp: .*`+reason+`\n$`, errors.String())
				}
			})
		}
	}
}
