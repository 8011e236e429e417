package conformance_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asked is what the Inspector's command is asked for, and what it must print: texts
// that are in it. Each time it connects, asks, and ends.
var asked = []struct {
	args []string
	says []string
}{
	{[]string{"--method", "tools/list", "--strict"}, []string{`"name":"search_contacts"`, `"name":"delete_contact"`}},
	{[]string{"--method", "tools/call", "--tool-name", "get_contact", "--tool-arg", "id=42"}, []string{`Contact 42: \"David Okafor\"`, `"first_name":"David"`}},
	{[]string{"--method", "tools/call", "--tool-name", "search_contacts", "--tool-args-json", `{"search":"Okafor","limit":3}`}, []string{"1 contact.", "Bluewave Logistics"}},
	{[]string{"--method", "resources/list"}, []string{`"uri":"flexie://contacts/fields"`}},
	{[]string{"--method", "resources/read", "--uri", "flexie://contacts/42"}, []string{`# Contact 42: \"David Okafor\"`}},
	{[]string{"--method", "prompts/list"}, []string{`"name":"prepare_call"`}},
	{[]string{"--method", "prompts/get", "--prompt-name", "prepare_call", "--prompt-args", "who=David Okafor", "about=a renewal"}, []string{`who: David Okafor\nabout: a renewal`}},
}

// inspector has the Inspector's command look at a sandbox. Its --strict finds fault
// with schemas of tools that not every model's provider takes.
func inspector(t *testing.T, over, era string) {
	// As flags, since a program that it starts has none of its variables.
	at := reached(t, over, nil, "--sandbox", "--toolsets", "all")
	for _, ask := range asked {
		out, err := inspect(t, over, era, at, ask.args...)
		require.NoError(t, err, "%v: %s", ask.args, out)
		require.True(t, json.Valid([]byte(out)), "%v: it prints nothing but the answer: %s", ask.args, out)
		for _, text := range ask.says {
			require.Contains(t, out, text, "%v", ask.args)
		}
		// Only answers of the newest revision say each time who gives them. Lists are
		// made of several answers.
		named := era == eachAlone && !strings.HasSuffix(ask.args[1], "/list")
		require.Equal(t, named, strings.Contains(out, `"io.modelcontextprotocol/serverInfo":{"name":"flexie-mcp"`), "%v", ask.args)
	}
	out, err := inspect(t, over, era, at, "--method", "tools/call", "--tool-name", "get_contact", "--tool-arg", "id=9999")
	require.Error(t, err, "a call that fails is a command that fails")
	require.Contains(t, out, "No contact has the id 9999")
	require.Contains(t, out, `"code":"tool_is_error"`)
}

// inspect runs it once.
func inspect(t *testing.T, over, era string, at []string, args ...string) (out string, err error) {
	command := []string{filepath.Join(packages(t), "@modelcontextprotocol", "inspector", "clients", "launcher", "build", "index.js"),
		"--cli", "--format", "json", "--protocol-era", map[string]string{sessions: "legacy", eachAlone: "modern"}[era]}
	command = append(command, args...)
	switch over {
	case overStdio:
		command = append(append(command, "--"), at...)
	case overHTTP:
		command = append(command, "--server-url", at[0]+"/mcp")
	case overSSE:
		command = append(command, "--server-url", at[0]+"/sse")
	}
	return nodeWith(t, alone(t, nil), t.TempDir(), command...)
}
