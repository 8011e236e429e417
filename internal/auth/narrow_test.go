package auth_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flexie-mcp/internal/auth"
)

// tools are those of the test's server, with the toolsets that each is in.
var tools = map[string][]string{
	"search_cases": {"cases", "core"}, "get_case": {"cases"}, "search_tasks": {"tasks", "core"}, "add_note": {"notes"},
}

// TestNarrowing: what a request asks for is within what its token allows.
func TestNarrowing(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens.toml")
	bearer := map[string]string{
		"":      issue(t, file, auth.Token{Name: "anna"}),
		"cases": issue(t, file, auth.Token{Name: "bot", Toolsets: []string{"cases"}, ReadOnly: true}),
		"core":  issue(t, file, auth.Token{Name: "core", Toolsets: []string{"core"}, Tools: []string{"add_note"}}),
		"all":   issue(t, file, auth.Token{Name: "all", Toolsets: []string{"all"}}),
	}
	g := gate(t, auth.Options{Root: own, SharedKey: serverKey, Tokens: opened(t, file)})
	const every = "add_note get_case search_cases search_tasks"
	tests := []struct {
		token, path string
		headers     []string
		tools       string
		readOnly    bool
	}{
		{"", "/mcp", nil, every, false},
		{"all", "/mcp", nil, every, false},
		{"", "/mcp/x/all", nil, every, false},
		{"cases", "/mcp", nil, "get_case search_cases", true},
		{"core", "/mcp", nil, "add_note search_cases search_tasks", false},

		{"", "/mcp/x/cases", nil, "get_case search_cases", false},
		{"", "/mcp/x/readonly", nil, every, true},
		{"", "/mcp/x/cases,tasks/readonly", nil, "get_case search_cases search_tasks", true},
		{"", "/mcp/x/cases/tasks/", nil, "get_case search_cases search_tasks", false},
		{"", "/mcp", []string{"X-Flexie-Toolsets", " cases , tasks,"}, "get_case search_cases search_tasks", false},
		{"", "/mcp", []string{"X-Flexie-Tools", "get_case, find_cases"}, "get_case search_cases", false},
		{"", "/mcp", []string{"X-Flexie-Toolsets", "tasks", "X-Flexie-Tools", "get_case"}, "get_case search_tasks", false},
		{"", "/mcp", []string{"X-Flexie-Read-Only", "TRUE"}, every, true},
		{"", "/mcp", []string{"X-Flexie-Read-Only", "0"}, every, false},
		{"", "/mcp/x/cases", []string{"X-Flexie-Tools", "get_case", "X-Flexie-Read-Only", "yes"}, "get_case", true},
		{"", "/mcp/x/cases", []string{"X-Flexie-Toolsets", "core"}, "search_cases", false},

		// Nothing is wider than the token.
		{"cases", "/mcp/x/all", nil, "get_case search_cases", true},
		{"cases", "/mcp", []string{"X-Flexie-Toolsets", "all,core,tasks", "X-Flexie-Tools", "add_note"}, "get_case search_cases", true},
		{"cases", "/mcp", []string{"X-Flexie-Toolsets", "tasks"}, "", true},
		{"cases", "/mcp", []string{"X-Flexie-Read-Only", "false"}, "get_case search_cases", true},
		{"core", "/mcp/x/cases", nil, "search_cases", false},
		{"core", "/mcp", []string{"X-Flexie-Tools", "get_case,add_note"}, "add_note", false},
	}
	for _, test := range tests {
		t.Run(test.token+" "+test.path+" "+strings.Join(test.headers, " "), func(t *testing.T) {
			id, err := g.Identify(request(test.path, append(test.headers, "Authorization", "Bearer "+bearer[test.token])...))
			require.NoError(t, err)
			var allowed []string
			for _, name := range []string{"add_note", "get_case", "search_cases", "search_tasks"} {
				if id.Allows(name, tools[name]...) {
					allowed = append(allowed, name)
				}
			}
			require.Equal(t, test.tools, strings.Join(allowed, " "))
			require.Equal(t, test.readOnly, id.ReadOnly)
		})
	}
}

// TestWhatCanNotBeNarrowedTo is refused, with the names there are: a limit that
// is passed over is worse than none.
func TestWhatCanNotBeNarrowedTo(t *testing.T) {
	g := gate(t, auth.Options{Root: own})
	tests := []struct {
		path    string
		headers []string
		says    string
	}{
		{"/mcp", []string{"X-Flexie-Toolsets", "cases,nosuch"}, `X-Flexie-Toolsets: there is no toolset "nosuch"; there are core, all, cases, tasks`},
		{"/mcp", []string{"X-Flexie-Tools", "get_cases"}, `X-Flexie-Tools: there is no tool "get_cases"; did you mean get_case`},
		{"/mcp", []string{"X-Flexie-Tools", strings.Repeat("x", 4000)}, `there is no tool "` + strings.Repeat("x", 64) + `…"`},
		{"/mcp", []string{"X-Flexie-Toolsets", "Cases"}, `no toolset "Cases"`},
		{"/mcp", []string{"X-Flexie-Toolsets", ""}, "X-Flexie-Toolsets is empty"},
		{"/mcp", []string{"X-Flexie-Toolsets", " , "}, "X-Flexie-Toolsets is empty"},
		{"/mcp", []string{"X-Flexie-Toolsets", "cases", "X-Flexie-Toolsets", "tasks"}, "sent 2 times"},
		{"/mcp", []string{"X-Flexie-Tools", "get_case\nx"}, "line break"},
		{"/mcp", []string{"X-Flexie-Read-Only", "maybe"}, "X-Flexie-Read-Only is true or false"},
		{"/mcp", []string{"X-Flexie-Read-Only", ""}, "X-Flexie-Read-Only is empty"},
		{"/mcp/x/", nil, "the address ends too early"},
		{"/mcp/x//readonly", nil, "the address ends too early"},
		{"/mcp/x/nosuch/readonly", nil, `the address: there is no toolset "nosuch"; there are core, all, cases, tasks, and readonly`},
		{"/mcp/x/cases/..", nil, `no toolset ".."`},
		{"/mcp/x/cases%2fnosuch", nil, `no toolset "nosuch"`},
		{"/mcp/x/READONLY", nil, `no toolset "READONLY"`},
	}
	for _, test := range tests {
		_, err := g.Identify(request(test.path, append(test.headers, "X-Flexie-Api-Key", ownKey)...))
		requireRefused(t, err, 400, test.says, nil)
	}
	_, err := g.Identify(request("/mcp/x/nosuch"))
	requireRefused(t, err, 401, "Send", nil)
}
