package server

import (
	"context"
	"strings"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// A client says at its initialize who it is and what it can do. That is kept for
// as long as its session, also in the database, so it is kept short.
const (
	// mostHello is how large the params of an initialize may be, in bytes.
	mostHello = 64 << 10

	// mostName is how much is kept of a client's name, and of its version, in
	// characters.
	mostName = 200
)

// shortenHello has no more kept of what a client says of itself than is needed.
func shortenHello(hooks *mcpserver.Hooks) {
	hooks.AddBeforeInitialize(func(_ context.Context, _ any, request *mcp.InitializeRequest) {
		said := request.Params
		request.Params = mcp.InitializeParams{
			ProtocolVersion: firstOf(said.ProtocolVersion, mostName),
			ClientInfo:      mcp.Implementation{Name: firstOf(said.ClientInfo.Name, mostName), Version: firstOf(said.ClientInfo.Version, mostName)},
			Capabilities:    mcp.ClientCapabilities{Elicitation: said.Capabilities.Elicitation},
		}
	})
}

// firstOf is the beginning of a text, in so many characters at most.
func firstOf(text string, characters int) string {
	for i := range text {
		if characters == 0 {
			return strings.Clone(text[:i]) // or all of it would be kept
		}
		characters--
	}
	return text
}
