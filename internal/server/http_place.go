package server

import (
	"context"
	"encoding/json"

	"github.com/mark3labs/mcp-go/mcp"
	mcpserver "github.com/mark3labs/mcp-go/server"
)

// place is that of a message among what its caller uses. It is given back when
// the request is over that has brought the message; but a request on the older SSE
// transport is over before its message is answered, so that one keeps its place.
type place struct {
	release func() // which does so once
	kept    bool   // until the message is answered
}

// leave gives the place back unless it is kept.
func (p *place) leave() {
	if !p.kept {
		p.release()
	}
}

type placeKey struct{}

// untilAnswered has a message keep its place until it is answered. It is for those
// that mcp-go answers: of others, it tells no end.
func (p *place) untilAnswered(ctx context.Context, m posted) context.Context {
	if !m.isRequest() {
		return ctx
	}
	return context.WithValue(ctx, placeKey{}, p)
}

// keepPlace is called when it is certain that a message will be worked on.
func keepPlace(ctx context.Context) {
	if p, ok := ctx.Value(placeKey{}).(*place); ok {
		p.kept = true
	}
}

// givePlaces has places given back that were kept. It is asked first of all, since
// whoever refuses a message ends the asking. A message's context ends when its
// answer is on its way.
func givePlaces(hooks *mcpserver.Hooks) {
	give := func(ctx context.Context, _, _ any) error {
		if p, ok := ctx.Value(placeKey{}).(*place); ok {
			context.AfterFunc(ctx, p.release)
		}
		return nil
	}
	hooks.OnRequestInitialization = append([]mcpserver.OnRequestInitializationFunc{give}, hooks.OnRequestInitialization...)
}

// isRequest reports whether mcp-go takes a message for one that asks for something.
func (m posted) isRequest() bool {
	return m.Version == mcp.JSONRPC_VERSION && len(m.ID) > 0 && !isNull(m.ID) && (len(m.Result) == 0 || isNull(m.Result))
}

func isNull(value json.RawMessage) bool { return string(value) == "null" }
