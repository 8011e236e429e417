package server

import (
	"context"
	"sync"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"

	"flexie-mcp/flexie"
)

// withProgress has a client that asked for it told what a request waits for,
// when that takes long. How much is left nobody can know: the progress is only
// how often it was told.
func withProgress(ctx context.Context, meta *mcp.Meta) context.Context {
	if meta == nil || meta.ProgressToken == nil {
		return ctx
	}
	server, token := mcpserver.ServerFromContext(ctx), meta.ProgressToken
	if session := mcpserver.ClientSessionFromContext(ctx); session != nil && mcp.IsModernProtocol(mcpserver.RequestProtocolVersion(ctx)) {
		session.Initialize() // else mcp-go tells nothing to a client that said no hello, which these don't
	}
	var mu sync.Mutex
	told := 0
	return flexie.WithWaiting(ctx, func(w flexie.Waiting) {
		if ctx.Err() != nil {
			return // the request is over, though a write may still be waited for
		}
		mu.Lock()
		defer mu.Unlock()
		told++
		// One that can't be told has gone, or is too slow to be told more.
		_ = server.SendNotificationToClient(ctx, string(mcp.MethodNotificationProgress), map[string]any{
			"progressToken": token, "progress": told, "message": "Waiting for Flexie: " + w.String(),
		})
	})
}
