package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// offered is a server of the tasks and contacts of a sandbox, whose offer changes.
func offered(t *testing.T) (*server.Offer, func(toolsets ...string)) {
	offer := server.NewOffer(options(t, inSandbox))
	choose := func(toolsets ...string) {
		picked, err := tools.Choose(tools.All(), tools.Choice{Toolsets: toolsets})
		require.NoError(t, err)
		offer.Change(func(o *server.Options) {
			o.Tools, o.Safety.Allows = picked, tools.Choice{}.Allows
		})
	}
	choose("tasks", "contacts")
	return offer, choose
}

// TestOfferChangesWhileItIsUsed, without an answer that is of neither offer.
func TestOfferChangesWhileItIsUsed(t *testing.T) {
	offer, choose := offered(t)
	ctx, cancel := cancellable(t)
	var using sync.WaitGroup
	for range 3 {
		c := connect(t, offer.MCPServer)
		using.Go(func() {
			for ctx.Err() == nil {
				answer, err := c.CallTool(t.Context(), callOf("get_contact", map[string]any{"id": 42}))
				switch {
				case err != nil:
					require.ErrorContains(t, err, "not found")
				case answer.IsError:
					require.Contains(t, textOf(t, answer), "left out by this server's settings")
				default:
					require.Contains(t, textOf(t, answer), "Contact 42")
				}
				listed, err := c.ListTools(t.Context(), mcp.ListToolsRequest{})
				require.NoError(t, err)
				require.NotEmpty(t, listed.Tools)
				_, err = c.ListResourceTemplates(t.Context(), mcp.ListResourceTemplatesRequest{})
				require.NoError(t, err)
				_, err = c.ListPrompts(t.Context(), mcp.ListPromptsRequest{})
				require.NoError(t, err)
			}
		})
	}
	for range 20 {
		choose("tasks")
		choose("tasks", "contacts")
	}
	cancel()
	using.Wait()
}

// TestOfferedPrompts are those whose tools are offered, and no others can be had.
func TestOfferedPrompts(t *testing.T) {
	offer, choose := offered(t)
	c := connect(t, offer.MCPServer)
	get := func(name string) error {
		_, err := c.GetPrompt(t.Context(), mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: name}})
		return err
	}
	names := func() (all []string) {
		listed, err := c.ListPrompts(t.Context(), mcp.ListPromptsRequest{})
		require.NoError(t, err)
		for _, p := range listed.Prompts {
			all = append(all, p.Name)
		}
		return all
	}
	choose("all")
	all := names()
	require.NotEmpty(t, all)
	choose("forms")
	require.Less(t, len(names()), len(all))
	for _, name := range all {
		choose("all")
		found := get(name)
		choose("forms")
		if err := get(name); err == nil {
			require.Contains(t, names(), name)
		} else if found == nil {
			require.ErrorContains(t, err, "not found")
		}
	}
}

// TestFrontChanges its limits for what comes, and leaves what is open.
func TestFrontChanges(t *testing.T) {
	front := server.Handler(serving(t, inSandbox), server.Door{Limits: server.HTTPLimits{Streams: 2}}, quiet)
	s := httptest.NewServer(front)
	t.Cleanup(s.Close)
	open := func() (status int) {
		ctx, cancel := context.WithTimeout(t.Context(), soon)
		t.Cleanup(cancel)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/sse", strings.NewReader(""))
		require.NoError(t, err)
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		t.Cleanup(func() { answer.Body.Close() })
		return answer.StatusCode
	}
	require.Equal(t, http.StatusOK, open())
	require.Equal(t, http.StatusOK, open())
	require.Equal(t, http.StatusTooManyRequests, open())
	front.Change(server.Door{Limits: server.HTTPLimits{Streams: 3}})
	require.Equal(t, http.StatusOK, open())
	front.Change(server.Door{Limits: server.HTTPLimits{Streams: 1}})
	require.Equal(t, http.StatusTooManyRequests, open())
}
