// Flexie-mcp is an MCP server that gives AI assistants a Flexie CRM workspace.
package main

import (
	"os"
	_ "time/tzdata" // users' time zones, where the system has none

	"flexie-mcp/internal/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], cli.System()))
}
