package server_test

import (
	"testing"

	"github.com/mark3labs/mcp-go/mcp"
	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/config"
	"flexie-mcp/prompts"
)

func promptNames(t *testing.T, s config.Settings) (names []string) {
	listed, err := connect(t, serving(t, s)).ListPrompts(t.Context(), mcp.ListPromptsRequest{})
	require.NoError(t, err)
	for _, p := range listed.Prompts {
		require.NotEmpty(t, p.Title, p.Name)
		require.NotEmpty(t, p.Description, p.Name)
		names = append(names, p.Name)
	}
	return names
}

// TestPromptsFollowTools: a job is offered if all its tools can be called.
func TestPromptsFollowTools(t *testing.T) {
	var all []string
	for _, p := range prompts.All() {
		all = append(all, p.Name)
	}
	require.GreaterOrEqual(t, len(all), 8)
	require.ElementsMatch(t, all, promptNames(t, config.Settings{Sandbox: true, Toolsets: []string{"all"}}))
	require.ElementsMatch(t, all, promptNames(t, config.Settings{Sandbox: true, Toolsets: []string{"core"}}), "core reaches every tool")
	require.Empty(t, promptNames(t, config.Settings{Sandbox: true, Toolsets: []string{"forms"}}))
}

func TestAPromptIsMadeOfItsArguments(t *testing.T) {
	c := connect(t, serving(t, inSandbox))
	got, err := c.GetPrompt(t.Context(), mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: "prepare_call", Arguments: map[string]string{"who": "Jim Halloran"}}})
	require.NoError(t, err)
	require.Len(t, got.Messages, 1)
	require.Contains(t, got.Messages[0].Content.(mcp.TextContent).Text, "Jim Halloran")

	_, err = c.GetPrompt(t.Context(), mcp.GetPromptRequest{Params: mcp.GetPromptParams{Name: "prepare_call"}})
	require.ErrorContains(t, err, "who")
}

func TestCompletions(t *testing.T) {
	c := connect(t, serving(t, inSandbox))
	complete := func(ref any, argument, typed string) []string {
		var request mcp.CompleteRequest
		request.Params.Ref = ref
		request.Params.Argument = mcp.CompleteArgument{Name: argument, Value: typed}
		done, err := c.Complete(t.Context(), request)
		require.NoError(t, err)
		return done.Completion.Values
	}
	require.Contains(t, complete(mcp.PromptReference{Type: "ref/prompt", Name: "prepare_call"}, "who", "hallor"), "Jim Halloran (contact 47)")
	require.Contains(t, complete(mcp.ResourceReference{Type: "ref/resource", URI: "flexie://contacts/{id}"}, "id", "hallor"), "47")
	require.Empty(t, complete(mcp.PromptReference{Type: "ref/prompt", Name: "prepare_call"}, "who", "zzzzzz"))
}
