package conformance_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of docs/proof.md anew")

// The transports, in the words of the clients.
const (
	overStdio = "stdio"
	overHTTP  = "http"
	overSSE   = "sse"
)

// The eras of the protocol: what is agreed on holds for a session, or each request
// says all by itself.
const (
	sessions  = "sessions"
	eachAlone = "2026-07-28"
)

// newest is the newest revision of each era.
var newest = map[string]string{sessions: "2025-11-25", eachAlone: "2026-07-28"}

// client is a client of others, and where it is tried.
type client struct {
	name, title string
	module      string // of npm, or of Go
	eras        []string
	try         func(t *testing.T, over, era string)
}

var clients = []client{
	{"inspector", "Inspector, its command", "@modelcontextprotocol/inspector", []string{sessions, eachAlone}, inspector},
	{"typescript-v2", "TypeScript SDK v2", "@modelcontextprotocol/client", []string{sessions, eachAlone}, typeScript("v2")},
	{"typescript-v1", "TypeScript SDK v1", "@modelcontextprotocol/sdk", []string{sessions}, typeScript("v1")}, // it has no newer era
	{"go", "Go SDK", "github.com/modelcontextprotocol/go-sdk", []string{sessions, eachAlone}, goSDK},
}

var transports = []string{overStdio, overHTTP, overSSE}

// titles are the transports in words of our own.
var titles = map[string]string{overStdio: "stdio", overHTTP: "streamable HTTP", overSSE: "SSE"}

// TestClients has each of them do over each transport, in each era that it has,
// what the server is for.
func TestClients(t *testing.T) {
	for _, c := range clients {
		for _, over := range transports {
			for _, era := range c.eras {
				t.Run(strings.Join([]string{c.name, titles[over], era}, ", "), func(t *testing.T) {
					if strings.HasPrefix(c.module, "@") {
						packages(t)
					}
					t.Parallel()
					c.try(t, over, era)
				})
			}
		}
	}
}

// reached is where a client finds the program with these settings: how to start it,
// or its address, without a path, where it serves already.
func reached(t *testing.T, over string, environ []string, args ...string) []string {
	if over != overStdio {
		return []string{served(t, environ, args...)}
	}
	program, err := built()
	require.NoError(t, err)
	return append([]string{program}, args...)
}

// TestTheTableOfClients in docs/proof.md is what TestClients does.
func TestTheTableOfClients(t *testing.T) {
	table := "| client | version |"
	for _, over := range transports {
		table += " " + titles[over] + " |"
	}
	table += "\n|---|---|" + strings.Repeat("---|", len(transports)) + "\n"
	for _, c := range clients {
		table += fmt.Sprintf("| %s | %s |", c.title, versionOf(t, c.module)) + strings.Repeat(" "+strings.Join(c.eras, ", ")+" |", len(transports)) + "\n"
	}
	table += fmt.Sprintf("| conformance tool | %s | | %s, %s | |\n", versionOf(t, "@modelcontextprotocol/conformance"), sessions, eachAlone)
	const path, begin, end = "../../docs/proof.md", "<!-- clients -->\n", "<!-- /clients -->"
	document, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, ok := strings.Cut(string(document), begin)
	require.True(t, ok)
	had, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(before+begin+table+end+after), 0o644))
		return
	}
	require.Equal(t, table, had, "docs/proof.md is out of date; run: go test ./internal/conformance -run Table -update")
}

// versionOf is the version of a module of npm or of Go that is used.
func versionOf(t *testing.T, module string) string {
	if !strings.HasPrefix(module, "@") {
		version, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
		require.NoError(t, err)
		return strings.TrimPrefix(strings.TrimSpace(string(version)), "v")
	}
	file, err := os.ReadFile("package.json")
	require.NoError(t, err)
	var names struct{ Dependencies map[string]string }
	require.NoError(t, json.Unmarshal(file, &names))
	require.Contains(t, names.Dependencies, module)
	return names.Dependencies[module]
}

// TestWhereItComesFrom: what is fetched is named with its checksum, and without an
// address, since each fetches it from where he gets his packages.
func TestWhereItComesFrom(t *testing.T) {
	file, err := os.ReadFile("package-lock.json")
	require.NoError(t, err)
	var lock struct {
		Packages map[string]struct{ Version, Resolved, Integrity string }
	}
	require.NoError(t, json.Unmarshal(file, &lock))
	require.NotEmpty(t, lock.Packages)
	for name, of := range lock.Packages {
		require.Empty(t, of.Resolved, "%s: run npm with --omit-lockfile-registry-resolved", name)
		require.True(t, name == "" || of.Integrity != "", name)
	}
	for _, c := range clients {
		if strings.HasPrefix(c.module, "@") {
			require.Equal(t, versionOf(t, c.module), lock.Packages["node_modules/"+c.module].Version)
		}
	}
}
